"""What comes in arrives whole: shape before meaning, a outcome for every row, nothing half done."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import UTC, datetime
from itertools import count as counter
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import text

from engine import intake, settings
from engine.intake.rejected_file import SameFile
from engine.spreadsheets import UnreadableTable
from engine.storage.db import transaction
from tests.engine.casework.world import make_world
from tests.engine.intake.ledger import (
    COLUMNS,
    MAPPING,
    NOW,
    answers,
    bring,
    count,
    mapping,
    refused,
    row,
    write,
)


@pytest.fixture(autouse=True)
def small_county(database: str, tmp_path: Path) -> None:
    """The small county."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    make_world(NOW)


def outcomes(report: intake.ImportReport) -> list[tuple[int, str]]:
    """Line and outcome of each row of a dry run."""
    assert report.rows is not None
    return [(one.line, one.kind) for one in report.rows]


def test_it_refuses_a_file_with_an_open_quote_before_its_first_row(tmp_path: Path) -> None:
    """Two batches of good rows stand before the quote."""
    path = write(tmp_path / "a.csv", *(row(f"W{number}") for number in range(450)))
    path.write_text(path.read_text("utf-8-sig") + 'W999,南湖村,"路灯,,,,,\nW1000,,,,,,,\n')

    with pytest.raises(UnreadableTable) as error:
        bring(path)

    assert "第 452 行" in error.value.text.zh and count() == 0
    assert not (tmp_path / "refused.csv").exists()


def test_it_rejects_every_row_without_an_id(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", *(row("", 事件标题=f"第{n}件") for n in range(10)))
    report = bring(path)
    assert (report.read, report.rejected, report.known) == (10, 10, 0)


def test_it_tells_a_double_with_other_content_from_one_that_is_the_same(tmp_path: Path) -> None:
    """And both from what an earlier import brought."""
    rows = [row("W1"), row("W1", 事件标题="井盖丢失"), row("W2"), row("W2"), row("Ｗ１")]
    path = write(tmp_path / "a.csv", *rows)
    report = bring(path)

    assert (report.added, report.repeated, report.rejected, report.known) == (2, 1, 2, 0)
    assert "第 2 行编号相同" in refused(path)[0][0]
    again = bring(path)
    assert (again.added, again.known, again.repeated, again.rejected) == (0, 2, 1, 2)


def test_it_rejects_an_id_that_is_longer_than_what_is_kept(tmp_path: Path) -> None:
    """Cut off, two of them could be the same."""
    path = write(tmp_path / "a.csv", row("W" * 116), row("W" * 117), row("W" * 115 + "\t1"))
    report = bring(path)
    assert (report.added, report.rejected) == (1, 2)


def test_it_writes_a_row_of_the_wrong_length_back_as_it_came(tmp_path: Path) -> None:
    """Filled up to the right length it would come in the next time."""
    path = tmp_path / "a.csv"
    path.write_text(",".join(COLUMNS) + "\nX1,南湖村,灯\nX2,南湖村,灯,坏,2026-11-02,,,1,甲,乙\n")
    assert bring(path).rejected == 2
    assert [one[2:] for one in refused(path)] == [
        ["X1", "南湖村", "灯"],
        ["X2", "南湖村", "灯", "坏", "2026-11-02", "", "", "1", "甲", "乙"],
    ]
    again = tmp_path / "b.csv"
    (tmp_path / "refused.csv").rename(again)
    assert bring(again).rejected == 2
    assert [len(one) for one in refused(again)] == [5, 12]


def test_it_lets_a_mapping_choose_between_two_columns_of_one_heading(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", row("W1"))
    path.write_text(path.read_text("utf-8-sig").replace("处理结果", "情况"))
    with pytest.raises(UnreadableTable) as error:
        bring(path, mapping(note=""))
    assert "“情况”" in error.value.text.zh

    chosen = {**MAPPING["answers"], "details": "{情况[1]}", "summary": "{情况[2]}"}
    assert bring(path, mapping(note="", answers=chosen)).added == 1
    assert answers("W1")["title"] == "已更换。"
    assert answers("W1")["import:row"]["情况[2]"] == "已更换。"


@pytest.mark.parametrize("shape", ["utf-16", "gb18030", "tab", "title", "sep", "xlsx"])
def test_it_brings_in_the_same_cases_from_any_shape(tmp_path: Path, shape: str) -> None:
    rows = [row("W1"), row("W2", 情况="甲，乙；“丙”\n丁")]
    path = write(tmp_path / "a.csv", *rows)
    plain = path.read_text("utf-8-sig")
    if shape in ("utf-16", "gb18030"):
        path.write_text(plain, encoding=shape)
    elif shape == "tab":
        path.write_text(plain.replace(",", "\t"))
    elif shape == "title":
        path.write_text("某县台账,,,,,,,\n" + plain)
    elif shape == "sep":
        path.write_text("sep=;\n" + plain.replace(",", ";"))
    else:
        book = openpyxl.Workbook()
        for cells in (COLUMNS, *(list(one.values()) for one in rows)):
            book.active.append(list(cells))
        book.save(path)

    report = bring(path)

    assert (report.added, report.closed, report.rejected) == (2, 2, 0)
    assert answers("W2")["report"]["details"] == "甲，乙；“丙”\n丁"


def test_it_never_writes_refused_rows_over_what_it_reads(tmp_path: Path) -> None:
    """Not by another name of the same file either."""
    path = write(tmp_path / "a.csv", row(""))
    link, hard = tmp_path / "link.csv", tmp_path / "hard.csv"
    link.symlink_to(path)
    hard.hardlink_to(path)
    before = path.read_bytes()
    for name in (path, link, hard, tmp_path / "." / "a.csv"):
        with pytest.raises(SameFile):
            bring(path, rejected_path=name)
    with pytest.raises(SameFile):
        bring(path, rejected_path=link, inputs=[path])
    assert path.read_bytes() == before


def test_it_says_the_fate_of_every_row_and_writes_nothing(tmp_path: Path) -> None:
    rows = [
        row("W1"),
        row("W2", 办结时间=""),
        row("W3", 办结时间="", 上报时间="2026-01-05 09:00"),
        row("W1"),
        row("W4", 上报时间="昨天"),
        row("W5", 事件标题=""),
        row(""),
    ]
    path = write(tmp_path / "a.csv", *rows)
    expected = ["closed", "open", "overdue", "repeated", "rejected", "rejected", "rejected"]

    report = bring(path, dry_run=True)

    assert [line for line, _kind in outcomes(report)] == list(range(2, 9))
    assert [kind for _line, kind in outcomes(report)] == expected
    assert count() == 0 and not (tmp_path / "refused.csv").exists()
    assert "第 6 行" in report.as_text() and "昨天" not in report.as_text()
    done = bring(path)
    assert (done.added, done.overdue, done.repeated, done.rejected) == (3, 1, 1, 3)
    assert Counter(kind for _line, kind in outcomes(bring(path, dry_run=True))) == Counter(
        known=3, repeated=1, rejected=3
    )


def test_it_keeps_what_people_wrote_as_they_wrote_it(tmp_path: Path) -> None:
    """Full-width signs, units, numbers in circles and line ends; normal is what is compared."""
    written = "①约３０㎡，“漏水”！\r\n②电话：１３９…（夜间）"
    path = write(
        tmp_path / "a.csv",
        row(
            "Ｗ１",
            情况=written,
            事件标题="３号楼㎡①，漏水",
            地点="南　湖村",
            处理结果="已修①。\n请放心！",
        ),
    )
    chosen = mapping(place={"from": "{地点}", "values": {"南 湖村": "V1"}, "fallback": "620725-ZZ"})
    report = bring(path, chosen)

    assert (report.added, report.fallback) == (1, 0)
    kept = answers("W1")
    assert kept["title"] == "３号楼㎡①，漏水"
    assert kept["report"]["details"] == written.replace("\r\n", "\n")
    assert kept["import:row"]["情况"] == written and kept["import:row"]["编号"] == "Ｗ１"
    assert kept["import:reply"]["reply"] == "已修①。\n请放心！"


@pytest.mark.parametrize(
    ("opened", "closed", "words"),
    [
        ("2026-11-21 09:00", "", "登记时间：登记时间在将来"),
        ("2026-11-02", "2026-12-01", "办结时间：办结时间在将来"),
        ("2026-11-05", "2026-11-04", "办结时间：办结时间早于登记时间"),
        ("", "2026-11-04", "登记时间：已办结的行缺少登记时间"),
        ("02/03/2026", "", "登记时间：日期有两种读法，请在映射文件的 dates 中写明格式"),
        ("13/13/2026", "", "登记时间：日历上没有这一天"),
        ("上周", "", "登记时间：日期无法识别"),
        ("2026-11-02 25:00", "", "登记时间：没有这个时刻"),
    ],
)
def test_it_says_truly_what_is_wrong_with_a_date(
    tmp_path: Path, opened: str, closed: str, words: str
) -> None:
    path = write(tmp_path / "a.csv", row("W1", 上报时间=opened, 办结时间=closed))
    assert bring(path).rejected == 1
    assert refused(path)[0][0] == words


def test_it_reads_dates_by_the_format_that_the_mapping_names(tmp_path: Path) -> None:
    rows = [
        row("U1", 上报时间="02/03/2023 12:00:00 AM", 办结时间="02/13/2023 11:59:31 PM"),
        row("U2", 上报时间="2023-02-13 9:00 AM", 办结时间="13/02/2023 9:05 PM"),
    ]
    path = write(tmp_path / "a.csv", *rows)
    assert bring(path).rejected == 1
    assert bring(path, mapping(dates=["MM/DD/YYYY hh:mm:ss AM"])).added == 1
    assert answers("U1")["opened_at"] == datetime(2023, 2, 2, 16, tzinfo=UTC)
    assert answers("U2")["opened_at"] == datetime(2023, 2, 13, 1, tzinfo=UTC)


def test_it_takes_the_reading_in_order_where_an_hour_occurred_twice_or_never(
    tmp_path: Path,
) -> None:
    """Clocks were put back at 02:00 on 6 November 2011, forward on 13 March."""
    rows = [
        row("D1", 上报时间="2011-11-06 01:30:00", 办结时间="2011-11-06 01:10:00"),
        row("D2", 上报时间="2011-03-13 02:30:00", 办结时间="2011-03-13 03:10:00"),
    ]
    path = write(tmp_path / "a.csv", *rows)
    assert bring(path, mapping(zone="America/New_York")).added == 2


def test_it_brings_in_the_rest_where_the_database_refuses_one_row(tmp_path: Path) -> None:
    """Then the row is at fault, whatever it is; it is counted once, and there is no gap."""
    with transaction() as db:
        if db.get_bind().dialect.name == "sqlite":
            db.execute(
                text(
                    "CREATE TRIGGER no_ghosts BEFORE INSERT ON \"case\" WHEN NEW.title = '鬼'"
                    " BEGIN SELECT RAISE(ABORT, 'no ghosts'); END"
                )
            )
        else:
            db.execute(text("ALTER TABLE \"case\" ADD CONSTRAINT no_ghosts CHECK (title <> '鬼')"))
    rows = [row("W1"), row("W2", 事件标题="鬼"), row("W3"), row("W4", 办结时间="")]
    path = write(tmp_path / "a.csv", *rows)

    report = bring(path)

    assert (report.read, report.added, report.rejected) == (4, 3, 1)
    assert "鬼" not in json.dumps(report.as_json(), ensure_ascii=False, default=str)
    assert refused(path)[0][2] == "W2"


def test_it_reports_what_was_done_when_it_cannot_go_on(tmp_path: Path) -> None:
    """The place of the refused rows is taken away after the first batch."""
    rows = [row(f"W{number}") for number in range(250)]
    rows[230]["上报时间"] = "昨天"
    path = write(tmp_path / "a.csv", *rows)
    folder = tmp_path / "out"
    folder.mkdir()

    def close(_done: int, _total: int) -> None:
        if folder.exists():
            folder.rmdir()

    report = bring(path, rejected_path=folder / "refused.csv", progress=close)

    assert report.broken_off is not None and report.added == 249
    assert "FileNotFoundError" in report.as_text() and count() == 249


NUMBERS = counter()
WORDS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Co", "Cn"))
    | st.sampled_from(',;\t"\n①㎡，。“”（）１ａ　'),
    max_size=30,
)


@profile(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    delimiter=st.sampled_from(",\t;|"),
    workbook=st.booleans(),
)
def test_it_finds_every_cell_of_an_accepted_row_in_its_case(
    tmp_path: Path,
    rows: list[tuple[str, str, str, str]],
    encoding: str,
    delimiter: str,
    workbook: bool,
) -> None:
    """In the case or in its source row, to the letter; the other rows are rejected."""
    written = {
        f"H{next(NUMBERS)}": dict(zip(("事件标题", "情况", "处理结果", "电话"), one, strict=True))
        for one in rows
    }
    path = tmp_path / "h.csv"
    ledger = [row(number, **cells) for number, cells in written.items()]
    if workbook:
        book = openpyxl.Workbook()
        for line, cells in enumerate([COLUMNS, *(tuple(one.values()) for one in ledger)], start=1):
            for column, cell in enumerate(cells, start=1):
                book.active.cell(line, column).value = cell
                book.active.cell(line, column).data_type = "s"
        book.save(path)
    else:
        write(path, *ledger, encoding="utf-8")
        quoted = io.StringIO(newline="")
        _rewrite(path, quoted, delimiter)
        path.write_bytes(quoted.getvalue().encode(encoding))

    report = bring(path)

    assert report.broken_off is None
    assert report.read == len(rows) == report.added + report.rejected
    lost = {one[2] for one in refused(path)} if report.rejected else set()
    for number, cells in written.items():
        if number not in lost:
            kept = answers(number)["import:row"]
            for name, cell in cells.items():
                assert kept[name] == cell or (workbook and kept[name].split() == cell.split())
            reply = answers(number).get("import:reply", {"reply": ""})["reply"]
            assert reply == kept["处理结果"].strip()


def _rewrite(path: Path, file: io.StringIO, delimiter: str) -> None:
    import csv

    with open(path, encoding="utf-8", newline="") as source:
        csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(csv.reader(source))
