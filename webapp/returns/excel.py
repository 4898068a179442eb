"""Returns in Excel: words in double braces of a template are replaced by what the return says.

``{{unit}}``, ``{{period}}``, ``{{table}}``, ``{{number}}``, ``{{filled_by}}``, ``{{signed_by}}``,
``{{signed_on}}`` and the key of a column may stand anywhere. A row with ``{{line:...}}`` is
written once a unit, one with ``{{row:...}}`` once a case.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from datetime import date
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from engine.definitions.statistics import StatisticTable
from engine.insight.statistics.listing import ReturnLines
from engine.insight.statistics.sums import ReturnNumber
from engine.spreadsheets import templates
from webapp.excel_style import clock, fit, text
from webapp.locales import localize
from webapp.returns.subject import ReturnPage

MARK = re.compile(r"\{\{\s*([a-z_]+(?::[a-z0-9_]+)?|[a-z][a-z0-9_]*)\s*\}\}")
LINE, ROW = "line:", "row:"
Look = Callable[[str], Any]


def fill(template: bytes, page: ReturnPage, lines: ReturnLines) -> bytes:
    """Return the template with the return written into it. Raises UnreadableTable."""
    book = templates.template(template)
    told = _values(page)
    for sheet in book.worksheets:
        # Cases last: what stands in their texts is no mark of the template.
        for cells in sheet.iter_rows():
            for cell in cells:
                _write(cell, lambda key: None if ":" in key else told.get(key, ""))
        _repeat(sheet, LINE, list(_of_units(page)))
        _repeat(sheet, ROW, list(_of_cases(page, lines)))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def plain(table: StatisticTable) -> bytes:
    """Return the template of a table where nobody made one: it can be taken and restyled."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = _("报表")
    sheet.append(["{{table}}"])
    sheet.append(["{{unit}} {{period}}"])
    head = [_("单位"), *(localize(column.name) for column in table.columns)]
    keys = [column.key for column in table.columns]
    sheet.append(head)
    sheet.append(["{{line:name}}", *(f"{{{{line:{key}}}}}" for key in keys)])
    sheet.append([_("合计"), *(f"{{{{{key}}}}}" for key in keys)])
    sheet.append([_("填表人：%(who)s", who="{{filled_by}}")])
    sheet.append([_("单位负责人：%(who)s", who="{{signed_by}} {{signed_on}}")])
    _dress(sheet, 3)
    if table.lines:
        names = [localize(line.name) for line in table.lines]
        second = book.create_sheet(_("案件清单"))
        second.append([*names, _("单位")])
        second.append([*(f"{{{{row:{line.key}}}}}" for line in table.lines), "{{row:unit_name}}"])
        _dress(second, 1)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _dress(sheet: Worksheet, head: int) -> None:
    for number in range(1, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 24 if number == 1 else 14
    for cell in sheet[head]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = f"B{head + 1}"
    fit(sheet, head)


def _values(page: ReturnPage) -> dict[str, Any]:
    row = page.row
    assert row is not None
    signed = row.signed_at
    return {
        "table": localize(page.table.name),
        "unit": page.about.unit.name,
        "period": localize(page.about.span.name),
        "number": row.number,
        "filled_by": page.people.get(row.filled_by, ""),
        "signed_by": page.people.get(row.signed_by or 0, ""),
        "signed_on": clock(signed).date() if signed else "",
        **_numbers(page.numbers),
    }


def _numbers(numbers: list[ReturnNumber]) -> dict[str, Any]:
    return {
        one.column.key: one.text
        if one.column.kind == "rate"
        else float(one.value or 0)
        if one.column.digits
        else int(one.value or 0)
        for one in numbers
    }


def _of_units(page: ReturnPage) -> Iterator[Mapping[str, Any]]:
    for one in page.units:
        if one.numbers:
            name = _("%(unit)s本级", unit=one.unit.name) if one.own else one.unit.name
            yield {"name": name, **_numbers(one.numbers)}


def _of_cases(page: ReturnPage, lines: ReturnLines) -> Iterator[Mapping[str, Any]]:
    for line in lines.lines:
        texts = {key: _cell_value(value) for key, value in line.texts.items()}
        yield {"number": line.number, **texts, "unit_name": line.unit}


def _cell_value(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value
    except ValueError:
        return value


def _repeat(sheet: Worksheet, prefix: str, rows: list[Mapping[str, Any]]) -> None:
    """Write the first row that has such marks once for each of ``rows``, below each other."""
    found = next((cells[0].row for cells in sheet.iter_rows() if _has(cells, prefix)), None)
    if found is None:
        return
    pattern = [(cell.value, copy(cell._style)) for cell in sheet[found]]
    if not rows:
        rows = [{}]
    if len(rows) > 1:
        sheet.insert_rows(found + 1, len(rows) - 1)
    for offset, told in enumerate(rows):
        for column, (value, style) in enumerate(pattern, start=1):
            cell = sheet.cell(found + offset, column)
            if isinstance(cell, MergedCell):
                continue
            cell.value, cell._style = value, copy(style)
            _write(cell, _look(told, prefix))


def _look(told: Mapping[str, Any], prefix: str) -> Look:
    def look(key: str) -> Any:
        return told.get(key.removeprefix(prefix), "") if key.startswith(prefix) else None

    return look


def _has(cells: Any, prefix: str) -> bool:
    found = (cell.value for cell in cells if isinstance(cell.value, str))
    return any(key.startswith(prefix) for value in found for key in MARK.findall(value))


def _write(cell: Any, look: Look) -> None:
    """Replace the marks of a cell; one that stands alone keeps the kind of its value."""
    if not isinstance(cell.value, str) or "{{" not in cell.value:
        return
    alone = MARK.fullmatch(cell.value.strip())
    if alone:
        value = look(alone[1])
        if value is not None:
            cell.value = text(value) if isinstance(value, str) else value
        return

    def said(found: re.Match[str]) -> str:
        value = look(found[1])
        return found[0] if value is None else str(value)

    cell.value = text(MARK.sub(said, cell.value))
