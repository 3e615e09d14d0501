"""
What the rankings are measured with and against: rows of data, and the same scores computed plainly.

`SCORES` is the statement one would write first, in floating point; `ONE` is the query of a loop over
contractors, given the priors for nothing.
"""

CONTRACTORS = """
INSERT INTO contractors (id, name, category_id, region, identity_verified_at, licence_verified_at, joined_at)
SELECT gen_random_uuid(), 'Contractor ' || n,
       (SELECT array_agg(id ORDER BY id) FROM service_categories)[1 + n %% 6],
       'VN-' || n %% 63, CASE WHEN random() < 0.7 THEN %(now)s::timestamptz END,
       CASE WHEN random() < 0.4 THEN %(now)s::timestamptz END, %(now)s
FROM generate_series(1, %(count)s) AS n
"""
DRAWN = "CREATE TABLE drawn AS SELECT row_number() OVER () AS n, id FROM contractors"
_DRAW = (
    "(SELECT 1 + floor(%(count)s * power(random(), 1.3))::integer AS n,"
    " %(now)s::timestamptz - random() * interval '1500 days' AS at"
    " FROM generate_series(1, %(rows)s)) AS draw JOIN drawn USING (n)"
)
ROWS = {
    "reviews": "INSERT INTO reviews (id, contractor_id, rating, is_verified, created_at)"
    " SELECT gen_random_uuid(), id, 1 + floor(5 * sqrt(random()))::integer, random() < 0.9, at"
    f" FROM {_DRAW}",
    "bids": "INSERT INTO bids (id, contractor_id, invited_at, replied_at)"
    " SELECT gen_random_uuid(), id, at, CASE WHEN random() < 0.7"
    f" THEN at + power(random(), 3) * interval '96 hours' END FROM {_DRAW}",
    "projects": "INSERT INTO projects (id, contractor_id, completed_at)"
    f" SELECT gen_random_uuid(), id, CASE WHEN random() < 0.9 THEN at END FROM {_DRAW}",
}

_AGE = "greatest(date_part('epoch', %(now)s::timestamptz - created_at), 0)"
_POINTS = """
40 * ((coalesce(stars, 0) + 10 * prior) / (coalesce(weight, 0) + 10) - 1) / 4
+ 30 * least(1, ln(1::float8 + coalesce(projects, 0)) / ln(51::float8))
+ 15 * (coalesce(replies, 0) + 5 + coalesce(speed, 0) + 2.5::float8) / 2 / (10 + coalesce(invitations, 0))
+ 15 * (0.4::float8 * (identity_verified_at IS NOT NULL)::integer
        + 0.3::float8 * (licence_verified_at IS NOT NULL)::integer
        + 0.3::float8 * (insurance_verified_at IS NOT NULL)::integer)
"""
SCORES = f"""
WITH reviewed AS (
    SELECT contractor_id, sum(weight) AS weight, sum(weight * rating) AS stars
    FROM (
        SELECT contractor_id, rating, power(0.5::float8, {_AGE} / 31536000) AS weight
        FROM reviews WHERE is_verified
    ) AS weighed
    GROUP BY contractor_id
), done AS (
    SELECT contractor_id, count(*) AS projects FROM projects WHERE completed_at IS NOT NULL
    GROUP BY contractor_id
), invited AS (
    SELECT contractor_id, count(*) AS invitations, count(replied_at) AS replies,
           sum(power(0.5::float8, date_part('epoch', replied_at - invited_at) / 43200)) AS speed
    FROM bids WHERE replied_at IS NOT NULL OR invited_at <= %(now)s::timestamptz - interval '72 hours'
    GROUP BY contractor_id
), everybody AS (
    SELECT (sum(stars) + 80) / (sum(weight) + 20) AS mean FROM reviewed
), priors AS (
    SELECT category_id,
           least(greatest((sum(stars) + 20 * min(mean)) / (sum(weight) + 20), 3.5::float8), 4.5::float8)
           AS prior
    FROM contractors LEFT JOIN reviewed ON contractor_id = contractors.id CROSS JOIN everybody
    GROUP BY category_id
)
SELECT contractors.id, {_POINTS} AS score
FROM contractors
JOIN priors USING (category_id)
LEFT JOIN reviewed ON reviewed.contractor_id = contractors.id
LEFT JOIN done ON done.contractor_id = contractors.id
LEFT JOIN invited ON invited.contractor_id = contractors.id
"""
RANKED = f"SELECT id, score, row_number() OVER (ORDER BY score DESC, id) FROM ({SCORES}) AS scores"
ONE = f"""
SELECT {_POINTS} AS score
FROM contractors
CROSS JOIN LATERAL (
    SELECT sum(power(0.5::float8, {_AGE} / 31536000)) AS weight,
           sum(power(0.5::float8, {_AGE} / 31536000) * rating) AS stars, 4::float8 AS prior
    FROM reviews WHERE contractor_id = contractors.id AND is_verified
) AS reviewed
CROSS JOIN LATERAL (
    SELECT count(*) AS projects FROM projects
    WHERE contractor_id = contractors.id AND completed_at IS NOT NULL
) AS done
CROSS JOIN LATERAL (
    SELECT count(*) AS invitations, count(replied_at) AS replies,
           sum(power(0.5::float8, date_part('epoch', replied_at - invited_at) / 43200)) AS speed
    FROM bids WHERE contractor_id = contractors.id
      AND (replied_at IS NOT NULL OR invited_at <= %(now)s::timestamptz - interval '72 hours')
) AS invited
WHERE contractors.id = %(id)s
"""
DIFFERENCE = """
SELECT max(abs(rankings.score / 100.0 - plain.score)) FROM rankings JOIN plain ON plain.id = contractor_id
WHERE run = (SELECT max(number) FROM ranking_runs)
"""
