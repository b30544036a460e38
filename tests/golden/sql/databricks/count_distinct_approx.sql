-- by day
SELECT q_day, count(q_x0) AS q_count, approx_count_distinct(q_x0) AS q_found0
FROM (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    lower(`team`) AS q_x0
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
    AND CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END IN ('true')
    AND `team` IN ('O\'Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
WHERE q_x0 IS NOT NULL
GROUP BY q_day;

-- many windows
SELECT q_id, count(q_x0) AS q_count, approx_count_distinct(q_x0) AS q_found0
FROM (
SELECT q_id, q_on
FROM (
  SELECT 0 AS q_id, DATE '2026-10-01' AS q_starts, DATE '2026-12-31' AS q_ends
  UNION ALL SELECT 1 AS q_id, DATE '2026-10-04' AS q_starts, DATE '2026-10-31' AS q_ends
) AS q_asked CROSS JOIN (
SELECT DISTINCT q_day AS q_on FROM (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_some
) AS q_days
WHERE q_on BETWEEN q_starts AND q_ends
) AS q_pairs JOIN (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    lower(`team`) AS q_x0
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows ON q_day = q_on
WHERE q_x0 IS NOT NULL
GROUP BY q_id;

-- by a dimension
SELECT q_id, q_x1, count(q_x0) AS q_count, approx_count_distinct(q_x0) AS q_found0
FROM (
SELECT q_id, q_on
FROM (
  SELECT 0 AS q_id, DATE '2026-10-01' AS q_starts, DATE '2026-12-31' AS q_ends
) AS q_asked CROSS JOIN (
SELECT DISTINCT q_day AS q_on FROM (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_some
) AS q_days
WHERE q_on BETWEEN q_starts AND q_ends
) AS q_pairs JOIN (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    lower(`team`) AS q_x0,
    `qty` AS q_x1
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
    AND CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END IN ('true')
    AND `team` IN ('O\'Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows ON q_day = q_on
WHERE q_x0 IS NOT NULL
GROUP BY q_id, q_x1;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT nullif(q_found0, 0) AS q_value, q_count
FROM (
SELECT count(q_x0) AS q_count, approx_count_distinct(q_x0) AS q_found0
FROM (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    lower(`team`) AS q_x0
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
    AND CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END IN ('true')
    AND `team` IN ('O\'Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
WHERE q_x0 IS NOT NULL
) AS q_holistic
) AS q_reading;

