-- bounds
SELECT count(`opened_at`), min(`opened_at`), max(`opened_at`) FROM shop.sales;

-- days
SELECT q_day, q_x0, count(*), min(q_moment), max(q_moment)
FROM (
SELECT * FROM (
  SELECT
    toDate32(toTimeZone(toDateTime64(`opened_at`, 6, 'UTC'), 'Europe/Berlin')) AS q_day,
    toDateTime64(`opened_at`, 6, 'UTC') AS q_moment,
    CASE WHEN toDateTime64(`opened_at`, 6, 'UTC') > toDateTime64('2026-11-04 12:00:00.000000', 6, 'UTC') THEN 1 ELSE 0 END AS q_x0
  FROM shop.sales
  WHERE `opened_at` >= toDateTime64('2026-09-29 00:00:00.000000', 6, 'UTC') AND `opened_at` < toDateTime64('2027-01-03 00:00:00.000000', 6, 'UTC')
) AS q_all
WHERE q_day BETWEEN toDate32('2026-10-01') AND toDate32('2026-12-31')
) AS q_rows
GROUP BY q_day, q_x0;
