"""``fengqiao check``: the one gate for process, decision and form files."""

from engine.bpmn.check.findings import ERROR, INFO, WARNING
from engine.bpmn.check.gate import check_files
from engine.bpmn.check.paths import Given, find_files
from engine.bpmn.check.report import FileReport, Report, render

__all__ = [
    "ERROR",
    "INFO",
    "WARNING",
    "FileReport",
    "Given",
    "Report",
    "check_files",
    "find_files",
    "render",
]
