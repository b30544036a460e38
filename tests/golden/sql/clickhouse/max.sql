-- daily parts
SELECT q_day, q_x0, q_x1, q_x2, count(q_x3), count(q_x4), maxOrNull(q_x3)
FROM (
SELECT * FROM (
  SELECT
    toDate32(toTimeZone(toDateTime64(`opened_at`, 6, 'UTC'), 'Europe/Berlin')) AS q_day,
    toDateTime64(`opened_at`, 6, 'UTC') AS q_moment,
    `team` AS q_x0,
    CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END AS q_x1,
    `qty` AS q_x2,
    CASE WHEN isFinite(CASE WHEN (CASE WHEN isFinite(`score`) THEN `score` END > CAST(toDecimal256('2.5', 1) AS Nullable(Float64))) THEN CASE WHEN isFinite(`score`) THEN `score` END ELSE CAST(`price` AS Nullable(Float64)) END) THEN CASE WHEN (CASE WHEN isFinite(`score`) THEN `score` END > CAST(toDecimal256('2.5', 1) AS Nullable(Float64))) THEN CASE WHEN isFinite(`score`) THEN `score` END ELSE CAST(`price` AS Nullable(Float64)) END END AS q_x3,
    CASE WHEN NOT isFinite(CASE WHEN (CASE WHEN isFinite(`score`) THEN `score` END > CAST(toDecimal256('2.5', 1) AS Nullable(Float64))) THEN CASE WHEN isFinite(`score`) THEN `score` END ELSE CAST(`price` AS Nullable(Float64)) END) THEN 1 END AS q_x4
  FROM shop.sales
  WHERE `opened_at` >= toDateTime64('2026-09-29 00:00:00.000000', 6, 'UTC') AND `opened_at` < toDateTime64('2027-01-03 00:00:00.000000', 6, 'UTC')
) AS q_all
WHERE q_day BETWEEN toDate32('2026-10-01') AND toDate32('2026-12-31')
) AS q_rows
GROUP BY q_day, q_x0, q_x1, q_x2;

-- one window, as lineage shows it
SELECT avg(q_value) AS value, sum(q_count) AS n
FROM (
SELECT q_day, maxOrNull(q_x0) AS q_value, count(q_x0) AS q_count
FROM (
SELECT * FROM (
  SELECT
    toDate32(toTimeZone(toDateTime64(`opened_at`, 6, 'UTC'), 'Europe/Berlin')) AS q_day,
    toDateTime64(`opened_at`, 6, 'UTC') AS q_moment,
    CASE WHEN isFinite(CASE WHEN (CASE WHEN isFinite(`score`) THEN `score` END > CAST(toDecimal256('2.5', 1) AS Nullable(Float64))) THEN CASE WHEN isFinite(`score`) THEN `score` END ELSE CAST(`price` AS Nullable(Float64)) END) THEN CASE WHEN (CASE WHEN isFinite(`score`) THEN `score` END > CAST(toDecimal256('2.5', 1) AS Nullable(Float64))) THEN CASE WHEN isFinite(`score`) THEN `score` END ELSE CAST(`price` AS Nullable(Float64)) END END AS q_x0
  FROM shop.sales
  WHERE `opened_at` >= toDateTime64('2026-09-29 00:00:00.000000', 6, 'UTC') AND `opened_at` < toDateTime64('2027-01-03 00:00:00.000000', 6, 'UTC')
    AND CASE WHEN `late` THEN 'true' WHEN NOT `late` THEN 'false' END IN ('true')
    AND `team` IN ('O\'Brien', 'Đà Nẵng')
) AS q_all
WHERE q_day BETWEEN toDate32('2026-10-01') AND toDate32('2026-12-31')
) AS q_rows
GROUP BY q_day
) AS q_reading;

