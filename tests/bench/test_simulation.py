"""A short life of a county with workers killed at random, and what the check would notice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import false, select
from sqlalchemy.orm import Session

from bench import simulation
from bench.simulation import checking
from bench.simulation.checking import RungCounts
from bench.simulation.facts import Facts
from bench.simulation.lateness import LateCounts
from bench.simulation.replay import CaseReplay
from bench.simulation.rung import ReplayedRung
from bench.simulation.staff import Staff
from engine import settings
from engine.models import Case
from engine.records import audit
from engine.reports import promises
from engine.storage.db import reading
from tests.databases import bare_app
from tests.engine.casework.world import FRIDAY_9AM, World, make_world

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
RUNG = ReplayedRung(1, "handle:0", NINE, 11)


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path) -> None:
    """Secrets and files in the test's own folder."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))


@pytest.mark.timeout(600)
def test_it_climbs_every_rung_once_whoever_is_killed(backend: str) -> None:
    """Three days: unsigned work escalates, workers die, and nothing is missing or there twice."""
    told = simulation.SimulationOptions(days=3, cases_per_day=6, seed=1, kill_rate=0.05)
    found = simulation.simulate(told, backend)

    assert (found["off"], found["findings"], found["failures"]) == ([], [], 0)
    assert found["ok"] and found["kills"] > 0
    assert found["rungs"]["expected"] == found["rungs"]["found"] > 0
    assert (found["cases"], found["backend"]) == (18, backend)


def test_it_refuses_a_database_in_which_there_is_a_county_already(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invented cases do not get among real ones."""
    with bare_app(database_url).app_context():
        make_world()
    monkeypatch.setenv("FENGQIAO_DATABASE_URL", database_url)
    with pytest.raises(simulation.DatabaseNotEmpty):
        simulation.simulate(simulation.SimulationOptions(1, 1, 1))


@pytest.mark.parametrize(
    ("expected", "found", "off"),
    [
        ([RUNG], [], "missing"),
        ([RUNG], [RUNG, RUNG], "twice"),
        ([], [RUNG], "unexpected"),
        ([RUNG], [RUNG._replace(at=NINE + timedelta(minutes=1))], "missing"),
    ],
)
def test_it_notices_a_rung_that_is_not_as_it_must_be(
    expected: list[ReplayedRung], found: list[ReplayedRung], off: str
) -> None:
    """Each fault has its count and its name, and nothing is right any more."""
    rungs = RungCounts()
    rungs.compare(Case(number="1"), Counter(expected), Counter(found))

    assert rungs.as_json()[off] == 1
    assert not rungs.right
    assert rungs.off[0]["what"] == off


def test_it_notices_a_rung_at_night(database: str) -> None:
    """Eleven in the evening of a working day, by a row that counts office hours."""
    world = make_world()
    with reading() as db:
        story, case = told(db, world)
        rungs = RungCounts()
        night = RUNG._replace(task=0, at=NINE + timedelta(hours=14))
        rungs.listen(case, story, Counter([RUNG._replace(task=0), night]))
    assert rungs.at_night == 1
    assert not rungs.right


def told(db: Session, world: World) -> tuple[CaseReplay, Case]:
    world.open()
    return _story(db, world)


def test_it_notices_what_a_worker_that_never_came_left_undone(database: str) -> None:
    """By the chain four days have passed; nothing has rung, and all of it is missing."""
    world = make_world()
    case_id = world.open()
    with reading() as db:
        staff = Staff()
        staff.take(db, FRIDAY_9AM)
        until = FRIDAY_9AM + timedelta(days=4)
        expected = checking._rungs(db, until, staff, FRIDAY_9AM)
        assert db.scalars(select(Case.id)).all() == [case_id]
    assert expected.missing == expected.expected == 3
    assert not expected.right


def test_it_notices_a_late_answer_that_is_in_no_figure(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has answered for a month: by the chain the answer is late, in the figures as well."""
    world = make_world()
    world.open()
    world.now = FRIDAY_9AM + timedelta(days=35)
    assert _late_answers(world) == []
    right = promises.open_late
    monkeypatch.setattr(promises, "open_late", lambda *args: right(*args).where(false()))
    assert "620725 answer_late_there: 0 instead of 1" in _late_answers(world)


def _late_answers(world: World) -> list[str]:
    with reading() as db:
        story, case = _story(db, world)
        found = LateCounts(world.now)
        found.add_answer(case.unit_id, story.promise, closed=False)
        return [words for words in found.compare(db, FRIDAY_9AM) if "answer" in words]


def _story(db: Session, world: World) -> tuple[CaseReplay, Case]:
    case = db.scalars(select(Case)).one()
    story = CaseReplay(db, Facts.read(db), case)
    story.tell(audit.history(db, case), world.now)
    return story, case
