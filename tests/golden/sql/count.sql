-- daily parts
SELECT
  day,
  "dim_region",
  "dim_team",
  count(*) FILTER (WHERE x0) AS n_ab71a8d870cf
FROM (
  SELECT
  CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
  CAST("region" AS VARCHAR) AS "dim_region",
  CAST("team" AS VARCHAR) AS "dim_team",
  (late) AS x0
  FROM "desk"."tickets"
  WHERE TRUE
)
WHERE day IS NOT NULL
GROUP BY day, "dim_region", "dim_team";

-- one window, as lineage shows it
SELECT CAST(nullif(count(*), 0) AS DOUBLE) AS value, count(*) AS rows
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
    AND (late)
);

-- many windows
SELECT asked.id, CAST(nullif(count(*), 0) AS DOUBLE) AS value, count(*) AS rows
FROM (VALUES (0, DATE '2027-01-01', DATE '2027-03-31'), (1, DATE '2027-03-04', DATE '2027-03-31')) AS asked(id, starts, ends)
JOIN (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
    AND (late)
) AS counted
ON counted.day BETWEEN asked.starts AND asked.ends
GROUP BY asked.id;

-- by a dimension
SELECT dimension, CAST(nullif(count(*), 0) AS DOUBLE), count(*), NULL, NULL
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CAST("team" AS VARCHAR) AS dimension
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
    AND (late)
)
GROUP BY dimension;

