-- bounds
SELECT count("OPENED_AT"), min("OPENED_AT"), max("OPENED_AT") FROM shop.sales;

-- days
SELECT q_day, q_x0, count(*), min(q_moment), max(q_moment)
FROM (
SELECT * FROM (
  SELECT
    CAST(convert_timezone('UTC', 'Europe/Berlin', CAST(convert_timezone('UTC', "OPENED_AT") AS TIMESTAMP_NTZ)) AS DATE) AS q_day,
    CAST(convert_timezone('UTC', "OPENED_AT") AS TIMESTAMP_NTZ) AS q_moment,
    CASE WHEN CAST(convert_timezone('UTC', "OPENED_AT") AS TIMESTAMP_NTZ) > TO_TIMESTAMP_NTZ('2026-11-04 12:00:00.000000') THEN 1 ELSE 0 END AS q_x0
  FROM shop.sales
  WHERE "OPENED_AT" >= TO_TIMESTAMP_NTZ('2026-09-29 00:00:00.000000') AND "OPENED_AT" < TO_TIMESTAMP_NTZ('2027-01-03 00:00:00.000000')
) AS q_all
WHERE q_day BETWEEN DATE '2026-10-01' AND DATE '2026-12-31'
) AS q_rows
GROUP BY q_day, q_x0;
