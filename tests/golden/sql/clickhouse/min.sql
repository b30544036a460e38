-- daily parts
SELECT q_day, q_x0, q_x1, q_x2, count(q_x3), count(q_x4), minOrNull(q_x3)
FROM (
SELECT * FROM (
  SELECT
    toDate32(toTimeZone(toDateTime64(`opened_at`, 6, 'UTC'), 'Europe/Berlin')) AS q_day,
    toDateTime64(`opened_at`, 6, 'UTC') AS q_moment,
    `team` AS q_x0,
    CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END AS q_x1,
    `qty` AS q_x2,
    CASE WHEN isFinite(((toFloat64(toUnixTimestamp64Micro(toDateTime64(`closed_at`, 6, 'UTC'))) / 1e6) - (toFloat64(toUnixTimestamp64Micro(toDateTime64(`opened_at`, 6, 'UTC'))) / 1e6))) THEN ((toFloat64(toUnixTimestamp64Micro(toDateTime64(`closed_at`, 6, 'UTC'))) / 1e6) - (toFloat64(toUnixTimestamp64Micro(toDateTime64(`opened_at`, 6, 'UTC'))) / 1e6)) END AS q_x3,
    CASE WHEN NOT isFinite(((toFloat64(toUnixTimestamp64Micro(toDateTime64(`closed_at`, 6, 'UTC'))) / 1e6) - (toFloat64(toUnixTimestamp64Micro(toDateTime64(`opened_at`, 6, 'UTC'))) / 1e6))) THEN 1 END AS q_x4
  FROM shop.sales
  WHERE `opened_at` >= toDateTime64('2026-09-29 00:00:00.000000', 6, 'UTC') AND `opened_at` < toDateTime64('2027-01-03 00:00:00.000000', 6, 'UTC')
) AS q_all
WHERE q_day BETWEEN toDate32('2026-10-01') AND toDate32('2026-12-31')
) AS q_rows
GROUP BY q_day, q_x0, q_x1, q_x2;

-- one window, as lineage shows it
SELECT q_value AS value, q_count AS n
FROM (
SELECT minOrNull(q_x0) AS q_value, count(q_x0) AS q_count
FROM (
SELECT * FROM (
  SELECT
    toDate32(toTimeZone(toDateTime64(`opened_at`, 6, 'UTC'), 'Europe/Berlin')) AS q_day,
    toDateTime64(`opened_at`, 6, 'UTC') AS q_moment,
    CASE WHEN isFinite(((toFloat64(toUnixTimestamp64Micro(toDateTime64(`closed_at`, 6, 'UTC'))) / 1e6) - (toFloat64(toUnixTimestamp64Micro(toDateTime64(`opened_at`, 6, 'UTC'))) / 1e6))) THEN ((toFloat64(toUnixTimestamp64Micro(toDateTime64(`closed_at`, 6, 'UTC'))) / 1e6) - (toFloat64(toUnixTimestamp64Micro(toDateTime64(`opened_at`, 6, 'UTC'))) / 1e6)) END AS q_x0
  FROM shop.sales
  WHERE `opened_at` >= toDateTime64('2026-09-29 00:00:00.000000', 6, 'UTC') AND `opened_at` < toDateTime64('2027-01-03 00:00:00.000000', 6, 'UTC')
    AND CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END IN ('true')
    AND `team` IN ('O\'Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN toDate32('2026-10-01') AND toDate32('2026-12-31')
) AS q_rows
) AS q_reading;

