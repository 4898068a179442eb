"""Answers: choices that no form offers, and one field that two tasks ask in two ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from engine.bpmn.check.expression_uses import ExpressionUse, places, rewritten
from engine.bpmn.check.findings import ERROR, name_list
from engine.bpmn.check.literals import comparisons
from engine.bpmn.check.rules.assignment import field_asked_differently
from engine.bpmn.check.rules.expressions import choice_not_offered
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.check.variables import declared, is_open, nodes_of, relatives, sets
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import Node
from feel import FeelError
from feel.kinds import TEMPORAL
from feel.syntax import Literal, UnaryTests
from feel.text import Text

if TYPE_CHECKING:
    from feel.dmn import Decision
    from forms import Field


NOT_OFFERED = choice_not_offered.RULE
ASKED_DIFFERENTLY = field_asked_differently.RULE
Offered = Mapping[str, frozenset[str]]
CHOOSING = frozenset({"choice", "choices"})


@dataclass(frozen=True)
class FieldUse:
    """A field as one task asks it."""

    node: Node
    field: Field

    @property
    def values(self) -> frozenset[str]:
        """The choices it offers."""
        return frozenset(choice.value for choice in self.field.choices)


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Compare what forms ask with what the process does with the answers."""
    asked = _fields_by_name(scene, process)
    _compared(scene, process, asked)
    for of_one_name in asked.values():
        _differently(scene, process, of_one_name)


def _fields_by_name(scene: CheckSubject, process: CheckedProcess) -> dict[str, list[FieldUse]]:
    """Return the fields of all forms that the process and its relatives ask, by name."""
    found: dict[str, list[FieldUse]] = defaultdict(list)
    for source, key in relatives(scene, process.info.key):
        for node in nodes_of(source, key):
            form = scene.forms.get(node.form)
            for field in form.fields if form is not None else ():
                if field.asks:
                    found[field.name].append(FieldUse(node, field))
    return found


def _compared(
    scene: CheckSubject, process: CheckedProcess, asked: dict[str, list[FieldUse]]
) -> None:
    family = list(relatives(scene, process.info.key))
    names = declared(scene, process)
    nodes = [node for source, key in family for node in nodes_of(source, key)]
    written = frozenset().union(*(sets(scene, node, names) for node in nodes))
    offered = {
        name: frozenset().union(*(one.values for one in fields))
        for name, fields in asked.items()
        if name not in written and all(one.field.kind in CHOOSING for one in fields)
    }
    certain = not any(is_open(source, key) for source, key in family)
    for place in places(process):
        for name, value in _comparisons(place, names):
            if name in offered and value not in offered[name]:
                _not_offered(scene, place, name, value, offered[name], certain)
    for node in process.nodes:
        decision = scene.decisions.get(node.decision.ref) if node.decision else None
        if decision is not None and decision.table is not None:
            _rows(scene, decision, offered)


def _not_offered(
    scene: CheckSubject,
    place: ExpressionUse,
    name: str,
    value: str,
    offered: frozenset[str],
    certain: bool,
) -> None:
    text = Text(
        f"“{called_name(place.node)}”的{place.what.zh}把“{quoted(name)}”与“{quoted(value)}”比较，"
        f"表单没有这个选项。",
        f"The {place.what.en} of “{called_name(place.node)}” compares “{quoted(name)}” with "
        f"“{quoted(value)}”, which the form does not offer.",
    )
    there = name_list([quoted(one) for one in sorted(offered)])
    close = get_close_matches(value, sorted(offered), n=1, cutoff=0.5)
    mend = rewritten(place, place.source.replace(f'"{value}"', f'"{close[0]}"')) if close else []
    scene.find(
        NOT_OFFERED,
        place.node,
        text,
        line=place.line,
        remedy=Text(
            f"表单的选项有：{there.zh}。{NOT_OFFERED.remedy.zh}",
            f"The form offers: {there.en}. {NOT_OFFERED.remedy.en}",
        ),
        severity=ERROR if certain else None,
        fixes=mend,
        element=place.element,
    )


def _rows(scene: CheckSubject, decision: Decision, offered: Offered) -> None:
    """Rows of a table that wait for a choice which no form offers."""
    file = next((r.file for r in scene.files.readings.values() if r.model is decision.model), "")
    table = quoted(decision.name or decision.id)
    for rule in decision.rules:
        for column, tests in zip(decision.inputs, rule.tests, strict=True):
            choices = offered.get(getattr(column.expression.node, "name", ""))
            for value in _lost(tests.node, choices) if choices is not None else ():
                text = Text(
                    f"决策表“{table}”规则 {rule.number} 的“{quoted(column.label)}”写的是"
                    f"“{quoted(value)}”，表单没有这个选项。",
                    f"“{quoted(column.label)}” in rule {rule.number} of “{table}” names "
                    f"“{quoted(value)}”, which the form does not offer.",
                )
                element, line = rule.id or decision.id, rule.line or decision.line
                found = NOT_OFFERED.finding(file, text, element=element, line=line)
                scene.findings.append(found)


def _lost(tests: UnaryTests, choices: frozenset[str]) -> Iterator[str]:
    for test in () if tests.negated else tests.tests:
        value = test.value.value if isinstance(test.value, Literal) and not test.op else None
        if isinstance(value, str) and value not in choices:
            yield value


def _comparisons(place: ExpressionUse, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield which names an expression compares with which texts."""
    try:
        compiled: Any = place.compile(names)
    except FeelError:
        return
    lines = [line.expression for line in compiled.lines] if place.script else [compiled]
    for expression in lines:
        yield from comparisons(expression.node)


def _differently(scene: CheckSubject, process: CheckedProcess, asked: list[FieldUse]) -> None:
    """The later of two tasks that ask for one thing in two ways, told at that task."""
    first = asked[0]
    for one in asked[1:]:
        same = one.field.kind == first.field.kind and one.values == first.values
        if same or one.node.form == first.node.form or one.node.scope not in _scopes(process):
            continue
        name = one.field.name
        how = (
            Text("类型", "kind") if one.field.kind != first.field.kind else Text("选项", "choices")
        )
        text = Text(
            f"“{called_name(one.node)}”和“{called_name(first.node)}”都填“{quoted(name)}”，{how.zh}不同。",
            f"“{called_name(one.node)}” and “{called_name(first.node)}” both fill in "
            f"“{quoted(name)}”, with different {how.en}.",
        )
        scene.find(ASKED_DIFFERENTLY, one.node, text, severity=_how_bad(one, first))


def _how_bad(one: FieldUse, other: FieldUse) -> str | None:
    """A date in one form and a text in another is neither to what reads it."""
    from forms import KINDS as FIELD_KINDS

    kinds = {FIELD_KINDS[use.field.kind].feel for use in (one, other)}
    return ERROR if len(kinds) > 1 and kinds & TEMPORAL and "string" in kinds else None


def _scopes(process: CheckedProcess) -> frozenset[str]:
    return frozenset(graph.scope.id for graph in process.graphs)
