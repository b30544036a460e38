-- daily parts
SELECT q_day, q_x0, q_x1, q_x2, count(q_x3), count(q_x4), max(q_x3)
FROM (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    `team` AS q_x0,
    CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END AS q_x1,
    `qty` AS q_x2,
    CASE WHEN (NOT isnan(CASE WHEN (CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END > CAST(2.5BD AS DOUBLE)) THEN CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END ELSE CAST(`price` AS DOUBLE) END) AND abs(CASE WHEN (CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END > CAST(2.5BD AS DOUBLE)) THEN CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END ELSE CAST(`price` AS DOUBLE) END) < CAST('Infinity' AS DOUBLE)) THEN CASE WHEN (CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END > CAST(2.5BD AS DOUBLE)) THEN CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END ELSE CAST(`price` AS DOUBLE) END END AS q_x3,
    CASE WHEN NOT (NOT isnan(CASE WHEN (CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END > CAST(2.5BD AS DOUBLE)) THEN CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END ELSE CAST(`price` AS DOUBLE) END) AND abs(CASE WHEN (CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END > CAST(2.5BD AS DOUBLE)) THEN CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END ELSE CAST(`price` AS DOUBLE) END) < CAST('Infinity' AS DOUBLE)) THEN 1 END AS q_x4
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
GROUP BY q_day, q_x0, q_x1, q_x2;

-- one window, as lineage shows it
SELECT avg(q_value) AS value, sum(q_count) AS n
FROM (
SELECT q_day, max(q_x0) AS q_value, count(q_x0) AS q_count
FROM (
SELECT * FROM (
  SELECT
    CAST(from_utc_timestamp(`opened_at`, 'Europe/Berlin') AS DATE) AS q_day,
    `opened_at` AS q_moment,
    CASE WHEN (NOT isnan(CASE WHEN (CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END > CAST(2.5BD AS DOUBLE)) THEN CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END ELSE CAST(`price` AS DOUBLE) END) AND abs(CASE WHEN (CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END > CAST(2.5BD AS DOUBLE)) THEN CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END ELSE CAST(`price` AS DOUBLE) END) < CAST('Infinity' AS DOUBLE)) THEN CASE WHEN (CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END > CAST(2.5BD AS DOUBLE)) THEN CASE WHEN (NOT isnan(`score`) AND abs(`score`) < CAST('Infinity' AS DOUBLE)) THEN `score` END ELSE CAST(`price` AS DOUBLE) END END AS q_x0
  FROM shop.sales
  WHERE `opened_at` >= TIMESTAMP '2026-09-29 00:00:00.000000Z' AND `opened_at` < TIMESTAMP '2027-01-03 00:00:00.000000Z'
    AND CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END IN ('true')
    AND `team` IN ('O\'Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
GROUP BY q_day
) AS q_reading;

