"""A real Request Tracker and a real Prometheus as sources: what is pulled against what they say themselves.

    python -m benchmarks.real_sources [--tickets 150] [--only request_tracker|prometheus]

Run by hand, as root on Debian: it needs a PostgreSQL on loopback (or `QUARTERLINE_TEST_POSTGRES`) and

    apt-get install --no-install-recommends request-tracker5 rt5-db-postgresql rt5-standalone
    apt-get install prometheus prometheus-node-exporter

Request Tracker gets a database, a configuration and a port of its own; what is installed stays as it was, no mail is
sent, and everything is removed at the end. Its tickets are made by its own REST interface, then pulled twice: by `rest`
from that interface, and by `sql` from its database. Both, and a median of each, are compared with SQL by hand.
Prometheus scrapes a node exporter for half a minute. `docs/connectors.md` says what was seen.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import create_engine, make_url, text

from benchmarks.load import scratch_database
from benchmarks.paint import ROOT, quarterline
from metrics.facts import open_facts
from tests.connectors.prometheus_server import BINARIES, NodeExporter, Prometheus, free_port

SETUP, SERVER = "/usr/sbin/rt-setup-database-5", "/usr/share/request-tracker5/libexec/rt-server"
PASSWORD = "the-desk-of-this-run"
QUEUE = "Bảo hành"
DAYS = 60
SCRAPING_SECONDS = 30
TOLERANCE = 1e-9

_RT_CONFIG = """
Set($rtname, 'desk.example'); Set($Organization, 'desk.example'); Set($Timezone, 'Asia/Ho_Chi_Minh');
Set($DatabaseType, 'Pg'); Set($DatabaseHost, '{host}'); Set($DatabasePort, '{port}'); Set($DatabaseName, '{name}');
Set($DatabaseUser, '{user}'); Set($DatabaseAdmin, '{user}'); Set($DatabasePassword, '{password}');
Set($WebDomain, '127.0.0.1'); Set($WebPort, {web_port}); Set($WebPath, '');
Set($MailCommand, 'testfile'); Set($LogToSyslog, undef); Set($LogToSTDERR, 'error');
1;
"""

_WORKSPACE = """
organisation: {{name: Desk, timezone: Asia/Ho_Chi_Minh}}
sources:
  desk:
    type: rest
    base_url: http://127.0.0.1:{port}/REST/2.0/
    allow_hosts: ["127.0.0.1:{port}"]
    auth: {{type: http_basic, username: root, password: "${{DESK_PASSWORD}}"}}
    paginator: {{type: page_number, base_page: 1, total_path: pages}}
    streams:
      tickets:
        path: tickets
        params:
          fields: Subject,Status,Created,Started,LastUpdated,Queue
          fields[Queue]: Name
          orderby: id
          per_page: 50
        data_selector: items
        fields: {{queue_name: Queue.Name}}
        primary_key: id
        cursor: LastUpdated
        lookback: 1m
        incremental:
          start_param: query
          initial_value: "LastUpdated >= '2000-01-01 00:00:00'"
          format: "LastUpdated >= '%Y-%m-%d %H:%M:%S'"
        columns: {{id: bigint}}
  store:
    type: sql
    url: ${{DESK_DATABASE}}
    streams:
      tickets:
        query: >-
          SELECT t.id, t.subject, t.status, t.created, t.started, t.lastupdated, q.name AS queue_name,
            t.status = 'deleted' OR t.ismerged IS NOT NULL AS gone
          FROM tickets AS t JOIN queues AS q ON q.id = t.queue WHERE t.type = 'ticket'
        primary_key: id
        cursor: lastupdated
        deleted: gone
        timezone: UTC
"""

_METRIC = """
  {source}_response:
    title: {{en: Time to first response}}
    source: {source}.tickets
    time: {created}
    aggregate: median
    value: (epoch({started}) - epoch({created})) / 3600.0
    where: {started} > TIMESTAMPTZ '1970-01-02 00:00:00+00'
    unit: hours
    better: lower
    dimensions: [queue_name]
"""

_BY_HAND = """
SELECT CAST(date_trunc('week', created AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date) AS week,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM started - created) / 3600.0), count(*)
FROM tickets WHERE type = 'ticket' AND status <> 'deleted' AND ismerged IS NULL AND started > '1970-01-02'
  AND queue = (SELECT id FROM queues WHERE name = '{queue}')
GROUP BY 1 ORDER BY 1
"""

_MONITORING = """
organisation: {{name: Monitoring, timezone: Asia/Ho_Chi_Minh}}
sources:
  monitoring:
    type: prometheus
    url: {url}
    allow_hosts: ["{host}"]
    streams:
      scrapes:
        query: scrape_duration_seconds * 1000
        step: 1s
        start: 1h
        labels: [job, instance]
        primary_key: [time, job, instance]
        lookback: 5s
"""

_SCRAPES = """
metrics:
  response:
    {title: {en: Response time of the exporter}, source: monitoring.scrapes, time: time, aggregate: p95, value: value,
     unit: milliseconds, better: lower}
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=150)
    parser.add_argument("--only", choices=("request_tracker", "prometheus"))
    given = parser.parse_args(arguments)
    if missing := [each for each in (SETUP, SERVER, *BINARIES) if shutil.which(each) is None]:
        print(f"could not run, because {', '.join(missing)} is not installed; see the first lines of this script")
        return 1
    seen = Seen()
    if given.only in {None, "request_tracker"}:
        with request_tracker() as desk, tempfile.TemporaryDirectory() as folder:
            watch_request_tracker(desk, Path(folder), given.tickets, seen)
    if given.only in {None, "prometheus"}:
        with tempfile.TemporaryDirectory() as folder:
            watch_prometheus(Path(folder), seen)
    print(f"{seen.right} comparisons hold, {len(seen.wrong)} do not")
    return 1 if seen.wrong else 0


@dataclass(slots=True)
class Seen:
    """What held and what did not."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)

    def equal(self, what: str, ours: Any, theirs: Any) -> None:
        same = agree(ours, theirs)
        if same:
            self.right += 1
        else:
            self.wrong.append(what)
        print(f"{'holds' if same else 'DIFFERS'}: {what}: {len(theirs)} compared", flush=True)
        if not same:
            print(f"  ours   {ours!r}\n  theirs {theirs!r}")

    def tell(self, what: str, done: subprocess.CompletedProcess[str]) -> None:
        print(what)
        told = json.loads(done.stdout)
        for stream in told["streams"]:
            said = stream["error"] or "; ".join(stream["notes"])
            counted = f"{stream['rows_read']:,} rows read, {stream['rows_changed']:,} changed"
            print(f"  {stream['stream']} {stream['outcome']}: {counted}{'; ' if said else ''}{said}", flush=True)
        for each in told.get("verified", []):
            said = each["problem"] or f"{each['stored_rows']:,} rows and {each['columns']} columns agree"
            print(f"  {each['stream']}: {said}, counted by {each['counted_by']}")


def agree(ours: Any, theirs: Any) -> bool:
    """Whether two values are the same, numbers to within a billionth."""
    if isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(map(agree, ours, theirs))
    return abs(ours - theirs) <= TOLERANCE * abs(theirs) if isinstance(theirs, float) else bool(ours == theirs)


@dataclass(slots=True)
class Desk:
    """A Request Tracker of this run."""

    port: int
    database: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def ask(self, method: str, path: str, **body: Any) -> Any:
        url = f"http://127.0.0.1:{self.port}/REST/2.0/{path}"
        answer = requests.request(method, url, json=body or None, auth=("root", PASSWORD), timeout=120)
        answer.raise_for_status()
        return answer.json()

    def start(self) -> None:
        user = "www-data" if os.geteuid() == 0 else None  # whose cache the Debian package lets it write
        self.process = subprocess.Popen(
            self.command, env=self.environment, user=user, group=user, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(300):
            try:
                self.ask("GET", "rt")
            except requests.RequestException:
                time.sleep(0.2)
            else:
                return
        sys.exit("Request Tracker did not answer within a minute")

    def stop(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)
            self.process = None


@contextmanager
def request_tracker() -> Iterator[Desk]:
    """A Request Tracker with a database, a configuration and a port of its own."""
    with scratch_database("postgresql") as database, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the server's user reads its configuration there
        url, port = make_url(database), free_port()
        config, password = Path(folder, "RT_SiteConfig.pm"), Path(folder, "password")
        config.write_text(
            _RT_CONFIG.format(
                host=url.host, port=url.port or 5432, name=url.database, user=url.username,
                password=url.password or "", web_port=port,
            )
        )  # fmt: skip
        password.write_text(PASSWORD)
        # Debian's own fragments of configuration, which name another database, are left aside.
        environment = dict(os.environ) | {"RT_SITE_CONFIG": str(config), "RT_SITE_CONFIG_DIR": f"{folder}/none"}
        making = [SETUP, "--action", "init", "--skip-create", "--root-password-file", str(password)]
        subprocess.run(making, env=environment, check=True, capture_output=True, cwd=folder)
        desk = Desk(port, database, [SERVER, "--host", "127.0.0.1", "--port", str(port)], environment)
        try:
            desk.start()
            yield desk
        finally:
            desk.stop()


def watch_request_tracker(desk: Desk, folder: Path, number: int, seen: Seen) -> None:
    began = time.perf_counter()
    desk.ask("POST", "queue", Name=QUEUE)
    fill(desk, number)
    print(f"{number} tickets made in {time.perf_counter() - began:.0f} s")
    os.environ |= {"DESK_PASSWORD": PASSWORD, "DESK_DATABASE": desk.database}
    metrics = [_METRIC.format(source="desk", created="Created", started="Started")]
    metrics += [_METRIC.format(source="store", created="created", started="started")]
    lay_out(folder, _WORKSPACE.format(port=desk.port), f"metrics:{''.join(metrics)}")
    run(folder, "apply")
    seen.tell("first sync", run(folder, "sync"))
    compare(desk, folder, seen, "after the first sync")

    for ticket in range(1, 21):  # the tracker itself now says when work on them started
        desk.ask("POST", f"ticket/{ticket}/correspond", Content="Chúng tôi đang xử lý", ContentType="text/plain")
    fill(desk, 5)
    seen.tell("second sync, after 20 answers and 5 new tickets", run(folder, "sync"))
    compare(desk, folder, seen, "after the second sync")

    for ticket in (31, 32, 33):
        desk.ask("PUT", f"ticket/{ticket}", Status="deleted")
    desk.ask("PUT", "ticket/34", MergeInto=35)
    run(folder, "sync")
    seen.equal("tickets of store after 3 deletions and a merge", tickets(folder, "store"), by_hand(desk, _ALL))
    seen.tell("with --full, as the interface lists no deleted tickets", run(folder, "sync", "desk", "--full"))
    compare(desk, folder, seen, "after deletions")
    seen.tell("--verify", run(folder, "sync", "--verify"))

    desk.stop()
    before = series(folder, "desk")
    seen.tell("sync while the tracker is down", run(folder, "sync", fails=True))
    seen.equal("the series by rest stays while the tracker is down", series(folder, "desk"), before)
    desk.start()
    os.environ["DESK_PASSWORD"] = "wrong"
    seen.tell("sync with a wrong password", run(folder, "sync", "desk", fails=True))


def fill(desk: Desk, tickets: int) -> None:
    """Make tickets as they may have come in within the last weeks; four of five were answered."""
    chance = random.Random(tickets)
    for number in range(tickets):
        created = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=chance.randrange(DAYS * 86_400))
        started = created + timedelta(seconds=int(chance.lognormvariate(9, 1)))
        answered = {"Started": f"{started:%Y-%m-%d %H:%M:%S}", "Status": "open"} if number % 5 else {}
        queue = QUEUE if number % 3 else "General"
        desk.ask(
            "POST", "ticket", Queue=queue, Subject=f"Máy số {number} không lên", Requestor="khach@example.com",
            Created=f"{created:%Y-%m-%d %H:%M:%S}", **answered,
        )  # fmt: skip


_ALL = """
SELECT t.id, t.subject, t.status, q.name, t.created AT TIME ZONE 'UTC', t.started AT TIME ZONE 'UTC'
FROM tickets AS t JOIN queues AS q ON q.id = t.queue
WHERE t.type = 'ticket' AND t.status <> 'deleted' AND t.ismerged IS NULL ORDER BY t.id
"""


def compare(desk: Desk, folder: Path, seen: Seen, when: str) -> None:
    weeks = [(str(week), float(median), count) for week, median, count in by_hand(desk, _BY_HAND.format(queue=QUEUE))]
    for source in ("desk", "store"):
        seen.equal(f"tickets of {source} {when}", tickets(folder, source), by_hand(desk, _ALL))
        seen.equal(f"median hours and tickets by week, of {source} {when}", series(folder, source), weeks)


def by_hand(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    engine = create_engine(desk.database)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(sql))]
    engine.dispose()
    return found


def tickets(folder: Path, source: str) -> list[tuple[Any, ...]]:
    with open_facts(folder / "var") as facts:
        return list(
            facts.query(f"SELECT id, subject, status, queue_name, created, started FROM {source}.tickets ORDER BY id")
        )


def series(folder: Path, source: str) -> list[tuple[str, float, int]]:
    """Give median and count by week, as the command line does."""
    asked = (f"{source}_response", "--grain", "week", "--filter", f"queue_name={QUEUE}")
    told = json.loads(run(folder, "series", *asked, "--json").stdout)
    return [(each["day"], each["value"], each["rows"]) for each in told["points"] if each["value"] is not None]


def watch_prometheus(folder: Path, seen: Seen) -> None:
    with ExitStack() as stack:
        exporter = stack.enter_context(NodeExporter())
        server = stack.enter_context(Prometheus(folder / "server", scrape=exporter.address))
        workspace = folder / "workspace"
        workspace.mkdir()
        lay_out(workspace, _MONITORING.format(url=server.url, host=server.url.removeprefix("http://")), _SCRAPES)
        run(workspace, "apply")
        time.sleep(SCRAPING_SECONDS / 2)
        seen.tell("first sync", run(workspace, "sync"))
        time.sleep(SCRAPING_SECONDS / 2)
        seen.tell("second sync", run(workspace, "sync"))
        with open_facts(workspace / "var") as facts:
            ours = [(int(at.timestamp()), value) for at, value in facts.query(_STORED)]
        begin, end = ours[0][0], ours[-1][0]
        asked = {"query": "scrape_duration_seconds * 1000", "start": begin, "end": end, "step": 1}
        (theirs,) = ask_prometheus(server, "query_range", asked)
        seen.equal("points, in two pulls", ours, [(int(at), float(value)) for at, value in theirs["values"]])
        told = json.loads(run(workspace, "series", "response", "--json").stdout)["points"]
        if len(told) == 1:  # else midnight lies within the half minute
            query = f"quantile_over_time(0.95, (scrape_duration_seconds * 1000)[{end - begin}s:1s])"
            (quantile,) = ask_prometheus(server, "query", {"query": query, "time": end})
            seen.equal("p95 of the scrapes, milliseconds", [told[0]["value"]], [float(quantile["value"][1])])


_STORED = "SELECT time, value FROM monitoring.scrapes ORDER BY time"


def ask_prometheus(server: Prometheus, what: str, asked: dict[str, Any]) -> Any:
    return requests.get(f"{server.url}/api/v1/{what}", asked, timeout=30).json()["data"]["result"]


def lay_out(folder: Path, workspace: str, metrics: str) -> None:
    (folder / "quarterline.yaml").write_text(workspace, encoding="utf-8")
    (folder / "metrics.yaml").write_text(metrics, encoding="utf-8")


def run(folder: Path, *command: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
    line = [*quarterline(folder), *command, *(("--json", "--progress", "none") if command[0] == "sync" else ())]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    if fails is (done.returncode == 0):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
