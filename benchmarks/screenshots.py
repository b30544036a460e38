"""Take the pictures in docs/screenshots from the sample company, as a reader sees it.

python -m benchmarks.screenshots [--only define review] [--day 2026-11-23]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from benchmarks.paint import ROOT, quarterline, running
from metrics.definitions import load_workspace
from metrics.demo import lay_out_demo
from metrics.periods import quarter_of

PICTURES = ROOT / "docs/screenshots"
CHROMIUM = "/usr/bin/chromium"
LARGEST = 150_000
COLOURS = 256


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: where, how large, and which theme."""

    name: str
    path: str
    wide: int = 1320
    high: int = 900
    scheme: Literal["light", "dark"] = "light"


SHOTS = (
    Shot("overview-en", "?lang=en"),
    Shot("overview-vi-dark", "?lang=vi", scheme="dark"),
    Shot("overview-cards-vi", "?lang=vi&view=cards"),
    Shot("overview-phone-vi", "?lang=vi", wide=390, high=844),
    Shot("key-result-en", "key-result?kr={cycle}/response-time&lang=en"),
    Shot("key-result-vi-dark", "key-result?kr={cycle}/revenue&lang=vi&grain=day", scheme="dark"),
    Shot("key-result-phone-vi", "key-result?kr={cycle}/satisfaction&lang=vi", wide=390, high=844),
    Shot("review-en", "review?lang=en"),
    Shot("review-vi-dark", "review?lang=vi", scheme="dark"),
    Shot("review-room-vi", "review?lang=vi&present=1"),
    Shot("review-phone-en", "review?lang=en", wide=390, high=844),
    Shot("define-en", "define?objective={cycle}/service-quality&lang=en", high=1000),
    Shot("define-vi-dark", "define?objective={cycle}/online-growth&lang=vi", high=1000, scheme="dark"),
    Shot("define-phone-vi", "define?objective={cycle}/service-quality&lang=vi", wide=390, high=844),
    Shot("metrics-en", "metrics?lang=en"),
    Shot("metrics-vi-dark", "metrics?lang=vi", scheme="dark"),
    Shot("metric-vi", "metrics?metric=first_response&by=channel&span=half&lang=vi"),
    Shot("cycles-en", "cycles?lang=en", high=640),
    Shot("cycles-vi-dark", "cycles?lang=vi", high=640, scheme="dark"),
    Shot("alignment-en", "alignment?lang=en"),
    Shot("alignment-vi-dark", "alignment?lang=vi", scheme="dark"),
    Shot("policies-en", "policies?lang=en"),
    Shot("policies-vi-dark", "policies?lang=vi&policy=google", scheme="dark"),
    Shot("then-en", "then?lang=en", high=640),
    Shot("then-vi-dark", "then?lang=vi", high=640, scheme="dark"),
    Shot("forecast-record-en", "forecast-record?lang=en"),
    Shot("forecast-record-vi-dark", "forecast-record?lang=vi", scheme="dark"),
    Shot("sources-en", "sources?lang=en", high=640),
    Shot("sources-vi-dark", "sources?lang=vi", high=640, scheme="dark"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=[""], nargs="*", help="take only the pictures whose names begin so")
    parser.add_argument("--day", default="2026-11-23", help="the day that the sample company is laid out for")
    options = parser.parse_args()
    os.environ["QUARTERLINE_TODAY"] = options.day
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        cycle = lay_out(workspace, options.day)
        with running([*quarterline(workspace), "serve", "--port"], "healthz") as (_, port), sync_playwright() as kit:
            browser = kit.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
            )
            for shot in (each for each in SHOTS if each.name.startswith(tuple(options.only))):
                take(browser, f"http://127.0.0.1:{port}/{shot.path.format(cycle=cycle)}", shot)


def lay_out(workspace: Path, day: str) -> str:
    """Lay out and load the whole sample company; give its current cycle."""
    lay_out_demo(workspace, day=date.fromisoformat(day))
    for command in ("sync", "backtest"):
        subprocess.run([*quarterline(workspace), command, "--progress", "none"], cwd=ROOT, check=True)
    return quarter_of(date.fromisoformat(day), load_workspace(workspace).organisation).id


def take(browser: Browser, url: str, shot: Shot) -> None:
    """Open a page, wait until it is still, and keep the picture."""
    viewport = {"width": shot.wide, "height": shot.high}
    context = browser.new_context(color_scheme=shot.scheme, viewport=viewport)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".ql-header, .ql-present")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running]')")
    page.wait_for_timeout(1500)
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = PICTURES / f"{shot.name}.png"
    page.screenshot(path=picture)
    context.close()
    Image.open(picture).convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)
    if picture.stat().st_size > LARGEST:
        sys.exit(f"could not keep {picture.name}, because it has more than {LARGEST:,} bytes; make its page smaller")


if __name__ == "__main__":
    main()
