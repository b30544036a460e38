-- daily parts
SELECT q_day, q_x0, q_x1, q_x2, count(*), sum(CAST(q_x3 AS BIGNUMERIC))
FROM (
SELECT * FROM (
  SELECT
    CAST(DATETIME(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    `team` AS q_x0,
    CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END AS q_x1,
    `qty` AS q_x2,
    CASE WHEN `late` THEN 1 WHEN NOT `late` THEN 0 END AS q_x3
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000+00' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000+00'
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
GROUP BY q_day, q_x0, q_x1, q_x2;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT CAST(sum(CAST(q_x1 AS BIGNUMERIC)) AS FLOAT64) / nullif(CAST(sum(CAST(q_x0 AS BIGNUMERIC)) AS FLOAT64), CAST(0 AS FLOAT64)) AS q_value, count(q_x0) AS q_count
FROM (
SELECT * FROM (
  SELECT
    CAST(DATETIME(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    1 AS q_x0,
    CASE WHEN `late` THEN 1 WHEN NOT `late` THEN 0 END AS q_x1
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000+00' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000+00'
    AND CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END IN ('true')
    AND `team` IN ('O\'Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
) AS q_reading;

