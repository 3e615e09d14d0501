"""
Leads through bad weather: clients that behave as the browser does, faults in turn, processes killed at
random.

What became of it is judged by `verdict` from the stand-ins' records alone: the sheet, the mail box, the
notes that staff find. Seeded, so that a storm can be repeated.
"""

import contextlib
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.journey.conftest import Reply, Site

_GIVE_UP_AFTER_S = 120.0
_ASK_AGAIN_AFTER_S = (0.3, 0.6, 1.0, 2.0)


@dataclass(frozen=True)
class Sent:
    """One lead as its client sees it: what it asked for, and the answer that it was given in the end."""

    phone: str
    email: str
    answer: Reply
    tries: int
    took_s: float

    @property
    def id(self) -> str:
        """The lead's id."""
        return str(self.answer.json["id"])


@dataclass
class Storm:
    """Sends leads into *site* while faults come and go; *seed* fixes what is killed and when."""

    site: Site
    phones: Any
    seed: int
    _over: threading.Event = field(default_factory=threading.Event)
    killed: list[str] = field(default_factory=list)

    def send(self, number: int, *, every_s: float) -> list[Sent]:
        """One lead every *every_s* seconds, *number* in all; returns when each is answered with 2xx."""
        with ThreadPoolExecutor(64) as threads:
            waiting = []
            for position in range(number):
                waiting.append(threads.submit(self._submit, position))
                self._over.wait(every_s)
            return [each.result() for each in waiting]

    def _submit(self, position: int) -> Sent:
        """As the page does: one key for this body, a fresh captcha token each time, patience."""
        phone, key = self.phones(), str(uuid.uuid4())
        email = f"visitor-{key[:8]}@example.test"
        address = f"127.0.{2 + position // 250}.{1 + position % 250}"
        began = time.monotonic()
        tries = 0
        while True:
            tries += 1
            with contextlib.suppress(OSError):
                body = self.site.new_lead(phone, email=email, locale=("vi", "en")[position % 2])
                answer = self.site.call(
                    "POST", "/api/leads", body, headers={"Idempotency-Key": key}, address=address
                )
                if answer.status == 201:
                    return Sent(phone, email, answer, tries, time.monotonic() - began)
                assert answer.status in {409, 429, 502, 503, 504}, (answer.status, answer.body)
            assert time.monotonic() - began < _GIVE_UP_AFTER_S, "the client lost its patience"
            time.sleep(_ASK_AGAIN_AFTER_S[min(tries - 1, 3)])

    def blow(self, cells: Sequence[Sequence[tuple[str, str]]], *, each_s: float) -> None:
        """
        Let each of *cells* (what is broken together, and how) last for *each_s* seconds, then mend all.

        Where answers are lost, the fault flickers: else it would always hit the first call of a job, and
        never the one behind it that matters.
        """
        for cell in cells:
            ends_at = time.monotonic() + each_s
            while time.monotonic() < ends_at:
                for target, mode in cell:
                    self.site.fault(target, mode)
                flickers = any(mode == "commit-then-timeout" for _, mode in cell)
                time.sleep(0.1 if flickers else each_s)
                self.site.mend()
                time.sleep(0.1 if flickers else 0)

    def kill_at_random(self, *, every_s: float) -> threading.Thread:
        """Kill -9 one of the product's processes now and then, until `calm`."""
        chosen = random.Random(self.seed)  # noqa: S311  a repeatable storm, not a secret

        def kill() -> None:
            while not self._over.wait(chosen.uniform(0.5, 1.5) * every_s):
                found = self.site.call("GET", "/dev/cloud/health").json["containers"]
                if found:
                    victim = chosen.choice(found)
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(victim["pid"], signal.SIGKILL)
                        self.killed.append(victim["name"])

        thread = threading.Thread(target=kill, daemon=True)
        thread.start()
        return thread

    def calm(self) -> None:
        """End it: nothing is broken or killed any more."""
        self._over.set()
        self.site.mend()


@dataclass(frozen=True)
class Verdict:
    """What the sinks say about leads that were answered with 2xx."""

    missing_rows: list[str]
    doubled_rows: list[str]
    missing_mails: list[str]
    unexplained_mails: list[str]
    ambiguous_mails: int
    missing_notes: list[str]
    doubled_notes: list[str]

    @property
    def is_complete(self) -> bool:
        """Whether everything has arrived."""
        return not (self.missing_rows or self.missing_mails or self.missing_notes)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is there twice, but for mails whose answer the provider lost."""
        return not (self.doubled_rows or self.unexplained_mails or self.doubled_notes)


def verdict(site: Site, sent: Sequence[Sent], readers: Sequence[dict[str, str]]) -> Verdict:
    """Compare the answers with the sheet, the mail box and the notes of each of *readers* (their headers)."""
    rows = Counter(row[0] for row in site.sheet() if row)
    lost: dict[tuple[str, str], list[bool]] = {}  # by reader and cause: was the answer lost?
    for mail in site.call("GET", "/dev/mail").json["items"]:
        for address in mail["to"]:
            lost.setdefault((address, mail["correlationId"]), []).append(mail["answerLost"])
    visitors = {address for address, _ in lost}
    notes: Counter[str] = Counter()
    for reader in readers:
        notes.update(_notes_of(site, reader))
    return Verdict(
        missing_rows=[each.id for each in sent if rows[each.id] == 0],
        doubled_rows=[each.id for each in sent if rows[each.id] > 1],
        missing_mails=[each.email for each in sent if each.email not in visitors],
        unexplained_mails=[f"{to} {cause}" for (to, cause), ends in lost.items() if ends.count(False) > 1],
        ambiguous_mails=sum(len(ends) - 1 for ends in lost.values()),
        missing_notes=[each.id for each in sent if notes[each.id] < len(readers)],
        doubled_notes=[each.id for each in sent if notes[each.id] > len(readers)],
    )


def _notes_of(site: Site, reader: dict[str, str]) -> list[str]:
    """The leads that this person's notes are about."""
    found: list[str] = []
    cursor = ""
    while True:
        query = f"?cursor={cursor}" if cursor else ""
        page = site.call("GET", f"/api/me/notifications{query}", headers=reader).json
        found += [item["leadId"] for item in page["items"] if item["leadId"]]
        cursor = page["nextCursor"]
        if not cursor:
            return found
