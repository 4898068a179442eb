"""Expressions: are they FEEL, do they call what exists, do they come to an end?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.bpmn.check.engine_rules import BAD_EXPRESSION, BAD_TIMER
from engine.bpmn.check.expression_uses import (
    GIVEN,
    TIMER,
    ExpressionUse,
    called_by_path,
    places,
    rewritten,
)
from engine.bpmn.check.findings import REGISTER
from engine.bpmn.check.fixes import Fix
from engine.bpmn.check.loops import TOO_MANY
from engine.bpmn.check.rules.expressions import (
    condition_never_changes,
    expression_too_heavy,
    not_a_condition,
    reserved_name,
    unknown_case_value,
    unknown_function,
)
from engine.bpmn.check.spelling import propose, propose_script
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.check.variables import declared
from engine.bpmn.context import READABLE
from engine.bpmn.labels import called_name, quoted
from feel import FeelError, LimitReached
from feel.text import Text

UNKNOWN_FUNCTION = unknown_function.RULE
UNKNOWN_CASE = unknown_case_value.RULE
TOO_HEAVY = expression_too_heavy.RULE
CONSTANT = condition_never_changes.RULE
NO_CONDITION = not_a_condition.RULE
RESERVED = reserved_name.RULE


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check every expression of a process."""
    names = declared(scene, process)
    # A time that cannot be read has its finding already.
    told = {finding.element for finding in scene.findings if finding.rule == BAD_TIMER.id}
    for place in places(process):
        if not (place.what is TIMER and place.element in told):
            _expression(scene, place, names)


def _expression(scene: CheckSubject, place: ExpressionUse, names: frozenset[str]) -> None:
    try:
        compiled = place.compile(names)
    except FeelError as error:
        _report(scene, place, error, names)
        return
    for function in sorted((compiled.functions | called_by_path(compiled)) - names):
        text = Text(
            f"“{called_name(place.node)}”的{place.what.zh}用到函数“{quoted(function)}”，它不存在。",
            f"The {place.what.en} of “{called_name(place.node)}” calls “{quoted(function)}”, which "
            "does not exist.",
        )
        _at(scene, UNKNOWN_FUNCTION.id, place, text)
    for path in sorted(compiled.paths):
        if path[0] == "case" and len(path) > 1 and path[1] not in READABLE:
            name, value = called_name(place.node), quoted(path[1])
            text = Text(
                f"“{name}”的{place.what.zh}用到 case.{value}，它不存在。",
                f"The {place.what.en} of “{name}” reads case.{value}, which does not exist.",
            )
            _at(scene, UNKNOWN_CASE.id, place, text)
    if place.script:
        for name in sorted(compiled.assigns & GIVEN):
            text = Text(
                f"“{called_name(place.node)}”的脚本给“{name}”赋值。",
                f"The script of “{called_name(place.node)}” sets “{name}”.",
            )
            _at(scene, RESERVED.id, place, text)
    _constant(scene, place, compiled)


def _constant(scene: CheckSubject, place: ExpressionUse, compiled: Any) -> None:
    """Try out what depends on nothing: it costs too much, or always says the same."""
    lines = [line.expression for line in compiled.lines] if place.script else [compiled]
    where = (called_name(place.node), place.what)
    for expression in lines:
        if expression.variables or expression.functions:
            continue
        try:
            value = expression.evaluate({})
        except LimitReached as error:
            if any(f.rule == TOO_MANY.id and f.element == place.element for f in scene.findings):
                return
            text = Text(
                f"“{where[0]}”的{where[1].zh}算不完：{error.text.zh}",
                f"The {where[1].en} of “{where[0]}” never comes to an end: {error.text.en}",
            )
            _at(scene, TOO_HEAVY.id, place, text)
            return
        except FeelError:
            continue
        if place.element != place.node.id:
            _branch(scene, place, value)


def _branch(scene: CheckSubject, place: ExpressionUse, value: Any) -> None:
    name, what = called_name(place.node), place.what
    if isinstance(value, bool):
        zh, en = ("总是", "always") if value else ("从不", "never")
        text = Text(f"“{name}”的{what.zh}{zh}成立。", f"The {what.en} of “{name}” {en} holds.")
        _at(scene, CONSTANT.id, place, text)
    else:
        text = Text(
            f"“{name}”的{what.zh}不是“是/否”。",
            f"The {what.en} of “{name}” is neither true nor false.",
        )
        _at(scene, NO_CONDITION.id, place, text)


def _report(
    scene: CheckSubject, place: ExpressionUse, error: FeelError, names: frozenset[str]
) -> None:
    text = Text(
        f"“{called_name(place.node)}”的{place.what.zh}写法有误：{error.text.zh}",
        f"The {place.what.en} of “{called_name(place.node)}” is wrong: {error.text.en}",
    )
    better = propose_script(place.source, names) if place.script else propose(place.source, names)
    remedy, mend = None, []
    if better:
        remedy = Text(f"改成：{better}", f"Write: {better}")
        mend = rewritten(place, better)
    elif place.script:
        remedy = Text(
            "脚本每行写“变量名 = 表达式”，表达式用 FEEL；Python、JavaScript、Groovy 代码不会执行。",
            "Each line of a script reads “name = expression” in FEEL; Python, JavaScript and "
            "Groovy never run here.",
        )
    _at(scene, BAD_EXPRESSION.id, place, text, remedy, mend)


def _at(
    scene: CheckSubject,
    rule: str,
    place: ExpressionUse,
    text: Text,
    remedy: Text | None = None,
    mend: Sequence[Fix] = (),
) -> None:
    found = REGISTER.rules[rule].finding(
        place.node.file, text, element=place.element, line=place.line, remedy=remedy, fixes=mend
    )
    scene.findings.append(found)
