"""Cells of decision tables that say something else than was meant."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.bpmn.check.findings import Finding
from engine.bpmn.check.rules.decisions import cell_never_matches, cell_without_quotes
from engine.bpmn.labels import quoted
from feel.syntax import Literal, Name, SyntaxNode
from feel.text import Text

if TYPE_CHECKING:
    from feel.dmn import Decision
    from feel.dmn.table import Input, Rule


BARE_WORD = cell_without_quotes.RULE
NEVER_MATCHES = cell_never_matches.RULE

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, Decimal),
    "boolean": (bool,),
}


def findings(
    file: str, decision: Decision, answered: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """Check every cell that is a plain word or value; ``answered`` are fields of forms."""
    known = _names_in_scope(decision) | answered
    for rule in decision.rules:
        for column, tests in zip(decision.inputs, rule.tests, strict=True):
            for test in tests.node.tests:
                yield from _bare(file, decision, rule, column.label, test.value, known)
                if not test.op:
                    yield from _foreign(file, decision, rule, column, test.value)
        for output, expression in zip(decision.outputs, rule.outputs, strict=True):
            label = output.label or output.name
            yield from _bare(file, decision, rule, label, expression.node, known)


def _names_in_scope(decision: Decision) -> frozenset[str]:
    """Return what a cell may name: the inputs, and what else the file holds."""
    model = decision.model
    read = (column.expression.variables for column in decision.inputs)
    parts = (model.inputs, model.by_id, model.knowledge)
    named = {part.name for group in parts for part in group.values()}
    return frozenset({"case", "?"}).union(named, *read)


def _bare(
    file: str, decision: Decision, rule: Rule, label: str, cell: SyntaxNode, known: frozenset[str]
) -> Iterator[Finding]:
    if not isinstance(cell, Name) or cell.name in known:
        return
    text = Text(
        f"决策表“{_name(decision)}”规则 {rule.number} 的“{quoted(label)}”写的是 "
        f"{quoted(cell.name)}，"
        "它不是这张表的输入。",
        f"“{quoted(label)}” in rule {rule.number} of “{_name(decision)}” reads "
        f"{quoted(cell.name)}, "
        "which is no input of the table.",
    )
    remedy = Text(
        f'如果是文字，写成 "{quoted(cell.name)}"。{BARE_WORD.remedy.zh}',
        f'If it is a text, write "{quoted(cell.name)}". {BARE_WORD.remedy.en}',
    )
    yield BARE_WORD.finding(
        file, text, element=rule.id or decision.id, line=rule.line or decision.line, remedy=remedy
    )


def _foreign(
    file: str, decision: Decision, rule: Rule, column: Input, cell: SyntaxNode
) -> Iterator[Finding]:
    wanted = () if column.type.collection else _TYPES.get(column.type.kind, ())
    if not wanted or not isinstance(cell, Literal) or _fits(cell.value, wanted):
        return
    text = Text(
        f"决策表“{_name(decision)}”规则 {rule.number} 的“{quoted(column.label)}”写的不是"
        f" {column.type.kind}，永远不会命中。",
        f"“{quoted(column.label)}” in rule {rule.number} of “{_name(decision)}” is no "
        f"{column.type.kind} and never matches.",
    )
    yield NEVER_MATCHES.finding(
        file, text, element=rule.id or decision.id, line=rule.line or decision.line
    )


def _fits(value: Any, wanted: tuple[type, ...]) -> bool:
    return value is None or type(value) in wanted


def _name(decision: Decision) -> str:
    return quoted(decision.name or decision.id)
