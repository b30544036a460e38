"""Real engines that are not services: ClickHouse inside this process, a Spark cluster on loopback."""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.computing import StoredStream
from connectors.spark.computing import spark_client
from connectors.sql.computing import clickhouse_columns
from tests.metrics.pushdown.dataset import COLUMNS, STREAM_ZONE, Row

_MASTER = ("org.apache.spark.deploy.master.Master", "--host", "127.0.0.1")
_CONNECT = ("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal")
REQUIRED = os.environ.get("QUARTERLINE_REQUIRE_ENGINES") == "1"


def require(module: str) -> None:
    """Skip without an engine, or fail where engines are mandatory."""
    if importlib.util.find_spec(module) is None:
        reason = f"{module} is not installed; `make setup-engines` installs the engines that these tests run"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def clickhouse(rows: Sequence[Row]) -> Iterator[tuple[StoredStream, Any]]:
    """A table in ClickHouse inside this process; naive times are stored as New York's."""
    chdb: Any = importlib.import_module("chdb.session")
    session = chdb.Session()
    try:
        session.query(
            "CREATE DATABASE shop; "
            "CREATE TABLE shop.sales (id Int64, opened_at Nullable(DateTime64(6, 'Asia/Tokyo')), "
            "closed_at Nullable(DateTime64(6)), told_at Nullable(DateTime64(6, 'America/New_York')), "
            "due_on Nullable(Date32), team LowCardinality(Nullable(String)), seconds Nullable(Int64), qty Int32, "
            "price Nullable(Decimal(12, 2)), score Nullable(Float64), late Nullable(Bool)) "
            "ENGINE = MergeTree ORDER BY id"
        )
        for start in range(0, len(rows), 500):
            listed = ", ".join(_clickhouse_row(row) for row in rows[start : start + 500])
            session.query(f"INSERT INTO shop.sales VALUES {listed}")

        def ask(sql: str) -> list[tuple[Any, ...]]:
            found = session.query(sql, "Arrow")
            table = pa.ipc.open_file(pa.BufferReader(found.bytes())).read_all()
            return [tuple(map(_wide, row.values())) for row in table.to_pylist()]

        described = ask("DESCRIBE TABLE shop.sales")
        yield StoredStream("clickhouse", "shop.sales", STREAM_ZONE, tuple(clickhouse_columns(described))), ask
    finally:
        session.close()


def _clickhouse_row(row: Row) -> str:
    written = []
    for name, value in zip(COLUMNS, row, strict=True):
        if value is None:
            written.append("NULL")
        elif name == "told_at":
            written.append(f"'{value:%Y-%m-%d %H:%M:%S.%f}'")
        elif name in {"opened_at", "closed_at"}:
            written.append(f"toDateTime64('{value:%Y-%m-%d %H:%M:%S.%f}', 6, 'UTC')")
        elif name == "team":
            written.append("'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'")
        elif name in {"due_on", "price"}:
            written.append(f"'{value}'")
        else:
            written.append(str(value).lower())
    return f"({', '.join(written)})"


def _wide(value: Any) -> Any:
    """Read an Int128, which Arrow has no type for."""
    return int.from_bytes(value, "little", signed=True) if isinstance(value, bytes) and len(value) == 16 else value


@dataclass(frozen=True, slots=True)
class SparkCluster:
    """A master, two workers and a Connect server."""

    url: str
    workers: int


@contextmanager
def spark_cluster(folder: Path) -> Iterator[SparkCluster]:
    """Start a standalone cluster of real processes on loopback, and end them."""
    import pyspark

    home = Path(pyspark.__file__).parent
    ports = [free_port() for _ in range(4)]
    master, connect = f"spark://127.0.0.1:{ports[0]}", ports[2]
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(connect),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "700m",
        "spark.executor.memory": "512m",
        "spark.cores.max": "2",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
    }
    worker = ["org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "600m"]
    commands = [
        ["spark-class", *_MASTER, "--port", str(ports[0]), "--webui-port", str(ports[1])],
        *(
            ["spark-class", *worker, "--webui-port", "0", "--work-dir", str(folder / f"worker{number}"), master]
            for number in (1, 2)
        ),
        [
            "spark-submit",
            "--master",
            master,
            *(f"--conf={name}={value}" for name, value in settings.items()),
            *_CONNECT,
        ],
    ]
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    processes: list[subprocess.Popen[bytes]] = []
    logs = [(folder / f"{number}.log").open("wb") for number in range(len(commands))]
    try:
        for command, log, port in zip(commands, logs, (ports[0], None, None, connect), strict=True):
            program = [str(home / "bin" / command[0]), *command[1:]]
            processes.append(
                subprocess.Popen(program, env=environment, stdout=log, stderr=log, cwd=folder, start_new_session=True)
            )
            if port is not None:
                await_port(port, processes[-1], folder)
        yield SparkCluster(f"sc://127.0.0.1:{connect}", _workers(ports[1]))
    finally:
        for process in reversed(processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for log in logs:
            log.close()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_port(port: int, process: subprocess.Popen[bytes], folder: Path, *, seconds: float = 180) -> None:
    """Wait until a process listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.3)
    told = "\n".join(path.read_text("utf-8", "replace")[-1500:] for path in sorted(folder.glob("*.log")))
    pytest.fail(f"nothing answers on 127.0.0.1:{port}:\n{told}")


def _workers(webui: int) -> int:
    """Ask the master how many workers are alive, once both are."""
    alive = 0
    for _ in range(200):
        with urllib.request.urlopen(f"http://127.0.0.1:{webui}/json/", timeout=10) as answer:
            alive = sum(each["state"] == "ALIVE" for each in json.load(answer)["workers"])
        if alive == 2:
            break
        time.sleep(0.3)
    return alive


def store_in_spark(cluster: SparkCluster, rows: Sequence[Row]) -> None:
    """Make the table `sales`."""
    types = {
        "id": pa.int64(),
        "opened_at": pa.timestamp("us", "UTC"),
        "closed_at": pa.timestamp("us", "UTC"),
        "told_at": pa.timestamp("us"),
        "due_on": pa.date32(),
        "team": pa.string(),
        "seconds": pa.int64(),
        "qty": pa.int32(),
        "price": pa.decimal128(12, 2),
        "score": pa.float64(),
        "late": pa.bool_(),
    }
    columns = zip(COLUMNS, zip(*rows, strict=True), strict=True)
    table = pa.table({name: pa.array(values, types[name]) for name, values in columns})
    session = spark_client().builder.remote(cluster.url).create()
    try:
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")  # what a time without a zone becomes
        session.createDataFrame(table).repartition(4).write.mode("overwrite").saveAsTable("sales")
    finally:
        session.stop()
