-- one window, as lineage shows it
SELECT CAST(quantile_cont(CAST(value AS DOUBLE), 0.5) AS DOUBLE) AS value, count(value) AS rows
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CASE WHEN isfinite(CAST(("seconds" / 3600.0) AS DOUBLE)) THEN CAST(("seconds" / 3600.0) AS DOUBLE) END AS value
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
    AND ((team != 'spam'))
);

-- many windows
SELECT asked.id, CAST(quantile_cont(CAST(value AS DOUBLE), 0.5) AS DOUBLE) AS value, count(value) AS rows
FROM (VALUES (0, DATE '2027-01-01', DATE '2027-03-31'), (1, DATE '2027-03-04', DATE '2027-03-31')) AS asked(id, starts, ends)
JOIN (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CASE WHEN isfinite(CAST(("seconds" / 3600.0) AS DOUBLE)) THEN CAST(("seconds" / 3600.0) AS DOUBLE) END AS value
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
    AND ((team != 'spam'))
) AS counted
ON counted.day BETWEEN asked.starts AND asked.ends
GROUP BY asked.id;

-- by a dimension
SELECT dimension, CAST(quantile_cont(CAST(value AS DOUBLE), 0.5) AS DOUBLE), count(value), NULL, NULL
FROM (
  SELECT
    CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) AS day,
    "opened_at" AS moment,
    CASE WHEN isfinite(CAST(("seconds" / 3600.0) AS DOUBLE)) THEN CAST(("seconds" / 3600.0) AS DOUBLE) END AS value,
    CAST("team" AS VARCHAR) AS dimension
  FROM "desk"."tickets"
  WHERE "opened_at" >= TIMESTAMPTZ '2026-12-31 00:00:00+00' AND "opened_at" < TIMESTAMPTZ '2027-04-02 00:00:00+00'
    AND CAST(timezone('Asia/Ho_Chi_Minh', "opened_at") AS DATE) BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
    AND ((team != 'spam'))
)
GROUP BY dimension;

