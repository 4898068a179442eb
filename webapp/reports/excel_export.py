"""The figures as an Excel workbook; a cell is a number, a date or a text, never a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from engine.reports.area import Area
from engine.reports.figures import FigureRow, Figures
from webapp.excel_style import HEAD, RulesInForce, clock, dress, fit, moment_text, text
from webapp.period_query import PeriodQuery
from webapp.reports import labels


def workbook(
    area: Area,
    asked: PeriodQuery,
    found: Figures,
    days: Mapping[str, Mapping[str, int]],
    rules: RulesInForce,
) -> bytes:
    """Four sheets: by unit, by process, by day, and what the numbers mean."""
    book = Workbook()
    book.remove(book.active)
    processes = dict(rules.processes)
    title = f"{area.unit.name} {asked.period.first} — {asked.period.last}"
    if asked.process:
        title += f" {labels.process(asked.process, processes)}"
    title += _(
        "，升级表第 %(number)s 版，%(at)s 生成", number=rules.table or "—", at=moment_text(rules.at)
    )
    by_unit = labels.ordered(found.parts, asked.sort, down=asked.down)
    by_process = labels.ordered(found.processes, asked.sort, down=asked.down)
    _lines(
        book.create_sheet(_("按单位")),
        title,
        [(line.unit.name if line.unit else "", line) for line in by_unit],
        [(_("合计"), found.total)],
    )
    _lines(
        book.create_sheet(_("按类型")),
        title,
        [(labels.process(line.process, processes), line) for line in by_process],
    )
    _days(book.create_sheet(_("按日")), title, days)
    _notes(book.create_sheet(_("说明")), rules)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _lines(
    sheet: Worksheet,
    title: str,
    lines: Sequence[tuple[str, FigureRow]],
    totals: Sequence[tuple[str, FigureRow]] = (),
) -> None:
    head, kinds = [_("单位或类型")], [""]
    for column in (*labels.CASES, *labels.QUALITY, *labels.TASKS):
        name = labels.heading(column)
        if column in labels.RATES:
            head += [name, _("%(name)s分子", name=name), _("%(name)s分母", name=name)]
            kinds += ["0.0%", "0", "0"]
        else:
            head.append(name)
            kinds.append("0.0" if column in labels.HOURS else "0")
    sheet.append([text(title)])
    sheet.append(head)
    for name, line in (*lines, *totals):
        sheet.append([text(name), *_cells(line)])
    for row in sheet.iter_rows(min_row=HEAD + 1):
        for cell, kind in zip(row, kinds, strict=True):
            cell.number_format = kind or "General"
    dress(sheet, HEAD, len(lines))


def _cells(line: FigureRow) -> Iterable[Any]:
    for column in (*labels.CASES, *labels.QUALITY, *labels.TASKS):
        if column in labels.RATES:
            rate = labels.RATES[column].of(line)
            yield from (None if not rate.whole else rate.part / rate.whole, rate.part, rate.whole)
        else:
            yield line[column] / 60 if column in labels.HOURS else line[column]


def _days(sheet: Worksheet, title: str, days: Mapping[str, Mapping[str, int]]) -> None:
    shown = ("opened", "closed", "escalated")
    sheet.append([text(title)])
    sheet.append([_("日期"), *(labels.measure(name) for name in shown)])
    for day, counts in days.items():
        sheet.append([date.fromisoformat(day), *(counts.get(name, 0) for name in shown)])
        sheet.cell(sheet.max_row, 1).number_format = "yyyy-mm-dd"
    dress(sheet, HEAD, len(days))


def _notes(sheet: Worksheet, rules: RulesInForce) -> None:
    for name, words in (*_versions(rules), *labels.explained()):
        sheet.append([text(name), text(words) if isinstance(words, str) else words])
        sheet.cell(sheet.max_row, 2).alignment = Alignment(wrap_text=True, horizontal="left")
        if isinstance(words, datetime):
            sheet.cell(sheet.max_row, 2).number_format = "yyyy-mm-dd hh:mm"
    sheet.column_dimensions["A"].width = 26
    sheet.column_dimensions["B"].width = 90
    fit(sheet, 0)


def _versions(rules: RulesInForce) -> list[tuple[str, Any]]:
    """Name and value of what held, for the sheet of notes."""
    processes = dict(rules.processes)
    numbers = sorted((key, version.number) for key, version in processes.items())
    return [
        (_("生成时间"), clock(rules.at)),
        (_("升级表版本"), rules.table),
        *(
            (_("流程版本：%(name)s", name=labels.process(key, processes)), number)
            for key, number in numbers
        ),
    ]
