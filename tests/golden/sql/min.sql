-- daily parts
SELECT
  day,
  "dim_region",
  "dim_team",
  count(x0) AS n_707557959246,
  min(x0) AS min_9b789e54589f
FROM (
  SELECT
  CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
  CAST("region" AS VARCHAR) AS "dim_region",
  CAST("team" AS VARCHAR) AS "dim_team",
  CAST(score AS DOUBLE) AS x0
  FROM "desk"."tickets"
  WHERE TRUE
)
WHERE day IS NOT NULL
GROUP BY day, "dim_region", "dim_team";

-- one window, as lineage shows it
SELECT CAST(min(value) AS DOUBLE) AS value, count(value) AS rows
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CAST(score AS DOUBLE) AS value
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
);

-- many windows
SELECT asked.id, CAST(min(value) AS DOUBLE) AS value, count(value) AS rows
FROM (VALUES (0, DATE '2027-01-01', DATE '2027-03-31'), (1, DATE '2027-03-04', DATE '2027-03-31')) AS asked(id, starts, ends)
JOIN (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CAST(score AS DOUBLE) AS value
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
) AS counted
ON counted.day BETWEEN asked.starts AND asked.ends
GROUP BY asked.id;

-- by a dimension
SELECT dimension, CAST(min(value) AS DOUBLE), count(value), NULL, NULL
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CAST(score AS DOUBLE) AS value,
    CAST("team" AS VARCHAR) AS dimension
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
)
GROUP BY dimension;

