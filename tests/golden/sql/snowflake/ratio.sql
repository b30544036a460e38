-- daily parts
SELECT q_day, q_x0, q_x1, q_x2, count(*), sum(q_x3)
FROM (
SELECT * FROM (
  SELECT
    CAST(convert_timezone('UTC', 'Europe/Berlin', CAST(convert_timezone('UTC', "OPENED_AT") AS TIMESTAMP_NTZ)) AS DATE) AS q_day,
    CAST(convert_timezone('UTC', "OPENED_AT") AS TIMESTAMP_NTZ) AS q_moment,
    "TEAM" AS q_x0,
    CASE WHEN "LATE" THEN 'true' WHEN NOT "LATE" THEN 'false' END AS q_x1,
    "QTY" AS q_x2,
    CASE WHEN "LATE" THEN 1 WHEN NOT "LATE" THEN 0 END AS q_x3
  FROM shop.sales
  WHERE "OPENED_AT" >= TO_TIMESTAMP_NTZ('2026-09-29 00:00:00.000000') AND "OPENED_AT" < TO_TIMESTAMP_NTZ('2027-01-03 00:00:00.000000')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
GROUP BY q_day, q_x0, q_x1, q_x2;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT CAST(sum(q_x1) AS DOUBLE) / nullif(CAST(sum(q_x0) AS DOUBLE), CAST(0 AS DOUBLE)) AS q_value, count(q_x0) AS q_count
FROM (
SELECT * FROM (
  SELECT
    CAST(convert_timezone('UTC', 'Europe/Berlin', CAST(convert_timezone('UTC', "OPENED_AT") AS TIMESTAMP_NTZ)) AS DATE) AS q_day,
    CAST(convert_timezone('UTC', "OPENED_AT") AS TIMESTAMP_NTZ) AS q_moment,
    1 AS q_x0,
    CASE WHEN "LATE" THEN 1 WHEN NOT "LATE" THEN 0 END AS q_x1
  FROM shop.sales
  WHERE "OPENED_AT" >= TO_TIMESTAMP_NTZ('2026-09-29 00:00:00.000000') AND "OPENED_AT" < TO_TIMESTAMP_NTZ('2027-01-03 00:00:00.000000')
    AND CASE WHEN "LATE" THEN 'true' WHEN NOT "LATE" THEN 'false' END IN ('true')
    AND "TEAM" IN ('O''Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
) AS q_reading;

