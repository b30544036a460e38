"""Measurable: the metric exists, has a unit, and its rows arrive in the window and on time."""

from collections.abc import Iterator
from datetime import timedelta

from metrics.model.definition import KeyResult, Kind, Metric
from metrics.smart.evidence import Evidence
from metrics.smart.findings import Finding, Severity, Values


def key_result_measurable(
    key_result: KeyResult, kind: Kind, metric: Metric | None, evidence: Evidence
) -> tuple[Finding, ...]:
    """Check that a number will be there whenever somebody looks."""
    if key_result.is_checklist:
        return (_finding("ticked_off", "warning", (("shape", key_result.shape),)),)
    if metric is None:
        return (
            _finding("metric_unknown", "error", (("metric", key_result.metric or ""),)),
            *_not_live(kind, live=False),
        )
    measured = (
        ("metric", metric.id),
        ("aggregate", metric.aggregate),
        ("unit", metric.unit),
        ("read", str(key_result.read)),
        ("target", key_result.target.text),
    )
    found = [_finding("measured_by", "ok", measured)]
    if not metric.unit.strip():
        found.append(_finding("unit_missing", "warning", (("metric", metric.id),)))
    arrival = list(_arrival(metric, evidence))
    live = all(finding.severity in {"ok", "unknown"} for finding in arrival)
    return (*found, *arrival, *_not_live(kind, live=live))


def _arrival(metric: Metric, evidence: Evidence) -> Iterator[Finding]:
    if evidence.error is not None:
        yield _finding("metric_unreadable", "error", (("message", evidence.error),))
        return
    if not evidence.synced:
        yield _finding("not_synced", "unknown", (("source", _sources(metric)),))
        return
    if not evidence.ever:
        yield _finding("never_rows", "error", (("metric", metric.id), ("source", _sources(metric))))
        return
    yield from _in_window(metric, evidence)
    if evidence.stale:
        yield _finding("stale", "warning", _schedule(metric, evidence))
    elif metric.schedule is not None:
        yield _finding("on_schedule", "ok", _schedule(metric, evidence))


def _in_window(metric: Metric, evidence: Evidence) -> Iterator[Finding]:
    window = evidence.window
    if window is None:
        return
    values: Values = (
        ("rows", evidence.rows),
        ("starts", window.starts.isoformat()),
        ("ends", window.ends.isoformat()),
    )
    if evidence.rows or evidence.value is not None:
        yield _finding("rows_in_window", "ok", values)
    elif metric.schedule is not None and timedelta(days=window.days) <= metric.schedule:
        yield _finding("rows_not_due", "unknown", values)
    else:
        yield _finding("no_rows_in_window", "warning", values)


def _schedule(metric: Metric, evidence: Evidence) -> Values:
    last = evidence.last_event_at
    every = metric.schedule or timedelta()
    return (
        ("last_event_at", last.isoformat() if last else ""),
        ("expected_every_days", every / timedelta(days=1)),
    )


def _sources(metric: Metric) -> str:
    return ", ".join(dict.fromkeys(each.source for each in metric.measured))


def _not_live(kind: Kind, *, live: bool) -> tuple[Finding, ...]:
    """A commitment that nobody can watch is none."""
    return (_finding("committed_not_live", "warning"),) if kind == "committed" and not live else ()


def _finding(code: str, severity: Severity, values: Values = ()) -> Finding:
    return Finding(code, "measurable", severity, values)
