-- daily parts
SELECT
  day,
  "dim_region",
  "dim_team",
  count(*) AS n_4e6c7dab563e,
  sum(x0) AS sum_3965ed27507f
FROM (
  SELECT
  CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
  CAST("region" AS VARCHAR) AS "dim_region",
  CAST("team" AS VARCHAR) AS "dim_team",
  CAST(late AS BIGINT) AS x0
  FROM "desk"."tickets"
  WHERE TRUE
)
WHERE day IS NOT NULL
GROUP BY day, "dim_region", "dim_team";

-- one window, as lineage shows it
SELECT avg(value) AS value, CAST(coalesce(sum(rows), 0) AS BIGINT) AS rows
FROM (
SELECT day, CAST(CAST(sum(numerator) AS DOUBLE) / nullif(CAST(sum(denominator) AS DOUBLE), 0) AS DOUBLE) AS value, count(denominator) AS rows
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CAST(late AS BIGINT) AS numerator,
    CAST(true AS BIGINT) AS denominator
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
)
GROUP BY day
);

-- many windows
SELECT asked.id, CAST(CAST(sum(numerator) AS DOUBLE) / nullif(CAST(sum(denominator) AS DOUBLE), 0) AS DOUBLE) AS value, count(denominator) AS rows
FROM (VALUES (0, DATE '2027-01-01', DATE '2027-03-31'), (1, DATE '2027-03-04', DATE '2027-03-31')) AS asked(id, starts, ends)
JOIN (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CAST(late AS BIGINT) AS numerator,
    CAST(true AS BIGINT) AS denominator
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
) AS counted
ON counted.day BETWEEN asked.starts AND asked.ends
GROUP BY asked.id;

-- by a dimension
SELECT dimension, CAST(CAST(sum(numerator) AS DOUBLE) / nullif(CAST(sum(denominator) AS DOUBLE), 0) AS DOUBLE), count(denominator), CAST(sum(numerator) AS DOUBLE), CAST(sum(denominator) AS DOUBLE)
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CAST(late AS BIGINT) AS numerator,
    CAST(true AS BIGINT) AS denominator,
    CAST("team" AS VARCHAR) AS dimension
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
)
GROUP BY dimension;

