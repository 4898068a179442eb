"""What becomes of each row of an import, and the report that counts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feel.text import Text

# What can become of a row; the first three come in as cases.
WORDS: Mapping[str, Text] = {
    "closed": Text("导入为已办结", "comes in closed"),
    "open": Text("导入为在办", "comes in open"),
    "overdue": Text("导入为在办，已超期", "comes in open and overdue"),
    "known": Text("已有，不再导入", "known already"),
    "repeated": Text("与前面一行完全相同，不再导入", "the same as a row above"),
    "rejected": Text("退回", "rejected"),
}
CASES = frozenset({"closed", "open", "overdue"})


@dataclass(frozen=True)
class RowOutcome:
    """What becomes of one row; ``source`` is the id that the row has outside."""

    line: int
    source: str
    kind: str
    reason: Text | None = None
    fallback: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the row as ``--dry-run --json`` lists it."""
        found: dict[str, Any] = {"line": self.line, "source": self.source, "outcome": self.kind}
        if self.reason is not None:
            found["reason"] = {"zh_CN": self.reason.zh, "en": self.reason.en}
        if self.fallback:
            found["fallback"] = True
        return found

    def as_text(self) -> str:
        """Return the row as ``--dry-run`` lists it."""
        words, why = WORDS[self.kind], self.reason
        zh = f"{words.zh}：{why.zh}" if why else words.zh
        en = f"{words.en}: {why.en}" if why else words.en
        return f"  第 {self.line} 行 line {self.line} {self.source}  {zh}  {en}"


@dataclass
class ImportReport:
    """What an import did; ``rejected`` rows stand in ``rejected_file`` with their reasons.

    ``broken_off`` says why it ended before its end; what was brought in until then stays.
    """

    read: int = 0
    added: int = 0
    known: int = 0
    repeated: int = 0
    closed: int = 0
    open: int = 0
    overdue: int = 0
    fallback: int = 0
    rejected: int = 0
    rejected_file: str | None = None
    stopped: bool = False
    dry_run: bool = False
    broken_off: Text | None = None
    notes: list[Text] = field(default_factory=list)
    reasons: dict[Text, int] = field(default_factory=dict)
    # Each row's outcome, where they were asked for.
    rows: list[RowOutcome] | None = None

    def count(self, outcome: RowOutcome) -> None:
        """One more row, with its outcome."""
        self.read += 1
        self.added += outcome.kind in CASES
        self.known += outcome.kind == "known"
        self.repeated += outcome.kind == "repeated"
        self.closed += outcome.kind == "closed"
        self.open += outcome.kind in ("open", "overdue")
        self.overdue += outcome.kind == "overdue"
        self.rejected += outcome.kind == "rejected"
        self.fallback += outcome.fallback
        if outcome.reason is not None:
            self.reasons[outcome.reason] = self.reasons.get(outcome.reason, 0) + 1
        if self.rows is not None:
            self.rows.append(outcome)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        reasons = [
            {"reason": {"zh_CN": reason.zh, "en": reason.en}, "rows": times}
            for reason, times in self.reasons.items()
        ]
        broken = self.broken_off
        found = {
            **vars(self),
            "reasons": reasons,
            "notes": [{"zh_CN": note.zh, "en": note.en} for note in self.notes],
            "broken_off": {"zh_CN": broken.zh, "en": broken.en} if broken else None,
        }
        del found["rows"]
        if self.rows is not None:
            found["rows"] = [outcome.as_json() for outcome in self.rows]
        return found

    def as_text(self) -> str:
        """For a terminal."""
        lines = [f"  {note.zh}  {note.en}" for note in self.notes]
        if self.dry_run:
            lines.append("试运行，什么也没有写入。Dry run: nothing was written.")
        lines += [
            f"读入 {self.read} 行：新增 {self.added} 件，已有 {self.known} 件，"
            f"表内重复 {self.repeated} 行，退回 {self.rejected} 行；",
            f"已办结 {self.closed} 件，在办 {self.open} 件（超期 {self.overdue} 件），"
            f"地点不明、由接收单位接下 {self.fallback} 件。",
            f"{self.read} rows read: {self.added} cases added, {self.known} known already, "
            f"{self.repeated} repeated in the file, {self.rejected} rejected;",
            f"{self.closed} closed, {self.open} open ({self.overdue} overdue), "
            f"{self.fallback} at the fallback unit.",
        ]
        lines += [f"  {times} × {reason.zh}  {reason.en}" for reason, times in self.reasons.items()]
        lines += [outcome.as_text() for outcome in self.rows or ()]
        if self.rejected_file:
            lines.append(f"退回的行 Rejected rows: {self.rejected_file}")
        if self.stopped:
            lines.append("按要求中途停止，再运行一次即可补完。")
            lines.append("Stopped half-way as asked; another run completes it.")
        if self.broken_off:
            lines.append(
                f"中途出错停止，已导入的不受影响，排除后再运行一次即可补完：{self.broken_off.zh}"
            )
            lines.append(
                "Broken off; what was brought in stays, and another run completes it: "
                f"{self.broken_off.en}"
            )
        return "\n".join(lines)
