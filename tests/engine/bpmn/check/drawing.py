"""Small diagrams for tests, drawn as the examples of rules are, and a look at their findings."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.check.check_context import CheckContext
from engine.bpmn.check.examples import (
    DMN,
    END,
    HEAD,
    PICTURE,
    START,
    diagram,
    extended,
    flow,
    form,
    line,
    node,
    rule,
    simple,
    table,
    task,
    timer,
)
from engine.bpmn.check.findings import Finding
from engine.bpmn.check.inspection import gather, inspect
from engine.bpmn.check.reading import read_file
from engine.bpmn.check.subject import CheckSubject

__all__ = [
    "DMN",
    "END",
    "HEAD",
    "PICTURE",
    "START",
    "brief",
    "diagram",
    "extended",
    "flow",
    "form",
    "line",
    "look",
    "node",
    "only",
    "rule",
    "simple",
    "table",
    "task",
    "timer",
]

Found = list[Finding]


def look(files: bytes | Mapping[str, bytes], known: CheckContext | None = None) -> Found:
    """Give all findings, without a child process."""
    if isinstance(files, bytes):
        files = {"p.bpmn": files}
    reads = [read_file(name, data) for name, data in files.items()]
    scene = CheckSubject(gather(reads, files), known or CheckContext())
    return [finding for seen in inspect(scene, lambda file: None) for finding in seen.findings]


def brief(findings: Found, *, quiet: tuple[str, ...] = ("info",)) -> list[tuple[str, str | None]]:
    """Rule and element of each finding that is not only informing."""
    return sorted((f.rule, f.element or "") for f in findings if f.severity not in quiet)


def only(findings: Found, rule: str) -> Finding:
    """The one finding of a rule."""
    found = [finding for finding in findings if finding.rule == rule]
    assert len(found) == 1, [(f.rule, f.element, f.message.en) for f in findings]
    return found[0]
