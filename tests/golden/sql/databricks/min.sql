-- daily parts
SELECT q_day, q_x0, q_x1, q_x2, count(q_x3), count(q_x4), min(q_x3)
FROM (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    `team` AS q_x0,
    CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END AS q_x1,
    `qty` AS q_x2,
    CASE WHEN (NOT isnan(((CAST(unix_micros(`closed_at`) AS DOUBLE) / 1e6D) - (CAST(unix_micros(`opened_at`) AS DOUBLE) / 1e6D))) AND abs(((CAST(unix_micros(`closed_at`) AS DOUBLE) / 1e6D) - (CAST(unix_micros(`opened_at`) AS DOUBLE) / 1e6D))) < CAST('Infinity' AS DOUBLE)) THEN ((CAST(unix_micros(`closed_at`) AS DOUBLE) / 1e6D) - (CAST(unix_micros(`opened_at`) AS DOUBLE) / 1e6D)) END AS q_x3,
    CASE WHEN NOT (NOT isnan(((CAST(unix_micros(`closed_at`) AS DOUBLE) / 1e6D) - (CAST(unix_micros(`opened_at`) AS DOUBLE) / 1e6D))) AND abs(((CAST(unix_micros(`closed_at`) AS DOUBLE) / 1e6D) - (CAST(unix_micros(`opened_at`) AS DOUBLE) / 1e6D))) < CAST('Infinity' AS DOUBLE)) THEN 1 END AS q_x4
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
GROUP BY q_day, q_x0, q_x1, q_x2;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT min(q_x0) AS q_value, count(q_x0) AS q_count
FROM (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    CASE WHEN (NOT isnan(((CAST(unix_micros(`closed_at`) AS DOUBLE) / 1e6D) - (CAST(unix_micros(`opened_at`) AS DOUBLE) / 1e6D))) AND abs(((CAST(unix_micros(`closed_at`) AS DOUBLE) / 1e6D) - (CAST(unix_micros(`opened_at`) AS DOUBLE) / 1e6D))) < CAST('Infinity' AS DOUBLE)) THEN ((CAST(unix_micros(`closed_at`) AS DOUBLE) / 1e6D) - (CAST(unix_micros(`opened_at`) AS DOUBLE) / 1e6D)) END AS q_x0
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
    AND CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END IN ('true')
    AND `team` IN ('O\'Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
) AS q_reading;

