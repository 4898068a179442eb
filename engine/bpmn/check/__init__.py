"""``fengqiao check``: the one gate for process, decision and form files."""

from engine.bpmn.check.check_context import CheckContext, RoleGap
from engine.bpmn.check.child import CheckBusy, CheckUnavailable
from engine.bpmn.check.findings import ERROR, INFO, WARNING
from engine.bpmn.check.gate import NOTHING, check_files
from engine.bpmn.check.paths import CheckInput, find_files
from engine.bpmn.check.report import CheckReport, FileReport, render

__all__ = [
    "ERROR",
    "INFO",
    "NOTHING",
    "WARNING",
    "CheckBusy",
    "CheckUnavailable",
    "FileReport",
    "RoleGap",
    "CheckInput",
    "CheckContext",
    "CheckReport",
    "check_files",
    "find_files",
    "render",
]
