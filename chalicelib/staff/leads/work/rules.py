"""
Which way a lead may go.

Nobody makes a lead NEW by hand, since NEW is what causes notices and mails. What is held back leaves by
release or reject alone; what was called spam by mistake goes back to be looked at, and is released then.
"""

from chalicelib.platform.errors import Conflict

WAYS: dict[str, frozenset[str]] = {
    "NEW": frozenset({"CONTACTED", "CONVERTED", "CANCELLED", "SPAM"}),
    "CONTACTED": frozenset({"CONVERTED", "CANCELLED"}),
    "CONVERTED": frozenset({"CONTACTED", "CANCELLED"}),
    "CANCELLED": frozenset({"CONTACTED", "CONVERTED"}),
    "SPAM": frozenset({"QUARANTINED"}),
    "QUARANTINED": frozenset(),
}
_HELD_BACK = frozenset({"QUARANTINED", "SPAM"})


def check_way(present: str, wanted: str) -> None:
    """
    See that a lead may go from *present* to *wanted*, which is another.

    Raises:
        Conflict: it may not; the sentence says which ways there are.
    """
    if wanted in WAYS[present]:
        return
    if present == "QUARANTINED":
        raise Conflict("This lead is held back; release or reject it first.")
    ways = " or ".join(sorted(WAYS[present]))
    raise Conflict(f"A lead that is {present} cannot become {wanted}; it can become {ways}.")


def check_held(present: str) -> None:
    """
    See that a lead is held back, so that it can be released or rejected.

    Raises:
        Conflict: it is not.
    """
    if present != "QUARANTINED":
        raise Conflict(f"This lead is {present}; only one that is QUARANTINED can be released or rejected.")


def check_mergeable(status: str, other_status: str) -> None:
    """
    See that neither lead is held back: only what counts as a lead may be merged.

    Raises:
        Conflict: one of them is.
    """
    for word, present in (("This", status), ("The other", other_status)):
        if present in _HELD_BACK:
            raise Conflict(f"{word} lead is {present}; release it before you merge.")
