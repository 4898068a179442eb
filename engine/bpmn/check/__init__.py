"""``fengqiao check``: the one gate for process, decision and form files."""

from engine.bpmn.check.child import Busy, CheckUnavailable
from engine.bpmn.check.findings import ERROR, INFO, WARNING
from engine.bpmn.check.gate import NOTHING, check_files
from engine.bpmn.check.paths import Given, find_files
from engine.bpmn.check.report import FileReport, Report, render
from engine.bpmn.check.subject import Gap, Known

__all__ = [
    "ERROR",
    "INFO",
    "NOTHING",
    "WARNING",
    "Busy",
    "CheckUnavailable",
    "FileReport",
    "Gap",
    "Given",
    "Known",
    "Report",
    "check_files",
    "find_files",
    "render",
]
