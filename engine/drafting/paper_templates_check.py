"""The check of templates of papers, told as the check of diagrams tells its findings."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.check import ERROR, CheckReport, FileReport
from engine.bpmn.check.findings import CheckRule
from engine.definitions.paper_templates import FILE
from engine.documents.papers.catalogue import KINDS
from engine.documents.templates import filling
from feel.text import Text

_TEMPLATE = CheckRule(
    "paper-template",
    "files",
    ERROR,
    Text("文书模板", "A template of a paper"),
    Text("在 Word 里改好以后重新上传。", "Mend it in Word and upload it again."),
)


def check(files: Mapping[str, bytes]) -> CheckReport:
    """Return what is wrong with templates, each read in a child process."""
    return CheckReport(tuple(_file(path, data) for path, data in sorted(files.items())))


def _file(path: str, data: bytes) -> FileReport:
    named = FILE.fullmatch(path)
    assert named is not None
    findings = [
        _TEMPLATE.finding(
            path,
            Text(f"{one.place.zh}：{one.text.zh}", f"{one.place.en}: {one.text.en}"),
            element=one.place.zh[:60],
        )
        for one in filling.check(KINDS[named[1]], data)
    ]
    return FileReport(path, (), tuple(one.as_json() for one in findings))
