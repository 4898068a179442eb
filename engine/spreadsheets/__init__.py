"""Tables that people bring, as CSV or as an Excel workbook: their shape before their meaning.

Encoding, delimiter, quotes, headings and the number of cells are judged here, on the whole file
and before anybody acts on its first row. What a cell says is left as it was written.
"""

from engine.spreadsheets.errors import UnreadableTable
from engine.spreadsheets.headings import comparable
from engine.spreadsheets.spreadsheet import SheetRow, Spreadsheet, open_spreadsheet

__all__ = ["SheetRow", "Spreadsheet", "UnreadableTable", "comparable", "open_spreadsheet"]
