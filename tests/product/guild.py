"""Contractors with what is known of them, as plain figures: written to a database, or judged by hand."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import strategies as st

if TYPE_CHECKING:
    from chalicelib.platform.postgres import Database, Transaction

CATEGORIES = (UUID(int=0xC1), UUID(int=0xC2))
PROOFS = ("identity", "licence", "insurance")


@dataclass(frozen=True)
class Review:
    """One review, *age_s* seconds old."""

    rating: int
    age_s: float = 0.0
    is_verified: bool = True


@dataclass(frozen=True)
class Bid:
    """One invitation, *age_s* seconds old, answered after *reply_s* or not at all."""

    age_s: float
    reply_s: float | None = None


@dataclass(frozen=True)
class Contractor:
    """Somebody to be judged; *number* is their id, *open_projects* are not completed."""

    number: int
    category: UUID | None = CATEGORIES[0]
    reviews: tuple[Review, ...] = ()
    bids: tuple[Bid, ...] = ()
    projects: int = 0
    open_projects: int = 0
    proofs: frozenset[str] = frozenset()
    region: str = "VN-HN"

    @property
    def id(self) -> UUID:
        """Their id."""
        return UUID(int=self.number)

    def but(self, **changes: Any) -> "Contractor":
        """The same one, with *changes*."""
        return replace(self, **changes)


_YEARS_S = 10 * 365 * 86_400.0
reviews = st.builds(
    Review,
    rating=st.integers(1, 5),
    age_s=st.floats(-3600, _YEARS_S),
    is_verified=st.integers(0, 4).map(bool),
)
bids = st.builds(
    Bid, age_s=st.floats(0, _YEARS_S), reply_s=st.none() | st.floats(0, 90 * 86_400) | st.floats(0, 86_400)
)


def contractors(**fixed: Any) -> st.SearchStrategy[list[Contractor]]:
    """One to six contractors with different numbers."""
    return st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True).flatmap(
        lambda numbers: st.tuples(*(_contractor(number, **fixed) for number in numbers)).map(list)
    )


def _contractor(number: int, **fixed: Any) -> st.SearchStrategy[Contractor]:
    drawn = {
        "category": st.sampled_from([*CATEGORIES, None]),
        "reviews": st.lists(reviews, max_size=8).map(tuple),
        "bids": st.lists(bids, max_size=6).map(tuple),
        "projects": st.integers(0, 60),
        "open_projects": st.integers(0, 2),
        "proofs": st.frozensets(st.sampled_from(PROOFS)),
        **fixed,
    }
    return st.builds(Contractor, number=st.just(number), **drawn)


@dataclass(frozen=True)
class Guild:
    """Writes contractors, and has the product judge them."""

    database: "Database"
    now: datetime

    def enrol(
        self, everybody: list[Contractor], order: Callable[[list[Any]], list[Any]] = list, *, joined: int = 0
    ) -> None:
        """Write *everybody* for good, each table's rows in *order*."""
        with self.database.transaction() as transaction:
            self.write(transaction, everybody, order, joined=joined)

    def write(
        self,
        transaction: "Transaction",
        everybody: list[Contractor],
        order: Callable[[list[Any]], list[Any]] = list,
        *,
        joined: int = 0,
    ) -> None:
        """Write *everybody* in *transaction*."""
        born = self.now - timedelta(days=joined)
        rows: dict[str, list[Any]] = {
            "contractors (id, name, category_id, region, identity_verified_at, licence_verified_at,"
            " insurance_verified_at, joined_at)": [
                (one.id, f"C{one.number}", one.category, one.region, *self._seen(one, born), born)
                for one in everybody
            ],
            "projects (id, contractor_id, completed_at)": [
                (uuid.uuid4(), one.id, self.now if project < one.projects else None)
                for one in everybody
                for project in range(one.projects + one.open_projects)
            ],
            "reviews (id, contractor_id, rating, is_verified, created_at)": [
                (uuid.uuid4(), one.id, review.rating, review.is_verified, self._ago(review.age_s))
                for one in everybody
                for review in one.reviews
            ],
            "bids (id, contractor_id, invited_at, replied_at)": [
                (uuid.uuid4(), one.id, self._ago(bid.age_s), self._reply(bid))
                for one in everybody
                for bid in one.bids
            ],
        }
        for table, values in rows.items():
            ordered = order(values)
            if ordered:
                places = ", ".join([f"({', '.join(['%s'] * len(ordered[0]))})"] * len(ordered))
                sql = f"INSERT INTO {table} VALUES {places}"  # noqa: S608  the names above
                transaction.rows(sql, [value for row in ordered for value in row])

    def _seen(self, one: Contractor, at: datetime) -> list[datetime | None]:
        return [at if proof in one.proofs else None for proof in PROOFS]

    def _ago(self, seconds: float) -> datetime:
        return self.now - timedelta(seconds=seconds)

    def _reply(self, bid: Bid) -> datetime | None:
        return None if bid.reply_s is None else self._ago(bid.age_s) + timedelta(seconds=bid.reply_s)

    def judge(
        self, everybody: list[Contractor], order: Callable[[list[Any]], list[Any]] = list
    ) -> dict[int, dict[str, Any]]:
        """The row of each, by number, best first, from an empty guild that is empty again afterwards."""
        with _undone(self.database) as transaction:
            self.write(transaction, everybody, order)
            return self.places(transaction)

    def places(self, transaction: "Transaction") -> dict[int, dict[str, Any]]:
        """Recalculate in *transaction*, and what stands then."""
        from chalicelib.rankings import rules, store  # noqa: PLC0415

        parameters = {**asdict(rules.WEIGHTS[1]), "now": self.now, "run_id": uuid.uuid4(), "version": 1}
        store.calculate(transaction, parameters)
        found = transaction.rows(
            "SELECT * FROM rankings WHERE run = (SELECT max(number) FROM ranking_runs) ORDER BY rank"
        )
        return {row["contractor_id"].int: row for row in found}


@contextmanager
def _undone(database: "Database") -> Iterator["Transaction"]:
    """A transaction that leaves nothing behind, so that an example costs no write to disk."""

    class _Undo(Exception):
        pass

    try:
        with database.transaction() as transaction:
            yield transaction
            raise _Undo
    except _Undo:
        pass
