"""One key result's fields in the order people think: metric, what its value is, from where to where, by when, who."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from metrics.model.definition import Metric
from metrics.model.scorecard import Cycle
from pages.ui import define_data
from pages.ui.choices import plain
from pages.ui.define_form import NEW, KeyResultForm, MilestoneForm, PlanForm, next_mark
from pages.ui.fields import Fields
from pages.ui.formats import format_day
from pages.ui.i18n import Words
from pages.ui.markup import element

SHAPES = ("reach", "keep", "total", "milestone", "binary")
READS = ("period", "trailing", "last week", "last month")
COMPARATORS = ("", "<", "<=", ">", ">=", "within")
_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}


@dataclass(frozen=True, slots=True)
class Around:
    """What the fields of a key result are drawn with.

    Attributes:
        metrics: titles by id, of those in force and (`new:` and mark) those that are built along the way.
        metric: the one that is chosen, as far as it is understood.
        automatic: what an automatic baseline gives, in words.
        build: begins a new metric, and gives what stands for it.
        shapes: what may be chosen; a SMART goal is measured.
        alone: whether it is a SMART goal, which has dates of its own and no weight.
    """

    cycle: Cycle
    metrics: dict[str, str]
    metric: Metric | None
    automatic: str
    build: Callable[[], str]
    shapes: Sequence[str] = SHAPES
    alone: bool = False


def key_result_fields(form: KeyResultForm, fields: Fields, around: Around) -> KeyResultForm:
    """Draw a key result's fields and give what is typed."""
    words = fields.screen.words
    form = replace(
        form,
        **fields.in_both(form, "title", words("define.key_result_title"), example=words("define.key_result_example")),
        shape=fields.one_of("shape", words("define.shape"), around.shapes, form.shape,
                            lambda one: words(f"shape.{one}"), hint=words("define.shape_means")),
    )  # fmt: skip
    if form.shape == "milestone":
        form = _milestones(form, fields)
    elif form.shape != "binary":
        form = _measured(form, fields, around)
    form = _by_when(form, fields, around)
    return _who(form, fields, around)


def target_unit(metric: Metric | None, words: Words) -> str:
    """Name the unit that numbers are typed in."""
    return "" if metric is None else words.known(f"unit.{metric.unit}", metric.unit)


def _measured(form: KeyResultForm, fields: Fields, around: Around) -> KeyResultForm:
    words = fields.screen.words
    _step(fields, words("define.step_metric"))
    begun = f"{fields.prefix}-begun"
    metric = fields.from_list(
        f"metric-{st.session_state.get(f'{begun}-count', 0)}", words("define.metric"), ["", *around.metrics],
        st.session_state.pop(begun, form.metric), lambda name: _metric_label(name, around, words),
    )  # fmt: skip
    fields.tell("metric")
    st.button(
        words("define.build_metric"),
        icon=":material/add:",
        type="tertiary",
        key=f"{fields.prefix}-build",
        on_click=_choose_new,
        args=(begun, around.build),
    )
    form = replace(form, metric=metric)
    return _from_where_to_where(_value(form, fields, around), fields, around)


def _metric_label(name: str, around: Around, words: Words) -> str:
    if name.startswith(NEW) and name not in around.metrics:
        return words("define.new_metric", title="").rstrip(": ")
    return around.metrics.get(name, name) or words("define.choose")


def _choose_new(begun: str, build: Callable[[], str]) -> None:
    """Begin a new metric; the list of metrics is drawn anew, with the new one chosen."""
    st.session_state[begun] = build()
    st.session_state[f"{begun}-count"] = st.session_state.get(f"{begun}-count", 0) + 1


def _value(form: KeyResultForm, fields: Fields, around: Around) -> KeyResultForm:
    words = fields.screen.words
    _step(fields, words("define.step_value"))
    read = fields.one_of(
        "read",
        words("define.read"),
        READS,
        form.read,
        lambda one: words(f"read_as.{one.replace(' ', '_')}"),
        hint=words("define.read_means"),
    )
    days = form.days
    if read == "trailing":
        days = fields.text("days", words("define.days"), form.days)
    filter_ = dict(form.filter)
    if around.metric is not None and around.metric.dimensions:
        with st.expander(words("define.filter"), expanded=bool(form.filter)):
            for dimension in around.metric.dimensions:
                values = define_data.dimension_values(fields.screen.version, around.metric, dimension)
                name = plain(dimension.replace("_", " "))
                filter_[dimension] = fields.several(
                    f"filter-{dimension}", name, values, filter_.get(dimension, ()), open_end=True
                )
    fields.tell("filter")
    return replace(form, read=read, days=days, filter={name: values for name, values in filter_.items() if values})


def _from_where_to_where(form: KeyResultForm, fields: Fields, around: Around) -> KeyResultForm:
    words, unit = fields.screen.words, target_unit(around.metric, fields.screen.words)
    _step(fields, words("define.step_target"))
    automatic = fields.one_of(
        "automatic", words("define.baseline"), ("auto", "number"), "auto" if form.automatic else "number",
        lambda one: words(f"baseline.{one}"), hint=words("define.baseline_means"),
    ) == "auto"  # fmt: skip
    baseline = form.baseline
    if automatic:
        fields.screen.draw(element("p", around.automatic, class_="ql-note"))
        fields.tell("baseline")
    else:
        baseline = fields.text("baseline", _with_unit(words("define.baseline_value"), unit), form.baseline)
    comparator, target, high = _target(form, fields, around, unit)
    with st.expander(words("define.zones"), expanded=bool(form.stretch or form.commit)):
        left, right = st.columns(2)
        with left:
            commit = fields.text("commit", _with_unit(words("define.commit"), unit), form.commit)
        with right:
            stretch = fields.text("stretch", _with_unit(words("define.stretch"), unit), form.stretch)
    return replace(form, automatic=automatic, baseline=baseline, comparator=comparator, target=target, high=high,
                   commit=commit, stretch=stretch)  # fmt: skip


def _target(form: KeyResultForm, fields: Fields, around: Around, unit: str) -> tuple[str, str, str]:
    """Draw the target: the comparator is a field of its own, so that nobody guesses at what happens on the line."""
    words = fields.screen.words
    usual = "" if around.metric is None else "<" if around.metric.better == "lower" else ">="
    left, right = st.columns([2, 3])
    with left:
        comparator = fields.from_list(
            f"comparator-{around.metric.id if around.metric else ''}",
            words("define.comparator"),
            COMPARATORS,
            form.comparator or usual,
            lambda one: words(f"comparator.{_NAMES[one]}", sign=_SIGNS.get(one, "")),
        )
    with right:
        label = words("define.low" if comparator == "within" else "define.target")
        target = fields.text("target", _with_unit(label, unit), form.target)
    high = form.high
    if comparator == "within":
        high = fields.text("high", _with_unit(words("define.high"), unit), form.high)
    return comparator, target, high


_NAMES = {"": "none", "<": "less", "<=": "at_most", ">": "more", ">=": "at_least", "within": "within"}


def _by_when(form: KeyResultForm, fields: Fields, around: Around) -> KeyResultForm:
    words, cycle = fields.screen.words, around.cycle
    _step(fields, words("define.step_when"))
    if not around.alone:
        starts, ends = (format_day(day, words, year=True) for day in (cycle.starts, cycle.ends))
        told = words("define.by_when", cycle=cycle.id, starts=starts, ends=ends)
        fields.screen.draw(element("p", told, class_="ql-note"))
    if form.shape in {"keep", "binary"}:
        return form
    with st.expander(words("define.plan"), expanded=bool(form.plan)):
        fields.screen.draw(element("p", words("define.plan_means"), class_="ql-note"))
        points = tuple(_point(point, fields) for point in form.plan)
        fields.tell("plan")
        added = st.button(
            words("define.add_point"), icon=":material/add:", type="tertiary", key=f"{fields.prefix}-point"
        )
    if added:
        points = (*points, PlanForm(next_mark("p", [point.mark for point in form.plan])))
    return replace(form, plan=tuple(point for point in points if not _removed(fields, point.mark)))


def _point(point: PlanForm, fields: Fields) -> PlanForm:
    words = fields.screen.words
    left, middle, right = st.columns([3, 3, 1], vertical_alignment="bottom")
    with left:
        by = fields.text(f"by-{point.mark}", words("define.point_by"), point.by, example="2027-01-31")
    with middle:
        value = fields.text(f"value-{point.mark}", words("define.point_value"), point.value)
    with right:
        _remove_button(fields, point.mark)
    return replace(point, by=by, value=value)


def _milestones(form: KeyResultForm, fields: Fields) -> KeyResultForm:
    words = fields.screen.words
    _step(fields, words("define.step_milestones"))
    listed = tuple(_milestone(one, fields) for one in form.milestones)
    fields.tell("milestones")
    if st.button(words("define.add_milestone"), icon=":material/add:", type="tertiary", key=f"{fields.prefix}-step"):
        listed = (*listed, MilestoneForm(next_mark("g", [one.mark for one in form.milestones])))
    return replace(form, milestones=tuple(one for one in listed if not _removed(fields, one.mark)))


def _milestone(one: MilestoneForm, fields: Fields) -> MilestoneForm:
    words = fields.screen.words
    with st.container(border=True):
        own = replace(fields, prefix=f"{fields.prefix}-{one.mark}", problems={})
        titles = own.in_both(one, "title", words("define.milestone"))
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        with left:
            weight = own.text("weight", words("define.weight"), one.weight)
        with right:
            _remove_button(fields, one.mark)
    return replace(one, **titles, weight=weight)


def _who(form: KeyResultForm, fields: Fields, around: Around) -> KeyResultForm:
    words, known = fields.screen.words, define_data.people(fields.screen.version)
    _step(fields, words("define.step_who"))
    left, right = st.columns([3, 1])
    with left:
        owner = fields.name_of("owner", words("define.owner"), known, form.owner)
    weight = form.weight
    with right:
        if not around.alone:
            weight = fields.text("weight", words("define.weight"), form.weight, hint=words("define.weight_means"))
    contributors = fields.several("contributors", words("define.contributors"), known, form.contributors, open_end=True)
    return replace(form, owner=owner, weight=weight, contributors=contributors)


def _remove_button(fields: Fields, mark: str) -> None:
    st.button(fields.screen.words("define.remove"), key=f"{fields.prefix}-remove-{mark}", type="tertiary")


def _removed(fields: Fields, mark: str) -> bool:
    return bool(st.session_state.get(f"{fields.prefix}-remove-{mark}"))


def _step(fields: Fields, title: str) -> None:
    fields.screen.draw(element("h3", title, class_="ql-step"))


def _with_unit(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


def built_name(name: str) -> str:
    """Give the mark of a metric that is built along the way, or nothing."""
    return name.removeprefix(NEW) if name.startswith(NEW) else ""


def labels_of(metrics: Sequence[Metric], words: Words) -> dict[str, str]:
    """Name metrics in a list by title and id."""
    return {each.id: f"{words.title(each.title, each.id)} · {each.id}" for each in metrics}
