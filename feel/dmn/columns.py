"""The cells of one input column, arranged so that one look finds the rules they let pass.

Rules are bits: rule 1 is bit 0. Cells that list constants are found by a dictionary, only the
others are tested one by one, and those only for rules that the columns before left alive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from feel.expression import Tests
from feel.faults import FeelError
from feel.frame import Frame
from feel.syntax import Literal, walk
from feel.text import Text
from feel.values import Value, kind_name, kind_of

_INDEXED = (str, int, Decimal, bool)


@dataclass
class Column:
    name: str
    kinds: frozenset[str] = frozenset()
    """The kinds of the constants that the cells mention."""
    always: int = 0
    index: dict[type, dict[Value, int]] = field(default_factory=dict)
    tests: list[tuple[int, Tests]] = field(default_factory=list)

    def match(self, frame: Frame, value: Value, alive: int) -> int:
        """Return the rules among `alive` whose cell in this column lets the value pass.

        The frame's variables must hold the value as `?`.
        """
        passed = self.always
        if self.index:
            passed |= self._look_up(frame, value)
        open_rules = alive & ~passed
        if not open_rules or not self.tests:
            return alive & passed
        noted, wrong = len(frame.notes or ()), frame.cause
        bit = 0
        try:
            for bit, tests in self.tests:
                if open_rules & bit and tests.run(frame) is True:
                    passed |= bit
        except FeelError as error:
            raise error.attribute(self._cell(bit.bit_length())) from None
        frame.attribute(noted, Text(f"“{self.name}”列：", f"Column “{self.name}”: "))
        if len(self.kinds) > 1 and kind_of(value) in self.kinds:
            # Cells for values of several kinds stand side by side on purpose.
            frame.cause = wrong
        return alive & passed

    def _cell(self, number: int) -> Text:
        return Text(f"规则 {number} 的“{self.name}”：", f"Rule {number}, “{self.name}”: ")

    def _look_up(self, frame: Frame, value: Value) -> int:
        known = self.index.get(type(value))
        if known is not None:
            return known.get(value, 0)
        if value is not None and not self.tests:
            name = kind_name(value)
            frame.note(
                Text(
                    f"“{self.name}”是{name.zh}，这一列的规则里没有这种值。",
                    f"“{self.name}” is {name.en}; no rule of this column expects that.",
                ),
                is_type_error=True,
            )
        return 0


def arrange(name: str, cells: list[Tests]) -> Column:
    """Sort the cells of a column, first rule first."""
    column = Column(name, frozenset(_kinds(cells)))
    for number, tests in enumerate(cells):
        bit = 1 << number
        if tests.anything:
            column.always |= bit
        elif constants := _constants(tests):
            for value in constants:
                place = _table_for(column, type(value))
                place[value] = place.get(value, 0) | bit
        else:
            column.tests.append((bit, tests))
    return column


def _kinds(cells: list[Tests]) -> Iterator[str]:
    for tests in cells:
        for node in walk(tests.node):
            if isinstance(node, Literal) and node.value is not None:
                yield kind_of(node.value)


def _constants(tests: Tests) -> list[Value]:
    """Return the values a cell lists, if that is all it does."""
    values = [test.value for test in tests.node.tests if not test.op]
    constants = [node.value for node in values if isinstance(node, Literal)]
    plain = all(type(value) in _INDEXED for value in constants)
    complete = len(constants) == len(tests.node.tests) and not tests.node.negated
    return constants if plain and complete else []


def _table_for(column: Column, kind: type) -> dict[Value, int]:
    """Ints and decimals share one dictionary; true and 1 must not."""
    if kind in (int, Decimal):
        shared = column.index.setdefault(int, {})
        column.index[Decimal] = shared
        return shared
    return column.index.setdefault(kind, {})
