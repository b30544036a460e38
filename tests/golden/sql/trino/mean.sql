-- daily parts
SELECT q_day, q_x0, q_x1, q_x2, count(q_x3), count(q_x4), sum(q_x3)
FROM (
SELECT * FROM (
  SELECT
    CAST(CAST("opened_at" AT TIME ZONE 'Europe/Berlin' AS TIMESTAMP(6)) AS DATE) AS q_day,
    "opened_at" AS q_moment,
    "team" AS q_x0,
    CASE WHEN "late" THEN 'true' WHEN NOT "late" THEN 'false' END AS q_x1,
    "qty" AS q_x2,
    CASE WHEN ("team" <> 'spam') THEN CASE WHEN is_finite((CAST("seconds" AS DOUBLE) / CAST(DECIMAL '3600.0' AS DOUBLE))) THEN (CAST("seconds" AS DOUBLE) / CAST(DECIMAL '3600.0' AS DOUBLE)) END END AS q_x3,
    CASE WHEN ("team" <> 'spam') THEN CASE WHEN NOT is_finite((CAST("seconds" AS DOUBLE) / CAST(DECIMAL '3600.0' AS DOUBLE))) THEN 1 END END AS q_x4
  FROM shop.sales
  WHERE "opened_at" >= TIMESTAMP '2026-09-29 00:00:00.000000 UTC' AND "opened_at" < TIMESTAMP '2027-01-03 00:00:00.000000 UTC'
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
GROUP BY q_day, q_x0, q_x1, q_x2;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT CAST(sum(q_x0) AS DOUBLE) / nullif(count(q_x0), 0) AS q_value, count(q_x0) AS q_count
FROM (
SELECT * FROM (
  SELECT
    CAST(CAST("opened_at" AT TIME ZONE 'Europe/Berlin' AS TIMESTAMP(6)) AS DATE) AS q_day,
    "opened_at" AS q_moment,
    CASE WHEN ("team" <> 'spam') THEN CASE WHEN is_finite((CAST("seconds" AS DOUBLE) / CAST(DECIMAL '3600.0' AS DOUBLE))) THEN (CAST("seconds" AS DOUBLE) / CAST(DECIMAL '3600.0' AS DOUBLE)) END END AS q_x0
  FROM shop.sales
  WHERE "opened_at" >= TIMESTAMP '2026-09-29 00:00:00.000000 UTC' AND "opened_at" < TIMESTAMP '2027-01-03 00:00:00.000000 UTC'
    AND CASE WHEN "late" THEN 'true' WHEN NOT "late" THEN 'false' END IN ('true')
    AND "team" IN ('O''Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
) AS q_reading;

