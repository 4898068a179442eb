"""Tables as people bring them: every cell arrives as it was written, or the cause is named."""

from __future__ import annotations

import csv
import io
from datetime import datetime, time

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.spreadsheets import UnreadableTable, open_spreadsheet

NEEDED = {"编号", "情况"}
TABLE = "编号,情况,电话\nX1,灯不亮,13900000001\nX2,井盖丢失,13900000002\n"


def cells(data: bytes, *needed: str, **options: str) -> list[tuple[str, ...]]:
    """The cells of all rows, none of which may be at fault."""
    rows = list(open_spreadsheet(data, set(needed) or NEEDED, **options).rows())
    assert not [row.fault for row in rows if row.fault]
    return [row.cells for row in rows]


def refusal(data: bytes, *needed: str) -> str:
    """Why the file is refused, as a Chinese office reads it."""
    with pytest.raises(UnreadableTable) as refused:
        list(open_spreadsheet(data, set(needed) or NEEDED).rows())
    assert refused.value.text.en
    return refused.value.text.zh


PLAIN = [("X1", "灯不亮", "13900000001"), ("X2", "井盖丢失", "13900000002")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"])
def test_it_reads_every_encoding_that_a_spreadsheet_saves(encoding: str) -> None:
    assert cells(TABLE.encode(encoding)) == PLAIN


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_it_reads_utf16_without_its_mark(encoding: str) -> None:
    assert cells(TABLE.encode(encoding)) == PLAIN


def test_it_names_the_line_at_which_the_likelier_encoding_ends() -> None:
    """All of it is GBK but for the last line: the first is nothing to look at."""
    assert "第 3 行" in refusal(
        (TABLE.splitlines(True)[0] * 2).encode("gb18030") + b"\xff\xff,a,b\n"
    )
    assert "第 5 行" in refusal(TABLE.encode("gb18030") + b"X3,a,b\nX4,\xff\xff,b\n")


def test_files_that_were_put_together_keep_no_mark_in_their_cells() -> None:
    rows = TABLE.partition("\n")[2]
    assert cells(b"\xef\xbb\xbf" + TABLE.encode() + b"\xef\xbb\xbf" + rows.encode()) == PLAIN * 2


@pytest.mark.parametrize("delimiter", "\t;|")
def test_it_finds_the_delimiter_by_the_headings(delimiter: str) -> None:
    assert cells(TABLE.replace(",", delimiter).encode()) == PLAIN


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n', "SEP=;\n"])
def test_it_takes_the_delimiter_that_the_first_line_names(first: str) -> None:
    data = (first + TABLE.replace(",", ";")).encode()
    assert cells(data) == PLAIN
    assert [row.line for row in open_spreadsheet(data, NEEDED).rows()] == [3, 4]


def test_it_finds_the_headings_below_a_title() -> None:
    sheet = open_spreadsheet(("山丹县台账,,\n,,\n" + TABLE).encode(), NEEDED)
    assert [row.line for row in sheet.rows()] == [4, 5]
    assert "第 3 行" in sheet.notes[0].zh


def test_it_judges_the_encoding_on_the_whole_file() -> None:
    """The first megabyte is ASCII, what follows is not."""
    filler = "X,plain,0\n" * 200_000
    assert cells(("编号,情况,电话\n" + filler).encode("gb18030") + "Y,灯,1\n".encode("gb18030"))
    broken = TABLE.encode() * 9 + "X3,灯,1\n".encode("gb18030")
    assert "编码" in refusal(broken) and "第 28 行" in refusal(broken)


def test_it_tells_gbk_from_utf8_by_the_headings_where_both_would_do() -> None:
    """C4 A3 is 模 in one and ģ in the other."""
    data = "模,b\n1,2\n".encode("gb18030")
    data.decode("utf-8")
    assert cells(data, "模") == [("1", "2")]
    assert cells("ģ,b\n1,2\n".encode(), "ģ") == [("1", "2")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('编号,情况\nX1,"灯\nX2,灯\n', 2),
        ('编号,情况\nX1,灯\nX2,"灯"坏,了\nX3,灯\n', 3),
        ('编号,情况\nX1,"甲\n乙"\nX2,"灯\nX3,灯\n', 4),
        ('编号,情况\nX1,"有""引号"""\nX2,灯\n"X3,灯\n', 4),
        ('编号,情况\n"X1","灯"\n"","灯\n', 3),
    ],
)
def test_it_names_the_line_in_which_a_quote_opens_that_does_not_end(text: str, line: int) -> None:
    assert f"第 {line} 行" in refusal(text.encode())


def test_it_refuses_a_row_whose_quote_swallowed_others() -> None:
    """The number of cells happens to be right; its second cell holds half a table."""
    text = '编号,情况,电话\nX1,"灯,1\nX2,灯,2\nX3,灯",3\nX4,灯,4\n'
    first, second = open_spreadsheet(text.encode(), NEEDED).rows()
    assert first.fault is not None and "引号" in first.fault.zh
    assert second.fault is None and second.cells == ("X4", "灯", "4")


@pytest.mark.parametrize(
    ("row", "words"), [("X1,灯", "少"), ("X1,灯,1,2", "多"), ("合计：2 件", "少")]
)
def test_it_finds_fault_with_a_row_of_another_length(row: str, words: str) -> None:
    (only,) = open_spreadsheet(f"编号,情况,电话\n{row}\n".encode(), NEEDED).rows()
    assert only.fault is not None and words in only.fault.zh


def test_it_leaves_out_rows_without_content_and_cells_beyond_the_last() -> None:
    data = "编号,情况\nX1,灯,,\n,\n\n \t,　\nX2,灯\n".encode()
    assert cells(data) == [("X1", "灯"), ("X2", "灯")]


def test_it_tells_two_columns_of_one_heading_apart() -> None:
    data = "编号,情况,电话,被申请人,电 话\nX1,灯,1,李,2\n".encode()
    words = refusal(data, "编号", "电话")
    assert "电话" in words and "[1]" in words
    sheet = open_spreadsheet(data, {"编号", "电话[2]"})
    (row,) = sheet.rows()
    assert [row.by_heading[sheet.labels([f"电话[{n}]"])[f"电话[{n}]"]] for n in (1,)] == ["1"]
    assert list(row.by_heading.values()) == ["X1", "灯", "1", "李", "2"]


def test_it_calls_a_column_without_a_heading_by_its_place() -> None:
    (row,) = open_spreadsheet("编号,,情况,\nX1,甲,灯,\n".encode(), NEEDED).rows()
    assert row.by_heading == {"编号": "X1", "第2列": "甲", "情况": "灯"}


def test_it_knows_a_heading_however_it_is_spelt() -> None:
    data = '编 号,"情\n况",联系电话（手机）\nX1,灯,1\n'.encode()
    assert cells(data, "编号", "情况", "联系电话(手机)") == [("X1", "灯", "1")]


def test_it_names_the_columns_that_are_missing() -> None:
    words = refusal(TABLE.encode(), "编号", "地点")
    assert "缺少列：地点" in words and "电话" not in words
    assert "13900000001" not in refusal(b"X1,13900000001\n", "编号")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空"),
        (b"\n\n", "找不到列名"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"%PDF-1.7", "PDF"),
        (b"<html><table><tr><td>X1", "网页"),
        (b"PK\x03\x04rubbish", "工作簿"),
        (b"a,b\n\x00\x00\x00\x01\x02,1\n", "空字符"),
    ],
)
def test_it_names_what_is_no_table(data: bytes, words: str) -> None:
    assert words in refusal(data)


def workbook(*rows: list[object], title: str = "台账", **more: list[list[object]]) -> bytes:
    """A workbook with these rows, and further sheets by name."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for name, others in more.items():
        other = book.create_sheet(name)
        for row in others:
            other.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_it_reads_a_workbook_as_one_would_type_it() -> None:
    data = workbook(
        ["山丹县台账"],
        ["编号", "情况", "数", "日期", "时间", "钟点", "是否"],
        [1001, "灯\n不亮", 2.5, datetime(2026, 11, 1), datetime(2026, 11, 1, 9, 5), time(9), True],
        ["X2", "灯"],
    )
    assert cells(data) == [
        ("1001", "灯\n不亮", "2.5", "2026-11-01", "2026-11-01 09:05:00", "09:00:00", "TRUE"),
        ("X2", "灯", "", "", "", "", ""),
    ]


def test_it_keeps_the_zeros_that_a_cell_shows() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(["编号", "情况"], [7, "灯"])))
    book.active["A2"].number_format = "00000"
    file = io.BytesIO()
    book.save(file)
    assert cells(file.getvalue()) == [("00007", "灯")]


@pytest.mark.parametrize(
    ("value", "words"),
    [(620725199001010011, "15 位"), ("=1+1", "公式"), ("#N/A", "错误值")],
)
def test_it_finds_fault_with_a_cell_that_lost_what_was_in_it(value: object, words: str) -> None:
    (row,) = open_spreadsheet(workbook(["编号", "情况"], [value, "灯"]), NEEDED).rows()
    assert row.fault is not None and words in row.fault.zh


def test_it_asks_which_sheet_where_two_would_do() -> None:
    data = workbook(["编号", "情况"], ["X1", "灯"], 二月=[["编号", "情况"], ["X2", "灯"]])
    assert "--sheet" in refusal(data)
    assert cells(data, sheet="二月") == [("X2", "灯")]
    one = workbook(["编号", "情况"], ["X1", "灯"], 说明=[["填表说明"]])
    assert cells(one) == [("X1", "灯")]


# Anything but what no encoding of text has, and line ends as files have them.
TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Co", "Cn")) | st.sampled_from(',;\t|"\n\r'),
    max_size=12,
)


@given(
    rows=st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(",\t;|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    title=st.booleans(),
)
def test_it_brings_every_cell_of_any_file_or_says_why_not(
    rows: list[list[str]], delimiter: str, quoting: int, end: str, encoding: str, title: bool
) -> None:
    """What is not at fault is there to the letter, and no row is missing."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    if title:
        writer.writerow(["某县台账", "", "", ""])
    writer.writerow(["编号", "情况", "电话", "备注"])
    written = [(f"X{number}", *row) for number, row in enumerate(rows)]
    if any("\r" in cell for row in rows for cell in row):
        # Left bare by this writer, it would be the end of a line.
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=end)
    writer.writerows(written)

    found = list(open_spreadsheet(file.getvalue().encode(encoding), NEEDED).rows())

    assert len(found) == len(written)
    for row, as_written in zip(found, written, strict=True):
        assert row.fault is not None or row.cells == as_written
        assert row.fault is None or any("\n" in cell for cell in as_written)


@given(st.binary(max_size=200))
def test_it_never_fails_otherwise(data: bytes) -> None:
    """Any bytes are rows or a reason."""
    try:
        list(open_spreadsheet("编号,情况\n".encode() + data, NEEDED).rows())
        list(open_spreadsheet(data, {"a"}).rows())
    except UnreadableTable as refused:
        assert refused.text.zh and refused.text.en
