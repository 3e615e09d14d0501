"""People with accounts, and the staff desk as they use it: calls with their access tokens."""

import uuid
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from tests.product.conftest import Api, FrozenClock, Ledger, Reply

ROLES = ("ADMIN", "MANAGER", "CONTRACTOR", "HOMEOWNER")
PASSWORD = "đúng ngựa pin ghim"


@dataclass
class Desk:
    """Accounts straight in the database, one of each role at first, and calls in their name."""

    api: Api
    ledger: Ledger
    clock: FrozenClock
    ids: dict[str, UUID] = field(default_factory=dict)

    def account(self, role: str, *, password: str | None = None, **columns: Any) -> UUID:
        """One account; without *password* nobody can sign in to it."""
        from chalicelib.accounts.passwords import hash_of  # noqa: PLC0415

        user_id = uuid.uuid4()
        row = {
            "email": f"{user_id}@plumbline.test",
            "name": "Trần Minh",
            "phone": None,
            "password_hash": hash_of(password) if password else "-",
            "confirmed_at": self.clock.now(),
            **columns,
        }
        names, places = ", ".join(row), ", %s" * len(row)
        sql = f"INSERT INTO users (id, role, created_at, {names}) VALUES (%s, %s, %s{places})"  # noqa: S608  columns
        self.ledger.rows(sql, user_id, role, self.clock.now(), *row.values())
        return user_id

    def token(self, role: str) -> str:
        """An access token of the account with *role*."""
        from chalicelib.guards.access import issue  # noqa: PLC0415

        return issue(self.ids[role], role)

    def call(
        self, method: str, resource: str, body: Any = None, *, role: str | None = "MANAGER", **more: Any
    ) -> Reply:
        """
        Call the route *resource* in the name of *role* (None: of nobody), its `{names}` filled from *more*.

        What is left of *more* are the other arguments of `Api.call`.
        """
        path = resource
        for name in [name for name in more if f"{{{name}}}" in resource]:
            path = path.replace(f"{{{name}}}", str(more.pop(name)))
        headers = {**more.pop("headers", {})}
        if role is not None:
            headers["authorization"] = f"Bearer {self.token(role)}"
        return self.api.call(method, path, body, headers=headers, resource=resource, **more)

    def get(self, resource: str, **more: Any) -> Any:
        """What a GET in a manager's name answers; it must succeed."""
        answer = self.call("GET", resource, **more)
        assert answer.status == 200, answer.body
        return answer.json

    def every(self, resource: str, **more: Any) -> list[Any]:
        """The items of every page of a list; cursors and items never repeat."""
        items: list[Any] = []
        query, cursors = dict(more.pop("query", {})), set[str]()
        while True:
            page = self.get(resource, query=query, **more)
            items += page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return items
            assert cursor not in cursors
            cursors.add(cursor)
            query["cursor"] = [cursor]

    def audit(self) -> list[dict[str, Any]]:
        """What stands in the audit log, the first first."""
        return self.ledger.rows("SELECT * FROM audit_log ORDER BY at, id")


@pytest.fixture
def desk(api: Api, ledger: Ledger, clock: FrozenClock) -> Desk:
    """The staff desk, with one account of each role."""
    found = Desk(api, ledger, clock)
    for role in ROLES:
        found.ids[role] = found.account(role, email=f"{role.lower()}@plumbline.test")
    return found
