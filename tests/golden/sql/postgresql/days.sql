-- bounds
SELECT count("opened_at"), min("opened_at"), max("opened_at") FROM shop.sales;

-- days
SELECT q_day, q_x0, count(*), min(q_moment), max(q_moment)
FROM (
SELECT * FROM (
  SELECT
    CAST(("opened_at" AT TIME ZONE 'Europe/Berlin') AS DATE) AS q_day,
    "opened_at" AS q_moment,
    CASE WHEN "opened_at" > TIMESTAMPTZ '2026-11-04 12:00:00.000000+00' THEN 1 ELSE 0 END AS q_x0
  FROM shop.sales
  WHERE "opened_at" >= TIMESTAMPTZ '2026-09-29 00:00:00.000000+00' AND "opened_at" < TIMESTAMPTZ '2027-01-03 00:00:00.000000+00'
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
GROUP BY q_day, q_x0;
