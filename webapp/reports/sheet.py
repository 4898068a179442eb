"""The figures as an Excel workbook; a cell is a number or a text, never a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from engine.models import Version
from engine.reports.area import Area
from engine.reports.figures import FigureRow, Figures, Rate
from engine.reports.period import Period
from webapp.reports import labels
from webapp.workbooks import text

COUNTS = ("opened", "waiting", "handling", "closed", "open", "soon", "late", "escalated")


def workbook(
    area: Area,
    period: Period,
    found: Figures,
    days: Mapping[str, Mapping[str, int]],
    processes: dict[str, Version],
) -> bytes:
    """Three sheets: by unit, by process, by day."""
    book = Workbook()
    book.remove(book.active)
    title = f"{area.unit.name} {period.first} — {period.last}"
    _lines(
        book.create_sheet(_("按单位")),
        [title],
        [(line.unit.name if line.unit else "", line) for line in found.parts]
        + [(_("合计"), found.total)],
    )
    _lines(
        book.create_sheet(_("按类型")),
        [title],
        [(labels.process(line.process, processes), line) for line in found.processes],
    )
    _days(book.create_sheet(_("按日")), days)
    _notes(book.create_sheet(_("说明")))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _lines(sheet: Worksheet, title: list[str], lines: Iterable[tuple[str, FigureRow]]) -> None:
    sheet.append([text(part) for part in title])
    head = [_("单位或类型"), *(labels.measure(name) for name in COUNTS)]
    for name in (_("办结率"), _("环节按期率"), _("答复按期率")):
        head += [name, _("%(name)s分子", name=name), _("%(name)s分母", name=name)]
    sheet.append(head)
    for name, line in lines:
        row: list[Any] = [text(name), *(line[measure] for measure in COUNTS)]
        for rate in (line.handled, line.steps_in_time, line.answers_in_time):
            row += _rate(rate)
        sheet.append(row)
    _dress(sheet, 2)


def _days(sheet: Worksheet, days: Mapping[str, Mapping[str, int]]) -> None:
    shown = ("opened", "closed", "escalated")
    sheet.append([_("日期"), *(labels.measure(name) for name in shown)])
    for day, counts in days.items():
        sheet.append([day, *(counts.get(name, 0) for name in shown)])
    _dress(sheet, 1)


def _notes(sheet: Worksheet) -> None:
    for name, words in labels.explained():
        sheet.append([name, words])
    sheet.column_dimensions["A"].width = 20
    sheet.column_dimensions["B"].width = 80


def _rate(rate: Rate) -> list[Any]:
    share = None if rate.percent is None else rate.part / rate.whole
    return [share, rate.part, rate.whole]


def _dress(sheet: Worksheet, head: int) -> None:
    for cell in sheet[head]:
        cell.font = Font(bold=True)
    for number in range(1, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 16 if number > 1 else 24
    for row in sheet.iter_rows(min_row=head + 1):
        for cell in row:
            if isinstance(cell.value, float):
                cell.number_format = "0.0%"
    sheet.freeze_panes = f"B{head + 1}"
