"""Tables of statistics: facts in, a row out, as a practitioner reckoned it; and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.definitions import statistic_files, statistics
from engine.definitions.statistics import BadStatistic, StatisticTable
from engine.terms import periods
from engine.worktime import Limit, deadline
from engine.worktime.calendar import published_calendar

ROOT = Path(__file__).resolve().parents[3]
ZONE = ZoneInfo("Asia/Shanghai")


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of 2026 in the county."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def table(key: str) -> StatisticTable:
    """A table that ships."""
    path = f"statistics/{key}.json"
    return statistic_files.load((ROOT / path).read_bytes(), path)


def row(
    key: str,
    case: Mapping[str, Any],
    answers: Mapping[str, Sequence[Mapping[str, Any]]],
    tasks: Sequence[Mapping[str, Any]] = (),
) -> dict[str, int]:
    """What a case adds to each column, whole numbers."""
    blank = ("signed_at", "done_at", "sign_due_at", "due_at")
    given = {
        "case": {"answered_late": False, "answered_at": None, "outcome": "end_closed", **case},
        "unit": {"name": "县综治中心", "level": "county", "kind": "centre"},
        "latest": {step: said[-1] for step, said in answers.items()},
        "earliest": {step: said[0] for step, said in answers.items()},
        "answers": {step: list(said) for step, said in answers.items()},
        "tasks": [{**dict.fromkeys(blank), **one} for one in tasks],
        "parties": 1,
        "extensions": 0,
    }
    found = table(key)
    known = found.merge_facts(given, {})
    amounts = {one.key: one.amount(known) for one in found.columns if one.formula}
    return {key: int(amount) for key, amount in amounts.items() if amount}


def task(step: str, role: str, **moments: datetime) -> dict[str, Any]:
    """A task that was done."""
    return {"step": step, "role": role, **moments}


DISPATCHED = {"dispatch_mode": "派单"}


def test_an_urgent_order_that_was_answered_on_its_weekend_is_responded_to() -> None:
    """Heating out on a Saturday: contacted within two hours."""
    case = {"category": "求助", "opened_at": at(12, 5, 10), "closed_at": at(12, 7, 10)}
    case |= {"due_at": at(12, 6, 10), "answered_at": at(12, 6, 9), "closed_on": date(2026, 12, 7)}
    handled = {"contacted": True, "first_contact_at": at(12, 5, 11, 30)}
    found = row(
        "hotline_rates",
        case,
        {"intake": [{"answered_now": False}], "dispatch": [DISPATCHED], "handle": [handled]},
        [task("dispatch", "dispatcher", done_at=at(12, 5, 10, 20))],
    )
    assert found["orders"] == found["kind_2"] == found["responded"] == found["in_time"] == 1


def test_an_order_of_the_city_is_counted_as_the_practitioner_did() -> None:
    """Bounced and dispatched anew; contacted a day after that, two after receipt: both shown."""
    case = {"category": "投诉", "opened_at": at(9, 21, 9, 30), "closed_at": at(10, 12, 11)}
    case |= {"due_at": at(10, 12, 18), "answered_at": at(10, 10, 15)}
    case |= {"closed_on": date(2026, 10, 12)}
    found = row(
        "hotline_rates",
        case,
        {
            "intake": [{"answered_now": False}],
            "dispatch": [DISPATCHED, DISPATCHED],
            "bounce": [{}],
            "handle": [{"first_contact_at": at(9, 23, 10)}],
            "upper_result": [{"upper_solved": "已解决", "upper_satisfaction": "基本满意"}],
        },
        [
            task("dispatch", "dispatcher", done_at=at(9, 21, 10)),
            task("handle", "handler", signed_at=at(9, 22, 8), sign_due_at=at(9, 22, 18)),
            task("dispatch", "dispatcher", done_at=at(9, 23)),
            task("handle", "handler", signed_at=at(9, 23, 9, 30), sign_due_at=at(9, 24, 18)),
        ],
    )
    expected = "orders kind_3 dispatched bounced signed responded limited in_time called_back"
    assert found == dict.fromkeys(f"{expected} rated solved satisfied".split(), 1)


def test_what_goes_by_a_statutory_limit_is_not_late_at_the_hotlines_own() -> None:
    """A consumer's complaint and her report of false advertising, closed after the procedure."""
    total: dict[str, int] = {}
    for kind, closed in (("投诉", at(9, 11)), ("举报", at(7, 22))):
        case = {"category": kind, "opened_at": at(7, 1), "closed_at": closed}
        case |= {"due_at": at(7, 20, 18), "answered_at": closed, "closed_on": closed.date()}
        said = {"intake": [{"answered_now": False}], "dispatch": [DISPATCHED]}
        said["check"] = [{"closing_code": "依法定程序办理"}]
        for key, many in row("hotline_rates", case, said).items():
            total[key] = total.get(key, 0) + many
    assert (total["kind_3"], total["kind_4"], total["statutory"]) == (1, 1, 2)
    assert "limited" not in total and "in_time" not in total


def test_the_dates_of_the_consumers_procedures_are_those_of_the_law() -> None:
    calendar = published_calendar()

    def end(start: datetime, days: int) -> str:
        return f"{calendar.local(deadline(start, Limit(days, 'working_days'), calendar)):%m-%d}"

    called = at(7, 1)
    assert (end(called, 7), end(at(7, 10), 45)) == ("07-10", "09-11")
    assert (end(called, 15), end(at(7, 22), 15)) == ("07-22", "08-12")


def test_a_whistled_ticket_is_counted_as_the_practitioner_did() -> None:
    """Rubbish in a river bank: three units called, tracked unsolved once, done again."""
    case = {"category": "环境卫生", "opened_at": at(4, 30, 16), "opened_on": date(2026, 4, 30)}
    case |= {"closed_at": at(5, 22), "due_at": at(5, 25, 18), "answered_at": at(5, 20, 17)}
    came = {"done_at": at(5, 7, 17), "due_at": at(5, 7, 18)}
    found = row(
        "ticket_ledger",
        case,
        {
            "report": [{"settled": False}],
            "dispatch": [{"dispatch_mode": "中心吹哨"}],
            "track": [{"track_result": "未解决"}, {"track_result": "已解决"}],
            "rate": [{"satisfaction": "不满意"}, {"satisfaction": "满意"}],
        },
        [
            task("dispatch", "dispatcher", done_at=at(5, 6, 15)),
            *(task("whistle", "handler", signed_at=at(5, 6, 16), sign_due_at=at(5, 7, 9, 30),
                   **came) for _unit in range(3)),
        ],
    )  # fmt: skip
    assert "settled" not in found and "unsolved" not in found
    assert (found["reported"], found["whistles"], found["called"], found["arrived"]) == (1, 1, 3, 3)
    assert (found["in_time"], found["limited"], found["redone"]) == (1, 1, 1)


def test_every_shipped_table_says_nothing_of_a_case_of_which_nothing_is_known() -> None:
    """Whatever is missing is null, and no expression fails of it."""
    shipped = ("mediation_cases", "mediation_register", "mediation_award", "hotline_rates")
    for key in (*shipped, "ticket_ledger"):
        found = table(key)
        known = found.merge_facts(dict.fromkeys(statistics.GIVEN), {})
        assert all(one.amount(known) in (0, 1) for one in found.columns), key
        assert [line.of(known) for line in found.lines], key


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"every": "week"}, "every"),
        ({"count_on": "nothing"}, "count_on"),
        ({"columns": []}, "columns"),
        ({"columns": [{"key": "a", "name": {"zh_CN": "甲", "en": "A"}}]}, "columns 1"),
        ({"columns": [{"key": "a", "name": {"zh_CN": "甲", "en": "A"}, "count": "x > "}]},
         "columns 1"),
        ({"columns": [{"key": "a", "name": {"zh_CN": "甲", "en": "A"}, "count": "unheard_of"}]},
         "columns 1"),
        ({"columns": [{"key": "a", "name": {"zh_CN": "甲", "en": "A"}, "part": "b", "whole": "c"}]},
         "a"),
        ({"name": {"zh_CN": "只有中文"}}, "name"),
        ({"facts": "none"}, "facts"),
        ({"lines": [{"key": f"k{n}", "name": {"zh_CN": "甲", "en": "A"}, "feel": "1"}
                    for n in range(121)]}, "lines"),
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_with_a_table(change: dict[str, Any], where: str) -> None:
    path = "statistics/mediation_cases.json"
    told = json.loads((ROOT / path).read_bytes()) | change
    with pytest.raises(BadStatistic) as raised:
        statistic_files.load(json.dumps(told).encode(), path)
    assert where in {place for place, _text in raised.value.problems}


@pytest.mark.parametrize(
    ("key", "every", "first", "last"),
    [
        ("2026-02", "month", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-12", "month", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q1", "quarter", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", "quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-H2", "half", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026", "year", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_a_key_and_two_days(key: str, every: str, first: date, last: date) -> None:
    span = periods.span(key, every)
    assert span is not None and (span.first, span.last) == (first, last)
    assert periods.around(last, every) == span
    assert periods.latest(first, every, 2)[1].last < first
    others = [one for one in periods.EVERY if one != every]
    assert [periods.span(key, other) for other in others] == [None] * 3


def test_a_correction_replaces_what_the_expression_says() -> None:
    found = table("mediation_cases")
    told = found.corrections({"amount": "700.50", "hard": "yes", "unknown": "1"})
    assert told == {"amount": Decimal("700.50"), "hard": True}
    for fact, value in (("amount", "viel"), ("amount", "NaN"), ("hard", "maybe"),
                        ("source", "市场"), ("agreed_on", "2026-02-30")):  # fmt: skip
        formula = found.fact(fact)
        assert formula is not None
        with pytest.raises(ValueError):
            statistics.value_of(formula, value)


@pytest.mark.parametrize(
    ("filed", "performance", "counted"),
    [(True, "已履行", {"eligible": 1, "class_1": 1}), (False, "已履行", {"unfiled": 1})],
)
def test_a_case_is_rewarded_once_settled_performed_and_filed(
    filed: bool, performance: str, counted: dict[str, int]
) -> None:
    spot = {"on_spot": True, "agreed_on": "2026-03-09", "agreed_amount": 300, "amount": 300}
    said = {"apply": [spot], "visit_spot": [{"performance": performance}]}
    said |= {"dossier": [{"award_mediators": "王秀"}], "check_dossier": [{"dossier_ok": filed}]}

    assert row("mediation_award", {"category": "邻里纠纷"}, said) == {"total": 1, **counted}
