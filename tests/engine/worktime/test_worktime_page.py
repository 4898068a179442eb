"""The hand-worked tables of docs/clocks.zh-CN.md, computed again line by line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.casework import demands
from engine.definitions.escalation_table import Rung
from engine.timing import ladders
from engine.timing.emergencies import ActiveProfile
from engine.worktime import (
    Limit,
    after,
    deadline,
    explain,
    limit_text,
    published_calendar,
    published_years,
    remaining,
    span_text,
    warnings_at,
)

PAGE = Path(__file__).resolve().parents[3] / "docs" / "clocks.zh-CN.md"
ENGLISH = PAGE.with_name("clocks.md")
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = published_calendar()
UNITS = {
    "个工作日": "working_days",
    "个工作小时": "working_hours",
    "小时": "hours",
    "天": "days",
    "个月": "months",
    "年": "years",
}


def tables(page: Path = PAGE) -> dict[str, list[list[str]]]:
    """Read the tables by their heading, without the head and the rule line."""
    found: dict[str, list[list[str]]] = {}
    for part in page.read_text(encoding="utf-8").split("\n## ")[1:]:
        lines = [line for line in part.splitlines() if line.startswith("|")]
        found[part.splitlines()[0]] = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]
        ]
    return found


TABLES = tables()


def at(text: str) -> datetime:
    """Read a moment; 24:00 is the end of its day."""
    if text.endswith("24:00"):
        return at(text.replace("24:00", "00:00")) + timedelta(days=1)
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def limit(text: str) -> Limit:
    match = re.fullmatch(r"(\d+) (\S+)", text)
    assert match, text
    return Limit(int(match[1]), UNITS[match[2]])


def spans(paused: str, resumed: str) -> list[tuple[datetime, datetime]]:
    """Read pauses; several of one line stand between semicolons."""
    begun, ended = paused.split("；"), resumed.split("；")
    return [(at(a), at(b)) for a, b in zip(begun, ended, strict=True)]


def rows(*headings: str) -> list[list[str]]:
    found = [row for heading in headings for row in TABLES[heading]]
    assert len(found) >= 6 * len(headings)
    return found


@pytest.mark.parametrize("row", rows("工作日", "天、月、年", "小时与工作小时"), ids=str)
def test_it_computes_the_deadline_that_the_page_counts_by_hand(row):
    start, amount, due, _ = row
    assert deadline(at(start), limit(amount), CHINA) == at(due)


@pytest.mark.parametrize("row", rows("暂停"), ids=str)
def test_it_moves_the_deadline_by_the_pause_as_the_page_does(row):
    start, amount, paused, resumed, due, _ = row
    pauses = spans(paused, resumed)
    assert deadline(at(start), limit(amount), CHINA, pauses=pauses) == at(due)


@pytest.mark.parametrize("row", rows("预警（黄灯）"), ids=str)
def test_it_turns_yellow_when_the_page_says(row):
    start, due, before, yellow, _ = row
    spans = [] if before == "无" else [limit(one) for one in before.split("；")]
    moments = [at(one) for one in yellow.split("；")]
    assert warnings_at(at(start), at(due), spans, CHINA) == moments


@pytest.mark.parametrize("row", rows("屏幕上的说法"), ids=str)
def test_it_says_what_is_left_in_the_words_of_the_page(row):
    now, due, zh, en = row
    text = span_text(remaining(at(now), at(due), CHINA))
    assert (text.zh, text.en) == (zh, en)


@pytest.mark.parametrize("row", rows("工作日", "天、月、年", "小时与工作小时"), ids=str)
def test_it_explains_each_deadline_of_the_page_in_both_languages(row):
    start, amount, due, _ = row
    wanted = limit(amount)
    told = explain(at(start), wanted, CHINA, at(start))
    assert told.due == at(due) and told.of == wanted.amount and told.day_number == 0
    for said, in_language in (
        (told.text.zh, limit_text(wanted).zh),
        (told.text.en, limit_text(wanted).en),
    ):
        assert in_language in said
        assert due[-5:] in said
    assert told.provisional == (at(due).year > max(published_years()))


@pytest.mark.parametrize("row", rows("应急状态（平战结合）"))
def test_it_shortens_a_limit_as_the_page_does(row):
    usual, percent, shorter, _how = row
    profile = ActiveProfile(1, 1, "", at("2026-11-20 09:00"), int(percent.removesuffix("%")))
    assert profile.shorten(limit(usual)) == limit(shorter)


@pytest.mark.parametrize("row", rows("升级的时刻"))
def test_it_rings_when_the_page_says(row):
    due, later, rings, _how = row
    rung = Rung(0, 1, limit(later), 0, "leader", "notify", 1, 1, opening=True)
    assert ladders.rings_at(at(due), rung, CHINA) == at(rings)


@pytest.mark.parametrize("row", rows("一直没有动的"))
def test_it_goes_on_as_the_page_says(row):
    ends, every, number, rings, _how = row
    moment = at(ends)
    for _round in range(int(number)):
        moment = after(moment, limit(every), CHINA)
    rung = Rung(0, 1, limit(every), 0, "leader", "notify", 1, 1, again=int(number), opening=True)
    assert ladders.in_hours(moment, rung, CHINA) == at(rings)


def in_english(cell: str) -> str:
    """A cell of a table as the English page has it."""
    if cell == "无":
        return "none"
    return "; ".join(
        f"{one.split()[0]} {_unit(limit(one))}" if one.partition(" ")[2] in UNITS else one
        for one in cell.split("；")
    )


def _unit(wanted: Limit) -> str:
    """The English unit of a limit, of which there are one or many."""
    return limit_text(Limit(1 if wanted.amount == 1 else 2, wanted.unit)).en[2:]


def test_it_counts_the_same_in_english():
    """Every line of the hand-worked tables, but for how it was counted, in the same order."""
    begin = list(TABLES).index("工作日")
    for (heading, zh), en in zip(
        list(TABLES.items())[begin:], list(tables(ENGLISH).values())[begin:], strict=True
    ):
        if zh and heading != "屏幕上的说法":
            wanted = [[in_english(cell) for cell in row[:-1]] for row in zh]
            assert [row[:-1] for row in en] == wanted, heading
            assert all(row[-1] for row in en), heading
        else:
            assert en == zh


def test_it_names_the_presets_of_notices_and_calls():
    text = PAGE.read_text(encoding="utf-8")
    assert f"督办单预置 {limit_text(demands.LIMITS['notice']).zh}" in text
    assert f"中心呼预置 {limit_text(demands.LIMITS['call']).zh}" in text
    told = [one.zh for key, one in demands.CONSEQUENCES.items() if key != "none"]
    assert f"处理措施：{'、'.join(told)}。" in text
