"""
Rankings in SQL: the one statement that judges everybody, and what reads its last result.

Sums are of whole numbers, so no order of rows can change a byte: each review's weight and each reply's speed
is rounded to millionths before it is added. What follows is computed row by row, the same steps for
everybody, and rounded to whole hundredths of a point.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

_MILLION = 1_000_000
_NO_CATEGORY = UUID(int=0)  # those without one are a category of their own
_AGE = "date_part('epoch', %(now)s::timestamptz - created_at)"


def _halved(seconds: str, half_life: str) -> str:
    """SQL for 2^(−seconds / half-life) in whole millionths; negative seconds, and NULL, count as none."""
    halvings = f"least(greatest({seconds} / %({half_life})s, 0), 60)"
    return f"round({_MILLION} * power(0.5::double precision, {halvings}))::integer"


# Takes the fields of `rules.Weights`, and now, run_id, version. The CTEs that write see the snapshot that the
# statement began with, so the run before is still there to take the previous ranks from. ORDER BY … OFFSET 0
# has each table read by its index, in the order of its groups, and each power computed once a row.
_CALCULATE = f"""
WITH run AS (
    INSERT INTO ranking_runs (number, id, calculated_at, weights_version)
    SELECT coalesce(max(number), 0) + 1, %(run_id)s, %(now)s, %(version)s FROM ranking_runs
    RETURNING number
), review_totals AS (
    SELECT contractor_id, count(*) AS reviews, sum(weight) AS weight, sum(weight * rating) AS stars
    FROM (
        SELECT contractor_id, rating, {_halved(_AGE, "half_life_s")} AS weight
        FROM reviews WHERE is_verified ORDER BY contractor_id OFFSET 0
    ) AS weighed
    GROUP BY contractor_id
), project_totals AS (
    SELECT contractor_id, count(*) AS projects
    FROM (
        SELECT contractor_id FROM projects WHERE completed_at IS NOT NULL ORDER BY contractor_id OFFSET 0
    ) AS completed
    GROUP BY contractor_id
), bid_totals AS (
    SELECT contractor_id, count(*) AS invitations, count(seconds) AS replies,
           sum({_halved("seconds", "reply_half_life_s")}) FILTER (WHERE seconds IS NOT NULL) AS speed,
           sum(least(seconds, 2e9)::integer) FILTER (WHERE seconds IS NOT NULL) AS seconds
    FROM (
        SELECT contractor_id, date_part('epoch', replied_at - invited_at) AS seconds FROM bids
        WHERE replied_at IS NOT NULL
           OR invited_at <= %(now)s::timestamptz - %(reply_within_s)s * interval '1 second'
        ORDER BY contractor_id OFFSET 0
    ) AS invited
    GROUP BY contractor_id
), known AS MATERIALIZED (
    SELECT contractors.id, coalesce(category_id, '{_NO_CATEGORY}') AS category_id,
           coalesce(reviews, 0)::integer AS reviews, coalesce(weight, 0) AS weight,
           coalesce(stars, 0) AS stars, coalesce(projects, 0)::integer AS projects,
           coalesce(invitations, 0)::integer AS invitations, coalesce(replies, 0)::integer AS replies,
           coalesce(speed, 0) AS speed, coalesce(seconds, 0) AS seconds,
           identity_verified_at IS NOT NULL AS has_identity, licence_verified_at IS NOT NULL AS has_licence,
           insurance_verified_at IS NOT NULL AS has_insurance
    FROM contractors
    LEFT JOIN review_totals ON review_totals.contractor_id = contractors.id
    LEFT JOIN project_totals ON project_totals.contractor_id = contractors.id
    LEFT JOIN bid_totals ON bid_totals.contractor_id = contractors.id
), categories AS (
    SELECT category_id, sum(weight)::double precision AS weight, sum(stars)::double precision AS stars
    FROM known GROUP BY category_id
), everybody AS (
    SELECT (sum(stars) + {_MILLION} * %(start_weight)s * %(start_stars)s)
           / (sum(weight) + {_MILLION} * %(start_weight)s) AS mean
    FROM categories
), priors AS (
    SELECT category_id, round({_MILLION} * least(greatest(
        (stars + {_MILLION} * %(start_weight)s * mean) / (weight + {_MILLION} * %(start_weight)s),
        %(prior_lowest)s), %(prior_highest)s))::integer AS prior
    FROM categories, everybody
), means AS (
    SELECT known.*, prior,
           round({_MILLION} * (known.stars + %(prior_weight)s * prior::double precision)
                 / (known.weight + {_MILLION} * %(prior_weight)s))::integer AS mean
    FROM known JOIN priors USING (category_id) OFFSET 0
), components AS (
    SELECT means.*,
           (mean - {_MILLION} + 200) / 400 AS quality,
           round(10000 * least(ln(1.0::double precision + projects)
                               / ln(1.0::double precision + %(full_projects)s), 1))::integer AS experience,
           round(5000 * ({_MILLION} * (%(prior_replies)s + replies::double precision)
                         + {_MILLION} * %(prior_replies)s * %(prior_speed)s + speed)
                 / ({_MILLION} * (%(prior_invitations)s + invitations::double precision)))::integer
           AS responsiveness,
           100 * (has_identity::integer * %(identity_points)s + has_licence::integer * %(licence_points)s
                  + has_insurance::integer * %(insurance_points)s) AS verification
    FROM means OFFSET 0
), scores AS (
    SELECT components.*,
           (%(quality)s * quality + %(experience)s * experience + %(responsiveness)s * responsiveness
            + %(verification)s * verification + 50) / 100 AS score
    FROM components OFFSET 0
), forgotten_runs AS (
    DELETE FROM ranking_runs WHERE number < (SELECT number - 1 FROM run)
), forgotten AS (
    DELETE FROM rankings WHERE run < (SELECT number - 1 FROM run)
), placed AS (
    INSERT INTO rankings (
        run, contractor_id, rank, previous_rank, score, quality, experience, responsiveness, verification,
        reviews, review_weight, prior, stars, projects, invitations, replies, reply_speed,
        reply_seconds, has_identity, has_licence, has_insurance
    )
    SELECT run.number, scores.id, row_number() OVER (ORDER BY scores.score DESC, scores.id), before.rank,
           scores.score, scores.quality, scores.experience, scores.responsiveness,
           scores.verification, scores.reviews, scores.weight, scores.prior, mean,
           scores.projects, scores.invitations, scores.replies, speed, seconds, scores.has_identity,
           scores.has_licence, scores.has_insurance
    FROM run CROSS JOIN scores
    LEFT JOIN rankings AS before ON before.run = (SELECT number - 1 FROM run)
                                AND before.contractor_id = scores.id
)
SELECT (SELECT count(*) FROM known) AS contractors,
       (SELECT id FROM ranking_runs WHERE number = (SELECT number - 1 FROM run)) AS previous_run_id
"""

_RANKING = """
SELECT rankings.*, contractors.name, contractors.region, (SELECT calculated_at FROM run) AS calculated_at,
       (SELECT weights_version FROM run) AS weights_version
FROM rankings JOIN contractors ON contractors.id = rankings.contractor_id
WHERE rankings.run = (SELECT number FROM run)
"""
_LIST = f"""
WITH run AS (
    SELECT number, calculated_at, weights_version FROM ranking_runs
    ORDER BY coalesce(calculated_at = %(run_of)s, false) DESC, number DESC LIMIT 1
)
{_RANKING} AND rankings.rank > %(after)s AND (%(region)s::text IS NULL OR contractors.region = %(region)s)
ORDER BY rankings.rank LIMIT %(limit)s
"""
_FIND = f"""
WITH run AS (SELECT number, calculated_at, weights_version FROM ranking_runs ORDER BY number DESC LIMIT 1)
{_RANKING} AND rankings.contractor_id = %(contractor_id)s
"""


def calculate(transaction: Transaction, parameters: dict[str, Any]) -> Row:
    """
    Judge everybody and write their places as a new run, which counts from the commit on.

    The last run's places stay beside it; older ones go. Returns *contractors*, how many were judged, and
    *previous_run_id*, None for the first.
    """
    row = transaction.row(_CALCULATE, parameters)
    if row is None:
        raise RuntimeError("a SELECT without FROM returned no row")
    return row


def list_rankings(
    database: Database, *, region: str | None, run_of: datetime | None, after: int, limit: int
) -> list[Row]:
    """
    The places behind *after*, the best first, in *region* (a code; None: everywhere).

    They are those of the run of the instant *run_of*, while it is kept, else those of the last one.
    """
    parameters = {"region": region, "run_of": run_of, "after": after, "limit": limit}
    return database.rows(_LIST, parameters)


def find_ranking(database: Database, contractor_id: UUID) -> Row | None:
    """The place of one contractor in the last run, if they have one."""
    return database.row(_FIND, {"contractor_id": contractor_id})
