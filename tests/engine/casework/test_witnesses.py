"""Anchors in a second place: stamped, copied, examined, and missed when they are behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from engine import settings
from engine.models import Anchor, AnchorStamp
from engine.operations import vitals
from engine.records import anchors, witnesses
from engine.storage.db import reading, transaction
from engine.worker import ticks, witnessing
from tests.engine.casework.test_audit import without_triggers
from tests.engine.casework.world import World
from tests.engine.records import authority
from tests.engine.records.authority import SyslogReceiver


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def stamped(world: World, folder: Path) -> Iterator[None]:
    """An installation whose anchors are stamped."""
    with authority.stamping(folder) as url:
        change = {"anchor_tsa": url, "anchor_tsa_roots": folder / "ca.pem"}
        settings.use(replace(settings.current(), **change))
        yield


@pytest.fixture
def receiver(world: World, folder: Path) -> Iterator[SyslogReceiver]:
    """A machine that keeps copies; it drops the first two connections midway."""
    there = SyslogReceiver(folder, drops=(1, 2))
    there.start()
    change = {
        "anchor_syslog": there.address,
        "anchor_syslog_roots": folder / "ca.pem",
        "anchor_syslog_certificate": folder / "own.pem",
    }
    settings.use(replace(settings.current(), **change))
    yield there
    there.stop()


def anchored(world: World, count: int) -> None:
    for _ in range(count):
        world.open()
        ticks.anchor(world.now)


def faults() -> set[str]:
    with reading(snapshot=True) as db:
        return {fault.kind for fault in anchors.verify(db)}


def lamp(world: World, *, production: bool = True, later: timedelta = timedelta(0)) -> str:
    chosen = replace(settings.current(), mode="production" if production else "demo")
    with reading() as db:
        signs = vitals.signs(vitals.look(db, world.now + later), chosen)
    return next(sign.lamp for sign in signs if sign.name == "witness")


def test_it_asks_for_a_second_place_in_production(world: World) -> None:
    assert lamp(world) == "yellow" and lamp(world, production=False) == "green"


@pytest.mark.usefixtures("stamped")
def test_it_has_the_newest_anchor_stamped_once(world: World) -> None:
    """Those before it are proved by the anchors' own chain."""
    anchored(world, 3)
    assert lamp(world, later=timedelta(hours=2)) == "yellow"
    assert lamp(world, later=timedelta(days=2)) == "red"

    assert witnessing.witness(world.now)["stamped"] == 1
    assert witnessing.witness(world.now)["stamped"] == 0

    with reading() as db:
        newest = db.scalar(select(Anchor.id).order_by(Anchor.id.desc()).limit(1))
        assert db.scalars(select(AnchorStamp.anchor_id)).all() == [newest]
    assert faults() == set()
    assert lamp(world, later=timedelta(days=2)) == "green"


@pytest.mark.usefixtures("stamped")
def test_it_finds_a_stamp_of_something_else(world: World) -> None:
    """A stamp that was put beside another anchor, and an anchor that was taken from its stamp."""
    anchored(world, 2)
    witnessing.witness(world.now)
    with transaction() as db:
        without_triggers(db)
        first = db.scalars(select(Anchor).order_by(Anchor.id)).first()
        assert first is not None
        db.execute(text("UPDATE anchor_stamp SET anchor_id = :id"), {"id": first.id})
    assert faults() == {"stamp"}


def test_it_counts_as_told_only_what_was_read(world: World, receiver: SyslogReceiver) -> None:
    """A connection that was dropped proves nothing: the batch goes again, none is lost."""
    anchored(world, 4)
    failures = 0
    while (report := witnessing.witness(world.now))["failed"]:
        failures += 1
        assert report["told"] == 0
        assert lamp(world, later=timedelta(hours=2)) == "yellow"
    assert report["told"] == 4
    assert failures == 2
    assert witnessing.witness(world.now)["told"] == 0
    assert lamp(world, later=timedelta(days=2)) == "green"

    lines = [line.decode() for line in receiver.received]
    with reading() as db:
        for anchor in db.scalars(select(Anchor)):
            wanted = f'number="{anchor.id}" hash="{anchor.hash}"'
            assert any(wanted in line for line in lines)
        assert list(witnesses.compared(db, lines)) == []


def test_it_compares_with_what_was_received(world: World, receiver: SyslogReceiver) -> None:
    """Whoever shortens table, file and notes together is betrayed by the copy."""
    receiver.drops.clear()
    anchored(world, 3)
    witnessing.witness(world.now)
    with transaction() as db:
        without_triggers(db)
        last = select(Anchor.id).order_by(Anchor.id.desc()).limit(1).scalar_subquery()
        db.query(Anchor).where(Anchor.id == last).delete(synchronize_session=False)

    lines = [line.decode() for line in receiver.received]
    with reading() as db:
        (fault,) = witnesses.compared(db, lines)
    assert fault.kind == "received"


def test_it_believes_no_other_receiver(
    world: World, receiver: SyslogReceiver, folder: Path
) -> None:
    """One whose certificate nobody whom the setting names has made gets nothing."""
    anchored(world, 1)
    settings.use(replace(settings.current(), anchor_syslog_roots=folder / "other.pem"))
    assert witnessing.witness(world.now) == {"stamped": 0, "told": 0, "failed": 1}
    assert receiver.received == []
