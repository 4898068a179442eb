"""What a table says twice, and what it does not say: overlaps and gaps between its rules.

Every column is cut at the constants its cells mention into finitely many kinds of input; one
sample stands for each. Cells that call functions or read other variables cannot be cut: their
rules are left out of the overlaps, and count as matching when gaps are looked for, so that
only certain findings are reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from feel.dmn.samples import analysable, samples
from feel.dmn.table import DecisionTable, Input
from feel.expression import Tests
from feel.frame import Frame
from feel.limits import EvaluationLimits
from feel.values import Value

MAX_FOUND = 20
_MAX_LOOKS = 250_000
_MAX_NODES = 50_000


@dataclass(frozen=True)
class Overlap:
    """Two rules, by number, that both match the example."""

    rules: tuple[int, int]
    example: dict[str, Value]
    """A value for every input that matters, by the column's label."""


@dataclass(frozen=True)
class RuleGap:
    """An input that no rule matches; columns that do not matter are left out."""

    example: dict[str, Value]


@dataclass(frozen=True)
class TableAnalysis:
    """`complete` is false when parts of the table could not be analysed or more was found."""

    overlaps: tuple[Overlap, ...] = ()
    gaps: tuple[RuleGap, ...] = ()
    complete: bool = True


@dataclass
class _Axis:
    label: str
    opaque: int = 0
    """Rules whose cell in this column cannot be analysed."""
    atoms: list[tuple[Value, int]] = field(default_factory=list)
    """A sample, and the rules that match it; no two with the same rules."""


def overlaps(table: DecisionTable) -> TableAnalysis:
    """Return pairs of rules that can match the same input, with an example each."""
    axes, complete = _axes(table)
    opaque = _joined(axis.opaque for axis in axes)
    found: list[Overlap] = []
    for rule in table.rules:
        bit = 1 << (rule.number - 1)
        if opaque & bit:
            continue
        later = (1 << len(table.rules)) - (bit << 1)
        alive = later & ~opaque
        for axis in axes:
            alive &= _joined(mask for _, mask in axis.atoms if mask & bit)
        for other in _bits(alive):
            if len(found) >= MAX_FOUND:
                return TableAnalysis(tuple(found), complete=False)
            found.append(Overlap((rule.number, other), _example(axes, bit | 1 << (other - 1))))
    return TableAnalysis(tuple(found), complete=complete and not opaque)


def gaps(table: DecisionTable) -> TableAnalysis:
    """Return inputs that no rule matches, with an example each."""
    axes, complete = _axes(table)
    search = _GapSearch([axis for axis in axes if axis.atoms])
    search.look(0, (1 << len(table.rules)) - 1, {})
    opaque = any(axis.opaque for axis in axes)
    return TableAnalysis(
        gaps=tuple(search.gaps), complete=complete and search.complete and not opaque
    )


class _GapSearch:
    """Goes through the kinds of input column by column until no rule is left alive."""

    def __init__(self, axes: list[_Axis]) -> None:
        self.axes = axes
        self.gaps: list[RuleGap] = []
        self.seen_states: set[tuple[int, int]] = set()
        self.complete = True

    def look(self, level: int, alive: int, chosen: dict[str, Value]) -> None:
        if not alive:
            self._keep(chosen)
            return
        if level == len(self.axes) or (level, alive) in self.seen_states:
            return
        self.seen_states.add((level, alive))
        if len(self.seen_states) > _MAX_NODES:
            self.complete = False
            return
        axis = self.axes[level]
        for sample, mask in axis.atoms:
            if len(self.gaps) >= MAX_FOUND:
                self.complete = False
                return
            self.look(level + 1, alive & (mask | axis.opaque), {**chosen, axis.label: sample})

    def _keep(self, chosen: dict[str, Value]) -> None:
        if len(self.gaps) < MAX_FOUND:
            self.gaps.append(RuleGap(chosen))


def _axes(table: DecisionTable) -> tuple[list[_Axis], bool]:
    """Cut all columns; false when there was too much to look at."""
    axes, looks, complete = [], 0, True
    for place, each in enumerate(table.inputs):
        cells = [rule.tests[place] for rule in table.rules]
        axis = _Axis(_label(table, place))
        cut = samples(each, [cell for cell in cells if analysable(cell)])
        looks += len(cut) * len(cells)
        if looks > _MAX_LOOKS:
            axis.opaque, complete = (1 << len(cells)) - 1, False
        else:
            _fill(axis, each, cells, cut)
        axes.append(axis)
    return axes, complete


def _label(table: DecisionTable, place: int) -> str:
    label = table.inputs[place].label
    same = [each.label for each in table.inputs].count(label) > 1
    return f"{label} ({place + 1})" if same else label


def _fill(axis: _Axis, column: Input, cells: list[Tests], cut: list[Value]) -> None:
    """Find which rules match each sample; keep one sample of those that match the same."""
    seen: set[int] = set()
    known = [(1 << n, cell) for n, cell in enumerate(cells) if analysable(cell)]
    axis.opaque = (1 << len(cells)) - 1 & ~_joined(bit for bit, _ in known)
    for sample in cut:
        if sample is not None and not _allowed(column, sample):
            continue
        frame = Frame({"?": sample}, 0, None, _LIMITS)
        mask = _joined(bit for bit, cell in known if cell.run(frame) is True)
        if mask not in seen:
            seen.add(mask)
            axis.atoms.append((sample, mask))


_LIMITS = EvaluationLimits(steps=10_000_000, lenient=True)


def _allowed(column: Input, sample: Value) -> bool:
    tests = [each for each in (column.allowed_values, column.type.allowed_values) if each]
    return all(each.matches(sample) for each in tests)


def _joined(masks: Iterator[int]) -> int:
    result = 0
    for mask in masks:
        result |= mask
    return result


def _bits(mask: int) -> Iterator[int]:
    """Yield numbers, from 1, of the bits that are set."""
    while mask:
        low = mask & -mask
        yield low.bit_length()
        mask ^= low


def _example(axes: list[_Axis], both: int) -> dict[str, Value]:
    example = {}
    for axis in axes:
        sample = next((sample for sample, mask in axis.atoms if mask & both == both), None)
        if sample is not None:
            example[axis.label] = sample
    return example
