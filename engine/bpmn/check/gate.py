"""The gate: files go in, a report comes out, and nothing hostile is parsed in this process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from engine.bpmn.check import file_rules
from engine.bpmn.check.check_context import CheckContext
from engine.bpmn.check.child import CheckBusy, CheckUnavailable, ask
from engine.bpmn.check.findings import CheckRule, Finding
from engine.bpmn.check.report import CheckReport, FileReport
from engine.bpmn.check.request import CheckRequest
from engine.bpmn.parsing.xml import MAX_BYTES
from feel.text import Text

NOTHING = CheckContext()


def check_files(
    files: Mapping[str, bytes],
    *,
    beside: Mapping[str, bytes] | None = None,
    known: CheckContext = NOTHING,
    timeout: float = 10.0,
    within: float | None = None,
) -> CheckReport:
    """Check process, decision and form files by name; they see each other.

    ``beside`` are seen but not reported. ``known`` is what exists elsewhere.
    ``timeout`` is in seconds for each file, of the processor where others keep it busy, else of
    the wall clock; memory is limited to 512 MB. A file that exceeds them gets the finding
    ``too-heavy``, and the rest is checked without it.

    ``within`` is for a server, where somebody waits: so many seconds for everything. Then the
    first file that is too heavy ends the check, files that were not reached are left out of the
    report, and Busy is raised where others take the time.
    """
    deadline = None if within is None else time.monotonic() + within
    everything = {**(beside or {}), **files}
    heavy = {f for f, data in everything.items() if len(data) > MAX_BYTES}
    told = {file: _too_large(file) for file in heavy}
    documents: dict[str, dict[str, Any]] = {}
    while reported := tuple(f for f in files if f not in told and f not in documents):
        request = CheckRequest(everything, reported, frozenset(told), known)
        heard = ask(request, timeout, deadline)
        documents |= heard.documents
        if heard.done:
            break
        if heard.hurried:
            raise CheckBusy()
        if heard.at is None:
            raise CheckUnavailable()
        # The file that the child choked on is left out.
        told[heard.at] = _broke(heard.at) if heard.broke else _too_heavy(heard.at, timeout)
        if deadline is not None and heard.at in files:
            files = {file: b"" for file in files if file in told or file in documents}
            break
    return CheckReport(tuple(_file(file, documents.get(file), told.get(file)) for file in files))


def _file(file: str, document: Mapping[str, Any] | None, told: Finding | None) -> FileReport:
    if document is not None:
        processes, findings = tuple(document["processes"]), tuple(document["findings"])
        return FileReport(file, processes, findings, document["coverage"])
    finding = told or _broke(file)
    return FileReport(file, (), (finding.as_json(),))


def _too_large(file: str) -> Finding:
    size = MAX_BYTES // 1000
    text = Text(f"文件超过 {size} KB 的上限。", f"The file is larger than the limit of {size} KB.")
    return _finding(file_rules.TOO_LARGE, file, text)


def _too_heavy(file: str, timeout: float) -> Finding:
    text = Text(
        f"检查这个文件超过了 {timeout:g} 秒或 512 MB 内存的上限，已停止。",
        f"The check took more than {timeout:g} seconds or 512 MB of memory; it was stopped.",
    )
    return _finding(file_rules.TOO_HEAVY, file, text)


def _broke(file: str) -> Finding:
    text = Text("检查程序在这个文件上出错。", "The check itself failed on this file.")
    return _finding(file_rules.FAILED, file, text)


def _finding(rule: CheckRule, file: str, text: Text) -> Finding:
    return rule.finding(file, text)
