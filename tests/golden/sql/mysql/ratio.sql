-- daily parts
SELECT q_day, q_x0, q_x1, q_x2, count(*), sum(q_x3)
FROM (
SELECT * FROM (
  SELECT
    CAST((`opened_at` + INTERVAL (CASE WHEN `opened_at` < TIMESTAMP'2026-10-25 01:00:00.000000' THEN 7200 ELSE 3600 END) SECOND) AS DATE) AS q_day,
    `opened_at` AS q_moment,
    CAST(CONVERT(`team` USING utf8mb4) AS BINARY) AS q_x0,
    CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END AS q_x1,
    `qty` AS q_x2,
    CASE WHEN `late` THEN 1 WHEN NOT `late` THEN 0 END AS q_x3
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP'2026-09-29 00:00:00.000000' AND `opened_at` < TIMESTAMP'2027-01-03 00:00:00.000000'
) AS q_all
WHERE q_day BETWEEN DATE'2026-10-01' AND DATE'2026-12-31'
) AS q_rows
GROUP BY q_day, q_x0, q_x1, q_x2;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT CAST(sum(q_x1) AS DOUBLE) / nullif(CAST(sum(q_x0) AS DOUBLE), CAST(0 AS DOUBLE)) AS q_value, count(q_x0) AS q_count
FROM (
SELECT * FROM (
  SELECT
    CAST((`opened_at` + INTERVAL (CASE WHEN `opened_at` < TIMESTAMP'2026-10-25 01:00:00.000000' THEN 7200 ELSE 3600 END) SECOND) AS DATE) AS q_day,
    `opened_at` AS q_moment,
    1 AS q_x0,
    CASE WHEN `late` THEN 1 WHEN NOT `late` THEN 0 END AS q_x1
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP'2026-09-29 00:00:00.000000' AND `opened_at` < TIMESTAMP'2027-01-03 00:00:00.000000'
    AND CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END IN ('true')
    AND CAST(CONVERT(`team` USING utf8mb4) AS BINARY) IN (CAST('O''Brien' AS BINARY), CAST(CONVERT(x'c490c3a0204ee1bab56e67' USING utf8mb4) AS BINARY))
) AS q_all
WHERE q_day BETWEEN DATE'2026-10-01' AND DATE'2026-12-31'
) AS q_rows
) AS q_reading;

