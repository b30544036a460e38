"""One Spark Connect session: in UTC, its arithmetic checked, every statement bounded in time."""

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

import pyarrow as pa

from connectors.base import Stream
from connectors.columns import INSTANT
from connectors.computing import Storage, StoredColumn, StoredStream
from connectors.errors import ConnectorError, ContentError, DeclarationError, UnavailableError
from connectors.secrets import redact, secrets_of

STATEMENT_SECONDS = 1_800
"""A cluster may wait for its workers first."""

_SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
_TYPES: Mapping[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "string": pa.string(),
}
_DECIMAL = re.compile(r"^decimal\((\d+),(\d+)\)$")
_MISSING = re.compile(r"TABLE_OR_VIEW_NOT_FOUND|UNRESOLVED_COLUMN|PARSE_SYNTAX_ERROR|PATH_NOT_FOUND|SCHEMA_NOT_FOUND")


class Cluster:
    """One source's Spark Connect server."""

    def __init__(self, source: str, url: object) -> None:
        """Read the URL.

        Raises:
            DeclarationError: it is none of Spark Connect's.
        """
        if not isinstance(url, str) or not url.startswith("sc://"):
            raise DeclarationError(
                "could not use 'url', because it names no Spark Connect server; write one such as sc://host:15002, "
                "its token as ;token=${NAME}",
                source=source,
            )
        self.source, self._url = source, url
        self._secrets = secrets_of(url)

    @contextmanager
    def session(self, stream: Stream | None) -> Iterator["SparkComputation"]:
        """Open a session, and translate what fails in it.

        Raises:
            ConnectorError: the server cannot be reached or refuses.
        """
        name = None if stream is None else stream.name
        try:
            session = spark_client().builder.remote(self._url).create()
            try:
                for setting, value in _SETTINGS.items():
                    session.conf.set(setting, value)
                yield SparkComputation(self, session, stream)
            finally:
                with suppress(Exception):  # a server that is gone needs no goodbye
                    session.stop()
        except ConnectorError:
            raise
        except ImportError:
            raise DeclarationError(
                "could not reach Spark, because its client is not installed; install quarterline[spark]",
                source=self.source,
            ) from None
        except Exception as error:  # what a client raises has no common class  # noqa: BLE001
            raise self.translate(error, name) from None

    def translate(self, error: Exception, stream: str | None) -> ConnectorError:
        """Word a client's error in one line, without any secret."""
        text = " ".join(str(error).split())
        reason = redact(text.partition(" JVM stacktrace:")[0], self._secrets)[:300]
        if _MISSING.search(text):
            return DeclarationError(
                f"could not compute, because Spark answers: {reason}; correct the stream's table or query",
                source=self.source,
                stream=stream,
            )
        if "UNAVAILABLE" in text or "DEADLINE_EXCEEDED" in text or "failed to connect" in text.lower():
            return UnavailableError(
                f"could not reach Spark, because {reason}; check that its Connect server runs and that host and port "
                f"are right",
                source=self.source,
                stream=stream,
            )
        return ContentError(f"could not compute in Spark, because {reason}", source=self.source, stream=stream)


def spark_client() -> Any:
    """Import the session class of Spark Connect.

    Raises:
        ImportError: the client is not installed.
    """
    # Rows come as Arrow, so what it does not support in pandas does not matter here.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    from pyspark.sql.connect.session import SparkSession  # noqa: PLC0415 - an extra, and slow to import

    return SparkSession


class SparkComputation:
    """Implements `connectors.computing.Computation` over a session."""

    def __init__(self, cluster: Cluster, session: Any, stream: Stream | None) -> None:
        self._cluster, self._session, self._stream = cluster, session, stream

    def stored(self) -> StoredStream:
        """Describe the stream as Spark stores it; columns of other types than metrics use are left out."""
        stream = self._stream
        if stream is None:
            raise TypeError("a sitting without a stream describes none")
        relation = _relation(stream)
        found = [
            (str(name), *_type(str(kind))) for name, kind, *_ in self.rows(f"DESCRIBE QUERY SELECT * FROM {relation}")
        ]
        columns = tuple(StoredColumn(name, kind, storage) for name, kind, storage in found if kind is not None)
        if stream.columns:
            raise DeclarationError(
                "could not push down with columns: declared, because the cluster computes with what it stores; convert "
                "them in a query: of the stream",
                source=stream.source,
                stream=stream.name,
            )
        return StoredStream("spark", relation, stream.timezone, columns)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one SELECT, interrupted when it takes too long."""
        watch = Timer(STATEMENT_SECONDS, self._session.interruptAll)
        watch.daemon = True
        watch.start()
        try:
            table = self._session.sql(sql).toArrow()
        except Exception as error:  # noqa: BLE001 - as above
            raise self._cluster.translate(error, self._stream.name if self._stream else None) from None
        finally:
            watch.cancel()
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _relation(stream: Stream) -> str:
    table, query = stream.options.get("table"), stream.options.get("query")
    if (table is None) == (query is None):
        found = "both are given" if table is not None else "neither is given"
        raise DeclarationError(
            f"could not read, because {found}; write one of table: and query:", source=stream.source, stream=stream.name
        )
    if query is not None:
        body = str(query).strip().rstrip(";").rstrip()
        return f"({body}\n) AS quarterline_query"
    return ".".join(f"`{part.replace('`', '``')}`" for part in str(table).split("."))


def _type(text: str) -> tuple[pa.DataType | None, Storage]:
    if text == "timestamp":
        return INSTANT, "aware"
    if text == "timestamp_ntz":
        return INSTANT, "naive"
    if found := _DECIMAL.match(text):
        return pa.decimal128(int(found[1]), int(found[2])), "plain"
    return _TYPES.get(text, pa.string() if text.startswith(("varchar", "char")) else None), "plain"
