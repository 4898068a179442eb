"""Variables: does somebody set what the expressions of a process read?

A process shares its variables with those that it calls and that call it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches

from engine.bpmn.check.engine_rules import BAD_EXPRESSION, BAD_TIMER
from engine.bpmn.check.expression_uses import ExpressionUse, places, reads, rewritten
from engine.bpmn.check.findings import ERROR
from engine.bpmn.check.rules.expressions import variable_never_set
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.elements.registry import THROWING_KINDS
from engine.bpmn.labels import called_name, quoted
from engine.bpmn.nodes import Node, ParsedFile
from engine.bpmn.rules import odd_names
from feel import FeelError
from feel.text import Text

NOBODY_SETS = variable_never_set.RULE
_TABLE = Text("决策表", "decision table")


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Compare what is read with what is set."""
    family = list(relatives(scene, process.info.key))
    names = declared(scene, process)
    known, certain = _set_names(scene, family, names)
    if certain is None:
        return
    missing: dict[str, list[ExpressionUse]] = defaultdict(list)
    for place in places(process):
        for name in reads(place, names) - known:
            missing[name].append(place)
    for node in process.nodes:
        for name in _decision_reads(scene, node) - known:
            missing[name].append(ExpressionUse(node, node.id, _TABLE, name, node.line))
    # A time that cannot be read looks like a name; it has its finding already.
    told = {f.element for f in scene.findings if f.rule == BAD_TIMER.id}
    for name, found in missing.items():
        if not all(place.element in told for place in found):
            _nobody_sets(scene, name, found, known, certain)


def declared(scene: CheckSubject, process: CheckedProcess) -> frozenset[str]:
    """Return the variables whose names must be declared to FEEL, as they hold spaces or signs."""
    family = relatives(scene, process.info.key)
    return odd_names(node for source, key in family for node in nodes_of(source, key))


def relatives(scene: CheckSubject, process: str) -> Iterable[tuple[ParsedFile, str]]:
    """Yield the process, those it calls and those that call it: they share their variables."""
    seen = {process}
    stack = [process]
    while stack:
        key = stack.pop()
        if key not in scene.home:
            continue
        yield scene.home[key], key
        for caller, called in scene.calls:
            for other in (called,) if caller == key else (caller,) if called == key else ():
                if other not in seen:
                    seen.add(other)
                    stack.append(other)


def nodes_of(source: ParsedFile, process: str) -> Iterable[Node]:
    """Return every node of a process, in subprocesses too."""
    return (n for n in source.nodes.values() if source.scopes[n.scope].process == process)


def _set_names(
    scene: CheckSubject, family: list[tuple[ParsedFile, str]], names: frozenset[str]
) -> tuple[frozenset[str], bool | None]:
    """Return the variables that something sets; whether that is all of them, None if unknown.

    Without any form, or with messages that have none, answers may come from outside: then
    it is only probable.
    """
    found: set[str] = set()
    forms: set[str] = set()
    for source, key in family:
        for node in nodes_of(source, key):
            forms |= {node.form} - {""}
            found |= sets(scene, node, names)
    for form in forms & scene.forms.keys():
        found |= scene.forms[form].names
    if forms - scene.forms.keys() or any(_lost(scene, s, k) for s, k in family):
        return frozenset(found), None
    return frozenset(found), bool(forms) and not any(is_open(s, k) for s, k in family)


def is_open(source: ParsedFile, process: str) -> bool:
    """Return whether the process takes messages without a form, whose answers another system
    sends.
    """
    return any(
        event.kind == "message" and node.kind not in THROWING_KINDS and not node.form
        for node in nodes_of(source, process)
        for event in node.events
    )


def _lost(scene: CheckSubject, source: ParsedFile, process: str) -> bool:
    """Return whether the process uses something whose content is unknown."""
    return any(
        (node.kind == "callActivity" and node.called_element not in scene.home)
        or (node.decision is not None and node.decision.ref not in scene.decisions)
        for node in nodes_of(source, process)
    )


def sets(scene: CheckSubject, node: Node, names: frozenset[str]) -> set[str]:
    """Return the variables that a node itself writes, without those of its form."""
    found: set[str] = set()
    if node.loop is not None:
        found |= {node.loop.item, node.loop.out, node.loop.of} - {""}
    if node.decision is not None:
        decision = scene.decisions.get(node.decision.ref)
        if node.decision.result:
            found.add(node.decision.result)
        elif decision is not None:
            found |= {output.name for output in decision.outputs}
    if node.kind == "scriptTask" and node.script.strip():
        try:
            place = ExpressionUse(
                node, node.id, BAD_EXPRESSION.title, node.script, node.line, script=True
            )
            found |= place.compile(names).assigns
        except FeelError:
            # Whatever it was meant to set counts as set: the script has its own finding.
            found |= {line.partition("=")[0].strip() for line in node.script.splitlines()}
    return found


def _decision_reads(scene: CheckSubject, node: Node) -> frozenset[str]:
    decision = scene.decisions.get(node.decision.ref) if node.decision else None
    return frozenset(decision.variables) - {"case"} if decision is not None else frozenset()


def _nobody_sets(
    scene: CheckSubject, name: str, found: list[ExpressionUse], known: frozenset[str], certain: bool
) -> None:
    place, more = found[0], len({each.element for each in found}) - 1
    text = Text(
        f"“{called_name(place.node)}”的{place.what.zh}用到“{quoted(name)}”，但没有表单、脚本或决策表填它"
        + (f"（另有{more}处）。" if more else "。"),
        f"The {place.what.en} of “{called_name(place.node)}” reads “{quoted(name)}”, "
        "which no form, "
        "script or decision sets" + (f" (and {more} more places)." if more else "."),
    )
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    remedy, mend = None, []
    if close:
        better = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _found: close[0], place.source)
        mend = rewritten(place, better)
        remedy = Text(
            f"是不是“{close[0]}”？{NOBODY_SETS.remedy.zh}",
            f"Did you mean “{close[0]}”? {NOBODY_SETS.remedy.en}",
        )
    severity = ERROR if certain else None
    scene.findings.append(
        NOBODY_SETS.finding(
            place.node.file,
            text,
            element=place.element,
            line=place.line,
            remedy=remedy,
            severity=severity,
            fixes=mend,
        )  # fmt: skip
    )
