"""``fengqiao check``: the one gate for process, decision and form files."""

from engine.bpmn.check.check_context import CheckContext, RoleGap
from engine.bpmn.check.child import CheckBusy, CheckUnavailable
from engine.bpmn.check.findings import ERROR, INFO, WARNING
from engine.bpmn.check.gate import NOTHING, check_files
from engine.bpmn.check.paths import CheckInput, find_files
from engine.bpmn.check.report import CheckReport, FileReport, render
from engine.bpmn.check.rules import modules

# Rules are also named where none is imported: by the engine, by expressions, by tables.
RULES = {module.RULE.id: module.RULE for module in modules()}

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
