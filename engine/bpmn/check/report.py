"""The result of a check, for programs and for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn.check.findings import ERROR, SEVERITIES
from feel.text import Text

_WORDS = {
    "error": Text("错误", "error"),
    "warning": Text("提醒", "warning"),
    "info": Text("说明", "note"),
}
_FINE = Text("通过", "fine")
_REFUSED = Text("不能使用", "cannot be used")
_LINE = Text("第 {} 行", "line {}")
_REMEDY = Text("怎么改：", "What to do: ")


@dataclass(frozen=True)
class FileReport:
    """One file: its processes and its findings, the worst first, each as JSON."""

    file: str
    processes: tuple[str, ...]
    findings: tuple[Mapping[str, Any], ...]
    # Of a diagram with scenarios: the flows that they take, and those that none takes.
    coverage: Mapping[str, list[str]] | None = None

    @property
    def ok(self) -> bool:
        """Return whether it can be used; warnings do not matter."""
        return not any(finding["severity"] == ERROR for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return it as one entry of the document."""
        document = {
            "file": self.file,
            "ok": self.ok,
            "processes": list(self.processes),
            "findings": [dict(finding) for finding in self.findings],
        }
        return document if self.coverage is None else {**document, "coverage": self.coverage}


@dataclass(frozen=True)
class CheckReport:
    """The files in the order in which they were given."""

    files: tuple[FileReport, ...]

    @property
    def ok(self) -> bool:
        """Return whether all files can be used."""
        return all(file.ok for file in self.files)

    def as_json(self) -> dict[str, Any]:
        """Return the document of ``fengqiao check --json``."""
        return {"files": [file.as_json() for file in self.files]}

    def count(self, severity: str) -> int:
        """Number of findings of a severity."""
        return sum(f["severity"] == severity for file in self.files for f in file.findings)


def render(report: CheckReport, lang: str = "zh_CN") -> str:
    """Return the report as plain text for a terminal."""
    lines: list[str] = []
    for file in report.files:
        lines.append(f"{_plain(file.file)}: {(_FINE if file.ok else _REFUSED).to(lang)}")
        for finding in file.findings:
            lines += _finding(finding, lang)
    return "\n".join([*lines, _summary(report, lang)])


def _finding(finding: Mapping[str, Any], lang: str) -> Iterable[str]:
    word = _WORDS[finding["severity"]].to(lang)
    line = _LINE.to(lang).format(finding["line"]) if finding["line"] else ""
    where = " · ".join(part for part in (finding["element"], line) if part)
    message, remedy = (Text(finding[k]["zh_CN"], finding[k]["en"]) for k in ("message", "remedy"))
    yield f"  [{word}] {_plain(message.to(lang))}"
    yield f"      {_REMEDY.to(lang)}{_plain(remedy.to(lang))}"
    yield f"      ({' · '.join(part for part in (finding['rule'], _plain(where)) if part)})"


def _plain(text: str) -> str:
    """Keep control signs of a hostile file away from the terminal; line breaks stay."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text)


def _summary(report: CheckReport, lang: str) -> str:
    counts = {severity: report.count(severity) for severity in SEVERITIES}
    text = Text(
        f"共 {len(report.files)} 个文件：{counts['error']} 个错误，{counts['warning']} 个提醒，"
        f"{counts['info']} 条说明。",
        f"Files: {len(report.files)}, errors: {counts['error']}, warnings: {counts['warning']}, "
        f"notes: {counts['info']}.",
    )
    return text.to(lang)
