-- daily parts
SELECT q_day, q_x0, count(q_x1), toString(maxOrNull(CASE WHEN q_r0 = 1 AND q_x1 IS NOT NULL THEN q_x1 END)), maxOrNull(CASE WHEN q_r0 = 1 AND q_x1 IS NOT NULL THEN q_moment END)
FROM (
SELECT q_plain.*, row_number() OVER (PARTITION BY q_day, q_x0 ORDER BY CASE WHEN q_x1 IS NULL THEN 1 ELSE 0 END, q_moment DESC, q_x1 DESC) AS q_r0 FROM (
SELECT * FROM (
  SELECT
    toDate32(toTimeZone(toDateTime64((`told_at` + toIntervalSecond(-(CASE WHEN `told_at` < toDateTime64('2026-11-01 02:00:00.000000', 6, 'UTC') THEN -14400 ELSE -18000 END))), 6, 'UTC'), 'Europe/Berlin')) AS q_day,
    toDateTime64((`told_at` + toIntervalSecond(-(CASE WHEN `told_at` < toDateTime64('2026-11-01 02:00:00.000000', 6, 'UTC') THEN -14400 ELSE -18000 END))), 6, 'UTC') AS q_moment,
    `team` AS q_x0,
    modulo(CAST(`qty` AS Nullable(Int128)), CAST(7 AS Nullable(Int128))) AS q_x1
  FROM shop.sales
  WHERE `told_at` >= toDateTime64('2026-09-29 00:00:00.000000', 6, 'UTC') AND `told_at` < toDateTime64('2027-01-03 00:00:00.000000', 6, 'UTC')
) AS q_all
WHERE q_day BETWEEN toDate32('2026-10-01') AND toDate32('2026-12-31')
) AS q_plain
) AS q_rows
GROUP BY q_day, q_x0;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT maxOrNull(CASE WHEN q_place = 1 THEN q_x0 END) AS q_value, count(q_x0) AS q_count
FROM (
SELECT q_plain.*, row_number() OVER (PARTITION BY 1 ORDER BY CASE WHEN q_x0 IS NULL THEN 1 ELSE 0 END, q_moment DESC, q_x0 DESC) AS q_place FROM (
SELECT * FROM (
  SELECT
    toDate32(toTimeZone(toDateTime64((`told_at` + toIntervalSecond(-(CASE WHEN `told_at` < toDateTime64('2026-11-01 02:00:00.000000', 6, 'UTC') THEN -14400 ELSE -18000 END))), 6, 'UTC'), 'Europe/Berlin')) AS q_day,
    toDateTime64((`told_at` + toIntervalSecond(-(CASE WHEN `told_at` < toDateTime64('2026-11-01 02:00:00.000000', 6, 'UTC') THEN -14400 ELSE -18000 END))), 6, 'UTC') AS q_moment,
    modulo(CAST(`qty` AS Nullable(Int128)), CAST(7 AS Nullable(Int128))) AS q_x0
  FROM shop.sales
  WHERE `told_at` >= toDateTime64('2026-09-29 00:00:00.000000', 6, 'UTC') AND `told_at` < toDateTime64('2027-01-03 00:00:00.000000', 6, 'UTC')
    AND `team` IN ('O\'Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN toDate32('2026-10-01') AND toDate32('2026-12-31')
) AS q_plain
) AS q_rows
) AS q_reading;

