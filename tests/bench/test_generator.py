"""Generated cases: as many as asked for, the same for a seed, and nothing wrong with them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import generator
from bench.generator import answers, filling, plan, scratch, stories, waiting
from engine import org, settings
from engine.access import actors
from engine.access.actors import Actor
from engine.casework import cases, demands
from engine.definitions import versions
from engine.models import Attachment, Case, CaseNumber, Event, Task, Unit, VaultRow
from engine.operations import doctor
from engine.records import anchors, vault
from engine.records.bindings import of_answers
from engine.storage.db import reading, transaction
from engine.timing import calendars
from engine.worker import ticks
from tests.databases import bare_app
from tests.processes.test_definitions import shipped_forms
from tests.processes.walk import PROCESSES
from tests.webapp.site import own_secrets
from webapp import run

ROOT = Path(__file__).resolve().parents[2]
# Friday, 09:00 in Shanghai.
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
NUMBER, OPEN = 60, 0.2


def filled(tmp_path: Path, seed: int = 7, **options: Any) -> dict[str, Any]:
    """Fill the database in use, which has the shipped definitions and nothing else."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    with transaction() as db:
        calendars.seed(db, generator.FIRST)
        for process, files in versions.read_directory(ROOT).items():
            versions.publish(db, process, files, now=generator.FIRST)
    codes = ("620725", "620722")
    return generator.generate(NUMBER, seed, codes, now=NOW, open_share=OPEN, **options)


def findings(now: datetime = NOW) -> list[str]:
    with reading(snapshot=True) as db:
        report = doctor.examine(db, now, contents=True)
    return [f"{one.check}/{one.kind} {one.text.en}" for one in report.findings]


def told() -> list[tuple[Any, ...]]:
    """What people would see of the cases."""
    columns = (Case.number, Case.title, Case.place_name, Case.opened_at, Case.closed_at)
    with reading() as db:
        rows = db.execute(select(*columns, Case.outcome, Case.category).order_by(Case.number))
        return [tuple(row) for row in rows]


def test_it_fills_a_database_that_the_doctor_finds_nothing_wrong_in(
    database: str, tmp_path: Path
) -> None:
    """Open and closed, of every process, in every county; numbers without gaps; work goes on."""
    report = filled(tmp_path)

    assert (report["cases"], report["open"]) == (NUMBER, round(NUMBER * OPEN))
    assert findings() == []
    with reading() as db:
        assert anchors.verify(db) == []
        assert db.scalar(select(func.count()).select_from(Case)) == NUMBER
        of_cases = CaseNumber.prefix.not_in(demands.PREFIXES.values())
        assert db.scalar(select(func.sum(CaseNumber.last)).where(of_cases)) == NUMBER
        assert _photos_lead_nowhere(db) == []
        assert db.scalar(select(func.count(func.distinct(Case.county_id)))) == 2
        assert db.scalar(select(func.count()).where(Case.closed_at.is_(None))) == report["open"]
        # An id is the moment at which it was given, which lists of cases go by.
        ordered = db.scalars(select(Case.opened_at).order_by(Case.id)).all()
        assert all(b - a > -timedelta(minutes=1) for a, b in pairwise(ordered))
    _sign_one()
    later = NOW + timedelta(days=3)
    assert sum(tick.get("failed", 0) for tick in ticks.run_once(later).values()) == 0
    assert findings(later) == []


def _photos_lead_nowhere(db: Session) -> list[str]:
    """Files that answers name and the case does not have; ids begin with a one in these years."""
    lost = []
    for row in db.scalars(select(VaultRow)):
        told = json.dumps(vault.unseal(row.payload, of_answers(row)))
        mine = set(db.scalars(select(Attachment.id).where(Attachment.case_id == row.case_id)))
        lost += [one for one in re.findall(r"\b1\d{16,17}\b", told) if int(one) not in mine]
    return lost


def _sign_one() -> None:
    """Somebody takes a generated task as they would any other, after whoever has it."""
    with reading() as db:
        running = select(Task).where(Task.done_at.is_(None), Task.paused_at.is_(None))
        task = db.scalars(running.order_by(Task.assignee_id.is_not(None), Task.id).limit(1)).one()
    if task.assignee_id is not None:
        with transaction() as db:
            cases.release(db, actors.actor_of(db, task.assignee_id, NOW), task.id, now=NOW)
    with transaction() as db:
        cases.sign(db, _holder(db, task), task.id, now=NOW)
    with reading() as db:
        kinds = select(Event.kind).where(Event.task_id == task.id).order_by(Event.seq.desc())
        assert db.scalars(kinds.limit(1)).one() == "task.signed"


def _holder(db: Any, task: Task) -> Actor:
    holders = org.holders(db, task.unit_id, task.role, NOW)
    return actors.actor_of(db, holders[0].user_id, NOW)


def test_it_generates_the_same_for_the_same_seed(copies: Any, tmp_path: Path) -> None:
    """Numbers, words, places and times; another seed gives others."""
    seen = []
    for at, seed in enumerate((7, 7, 8)):
        url = copies("sqlite").fresh()
        with bare_app(url).app_context():
            filled(tmp_path / str(at), seed, plays=4)
            seen.append(told())
        copies("sqlite").drop(url)

    assert seen[0] == seen[1]
    assert seen[0] != seen[2]


@pytest.mark.only("sqlite")  # What is drawn by lot hangs on no database.
def test_it_makes_some_places_busy(database: str, tmp_path: Path) -> None:
    """About half of the cases are where one asks for them; unknown places are refused."""
    report = filled(tmp_path, busy="620725101205", plays=4)
    with reading() as db:
        places = db.scalars(select(Unit.code).join(Case, Case.place_id == Unit.id)).all()
    assert report["templates"] == 4
    assert NUMBER * 0.3 < sum(one.startswith("620725101205") for one in places) < NUMBER * 0.7

    with pytest.raises(generator.counties.NoCounty):
        filled(tmp_path, busy="110101", plays=4)


@pytest.mark.only("sqlite")
def test_it_lets_a_case_wait_at_each_desk(database: str, tmp_path: Path) -> None:
    """Nobody who tries the demo finds an empty desk; a quarter of the cases at most see to it."""
    desks = [("620725101205", "grid_leader"), ("620725101205-TW", "mediator")]
    report = filled(tmp_path, desks=desks)

    assert report["cases"] == NUMBER and findings() == []
    with reading() as db:
        open_now = select(Unit.code, Task.role).join(Unit, Unit.id == Task.unit_id)
        waiting = set(db.execute(open_now.where(Task.done_at.is_(None))).tuples())
    assert waiting.issuperset(desks)


def test_it_knows_who_opens_each_process_that_is_drawn() -> None:
    """What ships is what a demo plays: nothing is drawn that nobody can open."""
    drawn = {*plan.SHARES, *waiting.SHARES, *run.DEMO["shares"]}
    shipped = versions.read_directory(ROOT).keys() - versions.TABLES
    assert drawn == shipped == set(scratch.OPENERS)


@pytest.mark.only("sqlite")
def test_it_plays_the_single_door(database: str, tmp_path: Path) -> None:
    """Seldom drawn, and the doctor finds nothing wrong with it either."""
    filled(tmp_path, plays=2, shares={"centre": 1.0})
    with reading() as db:
        assert set(db.scalars(select(Case.process))) == {"centre"}
    assert findings() == []


@pytest.mark.only("sqlite")
def test_it_knows_what_is_written_into_every_line() -> None:
    """A form's field of one line, or a person's, never takes the title of some other matter."""
    fields = [
        field for key in PROCESSES for form in shipped_forms(key).values() for field in form.fields
    ]
    asked = set()
    while fields:
        field = fields.pop()
        fields += field.fields
        if field.kind == "text" and field.name not in stories.FIELDS:
            asked.add(field.name)
    assert asked - set(stories.lines()) == set()


@pytest.mark.only("sqlite")
def test_it_gives_parties_the_names_of_their_kind() -> None:
    """Persons are named like persons, firms like firms, also in copies; the applicant is first."""
    form = shipped_forms("dispute")["dispute/apply"]
    dice, kinds = Random(3), set()
    for _ in range(60):
        given = answers.fill(
            form, dice, NOW.date(), place="620725101201", units=["1"], files=[], fixed={}
        )
        for told in (given, filling.with_parties(form.fields, given, dice)):
            assert told["parties"][0]["side"] == "申请人"
            for party in told["parties"]:
                kinds.add((party["party_kind"], party["party_name"].endswith("有限公司")))
    assert kinds == {("自然人", False), ("单位", True)}


def test_it_keeps_out_of_production(database: str, tmp_path: Path) -> None:
    """Invented cases never get among real ones."""
    given = {
        "MODE": "production",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": database,
    }
    environment = {f"FENGQIAO_{name}": value for name, value in given.items()} | own_secrets()
    settings.use(settings.Settings.from_environment(environment))

    with pytest.raises(generator.NotInProduction):
        generator.generate(1, 1, now=NOW)


@pytest.mark.only("sqlite")
def test_it_plays_disputes_to_their_end(database: str, tmp_path: Path) -> None:
    """With the files that their forms ask for; only the processes that are asked for."""
    filled(tmp_path, shares={"dispute": 1.0}, plays=4)

    with reading() as db:
        kinds = db.execute(
            select(Case.process, Case.outcome, func.count()).group_by(Case.process, Case.outcome)
        ).all()
    assert {process for process, _outcome, _count in kinds} == {"dispute"}
    assert any(outcome is not None for _process, outcome, _count in kinds)
