"""What the engine itself refuses, and what a first start shows: the last word of a check."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from engine import bpmn
from engine.bpmn.build import ProcessBuilder
from engine.bpmn.check import file_rules
from engine.bpmn.check.findings import ERROR, Finding
from engine.bpmn.check.reachability import AUTOMATIC_LOOP
from engine.bpmn.check.rules import rule_named
from engine.bpmn.check.subject import CheckSubject
from engine.bpmn.dependencies import Closure, closure
from engine.bpmn.errors import BadDiagram, BpmnFault, BudgetExceeded, EngineFault, Unreachable
from engine.bpmn.labels import quoted
from engine.bpmn.nodes import ParsedFile
from engine.worktime import Calendar
from feel.text import Text

# Our own finding about an element says the same as the engine's, in more words.
_SAME = {
    "bad-expression": ("bad-expression", "bad-timer"),
    "bad-timer": ("bad-timer", "bad-expression", "timer-without-time"),
    "unknown-return": ("unknown-return",),
    "unknown-opens": ("unknown-opens",),
}
# A Monday, so that working time can be calculated from it.
_NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def faults_of(scene: CheckSubject, source: ParsedFile, process: str) -> list[BpmnFault]:
    """Return everything that the engine has against a process and those it calls."""
    found = _closure(scene, source, process)
    builder = ProcessBuilder(found)
    builder.build()
    faults = [*found.faults, *builder.faults]
    return [fault for fault in faults if fault.rule != "duplicate-process"]


def files_of(scene: CheckSubject, source: ParsedFile, process: str) -> set[str]:
    """Return the files of a process and of those that it calls."""
    return {info.file for info in _closure(scene, source, process).processes.values()}


def _closure(scene: CheckSubject, source: ParsedFile, process: str) -> Closure:
    """Its own file first: another file may hold a process of the same id."""
    others = [other for other in scene.files.sources if other is not source]
    return closure([source, *others], scene.decisions, process)


def as_findings(
    scene: CheckSubject, faults: Iterable[BpmnFault], told: Iterable[Finding]
) -> list[Finding]:
    """Turn the engine's faults into findings, without those already told or not at fault."""
    known = {(finding.file, finding.rule, finding.element) for finding in told}
    owners = _flow_owners(scene)
    known |= {(f, rule, owners[f, e]) for f, rule, e in known if (f, e or "") in owners and e}
    found: dict[tuple[str, str, str | None, int | None], Finding] = {}
    for fault in faults:
        file = fault.file or ""
        same = _SAME.get(fault.rule, (fault.rule,))
        if any((file, rule, fault.element) in known for rule in same) or _excused(scene, fault):
            continue
        rule = rule_named(fault.rule) or file_rules.FAILED
        finding = rule.finding(file, fault.text, element=fault.element, line=fault.line)
        found.setdefault((file, finding.rule, fault.element, fault.line), finding)
    return list(found.values())


def _flow_owners(scene: CheckSubject) -> dict[tuple[str, str], str]:
    """The engine blames the node that a flow leaves where we name the flow."""
    return {
        (source.file, flow.id): flow.source
        for source in scene.files.sources
        for flow in source.flows.values()
    }


def _excused(scene: CheckSubject, fault: BpmnFault) -> bool:
    """Return whether it is missing only because its file could not be read, which is reported
    there.
    """
    if fault.rule == "missing-process":
        return scene.files.lacks("bpmn")
    if fault.rule == "missing-decision":
        nodes = (source.nodes.get(fault.element or "") for source in scene.files.sources)
        refs = {node.decision.ref for node in nodes if node is not None and node.decision}
        broken = (one for model in scene.files.models for one in model.broken_decisions.values())
        return bool(refs) and (
            scene.files.lacks("dmn") or any({one.id, one.name} & refs for one in broken)
        )
    return False


def dry_run(scene: CheckSubject, source: ParsedFile, process: str) -> list[Finding]:
    """Parse a clean process as publishing does, and run it to where it first waits."""
    file = source.file
    try:
        definition = parsed(scene, source, process)
    except BadDiagram as bad:
        return as_findings(scene, bad.faults, ())
    names = definition.variables
    try:
        bpmn.start(definition, dict.fromkeys(names), _context())
    except EngineFault as fault:
        return _stopped(file, process, fault)
    return []


def parsed(scene: CheckSubject, source: ParsedFile, process: str) -> bpmn.ProcessDefinition:
    """Parse a process with what it calls, as publishing does. Raises BadDiagram."""
    called = files_of(scene, source, process)
    files = {
        _proper(read.file, read.kind): read.data
        for read in scene.files.readings.values()
        if read.file in called or read.model is not None
    }
    asked = {key: form.kinds for key, form in scene.forms.items()}
    return bpmn.parse(files, process, asked=asked)


def _proper(file: str, kind: str) -> str:
    """Publishing tells tables from diagrams by the end of their names."""
    if kind == "dmn" and not file.lower().endswith(".dmn"):
        return f"{file}.dmn"
    return f"{file}.bpmn" if kind == "bpmn" and file.lower().endswith(".dmn") else file


def _stopped(file: str, process: str, fault: EngineFault) -> list[Finding]:
    element = fault.node_id or process
    if isinstance(fault, BudgetExceeded):
        return [AUTOMATIC_LOOP.finding(file, fault.text, element=element, severity=ERROR)]
    if isinstance(fault, Unreachable) or _internal(fault):
        return [file_rules.FAILED.finding(file, fault.text, element=element)]
    # With empty answers a choice or a table may well fail: that says nothing.
    return []


def _internal(fault: EngineFault) -> bool:
    """Return whether the engine itself failed, rather than refusing its input."""
    return fault.__cause__ is not None and not hasattr(fault.__cause__, "text")


@lru_cache(maxsize=1)
def _context() -> bpmn.Context:
    return bpmn.Context(now=_NOW, level="village", calendar=Calendar())


def broke(file: str, process: str, error: BaseException) -> Finding:
    """Name a process that the check itself fell over; nothing is passed unseen."""
    kind = type(error).__name__
    text = Text(
        f"检查流程“{quoted(process)}”时引擎出错（{kind}）。",
        f"The engine failed on the process “{quoted(process)}” ({kind}).",
    )
    return file_rules.FAILED.finding(file, text, element=process)
