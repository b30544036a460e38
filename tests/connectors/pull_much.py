"""Pulls many rows in a process of its own, and prints how many came and by how many bytes the process grew."""

import json
import resource
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from connectors.base import Stream
from connectors.registry import open_connector
from tests.connectors.rest_server import Answer, RestServer, Seen

PAGES, SIZE = 300, 1000


def page(seen: Seen) -> Answer:
    start = int(seen.query["page"]) * SIZE
    rows = [{"id": start + each, "amount": each + 0.25, "text": f"row {start + each} " * 8} for each in range(SIZE)]
    return Answer(200, json.dumps({"data": rows if start < PAGES * SIZE else []}).encode())


def serve() -> None:
    with RestServer() as server:
        server.routes["/rows"] = page
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


def main() -> None:
    with subprocess.Popen([sys.executable, __file__, "serve"], stdin=-1, stdout=-1, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        connector = open_connector("rest", "s", {"base_url": url, "allow_hosts": ["127.0.0.1"]}, Path(), {})
        stream = Stream("s", "t", {"path": "rows", "data_selector": "data", "paginator": {"type": "page_number"}})
        connector.columns(stream)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rows = sum(batch.num_rows for batch in connector.extract(stream, None).batches())
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        sys.stdout.write(f"{rows} {grown << 10}\n")


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
