"""What a report counts of each outcome, and how it says so."""

from __future__ import annotations

import pytest

from engine.intake.row_outcomes import CASES, WORDS, ImportReport, RowOutcome
from feel.text import Text

COUNTED = (
    "read",
    "added",
    "known",
    "repeated",
    "closed",
    "open",
    "overdue",
    "rejected",
    "fallback",
)
WHY = Text("日期不对", "not a date")


@pytest.mark.parametrize(
    ("kind", "counters"),
    [
        ("closed", {"added", "closed"}),
        ("open", {"added", "open"}),
        ("overdue", {"added", "open", "overdue"}),
        ("known", {"known"}),
        ("repeated", {"repeated"}),
        ("rejected", {"rejected"}),
    ],
)
@pytest.mark.parametrize("fallback", [False, True])
def test_each_fate_counts_where_it_belongs(kind: str, counters: set[str], fallback: bool) -> None:
    report = ImportReport()
    for line in (2, 3):
        report.count(RowOutcome(line, f"W{line}", kind, fallback=fallback))
    wanted = counters | {"read"} | ({"fallback"} if fallback else set())
    assert {name: getattr(report, name) for name in COUNTED} == {
        name: 2 if name in wanted else 0 for name in COUNTED
    }
    assert (kind in CASES) == ("added" in counters)
    assert report.reasons == {} and report.rows is None


def test_refused_rows_are_counted_by_their_reason() -> None:
    report, other = ImportReport(rows=[]), Text("没有编号", "no id")
    outcomes = [
        RowOutcome(line, "", "rejected", why) for line, why in ((2, WHY), (3, other), (4, WHY))
    ]
    for one in outcomes:
        report.count(one)
    assert report.reasons == {WHY: 2, other: 1} and report.rejected == 3
    assert report.rows == outcomes
    found = report.as_json()
    assert found["reasons"] == [
        {"reason": {"zh_CN": WHY.zh, "en": WHY.en}, "rows": 2},
        {"reason": {"zh_CN": other.zh, "en": other.en}, "rows": 1},
    ]
    assert (found["rejected"], found["read"], found["added"]) == (3, 3, 0)
    assert found["rows"][0] == {
        "line": 2,
        "source": "",
        "outcome": "rejected",
        "reason": {"zh_CN": WHY.zh, "en": WHY.en},
    }
    assert found["broken_off"] is None and found["notes"] == []
    text = report.as_text()
    assert "3 rejected" in text and "退回 3 行" in text and f"2 × {WHY.zh}  {WHY.en}" in text


def test_a_report_without_rows_lists_none() -> None:
    report = ImportReport(notes=[WHY], broken_off=WHY, stopped=True, rejected_file="r.csv")
    found = report.as_json()
    assert "rows" not in found
    assert found["notes"] == [{"zh_CN": WHY.zh, "en": WHY.en}]
    assert found["broken_off"] == {"zh_CN": WHY.zh, "en": WHY.en}
    text = report.as_text()
    for words in (
        "r.csv",
        "Stopped half-way as asked; another run completes it.\n",
        "Broken off",
        f"  {WHY.zh}  {WHY.en}",
    ):
        assert words in text
    quiet = ImportReport().as_text()
    assert not any(words in quiet for words in ("Rejected rows", "Stopped", "Broken", "Dry run"))
    dry = ImportReport(dry_run=True).as_text().splitlines()
    assert dry[0] == "试运行，什么也没有写入。Dry run: nothing was written."
    assert dry[1:] == quiet.splitlines()


def test_a_row_says_its_fate_in_words_and_for_programs() -> None:
    one = RowOutcome(7, "W7", "rejected", WHY, fallback=True)
    assert one.as_json() == {
        "line": 7,
        "source": "W7",
        "outcome": "rejected",
        "reason": {"zh_CN": WHY.zh, "en": WHY.en},
        "fallback": True,
    }
    assert one.as_text() == "  第 7 行 line 7 W7  退回：日期不对  rejected: not a date"
    plain = RowOutcome(8, "W8", "known")
    assert plain.as_json() == {"line": 8, "source": "W8", "outcome": "known"}
    assert plain.as_text() == "  第 8 行 line 8 W8  已有，不再导入  known already"
    assert set(WORDS) == {"closed", "open", "overdue", "known", "repeated", "rejected"}
