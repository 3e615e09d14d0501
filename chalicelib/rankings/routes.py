"""`GET /rankings` and `GET /rankings/{contractorId}`."""

import re
from typing import Any

from chalicelib.guards.admission import Admission
from chalicelib.guards.cached import Cached
from chalicelib.platform.errors import FieldError, NotFound, ValidationFailed
from chalicelib.platform.http import Answer, ApiBlueprint, Call
from chalicelib.platform.http.edge import Operation, Parameter
from chalicelib.platform.http.listing import id_in_address, page_of, position_in, query_of
from chalicelib.platform.postgres import Row, database
from chalicelib.rankings import rules, service, store
from chalicelib.rankings.models import (
    Component,
    Components,
    ExperienceInputs,
    ExplainedRankingView,
    Explanation,
    QualityInputs,
    RankingPage,
    RankingView,
    ResponsivenessInputs,
    VerificationInputs,
)

api = ApiBlueprint(__name__)
_KEPT_FOR_S = 300
_PAGE, _PAGE_AT_MOST = 20, 100
_NOBODY = Answer.of(RankingPage(items=[], next_cursor=None)).body
_INTEGER_AT_MOST = 2**31 - 1


def _is_first_page(call: Call, answer: Answer) -> bool:
    """
    Whether what many ask for was asked: the first page of a region that has somebody.

    So no more pages are kept than there are regions, limits and ways to write them.
    """
    return "cursor" not in call.query and answer.body != _NOBODY


def _is_written_plainly(call: Call, _answer: Answer) -> bool:
    """Whether the id stands as we write it: there is one key for each contractor."""
    written = call.path_parameters["contractorId"]
    return str(id_in_address(written)) == written


@api.operation(
    Operation(
        method="GET",
        path="/rankings",
        summary="List the contractors, the best first",
        answer=RankingPage,
        status=200,
        refusals=(),
        guard=Admission("READS", cached=Cached(service.NAMESPACE, _KEPT_FOR_S, is_kept=_is_first_page)),
        query={
            "region": "Only those of the region with this code; their places are still those among all.",
            "limit": Parameter(
                f"How many at most; {_PAGE} unless told.",
                {"type": "integer", "minimum": 1, "maximum": _PAGE_AT_MOST},
                _PAGE,
            ),
            "cursor": "The nextCursor of the page before.",
        },
    )
)
def list_rankings(call: Call) -> Answer:
    """A page of the last run; whoever pages on while a new one comes stays in theirs."""
    query = query_of(call)
    limit = _limit(query)
    run_of, after = position_in(query, _rank) or (None, 0)
    found = store.list_rankings(
        database(), region=query.get("region"), run_of=run_of, after=after, limit=limit + 1
    )
    rows, cursor = page_of(found, limit, lambda row: (row["calculated_at"], row["rank"]))
    page = RankingPage(items=[RankingView(**_fields(row)) for row in rows], next_cursor=cursor)
    return Answer.of(page)


@api.operation(
    Operation(
        method="GET",
        path="/rankings/{contractorId}",
        summary="Explain the place of a contractor",
        answer=ExplainedRankingView,
        status=200,
        refusals=(NotFound,),
        guard=Admission("READS", cached=Cached(service.NAMESPACE, _KEPT_FOR_S, is_kept=_is_written_plainly)),
    )
)
def get_ranking(_call: Call, contractorId: str) -> Answer:  # noqa: N803  the address's own name
    """The place of one contractor in the last run, with the reasons in words."""
    row = store.find_ranking(database(), id_in_address(contractorId))
    if row is None:
        raise NotFound("There is no such contractor, or they came after the last ranking.")
    words = rules.explain(row, rules.WEIGHTS[row["weights_version"]])
    view = ExplainedRankingView(**_fields(row), explanation=Explanation(**words))
    return Answer.of(view)


def _limit(query: dict[str, str]) -> int:
    written = query.get("limit", str(_PAGE))
    if not re.fullmatch(r"[0-9]{1,3}", written) or not 1 <= int(written) <= _PAGE_AT_MOST:
        told = f"Give a whole number from 1 to {_PAGE_AT_MOST}."
        raise ValidationFailed([FieldError("/limit", "range", told)])
    return int(written)


def _rank(written: str) -> int:
    rank = int(written)
    if not 0 < rank <= _INTEGER_AT_MOST:
        raise ValueError("a rank of ours is a positive integer")
    return rank


def _fields(row: Row) -> dict[str, Any]:
    """The fields of a view of *row*, with the weights of the run that it is of."""
    weights = rules.WEIGHTS[row["weights_version"]]
    replies = row["replies"]
    components = Components(
        quality=Component(
            score=row["quality"] * rules.HUNDREDTH,
            weight=weights.quality,
            inputs=QualityInputs(
                reviews=row["reviews"],
                effective_reviews=row["review_weight"] * rules.MILLIONTH,
                prior_stars=row["prior"] * rules.MILLIONTH,
                mean_stars=row["stars"] * rules.MILLIONTH,
            ),
        ),
        experience=Component(
            score=row["experience"] * rules.HUNDREDTH,
            weight=weights.experience,
            inputs=ExperienceInputs(completed_projects=row["projects"], full_at=weights.full_projects),
        ),
        responsiveness=Component(
            score=row["responsiveness"] * rules.HUNDREDTH,
            weight=weights.responsiveness,
            inputs=ResponsivenessInputs(
                invitations=row["invitations"],
                replies=replies,
                mean_reply_seconds=row["reply_seconds"] // replies if replies else None,
                reply_rate=rules.reply_rate(row, weights),
                reply_speed=rules.reply_speed(row, weights),
            ),
        ),
        verification=Component(
            score=row["verification"] * rules.HUNDREDTH,
            weight=weights.verification,
            inputs=VerificationInputs(
                identity=row["has_identity"], licence=row["has_licence"], insurance=row["has_insurance"]
            ),
        ),
    )
    own = ("contractor_id", "name", "region", "rank", "previous_rank", "weights_version", "calculated_at")
    return {
        **{name: row[name] for name in own},
        "score": row["score"] * rules.HUNDREDTH,
        "components": components,
    }
