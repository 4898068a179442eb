"""Run all rules over all files; what the child process does between its input and output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.check import (
    answers,
    assignment,
    branches,
    calls,
    citizen,
    confidentiality,
    decisions,
    declared,
    dry_run,
    escalation,
    events,
    expressions,
    file_rules,
    foreign,
    gateways,
    identifiers,
    kinds,
    lanes,
    limits,
    loops,
    posts,
    promise,
    reachability,
    scenarios,
    sizes,
    timers,
    unused_forms,
    variables,
)
from engine.bpmn.check.findings import ERROR, INFO, SEVERITIES, Finding, name_list
from engine.bpmn.check.reading import FileReading, Files
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.errors import BpmnFault
from engine.bpmn.labels import quoted
from engine.bpmn.nodes import ParsedFile, ProcessInfo
from feel.text import Text

MAX_FINDINGS = 200

_RULES: tuple[Callable[[CheckSubject, CheckedProcess], None], ...] = (
    identifiers.check,
    declared.check,
    reachability.check,
    gateways.check,
    events.check,
    timers.check,
    loops.check,
    expressions.check,
    calls.check,
    variables.check,
    kinds.check,
    answers.check,
    branches.check,
    unused_forms.check,
    assignment.check,
    confidentiality.check,
    posts.check,
    limits.check,
    citizen.check,
    promise.check,
    decisions.check,
    sizes.check,
)


@dataclass(frozen=True)
class FileInspection:
    """What was found in one file."""

    file: str
    processes: tuple[str, ...]
    findings: tuple[Finding, ...]
    # Of a diagram with scenarios: the flows that they take, and those that none takes.
    coverage: Mapping[str, list[str]] | None = None


def inspect(scene: CheckSubject, begin: Callable[[str], None]) -> Iterator[FileInspection]:
    """Yield the findings file by file; ``begin`` is called with each file before it is checked.

    They are given in the end: the engine may find fault with one file by way of another.
    """
    found: list[Finding] = []
    faults: list[BpmnFault] = []
    for file in scene.files.reported_files:
        begin(file)
        read = scene.files.readings[file]
        scene.findings = list(read.findings)
        if read.source is not None:
            faults += _diagram(scene, read, read.source)
        elif read.model is not None:
            decisions.check_file(scene, read)
            escalation.check_file(scene, read)
        elif read.form is not None:
            kinds.check_form(scene, read)
        found += scene.findings
    found += dry_run.as_findings(scene, faults, found)
    broken = {finding.file for finding in found if finding.severity == ERROR}
    played = scenarios.play(scene, broken, begin)
    found += played.findings
    for file in scene.files.reported_files:
        begin(file)
        source = scene.files.readings[file].source
        processes = tuple(source.processes) if source is not None else ()
        tried = _tries(scene, source, broken) if source is not None else ()
        ordered = tuple(_in_order(file, [*found, *tried]))
        yield FileInspection(file, processes, ordered, played.coverage.get(file))


def _diagram(scene: CheckSubject, read: FileReading, source: ParsedFile) -> list[BpmnFault]:
    """Run our own rules over a diagram, and give what the engine has against it."""
    if read.root is not None:
        scene.findings += foreign.check(read.file, read.root)
    _executable(scene, source)
    faults = list(source.faults)
    for info in scene.processes_of(source):
        process = scene.process(source, info)
        for rule in _RULES:
            rule(scene, process)
        if read.root is not None:
            lanes.check(scene, process, read.root)
        faults += dry_run.faults_of(scene, source, info.key)
    return faults


def _executable(scene: CheckSubject, source: ParsedFile) -> None:
    if not source.processes and not source.faults:
        text = Text("文件里没有流程。", "The file holds no process.")
        scene.findings.append(file_rules.NO_PROCESS.finding(source.file, text))
    resting = [info for info in source.processes.values() if not info.executable]
    if resting:
        names = name_list([quoted(info.name or info.key) for info in resting])
        first = resting[0]
        text = Text(
            f"流程“{names.zh}”标记为不可执行，不会运行。",
            f"“{names.en}” is marked as not executable and will not run.",
        )
        severity = INFO if len(resting) < len(source.processes) else ERROR
        scene.findings.append(
            file_rules.NOT_EXECUTABLE.finding(
                source.file, text, element=first.key, line=first.line, severity=severity
            )
        )
    for info in source.processes.values():
        other = scene.home.get(info.key)
        if info.executable and other is not None and other is not source:
            _twice(scene, info, other)


def _twice(scene: CheckSubject, info: ProcessInfo, other: ParsedFile) -> None:
    text = Text(
        f"流程“{quoted(info.key)}”在文件“{quoted(other.file)}”里也有。",
        f"The process “{quoted(info.key)}” is also in the file “{quoted(other.file)}”.",
    )
    scene.findings.append(
        file_rules.DUPLICATE_PROCESS.finding(info.file, text, element=info.key, line=info.line)
    )


def _tries(scene: CheckSubject, source: ParsedFile, broken: set[str]) -> Iterator[Finding]:
    """Start each process that nothing speaks against, itself or what it calls."""
    for info in scene.processes_of(source):
        needed = dry_run.files_of(scene, source, info.key) | {source.file}
        if not needed & broken:
            yield from _tried(scene, source, info)
        for other in sorted(needed & broken - set(scene.files.reported_files)):
            text = Text(
                f"它调用的流程在文件“{quoted(other)}”里，那个文件有错误。",
                f"It calls a process in the file “{quoted(other)}”, which has errors.",
            )
            remedy = Text("先检查并改正那个文件。", "Check and fix that file first.")
            yield file_rules.FAILED.finding(source.file, text, element=info.key, remedy=remedy)


def _tried(scene: CheckSubject, source: ParsedFile, info: ProcessInfo) -> list[Finding]:
    try:
        return dry_run.dry_run(scene, source, info.key)
    except MemoryError:
        raise
    except Exception as error:  # whatever it is, it must become a finding
        return [dry_run.broke(source.file, info.key, error)]


def _in_order(file: str, findings: Iterable[Finding]) -> list[Finding]:
    """Sort by severity and place, say nothing twice, and stop where nobody reads on."""
    unique: dict[tuple[str, str | None, str], Finding] = {}
    for finding in findings:
        if finding.file == file:
            unique.setdefault((finding.rule, finding.element, finding.message.en), finding)
    ordered = sorted(
        unique.values(), key=lambda f: (SEVERITIES.index(f.severity), f.line or 0, f.rule)
    )
    if len(ordered) <= MAX_FINDINGS:
        return ordered
    rest = len(ordered) - MAX_FINDINGS
    text = Text(f"另有 {rest} 个问题没有列出。", f"{rest} more findings are not listed.")
    return [*ordered[:MAX_FINDINGS], file_rules.MORE.finding(file, text)]


def gather(reads: Iterable[FileReading], reported: Iterable[str]) -> Files:
    """Put the files together, so that they see each other."""
    return Files({read.file: read for read in reads}, tuple(reported))
