"""What a definition must pass before it may run: the check, remembered by content."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from engine import versions
from engine.bpmn import check as checker
from engine.bpmn.check import Report

KEPT = 64


def check(process: str, files: Mapping[str, bytes]) -> Report:
    """Check a definition in a child process; the same files are checked once.

    Call it outside of any transaction: it takes a second.
    """
    key = f"{process} {versions.digest_of(files)}"
    with _lock:
        if key in _reports:
            _reports.move_to_end(key)
            return _reports[key]
    report = checker.check_files(files)
    with _lock:
        _reports[key] = report
        while len(_reports) > KEPT:
            _reports.popitem(last=False)
    return report


_lock = Lock()
_reports: OrderedDict[str, Report] = OrderedDict()
