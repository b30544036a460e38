-- daily parts
SELECT
  day,
  "dim_region",
  "dim_team",
  count(x0) AS n_02e4d2694121,
  count_if(x1) AS lost_2061deacbb00,
  max(x0) AS max_1e9ee51b5dac
FROM (
  SELECT
  CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
  CAST("region" AS VARCHAR) AS "dim_region",
  CAST("team" AS VARCHAR) AS "dim_team",
  CASE WHEN isfinite(CAST((score / "nullif"("seconds", 0)) AS DOUBLE)) THEN CAST((score / "nullif"("seconds", 0)) AS DOUBLE) END AS x0,
  (("seconds") = 0 OR NOT isfinite(CAST((score / "nullif"("seconds", 0)) AS DOUBLE))) AS x1
  FROM "desk"."tickets"
  WHERE TRUE
)
WHERE day IS NOT NULL
GROUP BY day, "dim_region", "dim_team";

-- one window, as lineage shows it
SELECT CAST(max(value) AS DOUBLE) AS value, count(value) AS rows
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CASE WHEN isfinite(CAST((score / "nullif"("seconds", 0)) AS DOUBLE)) THEN CAST((score / "nullif"("seconds", 0)) AS DOUBLE) END AS value
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
);

-- many windows
SELECT asked.id, CAST(max(value) AS DOUBLE) AS value, count(value) AS rows
FROM (VALUES (0, DATE '2027-01-01', DATE '2027-03-31'), (1, DATE '2027-03-04', DATE '2027-03-31')) AS asked(id, starts, ends)
JOIN (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CASE WHEN isfinite(CAST((score / "nullif"("seconds", 0)) AS DOUBLE)) THEN CAST((score / "nullif"("seconds", 0)) AS DOUBLE) END AS value
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
) AS counted
ON counted.day BETWEEN asked.starts AND asked.ends
GROUP BY asked.id;

-- by a dimension
SELECT dimension, CAST(max(value) AS DOUBLE), count(value), NULL, NULL
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CASE WHEN isfinite(CAST((score / "nullif"("seconds", 0)) AS DOUBLE)) THEN CAST((score / "nullif"("seconds", 0)) AS DOUBLE) END AS value,
    CAST("team" AS VARCHAR) AS dimension
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
)
GROUP BY dimension;

