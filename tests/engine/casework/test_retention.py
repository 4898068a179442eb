"""Messages go when they have done their work; nothing that they told of goes with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from engine import settings
from engine.models import Event, Notice, Outbox
from engine.models.base import Base
from engine.operations import doctor
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import World

LATER = timedelta(days=91)


@pytest.fixture
def open_id(world: World) -> int:
    """An open case beside one that was closed at once; everything has been sent."""
    world.open(settled="yes", settled_how="当场清理。", photos=[world.photo()])
    case_id = world.open()
    world.work(world.now)
    return case_id


@pytest.fixture
def kept_for_ever() -> Iterator[None]:
    """The setting that keeps messages."""
    before = settings.current()
    settings.use(replace(before, message_days=0))
    yield
    settings.use(before)


def count(table: type[Base], *conditions: object) -> int:
    with reading() as db:
        query = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]
        return db.scalar(query) or 0


def findings(world: World) -> list[tuple[str, str]]:
    with reading(snapshot=True) as db:
        report = doctor.examine(db, world.now)
    return [(finding.check, finding.kind) for finding in report.findings]


def read_everything(world: World) -> None:
    with transaction() as db:
        db.execute(update(Notice).values(read_at=world.now))


def test_it_removes_what_was_sent_and_read_long_ago(world: World, open_id: int) -> None:
    """The chains stay as they were, and the doctor misses nothing."""
    read_everything(world)
    sent, events = count(Outbox), count(Event)
    assert sent and ticks.clear(world.now + LATER) == {"removed": sent}

    assert (count(Outbox), count(Notice), count(Event)) == (0, 0, events)
    assert findings(world) == []


def test_it_keeps_what_is_younger(world: World, open_id: int) -> None:
    read_everything(world)

    assert ticks.clear(world.now + LATER - timedelta(days=2)) == {"removed": 0}


def test_it_keeps_what_nobody_read_while_the_case_is_open(world: World, open_id: int) -> None:
    of_open = count(Outbox, Outbox.case_id == open_id)
    assert of_open and count(Notice, Notice.case_id == open_id)

    ticks.clear(world.now + LATER)

    assert count(Outbox) == count(Outbox, Outbox.case_id == open_id) == of_open
    assert count(Notice) == count(Notice, Notice.case_id == open_id)


def test_it_keeps_what_could_not_be_sent(world: World, open_id: int) -> None:
    read_everything(world)
    with transaction() as db:
        mine = update(Outbox).where(Outbox.case_id == open_id)
        db.execute(mine.values(sent_at=None, dead_at=world.now))

    ticks.clear(world.now + LATER)

    assert count(Outbox) == count(Outbox, Outbox.dead_at.is_not(None)) > 0


def test_it_keeps_everything_where_the_setting_says_so(
    world: World, open_id: int, kept_for_ever: None
) -> None:
    read_everything(world)

    assert ticks.clear(world.now + LATER) == {"removed": 0}


def test_the_doctor_still_misses_a_message_that_went_by_hand(world: World, open_id: int) -> None:
    """Only what is older than what was removed may be gone."""
    read_everything(world)
    ticks.clear(world.now + LATER)
    world.now += LATER
    case_id = world.open()
    with transaction() as db:
        db.execute(delete(Outbox).where(Outbox.case_id == case_id))

    assert ("outbox", "lost") in findings(world)
