"""Decision tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from feel.dmn.columns import Column, arrange
from feel.dmn.hits import Match, resolve, when_none
from feel.dmn.types import ANY, Problems, Type
from feel.expression import Expression, Tests
from feel.faults import FeelError
from feel.frame import Frame
from feel.syntax import Literal
from feel.text import Text
from feel.values import Value, equal


@dataclass(frozen=True)
class Input:
    """An input column. `allowed_values` lists what the column may hold."""

    label: str
    expression: Expression
    type: Type = ANY
    allowed_values: Tests | None = None


@dataclass(frozen=True)
class Output:
    """An output column. `values` are the allowed values, in order of priority."""

    name: str
    label: str
    type: Type = ANY
    values: Tests | None = None
    default: Expression | None = None

    @cached_property
    def priorities(self) -> tuple[Value, ...]:
        tests = self.values.node.tests if self.values else ()
        return tuple(t.value.value for t in tests if isinstance(t.value, Literal) and not t.op)


@dataclass(frozen=True)
class Rule:
    """One row; `number` counts from 1, `note` is what its author wrote beside it."""

    number: int
    id: str
    tests: tuple[Tests, ...]
    outputs: tuple[Expression, ...]
    note: str = ""
    line: int | None = None


@dataclass(frozen=True)
class DecisionTable:
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit_policy: str

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(
            arrange(each.label, [rule.tests[place] for rule in self.rules])
            for place, each in enumerate(self.inputs)
        )

    @cached_property
    def _in_order(self) -> list[tuple[Input, Column]]:
        """Columns found by a look first: they leave fewer rules to test in the others."""
        pairs = zip(self.inputs, self.columns, strict=True)
        return sorted(pairs, key=lambda pair: len(pair[1].tests))

    def evaluate(self, frame: Frame) -> tuple[Value, tuple[int, ...]]:
        """Return the result and the numbers of the rules that matched."""
        matched = self._matching(frame)
        frame.spend(1 + len(matched))
        if not matched:
            return self._default(frame), ()
        numbers = tuple(rule.number for rule in matched)
        if self.hit_policy == "F":
            matched = matched[:1]
        matches = [self._match(rule, frame) for rule in matched]
        return resolve(self.hit_policy, matches, frame, self._rank), numbers

    def _matching(self, frame: Frame) -> list[Rule]:
        alive = (1 << len(self.rules)) - 1
        outside = frame.variables
        for each, column in self._in_order:
            frame.variables = outside
            value = self._input(each, frame)
            frame.variables = _with_input(outside, value)
            alive = column.match(frame, value, alive)
            if not alive:
                break
        frame.variables = outside
        return [rule for rule in self.rules if alive >> (rule.number - 1) & 1] if alive else []

    def _input(self, each: Input, frame: Frame) -> Value:
        value = each.expression.run(frame)
        if value is None:
            return None
        errors = Problems()
        value = each.type.admit(value, each.label, errors)
        if value is not None and each.allowed_values and not each.allowed_values.matches(value):
            errors.append(
                Text(
                    f"“{each.label}”的值“{value}”不在这一列允许的值（{each.allowed_values.source}）之内。",
                    f"“{each.label}” is “{value}”, none of this column's values"
                    f" ({each.allowed_values.source}).",
                )
            )
        for error in errors:
            frame.note(error, is_type_error=error is errors.fault)
        return value

    def _match(self, rule: Rule, frame: Frame) -> Match:
        noted, where = (
            len(frame.notes or ()),
            Text(f"规则 {rule.number}：", f"Rule {rule.number}: "),
        )
        try:
            values = tuple(expression.run(frame) for expression in rule.outputs)
        except FeelError as error:
            raise error.attribute(where) from None
        frame.attribute(noted, where)
        for output, value in zip(self.outputs, values, strict=True):
            if output.values and value is not None and not output.values.matches(value):
                frame.note(
                    Text(
                        f"规则 {rule.number} 的结果“{value}”不在允许的值"
                        f"（{output.values.source}）之内。",
                        f"Rule {rule.number} gives “{value}”, none of the allowed values"
                        f" ({output.values.source}).",
                    )
                )
        return Match(rule.number, values, self._shape(values))

    def _shape(self, values: tuple[Value, ...]) -> Value:
        """Return one output as it is, several as a context."""
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _default(self, frame: Frame) -> Value:
        if not any(output.default for output in self.outputs):
            return when_none(self.hit_policy)
        values = tuple(
            output.default.run(frame) if output.default else None for output in self.outputs
        )
        value = self._shape(values)
        return [value] if self.hit_policy in ("R", "O", "C") else value

    def _rank(self, match: Match) -> tuple[int, ...]:
        """Return places of the outputs in their lists of allowed values, first output first."""
        return tuple(
            next((i for i, p in enumerate(output.priorities) if equal(p, value) is True), 1 << 30)
            for output, value in zip(self.outputs, match.outputs, strict=True)
            if output.priorities
        )


def _with_input(variables: Mapping[str, Any], value: Value) -> Mapping[str, Any]:
    return {**variables, "?": value}
