"""Cells of a decision table as people read them: values by name, ranges, alternatives."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.bpmn.labels import ROLES
from engine.definitions.differences.conditions import OPERATORS
from engine.terms.levels import NAMES as LEVELS
from feel import FeelError
from feel.parse import parse_expression, parse_tests
from feel.syntax import ListOf, Literal, Negate, RangeOf, SyntaxNode, Test
from feel.text import Text

ANY = Text("任何", "any")
EMPTY = Text("空", "empty")
# What the tables of this product say in English letters.
WORDS: Mapping[str, Text] = {
    **ROLES,
    **LEVELS,
    "hours": Text("小时", "hours"),
    "working_hours": Text("工作小时", "working hours"),
    "working_days": Text("工作日", "working days"),
    "days": Text("天", "days"),
    "months": Text("月", "months"),
    "years": Text("年", "years"),
    "sign": Text("签收", "signing"),
    "handle": Text("办理", "handling"),
    "citizen": Text("群众", "the citizen's clock"),
    "notify": Text("通知", "notify"),
    "supervise": Text("督办", "supervise"),
    "reassign": Text("改派", "reassign"),
    "escalate": Text("触发升级", "escalate"),
}


def tested(source: str) -> Text:
    """Return what an input cell lets pass; a cell that compares more than values, as it is
    written.
    """
    if source.strip() in ("", "-"):
        return ANY
    try:
        tests = parse_tests(source)
    except FeelError:
        return Text(source, source)
    said = [_test(test) for test in tests.tests]
    words = [one for one in said if one is not None]
    if len(words) < len(said) or not words:
        return Text(source, source)
    zh, en = "或".join(one.zh for one in words), " or ".join(one.en for one in words)
    return Text(f"不是{zh}", f"not {en}") if tests.negated else Text(zh, en)


def output(source: str) -> Text:
    """Return what an output cell says."""
    if source.strip() in ("", "-", "null"):
        return EMPTY
    try:
        said = _value(parse_expression(source))
    except FeelError:
        said = None
    return said or Text(source, source)


def _test(test: Test) -> Text | None:
    if isinstance(test.value, RangeOf) and not test.op:
        return _range(test.value)
    said = _value(test.value)
    if said is None or not test.op:
        return said
    operator = OPERATORS.get(test.op)
    return operator and Text(f"{operator.zh}{said.zh}", f"{operator.en} {said.en}")


def _range(node: RangeOf) -> Text | None:
    low, high = _value(node.low), _value(node.high)
    if low is None or high is None:
        return None
    above = Text("", "") if node.low_included else Text("（不含）", " (not included)")
    below = Text("", "") if node.high_included else Text("（不含）", " (not included)")
    return Text(
        f"{low.zh}{above.zh}至{high.zh}{below.zh}", f"{low.en}{above.en} to {high.en}{below.en}"
    )


def _value(node: SyntaxNode) -> Text | None:
    if isinstance(node, ListOf):
        parts = [_value(item) for item in node.items]
        said = [part for part in parts if part is not None]
        if len(said) < len(parts):
            return None
        return Text("、".join(one.zh for one in said), ", ".join(one.en for one in said))
    if isinstance(node, Negate):
        inner = _value(node.operand)
        return inner and Text(f"-{inner.zh}", f"-{inner.en}")
    if not isinstance(node, Literal):
        return None
    value = node.value
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, int | Decimal):
        return Text(f"{value:f}" if isinstance(value, Decimal) else str(value), str(value))
    if isinstance(value, str):
        known = WORDS.get(value)
        if known is None:
            return Text(f"“{value}”", f"“{value}”")
        return Text(f"“{known.zh}”（{value}）", f"“{known.en}” ({value})")
    return None
