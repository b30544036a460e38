"""Measures how far the constants of the forecast owe their record to the cases that they were chosen on.

    python -m benchmarks.forecast_optimism

Every alternative changes one group of constants. What is best on all sources but one is scored on the source left out,
for each source in turn. Needs the scored cases in `../shared/forecast`.
"""

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from metrics.forecast import seasonality, settings, simulate, smoothers, transform
from metrics.forecast.settings import SETTINGS

ROOT = Path(__file__).parents[1]
CASES = ROOT.parent / "shared" / "forecast"
FIGURES = {"ll": "log loss / pace rule", "brier": "Brier / pace rule", "pin": "CRPS / linear with normal errors"}
PEERS = {"ll": "linear_peer", "brier": "linear_peer", "pin": "linear_gauss"}

Change = Callable[[], None]
Scores = Mapping[str, npt.NDArray[np.float64]]


def constant(module: Any, name: str, value: object) -> Change:
    return lambda: setattr(module, name, value)


def setting(**factors: float) -> Change:
    """Multiply fields of every grain's settings."""

    def apply() -> None:
        changed = {
            grain: replace(kept, **{name: getattr(kept, name) * factor for name, factor in factors.items()})
            for grain, kept in SETTINGS.items()
        }
        vars(simulate)["SETTINGS"] = changed

    return apply


ALTERNATIVES: Mapping[str, Change] = {
    "as they stand": lambda: None,
    "square root for all": constant(transform, "ROOT_PRIOR", 1e9),
    "root prior 1": constant(transform, "ROOT_PRIOR", 1.0),
    "root prior 4": constant(transform, "ROOT_PRIOR", 4.0),
    "root prior 16": constant(transform, "ROOT_PRIOR", 16.0),
    "no unrest": setting(unrest=0.0),
    "unrest x 0.6": setting(unrest=0.6),
    "unrest x 1.4": setting(unrest=1.4),
    "unrest memory 0.9": constant(simulate, "UNREST_MEMORY", 0.9),
    "spread x 0.9": setting(scale=0.9),
    "spread x 1.1": setting(scale=1.1),
    "tails x 0.6": setting(tail=0.6),
    "tails x 3": setting(tail=3.0),
    "one-step evidence 0.35": constant(smoothers, "STEP_EVIDENCE", (0.35, 90.0)),
    "one-step evidence 1.4": constant(smoothers, "STEP_EVIDENCE", (1.4, 90.0)),
    "evidence of the aim 1.5": constant(smoothers, "AIM_EVIDENCE", (1.5, 20.0)),
    "evidence of the aim 6": constant(smoothers, "AIM_EVIDENCE", (6.0, 40.0)),
    "spread prior 3": constant(simulate, "SPREAD_PRIOR", 3.0),
    "spread prior 12": constant(simulate, "SPREAD_PRIOR", 12.0),
    "held slope 0": constant(simulate, "HELD_SLOPE", 0.0),
    "held slope 0.5": constant(simulate, "HELD_SLOPE", 0.5),
    "season share 0.7": constant(seasonality, "SEASON_SHARE", 0.7),
    "season share 0.95": constant(seasonality, "SEASON_SHARE", 0.95),
    "rhythm of 26 weeks": constant(seasonality, "RHYTHM_WEEKS", 26),
    "another seed": constant(simulate, "SEED", 1),
}
MODULES = (seasonality, settings, simulate, smoothers, transform)


def scored(evaluation: Any, cases: list[Any], method: str) -> Scores:
    module, name = method.split(":")
    forecast = getattr(importlib.import_module(module), name)
    rows = [evaluation.one(forecast, case) for case in cases]
    return {figure: np.array([row[figure] for row in rows]) for figure in FIGURES}


def tried(evaluation: Any, cases: list[Any], apply: Change) -> Scores:
    """Score one alternative, and put everything back."""
    kept = [{name: value for name, value in vars(module).items() if name.isupper()} for module in MODULES]
    apply()
    for cached in (simulate._draws, simulate._drawn, simulate._ranks, simulate._tails):  # noqa: SLF001 - keyed by no seed
        cached.cache_clear()
    try:
        return scored(evaluation, cases, "metrics.forecast:forecast")
    finally:
        for module, constants in zip(MODULES, kept, strict=True):
            vars(module).update(constants)
        simulate._draws.cache_clear()  # noqa: SLF001
        simulate._drawn.cache_clear()  # noqa: SLF001


def left_out(by_name: Mapping[str, Scores], sources: npt.NDArray[np.str_], figure: str) -> float:
    """Mean of a figure when each source is scored by what is best on the others."""
    total = 0.0
    for source in np.unique(sources):
        others = sources != source
        best = min(by_name, key=lambda name: float(by_name[name][figure][others].mean()))
        total += float(by_name[best][figure][~others].sum())
    return total / len(sources)


def main() -> int:
    if not CASES.is_dir():
        print(
            "could not measure, because ../shared/forecast with the scored cases is absent; put it beside the project"
        )
        return 1
    sys.path.insert(0, str(CASES))
    evaluation = importlib.import_module("kr_eval")
    cases = evaluation.load(CASES / "kr_dev.npz")
    sources = np.array([case["src"] for case in cases])
    peers = {name: scored(evaluation, cases, f"kr_baselines:{name}") for name in set(PEERS.values())}
    level = {figure: float(peers[peer][figure].mean()) for figure, peer in PEERS.items()}
    by_name = {}
    for name, apply in ALTERNATIVES.items():
        by_name[name] = tried(evaluation, cases, apply)
        row = "  ".join(f"{by_name[name][figure].mean() / level[figure]:.4f}" for figure in FIGURES)
        print(f"{name:28s} {row}", flush=True)
    for figure, said in FIGURES.items():
        stands = by_name["as they stand"][figure].mean() / level[figure]
        print(f"{said}: {stands:.4f} as it stands, {left_out(by_name, sources, figure) / level[figure]:.4f} left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
