"""Decision tables: rules that contradict each other, answers that are missing, results lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.bpmn.check import cells, escalation
from engine.bpmn.check.expressions import UNKNOWN_FUNCTION
from engine.bpmn.check.findings import REGISTER
from engine.bpmn.check.fixes import ElementChange, Fix
from engine.bpmn.check.reading import FileReading
from engine.bpmn.check.rules.decisions import (
    result_lost,
    rule_never_reached,
    setting_without_output,
    table_gap,
    table_overlap,
    table_without_rules,
    unknown_setting,
)
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.context import SETTABLE
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import Node
from feel import to_json
from feel.syntax import Literal
from feel.text import Text

if TYPE_CHECKING:
    from feel.dmn import Decision
    from feel.dmn.table import Rule


OVERLAP = table_overlap.RULE
GAP = table_gap.RULE
EMPTY_TABLE = table_without_rules.RULE
HIDDEN_RULE = rule_never_reached.RULE
UNKNOWN_SETTING = unknown_setting.RULE
NO_OUTPUT = setting_without_output.RULE
LOST = result_lost.RULE

_ONE_RESULT = frozenset("UAFP")


def check_file(scene: CheckSubject, read: FileReading) -> None:
    """Check every decision table of a DMN file."""
    if read.model is None:
        return
    for decision in read.model.by_id.values():
        _functions(scene, read.file, decision)
        if decision.table is None:
            continue
        if not decision.rules:
            name = _name(decision)
            text = Text(f"决策表“{name}”没有规则。", f"The table “{name}” has no rules.")
            _table(scene, read.file, decision, EMPTY_TABLE.id, text)
            continue
        answered = frozenset(name for form in scene.forms.values() for name in form.names)
        scene.findings += cells.findings(read.file, decision, answered)
        _overlaps(scene, read.file, decision)
        _gaps(scene, read.file, decision)
        _hidden(scene, read.file, decision)


def _functions(scene: CheckSubject, file: str, decision: Decision) -> None:
    known = {knowledge.body.name for knowledge in decision.model.knowledge.values()}
    for function in sorted(decision.functions - known):
        text = Text(
            f"决策“{_name(decision)}”用到函数“{quoted(function)}”，它不存在。",
            f"The decision “{_name(decision)}” calls “{quoted(function)}”, which does not exist.",
        )
        _table(scene, file, decision, UNKNOWN_FUNCTION.id, text)


def _table(
    scene: CheckSubject,
    file: str,
    decision: Decision,
    rule: str,
    text: Text,
    line: int | None = None,
    mend: Sequence[Fix] = (),
) -> None:
    element = decision.id or decision.name
    found = REGISTER.rules[rule].finding(
        file, text, element=element, line=line or decision.line, fixes=mend
    )
    scene.findings.append(found)


def _overlaps(scene: CheckSubject, file: str, decision: Decision) -> None:
    if decision.hit_policy not in ("U", "A"):
        return
    clashes = [
        overlap
        for overlap in decision.overlaps().overlaps
        if decision.hit_policy == "U" or _differ(decision, *overlap.rules)
    ]
    if not clashes:
        return
    first, more = clashes[0], len(clashes) - 1
    one, two = first.rules
    example, name = _example(first.example), _name(decision)
    text = Text(
        f"决策表“{name}”的规则 {one} 和 {two} 会同时命中（例如 {example.zh}），"
        "而命中策略只允许一条" + (f"；另有 {more} 对。" if more else "。"),
        f"Rules {one} and {two} of “{name}” can match at once (such as {example.en}), but the "
        "hit policy allows one" + (f"; {more} more pairs." if more else "."),
    )
    label = Text("命中策略改为“首个”", "Let the first matching rule decide")
    change = ElementChange("set", file, decision.id, "decisionTable", (("hitPolicy", "FIRST"),))
    mend = [Fix(label, (change,))] if decision.id else []
    _table(scene, file, decision, OVERLAP.id, text, decision.rules[two - 1].line, mend)


def _differ(decision: Decision, one: int, two: int) -> bool:
    """Return whether two rules of an ANY table certainly differ in their outputs."""
    pairs = zip(decision.rules[one - 1].outputs, decision.rules[two - 1].outputs, strict=True)
    return any(
        isinstance(a.node, Literal) and isinstance(b.node, Literal) and a.node.value != b.node.value
        for a, b in pairs
    )


def _gaps(scene: CheckSubject, file: str, decision: Decision) -> None:
    if decision.hit_policy not in _ONE_RESULT or any(o.default for o in decision.outputs):
        return
    if escalation.may_have_gaps(file, decision):
        # Where no row fits, the step's own limit or the usual rhythm holds.
        return
    gaps = decision.gaps().gaps
    if not gaps:
        return
    more = len(gaps) - 1
    example = _example(gaps[0].example)
    text = Text(
        f"决策表“{_name(decision)}”没有规则适用于 {example.zh}"
        + (f"，另有 {more} 种情况" if more else "")
        + "；这时结果是空的。",
        f"No rule of “{_name(decision)}” applies to {example.en}"
        + (f", nor to {more} other cases" if more else "")
        + "; there is no result then.",
    )
    _table(scene, file, decision, GAP.id, text)


def _hidden(scene: CheckSubject, file: str, decision: Decision) -> None:
    if decision.hit_policy != "F":
        return
    everything = next((rule for rule in decision.rules if _matches_all(rule)), None)
    if everything is None or everything.number == len(decision.rules):
        return
    name, number = _name(decision), everything.number
    text = Text(
        f"决策表“{name}”的规则 {number} 什么都命中，它后面的规则永远轮不到。",
        f"Rule {number} of “{name}” matches everything; none after it is ever reached.",
    )
    _table(scene, file, decision, HIDDEN_RULE.id, text, everything.line)


def _matches_all(rule: Rule) -> bool:
    return all(tests.anything for tests in rule.tests)


def _name(decision: Decision) -> str:
    return quoted(decision.name or decision.id)


def _example(values: Mapping[str, Any]) -> Text:
    pairs = [(quoted(label), _value(value)) for label, value in values.items()]
    if not pairs:
        return Text("任何输入", "any input")
    joined = [f"{label} = {value}" for label, value in pairs]
    return Text("、".join(joined), ", ".join(joined))


def _value(value: Any) -> str:
    plain = to_json(value)
    if plain is None:
        return "null"
    return f"“{quoted(plain)}”" if isinstance(plain, str) else quoted(str(plain).lower())


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every business rule task."""
    for node in process.nodes:
        if node.kind == "businessRuleTask" and node.decision is not None:
            _reference(scene, node)


def _reference(scene: CheckSubject, node: Node) -> None:
    reference = node.decision
    assert reference is not None
    decision, name = scene.decisions.get(reference.ref), called_name(node)
    outputs = {output.name for output in decision.outputs} if decision is not None else set()
    for setting in reference.sets:
        if setting not in SETTABLE:
            text = Text(
                f"“{name}”要写入事项的“{quoted(setting)}”，它不存在。",
                f"“{name}” sets “{quoted(setting)}” of the case, which does not exist.",
            )
            scene.find(UNKNOWN_SETTING, node, text)
        elif len(outputs) > 1 and setting not in outputs:
            text = Text(
                f"“{name}”要写入“{quoted(setting)}”，但决策表没有这一列输出。",
                f"“{name}” sets “{quoted(setting)}”, but the table has no such output.",
            )
            scene.find(NO_OUTPUT, node, text)
    lonely = decision is not None and decision.table is not None and len(outputs) == 1
    if lonely and not reference.result and not reference.sets:
        text = Text(
            f"“{name}”没有写明决策的结果放到哪里。", f"“{name}” does not say where the result goes."
        )
        scene.find(LOST, node, text)
