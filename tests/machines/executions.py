"""Requests with an Idempotency-Key that can be stopped at each of their steps, and what is known of a key."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.platform.http import Answer

KEPT_FOR = timedelta(hours=24)


@dataclass
class Claim:
    """A key as it is reserved: for which body, until when, where that may stand, and who surely sees it."""

    body: int
    until: datetime
    may_be_in: set[str] = field(default_factory=set)  # of valkey, postgres
    seen_by: set[str] = field(default_factory=set)


@dataclass
class Kept:
    """An answer that was committed with its lead."""

    body: int
    at: datetime
    text: str


@dataclass
class Key:
    """What the house may know of a key."""

    claims: dict[int, Claim] = field(default_factory=dict)  # by execution
    kept: Kept | None = None

    def standing(self, now: datetime) -> Kept | None:
        """The answer that duplicates are owed."""
        return self.kept if self.kept and now < self.kept.at + KEPT_FOR else None

    def forget(self, where: str, execution: int | None = None) -> None:
        """What stands in *where* of this execution, or of all, is gone."""
        for number in list(self.claims) if execution is None else [execution]:
            if number in self.claims:
                self.claims[number].may_be_in.discard(where)
                self.claims[number].seen_by.discard(where)
                if not self.claims[number].may_be_in:
                    del self.claims[number]

    def others(self, execution: int, now: datetime) -> list[Claim]:
        """Reservations of others that are not over."""
        return [claim for number, claim in self.claims.items() if number != execution and now < claim.until]


@dataclass
class Execution:
    """One request in a container of its own, which stops at the captcha until it is told how that ended."""

    number: int
    key: str
    body: int
    began: datetime
    guard: Any
    call: Any
    lead: Any
    told: SimpleQueue[str] = field(default_factory=SimpleQueue)  # what it does: captcha, ended
    verdict: SimpleQueue[bool] = field(default_factory=SimpleQueue)
    answer: "Answer | None" = None
    error: BaseException | None = None
    is_at_captcha: bool = False

    @classmethod
    def new(cls, number: int, key: str, body: int, now: datetime) -> "Execution":
        """A request of a client of its own, whose *body* is one of several of its *key*."""
        from chalicelib.guards.admission import Admission  # noqa: PLC0415
        from chalicelib.leads.models import NewLead  # noqa: PLC0415
        from chalicelib.platform.http import Call  # noqa: PLC0415

        document = {
            "name": "Nguyễn Thị Hoa",
            "phone": f"0912 345 6{ord(key[-1]) % 10}{body}",
            "content": "Tôi muốn sửa lại nhà bếp.",
            "source": "CONTACT_FORM",
            "consent": {"version": "2026-01", "accepted": True},
            "turnstileToken": str(number),
        }
        headers, address = {"idempotency-key": key}, f"10.1.{number // 200}.{number % 200 + 1}"
        call = Call("POST", "/leads", "/api/leads", {}, {}, headers, b"", address, f"c-{number}", now)
        call.json = document
        guard = Admission("LEADS", idempotent=True)
        return cls(number, key, body, now, guard, call, NewLead.model_validate(document))

    def start(self) -> str:
        """Let the use case run; what becomes of it first: `captcha` or `ended`."""
        threading.Thread(target=self.run, daemon=True).start()
        first = self.told.get(timeout=60)
        self.is_at_captcha = first == "captcha"
        return first

    def go_on(self, *, has_passed: bool) -> None:
        """Let siteverify answer, and the use case come to its end."""
        self.is_at_captcha = False
        self.verdict.put(has_passed)
        assert self.told.get(timeout=60) == "ended"

    def run(self) -> None:
        """The use case, as the edge calls it."""
        from chalicelib.leads import service  # noqa: PLC0415

        try:
            self.answer = service.submit(self.call, self.lead, self.guard.reservation)
        except BaseException as error:  # noqa: BLE001  the machine judges it
            self.error = error
        self.told.put("ended")

    def judge(self) -> bool:
        """Siteverify's side: it waits for the machine."""
        self.told.put("captcha")
        return self.verdict.get(timeout=60)
