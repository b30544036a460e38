-- daily parts
SELECT
  day,
  "dim_region",
  "dim_team",
  count(x0) AS n_f4a946cb8ab9,
  sum(x0) AS sum_67f4e9ef1d73
FROM (
  SELECT
  "due_on" AS day,
  CAST("region" AS VARCHAR) AS "dim_region",
  CAST("team" AS VARCHAR) AS "dim_team",
  (price) AS x0
  FROM "desk"."tickets"
  WHERE TRUE
)
WHERE day IS NOT NULL
GROUP BY day, "dim_region", "dim_team";

-- one window, as lineage shows it
SELECT CAST(sum(value) AS DOUBLE) AS value, count(value) AS rows
FROM (
  SELECT
    "due_on" AS day,
    "due_on" AS moment,
    (price) AS value
  FROM "desk"."tickets"
  WHERE "due_on" BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
);

-- many windows
SELECT asked.id, CAST(sum(value) AS DOUBLE) AS value, count(value) AS rows
FROM (VALUES (0, DATE '2027-01-01', DATE '2027-03-31'), (1, DATE '2027-03-04', DATE '2027-03-31')) AS asked(id, starts, ends)
JOIN (
  SELECT
    "due_on" AS day,
    "due_on" AS moment,
    (price) AS value
  FROM "desk"."tickets"
  WHERE "due_on" BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
) AS counted
ON counted.day BETWEEN asked.starts AND asked.ends
GROUP BY asked.id;

-- by a dimension
SELECT dimension, CAST(sum(value) AS DOUBLE), count(value), NULL, NULL
FROM (
  SELECT
    "due_on" AS day,
    "due_on" AS moment,
    (price) AS value,
    CAST("team" AS VARCHAR) AS dimension
  FROM "desk"."tickets"
  WHERE "due_on" BETWEEN DATE '2027-01-01' AND DATE '2027-03-31'
    AND CAST("region" AS VARCHAR) IN ('centre') AND CAST("team" AS VARCHAR) IN ('O''Brien', 'north')
)
GROUP BY dimension;

