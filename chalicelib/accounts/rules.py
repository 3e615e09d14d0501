"""
Which passwords may be chosen: pure decisions, beside the list of common ones (`common_passwords.txt`).

Length is the models' business; of what characters a password is made is nobody's (OWASP ASVS 5.0, 6.2.5).
"""

import re
from functools import cache
from pathlib import Path

from chalicelib.platform.errors import FieldError, ValidationFailed

_COMMON = Path(__file__).with_name("common_passwords.txt")
_PRODUCT = "plumbline"
_OWN_CHARACTERS = 6  # what must be left of a password without its owner's and the product's names
_SHORTEST_NAME = 3


@cache
def common_passwords() -> frozenset[str]:
    """The passwords that people choose most often, in lower case; read when the first is chosen."""
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def check_password(password: str, *, email: str, name: str) -> None:
    """
    See that guessing *password* takes more than a list and a look at whose it is.

    Raises:
        ValidationFailed: it is among the common ones, or little but the owner's or the product's name.
    """
    folded = password.casefold()
    if folded in common_passwords():
        told = FieldError("/password", "too_common", "Many people use this password; choose another.")
        raise ValidationFailed([told])
    for word in sorted(_names(email, name), key=len, reverse=True):
        folded = folded.replace(word, "")
    if len(folded) < _OWN_CHARACTERS:
        told = FieldError(
            "/password", "too_guessable", "This is little more than a name; choose another password."
        )
        raise ValidationFailed([told])


def _names(email: str, name: str) -> set[str]:
    words = {email.casefold(), name.casefold(), _PRODUCT}
    words.update(re.split(r"[^\w]+", f"{email} {name}".casefold()))
    return {word for word in words if len(word) >= _SHORTEST_NAME}
