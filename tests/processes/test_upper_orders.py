"""Orders of the city's hotline: its deadline and the county's own, of which the earlier holds; and
whom a diagram tells.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.casework import cases
from engine.models import Case
from engine.storage.db import reading, transaction
from engine.worktime.calendar import published_calendar
from tests.processes.desk import Desk

BY_TABLE = {"dispatch_mode": "派单", "unit_choice": "按分流表", "statutory": False}
ORDER = {"request_kind": "投诉", "urgent": False, "topic": "住房建设", "place": "V1"}


def local(moment: datetime | None) -> str:
    assert moment is not None
    return published_calendar().local(moment).strftime("%m-%d %H:%M")


def ends(hotline: Desk, upper_due: str) -> tuple[str, str]:
    """When a case of Friday, 20 November must be answered, and handled if signed for at once."""
    hotline.open("operator", **ORDER, channel="上级转办", upper_number="市 17", upper_due=upper_due)
    hotline.do("county_dispatcher", "dispatch", **BY_TABLE)
    with transaction() as db:
        task = hotline.world.task(hotline.case_id, "handle")
        handler = hotline.world.actor(db, "handler")
        cases.sign(db, handler, task.id, now=hotline.world.now)
    with reading() as db:
        case = db.get_one(Case, hotline.case_id)
        return local(case.due_at), local(hotline.world.task(hotline.case_id, "handle").due_at)


def test_an_earlier_deadline_of_the_city_ends_the_order_and_its_handling(hotline: Desk) -> None:
    assert ends(hotline, "2026-11-25T12:00") == ("11-25 12:00", "11-25 12:00")


def test_a_later_one_leaves_the_limits_of_the_county(hotline: Desk) -> None:
    assert ends(hotline, "2026-12-31T12:00") == ("12-11 18:00", "12-09 18:00")


def test_one_between_the_two_is_promised_and_leaves_the_handling(hotline: Desk) -> None:
    assert ends(hotline, "2026-12-10T18:00") == ("12-10 18:00", "12-09 18:00")


@pytest.mark.parametrize("wanted", [True, False])
def test_whoever_wants_no_answer_is_told_nothing(hotline: Desk, wanted: bool) -> None:
    hotline.open("operator", **ORDER, channel="电话", call_back_wanted=wanted)

    assert len(hotline.world.events(hotline.case_id, "effect.notify_citizen")) == wanted
