"""
An office that writes mail: leads, accounts and jobs straight in the ledger, and the mail box at the other
end.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import requests
from psycopg.types.json import Jsonb

from tests.product.conftest import Api, FrozenClock, Ledger
from tests.product.mail_samples import ADDRESS, CALCULATOR, CONTENT, NAME, PHONE
from tests.product.work import work_off


@dataclass(frozen=True)
class Office:
    """Everything about mail except the worker itself."""

    ledger: Ledger
    clock: FrozenClock
    world_url: str

    def lead(self, **fields: Any) -> UUID:
        """A stored submission; *fields* are columns."""
        now = self.clock.now()
        columns: dict[str, Any] = {
            "id": uuid.uuid4(), "status": "NEW", "source": "QUOTE_FORM", "name": NAME, "phone": PHONE,
            "email": ADDRESS, "content": CONTENT, "locale": "en", "quote": CALCULATOR, "merged_into": None,
            "consent_version": "2026-01", "consent_at": now, "erased_at": None, "correlation_id": "c-lead",
            "created_at": now, **fields,
        }  # fmt: skip
        columns["quote"] = Jsonb(columns["quote"]) if columns["quote"] else None
        return self._insert("leads", columns)

    def account(self, **fields: Any) -> UUID:
        """A confirmed account; *fields* are columns."""
        now, user_id = self.clock.now(), uuid.uuid4()
        columns = {
            "id": user_id, "email": f"{user_id.hex}@example.test", "name": NAME, "role": "MANAGER",
            "password_hash": "-", "locale": "en", "confirmed_at": now, "created_at": now, **fields,
        }  # fmt: skip
        return self._insert("users", columns)

    def link(self, user_id: UUID, purpose: str, *, minutes: float = 30, used: bool = False) -> UUID:
        """The row of a link."""
        now = self.clock.now()
        expires_at = now + timedelta(minutes=minutes)
        columns = {"id": uuid.uuid4(), "user_id": user_id, "purpose": purpose, "created_at": now}
        return self._insert(
            "link_tokens", {**columns, "expires_at": expires_at, "used_at": now if used else None}
        )

    def announcement(self, title: str, content: str) -> UUID:
        """What staff wrote."""
        columns = {"id": uuid.uuid4(), "title": title, "content": content, "created_at": self.clock.now()}
        return self._insert("announcements", {**columns, "channels": ["email"], "user_ids": []})

    def job(self, job_type: str, subject_id: UUID, recipient_id: UUID | None = None) -> UUID:
        """A job that is due now."""
        now = self.clock.now()
        columns = {
            "id": uuid.uuid4(), "queue": "email", "type": job_type, "subject_id": subject_id,
            "recipient_id": recipient_id, "state": "waiting", "due_at": now, "created_at": now,
            "correlation_id": "c-mail",
        }  # fmt: skip
        return self._insert("jobs", columns)

    def _insert(self, table: str, columns: dict[str, Any]) -> UUID:
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        self.ledger.rows(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())  # noqa: S608
        found: UUID = columns["id"]
        return found

    def work(self) -> list[str]:
        """One run of the e-mail worker over all that is unfinished."""
        return work_off(self.ledger, "email")

    def one(self, job_id: UUID) -> dict[str, Any]:
        """The job's row."""
        return self.ledger.rows("SELECT * FROM jobs WHERE id = %s", job_id)[0]

    def states(self) -> list[str]:
        """The states of all jobs, sorted."""
        return sorted(row["state"] for row in self.ledger.rows("SELECT state FROM jobs"))

    def deliveries(self) -> list[str]:
        """What became of each call, in order."""
        found = self.ledger.rows("SELECT state FROM deliveries ORDER BY started_at, ended_at")
        return [row["state"] for row in found]

    def mails(self) -> list[dict[str, Any]]:
        """What was accepted, the newest last."""
        answer = requests.get(f"{self.world_url}/dev/mail", timeout=5)
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def sent(self, job_type: str, subject_id: UUID, recipient_id: UUID | None = None) -> dict[str, Any]:
        """The one mail that a fresh job of this kind sends."""
        before = len(self.mails())
        job_id = self.job(job_type, subject_id, recipient_id)
        self.work()
        assert self.one(job_id)["state"] == "done", self.one(job_id)
        (mail,) = self.mails()[before:]
        return mail

    def unsent(self, job_type: str, subject_id: UUID, recipient_id: UUID | None = None) -> str:
        """Why a fresh job of this kind ended without a mail."""
        before = len(self.mails())
        job_id = self.job(job_type, subject_id, recipient_id)
        self.work()
        assert len(self.mails()) == before
        assert self.one(job_id)["state"] in ("done", "dead")
        return str(self.one(job_id)["reason"])


@pytest.fixture
def office(api: Api, ledger: Ledger, clock: FrozenClock, world_url: str) -> Office:
    """An office with an empty ledger and an empty mail box."""
    import app  # noqa: PLC0415  here, since a process may only be started by its main thread

    del api, app
    requests.delete(f"{world_url}/dev/mail", timeout=5).raise_for_status()
    return Office(ledger, clock, world_url)
