-- daily parts
SELECT q_day, q_x0, q_x1, q_x2, count(q_x3), sum(q_x3)
FROM (
SELECT * FROM (
  SELECT
    "due_on" AS q_day,
    "due_on" AS q_moment,
    "team" AS q_x0,
    CASE WHEN "late" THEN 'true' WHEN NOT "late" THEN 'false' END AS q_x1,
    "qty" AS q_x2,
    (nullif("price", 'NaN') * "qty") AS q_x3
  FROM shop.sales
  WHERE "due_on" BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
GROUP BY q_day, q_x0, q_x1, q_x2;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT sum(q_x0) AS q_value, count(q_x0) AS q_count
FROM (
SELECT * FROM (
  SELECT
    "due_on" AS q_day,
    "due_on" AS q_moment,
    (nullif("price", 'NaN') * "qty") AS q_x0
  FROM shop.sales
  WHERE "due_on" BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
    AND CASE WHEN "late" THEN 'true' WHEN NOT "late" THEN 'false' END IN ('true')
    AND "team" IN ('O''Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
) AS q_reading;

