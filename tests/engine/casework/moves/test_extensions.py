"""An extension and a limit that changes its unit: the extension stays what was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.casework import moves
from engine.definitions import versions
from engine.storage.db import transaction
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.world import ROOT, World

RULES = "processes/ticket/triage.dmn"
ROW = b'<rule id="ticket_limit_r03">'


@pytest.mark.parametrize("granted", ["before", "after"])
def test_an_extension_keeps_its_unit_when_that_of_the_limit_changes(
    world: World, granted: str
) -> None:
    """Two working days were asked for; water supply has sixty hours, and the two days after."""
    files = dict(versions.read_directory(ROOT)["ticket"])
    files[RULES] = in_hours(files[RULES])
    with transaction() as db:
        versions.publish(db, "ticket", files, now=world.now)
    desk = Desk(world)
    desk.sign()
    desk.move("handler", moves.ask_extension, 2, "材料缺货")
    if granted == "before":
        desk.move("department_leader", moves.decide_extension, True, "同意")
    world.now += timedelta(hours=1)
    water = {"category": "供水排水"}
    desk.on(desk.case_id, "county_leader", moves.reclassify, water, "是水管漏水")
    if granted == "after":
        # From Friday nine o'clock to Sunday nine in the evening.
        assert desk.task.due_at == datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
        desk.move("department_leader", moves.decide_extension, True, "同意")

    task = desk.task
    assert (task.limit_amount, task.limit_unit, task.limit_source) == (60, "hours", "extension")
    # Monday and Tuesday, until the office closes.
    assert task.due_at == task.deadline_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert desk.due_of()["due"] == task.due_at


def in_hours(rules: bytes) -> bytes:
    """Return the table of limits with sixty hours where seven working days are shipped."""
    head, _, tail = rules.partition(ROW)
    row, end, others = tail.partition(b"</rule>")
    # What the citizen is promised comes after it, in working days as before.
    limit, promise, rest = row.partition(b'<outputEntry id="ticket_limit_r03_promise">')
    assert limit.count(b"<text>7</text>") == limit.count(b"working_days") == 1
    limit = limit.replace(b"<text>7</text>", b"<text>60</text>").replace(b"working_days", b"hours")
    row = limit + promise + rest
    return head + ROW + row + end + others
