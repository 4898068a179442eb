"""What an import of units did: each kind of change counted apart, and what it left alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.org.importing.missing import MissingUnit
from engine.org.importing.table import RejectedRow


@dataclass
class UnitImportResult:
    """What an import did, counted by rows of the table; ``recoded`` counts units.

    A row that is renamed and moved counts in both, and once in ``changed``. ``handed`` are open
    cases that got another unit because units were merged or split.
    """

    read: int = 0
    added: int = 0
    changed: int = 0
    renamed: int = 0
    moved: int = 0
    recoded: int = 0
    merged: int = 0
    handed: int = 0
    unchanged: int = 0
    dry_run: bool = False
    rejections: list[RejectedRow] = field(default_factory=list)
    missing: list[MissingUnit] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether the tree is another one now."""
        ended = any(one.ended for one in self.missing)
        return bool(self.added or self.changed or self.recoded or self.merged or ended)

    def as_json(self) -> dict[str, Any]:
        """Return the result as the command prints it."""
        counts = {name: value for name, value in vars(self).items() if name != "rejections"}
        return {
            **counts,
            "rejected": [
                {
                    "line": row.line,
                    "code": row.code,
                    "name": row.name,
                    "reason": {"zh_CN": row.reason.zh, "en": row.reason.en},
                }
                for row in self.rejections
            ],
            "missing": [one.as_json() for one in self.missing],
        }

    def as_text(self) -> str:
        """Return the result for a person: counts in both languages, one line for each rejected
        row.
        """
        dry = ["试运行，什么也没有写入。Dry run: nothing was written."] if self.dry_run else []
        counts = (
            f"{self.read} rows read, {self.added} added, {self.changed} changed "
            f"({self.renamed} renamed, {self.moved} moved), {self.unchanged} unchanged, "
            f"{len(self.rejections)} rejected; {self.recoded} units recoded, {self.merged} merged, "
            f"{self.handed} open cases handed over, {len(self.missing)} missing"
        )
        chinese = (
            f"读入 {self.read} 行：新增 {self.added}，变更 {self.changed}（更名 {self.renamed}，"
            f"调整上级 {self.moved}），未变 {self.unchanged}，退回 {len(self.rejections)}；"
            f"变更编码 {self.recoded}，合并 {self.merged}，移交未办结事项 {self.handed}，"
            f"表中没有 {len(self.missing)}"
        )
        reasons = (
            f"第 {r.line} 行 line {r.line}: {r.code} {r.name}: {r.reason.zh}  {r.reason.en}"
            for r in self.rejections
        )
        return "\n".join([*dry, chinese, counts, *reasons, *(m.as_text() for m in self.missing)])
