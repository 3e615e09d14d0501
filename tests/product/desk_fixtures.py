"""Leads on the staff desk: sent in by visitors, and worked on by managers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.product.conftest import Api, FrozenClock, Ledger, Reply
from tests.product.desk_samples import LEAD

if TYPE_CHECKING:
    from tests.product.staff_fixtures import Desk


@dataclass
class Work:
    """What managers do, and what came of it."""

    desk: "Desk"
    api: Api
    ledger: Ledger
    clock: FrozenClock
    new_lead: Callable[..., dict[str, Any]]

    def submit(self, **fields: Any) -> str:
        """One submission, a second after whatever was before; its id."""
        self.clock.advance(1)
        answer = self.api.call("POST", "/leads", self.new_lead(**fields))
        assert answer.status == 201, answer.body
        return str(answer.json["id"])

    def held(self, **fields: Any) -> str:
        """One submission that is quarantined."""
        return self.submit(website="http://spam.test", **fields)

    def patch(self, lead_id: str, **body: Any) -> Reply:
        """Change a lead."""
        return self.desk.call("PATCH", LEAD, body, id=lead_id)

    def do(self, verb: str, lead_id: str, body: Any = None, **more: Any) -> Reply:
        """`release`, `reject`, `erase` or `merge` a lead."""
        return self.desk.call("POST", f"{LEAD}/{verb}", body, id=lead_id, **more)

    def get(self, lead_id: str) -> Any:
        """The lead's detail."""
        return self.desk.get(LEAD, id=lead_id)

    def jobs(self, lead_id: str) -> list[str]:
        """The types of the jobs about a lead, sorted; those for one person left out."""
        found = self.ledger.rows(
            "SELECT type FROM jobs WHERE subject_id = %s AND recipient_id IS NULL ORDER BY type", lead_id
        )
        return [row["type"] for row in found]

    def staff_events(self, lead_id: str) -> list[tuple[str, str]]:
        """Status and detail of what staff did, as the journey tells it."""
        events = self.desk.get(f"{LEAD}/timeline", id=lead_id)["events"]
        return [(event["status"], event["detail"]) for event in events if event["kind"] == "staff"]

    @staticmethod
    def at_once(*acts: Callable[[], Reply]) -> list[int]:
        """The statuses of calls that are made at the same time."""
        with ThreadPoolExecutor(len(acts)) as threads:
            return [found.status for found in threads.map(lambda act: act(), acts)]


@pytest.fixture
def work(desk: "Desk", api: Api, ledger: Ledger, clock: FrozenClock, new_lead: Any) -> Work:
    """The desk with nothing on it."""
    return Work(desk, api, ledger, clock, new_lead)
