"""Exact quantiles over many overlapping windows at once.

Values are put into bins of about equal size, monotone in the value; a window's bin counts add up from its days, so
the bin that holds a wanted rank is known before any value is looked at, and only that bin's values are sorted. The
result is the linear interpolation between order statistics (Hyndman and Fan 1996, type 7), as `quantile_cont` gives it.
"""

from collections.abc import Sequence

import duckdb

_MOST_BINS = 128
_ROWS_PER_BIN = 500
_SAMPLE = 20_000


def bin_values(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Add a column `bin` to a table with a column `value`: equal values share one, greater ones never precede."""
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    bins = min(_MOST_BINS, max(rows // _ROWS_PER_BIN, 1))
    shares = ", ".join(str(index / bins) for index in range(1, bins))
    edges: list[float] = []
    if shares:
        sample = f"SELECT CAST(value AS DOUBLE) AS value FROM {table} USING SAMPLE {_SAMPLE} ROWS"
        ((found,),) = connection.execute(f"SELECT quantile_disc(value, [{shares}]) FROM ({sample})").fetchall()
        edges = sorted(set(found))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT *, {_search(edges, 0)} AS bin FROM {table}")


def quantiles_by_window(values: str, asked: str, shares: Sequence[float]) -> str:
    """SQL giving (starts, ends, found, n) per asked window that holds values, `found` listing one quantile per share.

    `values` is SQL giving (day, value, bin), `asked` a table of (starts, ends).
    """
    listed = ", ".join(f"({index}, CAST({share} AS DOUBLE))" for index, share in enumerate(shares))
    return f"""
WITH counted AS MATERIALIZED (SELECT day, CAST(value AS DOUBLE) AS value, bin FROM ({values})),
daily AS (SELECT day, bin, count(*) AS n FROM counted GROUP BY day, bin),
spread AS (
  SELECT starts, ends, bin, CAST(sum(n) AS BIGINT) AS n
  FROM {asked} JOIN daily ON day BETWEEN starts AND ends GROUP BY starts, ends, bin
),
ranked AS MATERIALIZED (
  SELECT *, CAST(sum(n) OVER (PARTITION BY starts, ends ORDER BY bin) AS BIGINT) - n AS before,
    CAST(sum(n) OVER (PARTITION BY starts, ends) AS BIGINT) AS total
  FROM spread
),
sought AS MATERIALIZED (
  SELECT starts, ends, total, share, (total - 1) * fraction AS position
  FROM (SELECT DISTINCT starts, ends, total FROM ranked), (VALUES {listed}) AS shares(share, fraction)
),
bins AS (
  SELECT DISTINCT starts, ends, bin, before FROM ranked JOIN sought USING (starts, ends)
  WHERE before <= ceil(position) AND floor(position) < before + n
),
candidates AS MATERIALIZED (
  SELECT starts, ends, counted.value,
    before + row_number() OVER (PARTITION BY starts, ends, bins.bin ORDER BY counted.value) - 1 AS place
  FROM bins JOIN counted ON counted.bin = bins.bin AND day BETWEEN starts AND ends
)
SELECT sought.starts, sought.ends, any_value(sought.total) AS n,
  list(low.value + (high.value - low.value) * (position - floor(position)) ORDER BY share) AS found
FROM sought
JOIN candidates AS low ON low.starts = sought.starts AND low.ends = sought.ends AND low.place = floor(position)
JOIN candidates AS high ON high.starts = sought.starts AND high.ends = sought.ends AND high.place = ceil(position)
GROUP BY sought.starts, sought.ends
"""


def distinct_by_window(values: str, asked: str) -> str:
    """SQL giving (starts, ends, found, n) per asked window that holds values, `found` listing the distinct count."""
    return f"""
WITH daily AS (SELECT day, value, count(*) AS n FROM ({values}) GROUP BY day, value)
SELECT starts, ends, CAST(sum(n) AS BIGINT) AS n, [CAST(count(DISTINCT value) AS DOUBLE)] AS found
FROM {asked} JOIN daily ON day BETWEEN starts AND ends GROUP BY starts, ends
"""


def _search(edges: Sequence[float], first: int) -> str:
    """SQL of a binary search: how many of the edges a value reaches, counted from `first`."""
    if not edges:
        return str(first)
    middle = len(edges) // 2
    below, above = _search(edges[:middle], first), _search(edges[middle + 1 :], first + middle + 1)
    return f"CASE WHEN value < CAST({edges[middle]!r} AS DOUBLE) THEN {below} ELSE {above} END"
