"""What all Excel files that leave here share: type, dress, dates, and cells without formulas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from engine import settings
from engine.definitions import versions
from engine.models import Version

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet would take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# The row of the headings, below a title.
HEAD = 2


@dataclass(frozen=True)
class RulesInForce:
    """What held when the figures were made: versions of processes and table, and the time."""

    processes: Mapping[str, Version]
    table: int | None
    at: datetime

    @classmethod
    def of(cls, found: Iterable[Version], at: datetime) -> RulesInForce:
        """From the versions in force."""
        by_key = {version.process: version for version in found}
        table = by_key.pop(versions.ESCALATION, None)
        by_key.pop(versions.STATISTICS, None)
        by_key.pop(versions.PAPER_TEMPLATES, None)
        by_key.pop(versions.CITIZENS, None)
        return cls(by_key, table.number if table else None, at)


def text(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value


def dress(sheet: Worksheet, head: int, rows: int) -> None:
    """A heading that stays and filters, columns wide enough, all columns on one page's width.

    ``rows`` is how many rows below the heading are filtered; a line of totals is not.
    """
    for cell in sheet[head]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    last = get_column_letter(sheet.max_column)
    for number in range(1, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 12 if number > 1 else 24
    sheet.freeze_panes = f"B{head + 1}"
    sheet.auto_filter.ref = f"A{head}:{last}{head + rows}"
    fit(sheet, head)


def fit(sheet: Worksheet, head: int) -> None:
    """Print it across, as wide as the page; the heading stands on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if head:
        sheet.print_title_rows = f"1:{head}"


def clock(at: datetime) -> datetime:
    """Return a moment as a spreadsheet has it, which knows no zones: the county's own time."""
    return _local(at).replace(tzinfo=None, microsecond=0)


def moment_text(at: datetime) -> str:
    """Return a moment in a title, to the minute."""
    return f"{_local(at):%Y-%m-%d %H:%M}"


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(settings.current().timezone))
