"""
Staff at work, and what they and the stand-ins see: releases what is held back, redrives what is dead, reads
the sheet, the mail box and people's notifications. Over HTTP only; a process may be killed under any call.
"""

import itertools
import time
from collections.abc import Collection
from http.client import HTTPException
from typing import Any

from tests.chaos.browser import Form
from tests.chaos.checker import Records
from tests.journey.conftest import Reply, Site

_READERS = ("admin", "manager")
_PATIENCE_S = 60.0
_MAILS_A_LEAD = 4  # to the visitor, to staff who want that, and some room for repeats
_addresses = itertools.count(1)


class Desk:
    """The admin's and the manager's screens."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._bearers: dict[str, dict[str, str]] = {}
        self._signed_in_at = -1e9
        self._released: set[str] = set()
        self._redriven: list[str] = []

    def forms(self) -> list[Form]:
        """What visitors send in: the contact form, and the calculator of some category, in both languages."""
        category = self._call("GET", "/api/service-categories").json["items"][0]["id"]
        quote = {"kind": "calculator", "categoryId": category, "area": 25, "materialIds": []}
        return [
            Form(),
            Form(source="QUOTE_FORM", quote=quote),
            Form(locale="en"),
        ]

    def sign_in(self) -> None:
        """Sign both in, unless that is fresh: minutes of the product's time pass in seconds."""
        if time.monotonic() - self._signed_in_at < 10 and self._bearers:
            return
        for name in _READERS:
            body = {"email": f"{name}@plumbline.test", "password": self._site.stack.secrets["demo_password"]}
            number = next(_addresses)
            address = f"127.250.{number // 250}.{number % 250 + 1}"
            reply = self._call("POST", "/api/auth/login", body, address=address)
            assert reply.status == 200, reply.body
            self._bearers[name] = {"Authorization": f"Bearer {reply.json['accessToken']}"}
        self._signed_in_at = time.monotonic()

    def let_pass(self, duration_s: float) -> None:
        """Move the product's clock and run the relay, which a minute would bring."""
        assert self._call("POST", "/dev/clock", {"advanceSeconds": duration_s}).status == 200
        self._call("POST", "/dev/schedules/outbox-relay/run")

    def tend(self) -> None:
        """Release every lead that is quarantined, and redrive every dead letter."""
        for item in self._call("GET", "/api/admin/leads?status=QUARANTINED", reader="admin").json["items"]:
            if self._call("POST", f"/api/admin/leads/{item['id']}/release", reader="admin").status < 300:
                self._released.add(item["id"])
        for queue in ("email", "sync", "notification"):
            path = f"/api/admin/queues/{queue}"
            if dead := self._call("GET", f"{path}/dead-letters", reader="admin").json["items"]:
                self._call("POST", f"{path}/redrive-all", reader="admin")
                self._redriven += [f"{item['type']}: {item['reason']}" for item in dead]

    def tended(self) -> tuple[int, list[str]]:
        """How many leads were released, and why each redriven job was dead, since this was asked last."""
        found = len(self._released), self._redriven
        self._released, self._redriven = set(), []
        return found

    def records(self, lead_ids: Collection[str] | None) -> Records:
        """What there is of these leads; None: of all that there ever were."""
        limit = "" if lead_ids is None else f"?limit={max(500, _MAILS_A_LEAD * len(lead_ids))}"
        rows = self._call("GET", "/dev/sheets/demo").json["tabs"][0]["rows"][1:]
        mails = self._call("GET", f"/dev/mail{limit}").json["items"]
        return Records(
            rows=rows,
            mails=mails,
            notes={reader: self._notes_of(reader, lead_ids) for reader in _READERS},
        )

    def _notes_of(self, reader: str, lead_ids: Collection[str] | None) -> list[str]:
        """
        The leads that this person's notifications are about, back to the first page that has none of
        *lead_ids*.
        """
        found: list[str] = []
        cursor = ""
        while True:
            page = self._call("GET", f"/api/me/notifications{cursor}", reader=reader).json
            leads = [item["leadId"] for item in page["items"] if item["leadId"]]
            found += leads
            if not page["nextCursor"] or (lead_ids is not None and not set(leads) & set(lead_ids)):
                return found
            cursor = f"?cursor={page['nextCursor']}"

    def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        reader: str | None = None,
        address: str = "127.249.0.1",
    ) -> Reply:
        """Until it is answered by somebody who lived long enough, and was not over a limit."""
        ends_at = time.monotonic() + _PATIENCE_S
        while True:
            try:
                headers = self._bearers[reader] if reader else {}
                reply = self._site.call(method, path, body, headers=headers, address=address, timeout_s=30)
            except (OSError, HTTPException):
                if time.monotonic() > ends_at:
                    raise
            else:
                if reply.status not in {429, 502, 503, 504} or time.monotonic() > ends_at:
                    return reply
            time.sleep(0.3)
