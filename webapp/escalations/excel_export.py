"""The board as an Excel workbook: what it shows, row by row, in words as well as in moments."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment

from engine.reports.area import Area
from engine.reports.escalations import LateTask
from webapp import display
from webapp.clock import now
from webapp.escalations import labels
from webapp.excel_style import HEAD, RulesInForce, clock, dress, text

WIDTHS = (10, 22, 32, 18, 18, 10, 18, 22, 18, 44, 18, 26, 36, 44)


def workbook(area: Area, rows: Sequence[LateTask], rules: RulesInForce, *, more: bool) -> bytes:
    """Return one sheet, the gravest first as on the board; it says so when it does not hold all."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("升级看板")
    title = f"{area.unit.name} {display.exact(rules.at)}"
    title += " " + _("升级表第 %(number)s 版", number=rules.table or "—")
    if more:
        title += " " + _("（只列出最前面的 %(count)s 行）", count=len(rows))
    sheet.append([text(title)])
    sheet.append(heads())
    for row in rows:
        sheet.append([cell if isinstance(cell, datetime) else text(cell) for cell in _cells(row)])
    dress(sheet, HEAD, len(rows))
    for column, width in zip(sheet.columns, WIDTHS, strict=False):
        sheet.column_dimensions[column[1].column_letter].width = width
        for cell in column[2:]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, datetime):
                cell.number_format = "yyyy-mm-dd hh:mm"
    sheet.freeze_panes = "C3"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def heads() -> list[str]:
    """Return the columns."""
    return [
        _("时限状态"),
        _("编号"),
        _("事项"),
        _("地点"),
        _("环节"),
        _("紧急程度"),
        _("截止"),
        _("责任单位/责任人"),
        _("升级至"),
        _("升级路径"),
        _("下一步时间"),
        _("下一步"),
        _("依据"),
        _("已采取措施"),
    ]


def _cells(row: LateTask) -> list[str | datetime]:
    late = row.deadline_at is not None and row.deadline_at <= now()
    ladder = labels.ladder(row)
    steps = [f"{one.unit} {'、'.join(one.acts)} {display.exact(one.at)}" for one in ladder]
    coming = row.next
    return [
        _("已超期") if late else _("将到期"),
        row.number,
        row.title,
        row.place,
        labels.step(row),
        display.priority_name(row.priority),
        clock(row.deadline_at) if row.deadline_at else "",
        labels.turn(row),
        ladder[-1].unit if ladder else "",
        "\n".join(steps),
        clock(coming.at) if coming else "",
        f"{labels.act(coming)} {display.role_name(coming.role)}" if coming else "",
        labels.why(row),
        "\n".join(labels.tried(row)),
    ]
