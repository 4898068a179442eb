"""Reading a table of divisions or of centre points; each row is fine or rejected with words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import InvalidInput
from engine.models.people import KINDS
from engine.org.units import CODE, LONGEST_NAME
from engine.spreadsheets import UnreadableTable, open_spreadsheet
from engine.terms.levels import SPELLINGS
from feel.text import Text

COLUMN_NAMES = {
    "编码": "code",
    "代码": "code",
    "名称": "name",
    "层级": "level",
    "上级编码": "parent_code",
    "lat_gcj02": "latitude",
    "lon_gcj02": "longitude",
    "lat": "latitude",
    "lon": "longitude",
}
DIVISIONS = ("code", "name", "level", "parent_code")
CENTRES = ("code", "latitude", "longitude")


@dataclass(frozen=True)
class UnitTableRow:
    """One unit as the table has it; a table of centres says nothing of level and parent."""

    line: int
    code: str
    name: str
    level: str
    parent_code: str
    kind: str = "area"
    place_type: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def is_centre(self) -> bool:
        """Whether the row only tells where an existing unit's centre is."""
        return not self.level


@dataclass(frozen=True)
class RejectedRow:
    """A row that was left out, and why."""

    line: int
    code: str
    name: str
    reason: Text


class _BadRow(Exception):
    def __init__(self, reason: Text) -> None:
        self.reason = reason


def parse(data: bytes) -> tuple[list[UnitTableRow], list[RejectedRow]]:
    """Parse a table. Raises InvalidInput (field ``file``) when it is no such table at all."""
    try:
        sheet = open_spreadsheet(data, DIVISIONS, CENTRES, spelling=_column)
        labels = sheet.labels((*DIVISIONS, *CENTRES, "kind", "place_type"))
        records = list(sheet.rows())
    except UnreadableTable as error:
        refused = InvalidInput({"file": error.text})
        # A command has no field to show it at.
        refused.text = error.text
        raise refused from error
    good: list[UnitTableRow] = []
    bad: list[RejectedRow] = []
    seen: set[str] = set()
    for record in records:
        cells = {name: record.by_heading.get(label, "").strip() for name, label in labels.items()}
        try:
            if record.fault is not None:
                raise _BadRow(record.fault)
            row = _row(record.line, cells)
            if row.code in seen:
                raise _BadRow(Text("编码在表中重复。", "The code occurs twice in the table."))
        except _BadRow as error:
            code, name = cells.get("code", "")[:32], cells.get("name", "")[:LONGEST_NAME]
            bad.append(RejectedRow(record.line, code, name, error.reason))
        else:
            seen.add(row.code)
            good.append(row)
    return good, bad


def _column(cell: str) -> str:
    name = cell.strip().lower()
    return COLUMN_NAMES.get(name, name)


def _row(line: int, cells: Mapping[str, str]) -> UnitTableRow:
    code = cells["code"]
    if not CODE.fullmatch(code):
        raise _BadRow(Text("编码为空或无效。", "The code is empty or not valid."))
    centre = "level" not in cells
    name = cells.get("name", "")
    if not centre and not name:
        raise _BadRow(Text("名称为空。", "The name is empty."))
    if len(name) > LONGEST_NAME:
        raise _BadRow(Text("名称过长。", "The name is too long."))
    level = "" if centre else _level(cells["level"])
    kind = cells.get("kind") or "area"
    if kind not in KINDS:
        raise _BadRow(Text(f"类别“{kind[:20]}”无效。", f"There is no kind “{kind[:20]}”."))
    return UnitTableRow(
        line=line,
        code=code,
        name=name,
        level=level,
        parent_code=cells.get("parent_code", ""),
        kind=kind,
        place_type=(cells.get("place_type") or "")[:32] or None,
        latitude=_degrees(cells, "latitude", 90, required=centre),
        longitude=_degrees(cells, "longitude", 180, required=centre),
    )


def _level(text: str) -> str:
    level = SPELLINGS.get(text.lower())
    if level is None:
        shown = text[:20]
        raise _BadRow(Text(f"层级“{shown}”无法识别。", f"There is no level “{shown}”."))
    return level


def _degrees(cells: Mapping[str, str], column: str, limit: int, *, required: bool) -> float | None:
    text = cells.get(column, "")
    if not text and not required:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -limit <= value <= limit:
        raise _BadRow(Text("经纬度无效。", "Latitude or longitude is not valid."))
    return value
