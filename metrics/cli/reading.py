"""`status` and `series`: what is known, for people and for programs."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from metrics.cli.session import JsonOption, Session, WorkspaceOption, parse_day, print_json
from metrics.cli.splitting import show_split
from metrics.errors import NotFoundError, QuarterlineError
from metrics.ledger import Shown
from metrics.model.definition import Filter, Grain, Language, Metric
from metrics.model.reading import Measure, Point, SeriesRange, Window
from metrics.model.scorecard import GoalCard, KeyResultCard, ObjectiveCard, Scorecard
from metrics.model.target import parse_target
from metrics.progress.rollup import worse_within
from metrics.scorecard.build import build_scorecard
from metrics.scorecard.current import workspace_frame
from metrics.scorecard.difference import difference_document, word_cause
from metrics.scorecard.document import canonical_json, filter_text, scorecard_document
from metrics.scorecard.milestones import newly_done
from metrics.scorecard.mix import mix_of
from metrics.scorecard.past import find_shown, then_and_now
from metrics.scorecard.standing import stands_still
from metrics.scorecard.told import title_in
from metrics.scorecard.wording import explain, in_unit, share_text

MARKS = {
    "on_track": "[green]● on track[/]",
    "achieved": "[green]✔ achieved[/]",
    "at_risk": "[yellow]◆ at risk[/]",
    "stale": "[yellow]◌ stale[/]",
    "off_track": "[red]▼ off track[/]",
    "missed": "[red]✘ missed[/]",
    "no_data": "[dim]○ no data[/]",
    "not_started": "[dim]· not started[/]",
}
_DEFAULT_SPAN = {"day": timedelta(days=90), "week": timedelta(weeks=52), "month": timedelta(days=730)}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command()(series)


def status(
    context: typer.Context,
    cycle: Annotated[str | None, typer.Option("--cycle", help="Cycle such as 2027-Q1 [default: the current].")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Recompute for a day with everything known now.")
    ] = None,
    shown_on: Annotated[
        str | None, typer.Option("--shown-on", metavar="DATE", help="What was shown on a day, as recorded then.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="With --shown-on: what is known now that was not known then, and why.")
    ] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show every key result: value, target, progress against expected, status and why."""
    session = Session.start(context, workspace)
    if as_of and shown_on:
        raise typer.BadParameter("give --as-of or --shown-on, not both")
    if compare and not shown_on:
        raise typer.BadParameter("--compare needs --shown-on")
    if day := parse_day(shown_on, "--shown-on"):
        shown = find_shown(session.workspace, session.ledger, day, cycle)
        if compare:
            _compare(session, shown, as_json=as_json)
        else:
            _show_recorded(shown, as_json=as_json)
        return
    scorecard = current_scorecard(session, cycle_id=cycle, as_of=parse_day(as_of, "--as-of"))
    if as_json:
        typer.echo(canonical_json(scorecard_document(scorecard, session.workspace.organisation.language)), nl=False)
    else:
        _print_scorecard(Console(), scorecard, session.workspace.organisation.language)


def current_scorecard(session: Session, *, cycle_id: str | None = None, as_of: date | None = None) -> Scorecard:
    """Compute the scorecard of a cycle as of a day [default: the current quarter, today].

    Raises:
        QuarterlineError: nothing is defined or synced yet, or the cycle holds no objective.
    """
    definitions = session.ledger.definitions()
    frame = workspace_frame(
        session.workspace, session.ledger, definitions, now=session.now, as_of=as_of, cycle_id=cycle_id
    )
    return build_scorecard(definitions, session.facts, frame)


def series(
    context: typer.Context,
    metric: Annotated[str, typer.Argument(help="Metric, by its id.")],
    grain: Annotated[str, typer.Option("--grain", help="day, week or month.")] = "day",
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", metavar="K=V", help="Keep rows of a dimension's value; repeat to add values."),
    ] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day [default: today].")] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="DIMENSION", help="A line for each value of a dimension.")
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show a metric's series by day, week or month; gaps stay gaps."""
    session = Session.start(context, workspace)
    metrics = session.ledger.definitions().metrics
    if metric not in metrics:
        raise NotFoundError("metric", metric, metrics)
    subject, chosen = metrics[metric], parse_filter(filters or [], metrics[metric])
    if grain not in _DEFAULT_SPAN:
        raise QuarterlineError(f"could not read --grain {grain!r}; write day, week or month")
    last = parse_day(until, "--to") or session.today
    first = parse_day(since, "--from") or last - _DEFAULT_SPAN[grain]
    if first > last:
        raise QuarterlineError(f"could not read the series, because --from {first} lies after --to {last}; swap them")
    wanted = SeriesRange(_as_grain(grain), Window(first, last))
    if by is not None:
        show_split(session, Measure(subject, chosen, (), wanted), by, as_json=as_json)
        return
    points = session.facts.measure([Measure(subject, chosen, series=wanted)])[0].series
    if as_json:
        print_json(
            {
                "schema": 1,
                "generation": session.facts.generation,
                "metric": subject.id,
                "unit": subject.unit,
                "grain": grain,
                "filter": {dimension: list(values) for dimension, values in chosen},
                "points": [
                    {"day": point.day.isoformat(), "value": point.value, "rows": point.rows} for point in points
                ],
            }
        )
    else:
        _print_series(Console(), subject, chosen, points)


def parse_filter(pairs: list[str], metric: Metric) -> Filter:
    """Read `dimension=value` pairs; several values of one dimension are alternatives.

    Raises:
        QuarterlineError: a pair has no `=`.
        NotFoundError: the metric declares no such dimension.
    """
    accepted: dict[str, list[str]] = {}
    for pair in pairs:
        dimension, equals, value = pair.partition("=")
        if not equals:
            raise QuarterlineError(f"could not read --filter {pair!r}; write dimension=value, such as team=north")
        if dimension not in metric.dimensions:
            raise NotFoundError(f"dimension of metric {metric.id!r}", dimension, metric.dimensions)
        accepted.setdefault(dimension, []).append(value)
    return tuple((dimension, tuple(sorted(set(values)))) for dimension, values in sorted(accepted.items()))


def _as_grain(text: str) -> Grain:
    return "week" if text == "week" else "month" if text == "month" else "day"


def _compare(session: Session, shown: Shown, *, as_json: bool) -> None:
    compared = then_and_now(session.workspace, session.ledger, session.facts, shown, now=session.now)
    if as_json:
        print_json(
            {
                "schema": 1,
                "cycle": shown.cycle,
                "day": shown.day.isoformat(),
                "differences": [difference_document(each) for each in compared.differences],
            }
        )
        return
    if not compared.differences:
        typer.echo(f"nothing differs from what was shown on {shown.day}")
    for each in compared.differences:
        typer.echo(f"{each.key_result}: {'; '.join(word_cause(cause) for cause in each.causes)}")


def _show_recorded(shown: Shown, *, as_json: bool) -> None:
    if as_json:
        typer.echo(shown.document, nl=False)
        return
    document = json.loads(shown.document)
    typer.echo(f"shown on {shown.day} from {shown.generation}")
    for key_result in document["key_results"]:
        value = "-" if key_result["value"] is None else _recorded_value(key_result)
        typer.echo(f"{key_result['id']}: {value}, target {key_result['target']}, {key_result['status']}")


def _recorded_value(key_result: Mapping[str, Any]) -> str:
    return in_unit(key_result["value"], key_result["unit"], beside=parse_target(key_result["target"]))


def _print_scorecard(console: Console, scorecard: Scorecard, language: Language) -> None:
    cycle = scorecard.cycle
    console.print(
        f"[bold]{cycle.id}[/]  {cycle.starts} to {cycle.ends}  {share_text(scorecard.elapsed)} elapsed  "
        f"as of {scorecard.as_of}  [dim]{scorecard.generation}, policy {scorecard.policy}[/]"
    )
    told = ", ".join(f"{count} {kind}" for kind, count in mix_of(scorecard).items() if count)
    if told:
        console.print(f"objectives: {told}", highlight=False)
    for objective in scorecard.objectives:
        table = Table(title_justify="left", expand=True, pad_edge=False)
        for heading in ("key result", "now", "target", "progress", "expected", "status", "why"):
            table.add_column(heading, justify="right" if heading in {"now", "progress", "expected"} else "left")
        for card in objective.key_results:
            table.add_row(*_cells(card, language))
        console.print()
        console.print(_objective_line(objective, language), highlight=False)
        console.print(table)
    if scorecard.goals or scorecard.drafts:
        console.print()
        console.print("[bold]SMART goals[/]")
        console.print(goal_table((*scorecard.goals, *scorecard.drafts), language))
    for card in scorecard.key_results:
        if stands_still(card):
            title = _plain(title_in(card.key_result.title, language))
            console.print(f"[yellow]◌[/] nothing moves {title} ({card.key_result.id})", highlight=False, soft_wrap=True)
    for ticked in newly_done(scorecard):
        what, whole = (title_in(one.title, language) for one in (ticked.milestone, ticked.card.key_result))
        told = what if what == whole else f"{what} ({whole})"
        console.print(
            f"[green]✔[/] {_plain(told)}, done on {ticked.milestone.done_on}", highlight=False, soft_wrap=True
        )
    for each in scorecard.dropped:
        drop, title = each.drop.decision, title_in(each.title, language)
        told = f"{title} ({each.id}) as of {drop.on} by {each.drop.actor}: {drop.reason}"
        console.print(f"[dim]dropped[/] {_plain(told)}", highlight=False, soft_wrap=True)


def _objective_line(card: ObjectiveCard, language: Language) -> str:
    progress = "no data" if card.progress is None else share_text(card.progress)
    title, worst = _plain(title_in(card.objective.title, language)), worse_within(card)
    line = f"[bold]{title}[/]  {card.objective.kind}  {progress}  {MARKS[card.status]}"
    return line if worst is None else f"{line}  worst of them: {MARKS[worst]}"


def goal_table(goals: Sequence[GoalCard], language: Language) -> Table:
    """Lay SMART goals out with the days that they are measured over."""
    table = Table(title_justify="left", expand=True, pad_edge=False)
    for heading in ("goal", "days", "now", "target", "progress", "expected", "status", "why"):
        table.add_column(heading, justify="right" if heading in {"now", "progress", "expected"} else "left")
    for each in goals:
        name, *rest = _cells(each.card, language)
        draft = " [dim]draft[/]" if each.goal.draft else ""
        table.add_row(f"{name}{draft}", f"{each.goal.starts} to {each.goal.ends}", *rest)
    return table


def _cells(card: KeyResultCard, language: Language) -> tuple[str, ...]:
    return (
        _plain(title_in(card.key_result.title, language) or card.key_result.id),
        "-" if card.value is None else in_unit(card.value, card.unit, beside=card.target),
        _plain(_target(card)),
        "-" if card.progress_raw is None else share_text(card.progress_raw),
        share_text(card.expected),
        MARKS[card.status],
        _plain(explain(card.why, card.unit)),
    )


def _target(card: KeyResultCard) -> str:
    first = card.original_target.text
    return card.target.text if card.target.text == first else f"{card.target.text} (first {first})"


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def _print_series(console: Console, metric: Metric, filters: Filter, points: tuple[Point, ...]) -> None:
    table = Table(title=f"{metric.id} {filter_text(filters)}".rstrip(), pad_edge=False)
    for heading in ("day", "value", "rows"):
        table.add_column(heading, justify="left" if heading == "day" else "right")
    for point in points:
        value = "gap" if point.value is None else in_unit(point.value, metric.unit)
        table.add_row(point.day.isoformat(), value, f"{point.rows:,}")
    console.print(table)
