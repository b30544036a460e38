"""One column's type, settled over every block of a load, and agreed with what an earlier load learnt."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from connectors.columns import INSTANT, DeclaredColumn, decimal_type, type_name, widened
from connectors.errors import ContentError, DriftError, shortened
from connectors.exact.fixed import MISFIT, read_fixed
from connectors.exact.numbers import Writing
from connectors.exact.observe import Form, Kind, Observation, joined, observe
from connectors.exact.text import TextBlock
from connectors.times import NAIVE, Clock

_TYPES: Mapping[Kind, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "instant": INSTANT,
    "text": pa.string(),
}
_FITS: tuple[tuple[pa.DataType, frozenset[Kind]], ...] = (
    (pa.bool_(), frozenset({"boolean"})),
    (pa.date32(), frozenset({"date"})),
    (INSTANT, frozenset({"instant", "date"})),
)
_NUMBER_KINDS: frozenset[Kind] = frozenset({"integer", "decimal", "comma", "percent"})


@dataclass(slots=True)
class ColumnReader:
    """Reads one column's blocks and remembers what its values are.

    Attributes:
        fixed: the type to read as, when it is declared, pinned without room, or settled by a first pass.
        pinned: the type that an earlier load learnt.
        percent: whether an earlier load learnt that the numbers carry a percent sign; None when there was none.
    """

    name: str
    writing: Writing
    clock: Clock
    fixed: DeclaredColumn | None = None
    pinned: pa.DataType | None = None
    percent: bool | None = None
    kind: Kind = "empty"
    form: Form = "any"
    whole: int = 0
    scale: int = 0
    missing: int = 0
    naive: int = 0
    spooled: set[Kind] = field(default_factory=set)

    def look(self, block: TextBlock) -> Observation:
        """Read a block without changing anything, so that threads may share the work."""
        text, clock = block.columns[self.name], Clock(self.clock.zone)
        if self.fixed is None and self.kind == "text" and self.pinned is None:
            return Observation("text", text, clock)
        if self.fixed is None:
            return observe(text, self.writing, clock, block.forms.get(self.name, "any"))
        try:
            values, missing = read_fixed(text, self.fixed, self.writing, clock)
        except MISFIT:
            raise self._misfit(block) from None
        return Observation("text", values, clock, missing=missing)

    def take(self, seen: Observation, block: TextBlock) -> pa.Array:
        """Take note of an observation, blocks in order, and return its values.

        Raises:
            ContentError: the column's values have no common exact reading.
        """
        self._agree_on_form(block)
        self.missing += seen.missing
        self.naive += seen.naive
        self.clock.add(seen.clock)
        if self.fixed is not None:
            return seen.values
        self._refuse_drift(seen, block)
        self.kind = joined(self.kind, seen.kind)
        self.whole, self.scale = max(self.whole, seen.whole), max(self.scale, seen.scale)
        self.spooled.add("integer" if seen.kind == "empty" and seen.missing else seen.kind)
        if self.kind == "ambiguous":
            raise self._ambiguous(seen, block)
        return seen.values

    @property
    def type(self) -> pa.DataType:
        """The type that holds every value seen exactly."""
        if self.fixed is not None:
            return self.fixed.type
        if self.kind == "empty":
            return self.pinned or (pa.float64() if self.missing else pa.null())
        found = _TYPES.get(self.kind) or decimal_type(self.whole, self.scale) or pa.float64()
        if self.pinned is None or found == pa.date32():
            return self.pinned or found
        return (
            self.pinned if self._has_room(self.kind, self.whole, self.scale) else widened(self.pinned, found) or found
        )

    @property
    def needs_text(self) -> bool:
        """Whether blocks were read as something that does not lead to the type, so that a second pass must."""
        exact = {"empty", self.kind} | (_NUMBER_KINDS if pa.types.is_decimal(self.type) else set())
        return self.fixed is None and not self.spooled <= exact | ({"date"} if self.kind == "instant" else set())

    def settle(self, values: pa.Array) -> pa.Array:
        """Bring a block's values to the type."""
        type_ = self.type
        if values.type == type_:
            return values
        if len(values) == values.null_count:
            return pa.nulls(len(values), type_)
        if pa.types.is_date(values.type):
            return Clock(self.clock.zone).to_utc(values.cast(NAIVE))
        if pa.types.is_decimal(type_):
            # By way of 38 digits, as a narrower target is refused before its values are looked at.
            return values.cast(pa.decimal128(38, type_.scale)).cast(type_)
        return values.cast(type_)

    def notes(self) -> list[str]:
        """Say what a person should know about the column's values."""
        said = []
        if self.missing:
            said.append(f"column {self.name!r}: {self.missing} NaN or infinite values taken as missing")
        if self.naive:
            said.append(f"column {self.name!r}: {self.naive} times without an offset read in {self.clock.zone}")
        if self.kind == "percent":
            said.append(f"column {self.name!r}: percentages read as fractions (75 % is 0.75)")
        if self.kind == "comma":
            said.append(f"column {self.name!r}: decimal comma detected")
        return said + self.clock.notes(self.name)

    def _agree_on_form(self, block: TextBlock) -> None:
        form = block.forms.get(self.name, "any")
        if "any" not in {form, self.form} and form != self.form:
            raise ContentError(
                f"could not read the column, because it holds a {form} here and a {self.form} before; correct the file",
                file=block.file,
                line=block.line_of(0),
                column=self.name,
            )
        self.form = self.form if form == "any" else form

    def _fits(self, kind: Kind) -> bool:
        if kind == "empty" or self.pinned is None:
            return True
        if self.percent is not None and (kind == "percent") != self.percent and kind in _NUMBER_KINDS:
            return False
        known = next((kinds for type_, kinds in _FITS if type_ == self.pinned), _NUMBER_KINDS)
        return kind in known

    def _refuse_drift(self, seen: Observation, block: TextBlock) -> None:
        text = block.columns[self.name]
        if self._fits(seen.kind) and (seen.kind == "empty" or self._widens(seen)):
            return
        for row, value in enumerate(text.to_pylist()):
            single = observe(pa.array([value], pa.string()), self.writing, Clock(self.clock.zone), self.form)
            if not self._fits(single.kind) or not self._widens(single):
                raise self._drifted(block, row, value)
        raise self._drifted(block, 0, text[0].as_py())

    def _widens(self, seen: Observation) -> bool:
        if self.pinned is None or seen.kind not in _NUMBER_KINDS:
            return True
        if self._has_room(seen.kind, seen.whole, seen.scale):
            return True
        found = pa.int64() if seen.kind == "integer" else decimal_type(seen.whole, seen.scale)
        return found is not None and widened(self.pinned, found) is not None

    def _has_room(self, kind: Kind, whole: int, scale: int) -> bool:
        """Tell whether the pinned type is a decimal that holds so many digits."""
        known = self.pinned
        if known is None or not pa.types.is_decimal(known) or kind not in _NUMBER_KINDS:
            return False
        return bool(scale <= known.scale and whole <= known.precision - known.scale)

    def _drifted(self, block: TextBlock, row: int, value: str | None) -> DriftError:
        known = type_name(self.pinned) + (" with a percent sign" if self.percent else "")
        return DriftError(
            f"could not read {shortened(value)}, because the column was {known} when it was first loaded; correct the "
            f"value, or declare the column's type and run `quarterline sync --relearn`",
            file=block.file,
            line=block.line_of(row),
            column=self.name,
        )

    def _ambiguous(self, seen: Observation, block: TextBlock) -> ContentError:
        odd = {"ambiguous", "percent", "comma"} if seen.kind == "ambiguous" else {seen.kind}
        singles = (
            (row, value, observe(pa.array([value], pa.string()), self.writing, Clock("UTC"), self.form).kind)
            for row, value in enumerate(block.columns[self.name].to_pylist())
        )
        row, value = next(((row, value) for row, value, kind in singles if kind in odd), (0, None))
        why = seen.why or "its numbers are written in more than one way (a point and a comma, or percent and plain)"
        return ContentError(
            f"could not read {shortened(value)} as a number, because {why}; declare decimal:, thousands: or the "
            f"column's type (text keeps it as it is)",
            file=block.file,
            line=block.line_of(row),
            column=self.name,
        )

    def _misfit(self, block: TextBlock) -> ContentError:
        fixed = self.fixed or DeclaredColumn(pa.string())
        text = block.columns[self.name]
        row = next((row for row in range(len(text)) if not self._reads(text.slice(row, 1), fixed)), 0)
        how = f" in the format {fixed.format!r}" if fixed.format else f" in unit {fixed.unit}" if fixed.unit else ""
        return ContentError(
            f"could not read {shortened(text[row].as_py())} as {type_name(fixed.type)}{how}, because it does not fit; "
            f"correct the value or the declared column",
            file=block.file,
            line=block.line_of(row),
            column=self.name,
        )

    def _reads(self, text: pa.Array, fixed: DeclaredColumn) -> bool:
        try:
            read_fixed(text, fixed, self.writing, Clock(self.clock.zone))
        except MISFIT:
            return False
        return True
