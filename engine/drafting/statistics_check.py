"""The check of tables of statistics, told as the check of diagrams tells its findings."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.check import ERROR, CheckReport, FileReport
from engine.bpmn.check.findings import CheckRule
from engine.definitions import statistic_files
from engine.definitions.statistics import BadStatistic
from engine.spreadsheets import UnreadableTable, templates
from feel.text import Text

_TABLE = CheckRule(
    "statistic-table",
    "files",
    ERROR,
    Text("统计报表定义", "A table of statistics"),
    Text("按提示修改该项。", "Change what is named."),
)
_TEMPLATE = CheckRule(
    "statistic-template",
    "files",
    ERROR,
    Text("报表模板", "The template of a table"),
    Text("请上传 .xlsx 工作簿。", "Upload an .xlsx workbook."),
)


def check(files: Mapping[str, bytes]) -> CheckReport:
    """Return what is wrong with tables and their templates."""
    return CheckReport(tuple(_file(path, data) for path, data in sorted(files.items())))


def _file(path: str, data: bytes) -> FileReport:
    if path.endswith(".xlsx"):
        return FileReport(path, (), _of_template(path, data))
    try:
        statistic_files.load(data, path)
    except BadStatistic as error:
        found = [_TABLE.finding(path, text, element=where) for where, text in error.problems]
        return FileReport(path, (), tuple(one.as_json() for one in found))
    return FileReport(path, (), ())


def _of_template(path: str, data: bytes) -> tuple[Mapping[str, object], ...]:
    try:
        templates.template(data)
    except UnreadableTable as error:
        return (_TEMPLATE.finding(path, error.text).as_json(),)
    return ()
