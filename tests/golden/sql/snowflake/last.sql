-- daily parts
SELECT q_day, q_x0, count(q_x1), max(CASE WHEN q_r0 = 1 AND q_x1 IS NOT NULL THEN q_x1 END), max(CASE WHEN q_r0 = 1 AND q_x1 IS NOT NULL THEN q_moment END)
FROM (
SELECT q_plain.*, row_number() OVER (PARTITION BY q_day, q_x0 ORDER BY CASE WHEN q_x1 IS NULL THEN 1 ELSE 0 END, q_moment DESC, q_x1 DESC) AS q_r0 FROM (
SELECT * FROM (
  SELECT
    CAST(convert_timezone('UTC', 'Europe/Berlin', dateadd('second', -(CASE WHEN "TOLD_AT" < TO_TIMESTAMP_NTZ('2026-11-01 02:00:00.000000') THEN -14400 ELSE -18000 END), "TOLD_AT")) AS DATE) AS q_day,
    dateadd('second', -(CASE WHEN "TOLD_AT" < TO_TIMESTAMP_NTZ('2026-11-01 02:00:00.000000') THEN -14400 ELSE -18000 END), "TOLD_AT") AS q_moment,
    "TEAM" AS q_x0,
    ("QTY" % 7) AS q_x1
  FROM shop.sales
  WHERE "TOLD_AT" >= TO_TIMESTAMP_NTZ('2026-09-29 00:00:00.000000') AND "TOLD_AT" < TO_TIMESTAMP_NTZ('2027-01-03 00:00:00.000000')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_plain
) AS q_rows
GROUP BY q_day, q_x0;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT max(CASE WHEN q_place = 1 THEN q_x0 END) AS q_value, count(q_x0) AS q_count
FROM (
SELECT q_plain.*, row_number() OVER (PARTITION BY 1 ORDER BY CASE WHEN q_x0 IS NULL THEN 1 ELSE 0 END, q_moment DESC, q_x0 DESC) AS q_place FROM (
SELECT * FROM (
  SELECT
    CAST(convert_timezone('UTC', 'Europe/Berlin', dateadd('second', -(CASE WHEN "TOLD_AT" < TO_TIMESTAMP_NTZ('2026-11-01 02:00:00.000000') THEN -14400 ELSE -18000 END), "TOLD_AT")) AS DATE) AS q_day,
    dateadd('second', -(CASE WHEN "TOLD_AT" < TO_TIMESTAMP_NTZ('2026-11-01 02:00:00.000000') THEN -14400 ELSE -18000 END), "TOLD_AT") AS q_moment,
    ("QTY" % 7) AS q_x0
  FROM shop.sales
  WHERE "TOLD_AT" >= TO_TIMESTAMP_NTZ('2026-09-29 00:00:00.000000') AND "TOLD_AT" < TO_TIMESTAMP_NTZ('2027-01-03 00:00:00.000000')
    AND "TEAM" IN ('O''Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_plain
) AS q_rows
) AS q_reading;

