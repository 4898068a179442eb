"""Kinds of values: what is compared, computed or asked for that can never fit.

At run time it would be an incident; here it is reported before anybody meets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from engine.bpmn.check.expression_uses import TIMER, ExpressionUse, places, rewritten
from engine.bpmn.check.expressions import NO_CONDITION
from engine.bpmn.check.fixes import Fix
from engine.bpmn.check.reading import FileReading
from engine.bpmn.check.rules.expressions import kinds_never_fit
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.check.variables import declared, nodes_of, relatives
from engine.bpmn.kinds import GIVEN, kinds_of, within
from engine.bpmn.labels import called_name, quoted
from feel import Decision, FeelError
from feel.dmn.table import Input
from feel.inference import Problem, infer, infer_tests
from feel.kinds import TEMPORAL, Kind, parse_kind, simple
from feel.syntax import Literal, UnaryTests
from feel.temporal import parse_any
from feel.text import Text
from feel.values import kind_of

if TYPE_CHECKING:
    from forms import Condition, Form


NEVER_FITS = kinds_never_fit.RULE
_TIMES = TEMPORAL | {"string"}
_COLLECTION = "多实例集合"


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check the expressions of a process, and at the tables that it asks."""
    names = declared(scene, process)
    kinds = kinds_in(scene, process)
    # What is wrong with an expression in another way has its finding already.
    told = {finding.element for finding in scene.findings if finding.severity == "error"}
    for place in places(process):
        if place.element not in told:
            _expression(scene, place, names, kinds)
    for node in process.nodes:
        decision = scene.decisions.get(node.decision.ref) if node.decision else None
        for one in _with_required(decision):
            _decision(scene, one, within(one, kinds))


def kinds_in(scene: CheckSubject, process: CheckedProcess) -> dict[str, Kind]:
    """Return the kinds of all variables of a process, which it shares with those around it."""
    family = list(relatives(scene, process.info.key))
    nodes = [node for source, key in family for node in nodes_of(source, key)]
    asked = {key: form.kinds for key, form in scene.forms.items()}
    # A form that is not known may ask anything under any name.
    found = kinds_of(nodes, scene.decisions, asked, declared(scene, process))
    unknown = {node.form for node in nodes} - {""} - scene.forms.keys()
    return {} if unknown else found


def _expression(
    scene: CheckSubject, place: ExpressionUse, names: frozenset[str], kinds: Mapping[str, Kind]
) -> None:
    try:
        compiled = place.compile(names)
    except FeelError:
        return
    known = {**GIVEN, **kinds}
    if place.script:
        for line in compiled.lines:
            kind, problems = infer(line.expression.node, known)
            known[line.target] = kind
            for problem in problems[:1]:
                _report(scene, place, problem, [])
        return
    kind, problems = infer(compiled.node, known)
    for problem in problems[:1]:
        _report(scene, place, problem, _as_date(place, problem))
    if not problems and compiled.variables:
        _result(scene, place, kind)


def _result(scene: CheckSubject, place: ExpressionUse, kind: Kind) -> None:
    """Note what comes to another kind than its place needs."""
    name, names, words = called_name(place.node), kind.names - {"null"}, kind.words
    if not names:
        return
    if place.element != place.node.id and "boolean" not in names:
        text = Text(
            f"“{name}”的{place.what.zh}不是“是/否”，而是{words.zh}。",
            f"The {place.what.en} of “{name}” is neither true nor false, but {words.en}.",
        )
        scene.find(NO_CONDITION, place.node, text, line=place.line, element=place.element)
    whole = any(event.expression.strip() == place.source for event in place.node.events)
    wanted = "list" if place.what.zh == _COLLECTION else ""
    if place.what is TIMER and whole and not names & _TIMES:
        wanted = "date"
    if wanted and wanted not in names:
        need = simple(wanted).words
        text = Text(
            f"“{name}”的{place.what.zh}应是{need.zh}，得到的是{words.zh}。",
            f"The {place.what.en} of “{name}” must be {need.en}, not {words.en}.",
        )
        scene.find(NEVER_FITS, place.node, text, line=place.line, element=place.element)


def _report(scene: CheckSubject, place: ExpressionUse, problem: Problem, mend: list[Fix]) -> None:
    name = called_name(place.node)
    text = Text(
        f"“{name}”的{place.what.zh}永远没有结果：{problem.text.zh}",
        f"The {place.what.en} of “{name}” never has a result: {problem.text.en}",
    )
    scene.find(NEVER_FITS, place.node, text, line=place.line, fixes=mend, element=place.element)


def _as_date(place: ExpressionUse, problem: Problem) -> list[Fix]:
    """Offer to write as a date what is written as a text beside one."""
    for at, other in _pairs(problem):
        if kind_of(parse_any(at.value)) in other.names:
            better = f"{place.source[: at.pos]}@{place.source[at.pos :]}"
            return rewritten(place, better)
    return []


def _pairs(problem: Problem) -> Iterator[tuple[Literal, Kind]]:
    if len(problem.sides) == 2:
        for (node, _), (_, other) in (problem.sides, problem.sides[::-1]):
            if isinstance(node, Literal) and isinstance(node.value, str):
                yield node, other


def _with_required(decision: Decision | None) -> Iterator[Decision]:
    waiting, seen = [decision] if decision is not None else [], set()
    while waiting:
        one = waiting.pop()
        if one.id not in seen:
            seen.add(one.id)
            yield one
            waiting += [one.model.by_id[id_] for id_ in one.requirements if id_ in one.model.by_id]


def _decision(scene: CheckSubject, decision: Decision, known: Mapping[str, Kind]) -> None:
    if decision.expression is not None:
        _in_table(scene, decision, infer(decision.expression.node, known)[1], None)
    if decision.table is None:
        return
    columns = []
    for column in decision.table.inputs:
        kind, problems = infer(column.expression.node, known)
        _in_table(scene, decision, problems, None)
        columns.append(_column(column, kind))
        if column.type.kind and kind.names and not _admits(column.type.kind, kind):
            want, got = simple(column.type.kind).words, kind.words
            text = Text(
                f"“{column.label}”这一列是{want.zh}，得到的是{got.zh}。",
                f"The column “{column.label}” is {want.en}, but what comes is {got.en}.",
            )
            _in_table(scene, decision, [Problem(0, text)], None)
    for rule in decision.table.rules:
        for column, kind, cell in zip(decision.table.inputs, columns, rule.tests, strict=True):
            if not _told_elsewhere(column, cell.node):
                _in_table(scene, decision, infer_tests(cell.node, kind, known), rule.id or None)
        for output in rule.outputs:
            _in_table(scene, decision, infer(output.node, known)[1], rule.id or None)


def _told_elsewhere(column: Input, cell: UnaryTests) -> bool:
    """Constants in a column that declares its type are held against it by a rule of its own."""
    constants = all(isinstance(test.value, Literal) and not test.op for test in cell.tests)
    return constants and column.type.kind in ("string", "number", "boolean")


def _column(column: Input, kind: Kind) -> Kind:
    declared_kind = parse_kind(column.type.kind) if column.type.kind else kind
    return declared_kind if not column.type.collection else Kind()


def _admits(declared_kind: str, kind: Kind) -> bool:
    names = kind.names - {"null"}
    reads = {"string"} if declared_kind in TEMPORAL else set()
    reads |= {"date"} if declared_kind == "date and time" else set()
    return not names or declared_kind in names or bool(names & (reads | {"list"}))


def _in_table(
    scene: CheckSubject, decision: Decision, problems: list[Problem], element: str | None
) -> None:
    for problem in problems[:1]:
        file = next(
            (r.file for r in scene.files.readings.values() if r.model is decision.model), ""
        )
        table = quoted(decision.name or decision.id)
        text = Text(
            f"决策“{table}”里永远没有结果：{problem.text.zh}",
            f"Something in “{table}” never has a result: {problem.text.en}",
        )
        found = NEVER_FITS.finding(file, text, element=element or decision.id, line=decision.line)
        scene.findings.append(found)


def check_form(scene: CheckSubject, read: FileReading) -> None:
    """Check the conditions and rules of a form."""
    form = read.form
    if form is None:
        return
    for where, condition, kinds in _conditions(form):
        for problem in infer(condition.expression.node, kinds)[1][:1]:
            text = Text(
                f"{where} 的条件“{quoted(condition.text)}”永远没有结果：{problem.text.zh}",
                f"The condition “{quoted(condition.text)}” of {where} never has a result: "
                f"{problem.text.en}",
            )
            scene.findings.append(NEVER_FITS.finding(read.file, text, element=where))


def _conditions(form: Form) -> Iterator[tuple[str, Condition, Mapping[str, Kind]]]:
    outer = {**form.kinds, "today": simple("date")}
    for field in form.fields:
        inner = (form.kinds[field.name].item or Kind()).entries if field.fields else ()
        for one, kinds in [(field, outer), *((f, {**outer, **dict(inner)}) for f in field.fields)]:
            for condition in (one.show_when, one.required_when):
                if condition is not None:
                    yield one.name, condition, kinds
    for number, rule in enumerate(form.definition.rules):
        yield f"rules[{number}]", rule.test, outer
