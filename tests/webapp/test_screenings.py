"""Screening rounds: entered by whoever walked, gone on with as cases, counted in the returns."""

from __future__ import annotations

import re
import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.definitions import versions
from engine.insight.statistics import returns, sums
from engine.models import Case, ScreeningFind, ScreeningRound
from engine.registers import rounds
from engine.storage.db import reading, transaction
from tests.processes.walk import ROOT
from tests.queueing import queue
from tests.webapp.seats import seat
from tests.webapp.site import Browser, Site

ROUND = {
    "kind": "regular", "first_on": "2026-11-18", "last_on": "2026-11-19", "staff": "员工worker",
    "households": "32",
}  # fmt: skip
FIND = {
    "title": "门前排水纠纷",
    "people": "2",
    "risk": "slight",
    "result": "settled",
    "outcome": "当场说和",
}


@pytest.fixture
def village(site: Site) -> Site:
    """The site with a mediator and a leader of the village, and one of the village beside."""
    for login, code, role in (
        ("mediator", "V1", "mediator"),
        ("village_leader", "V1", "leader"),
        ("neighbour", "V2", "mediator"),
    ):
        site.run(lambda world, who=login, where=code, what=role: seat(world, who, where, what))
    return site


def entered(browser: Browser, **other: str) -> str:
    """The address of a round that somebody entered."""
    page = browser.get("/screenings/new").text
    found = re.search(r'name="unit".*?<option value="(\d+)"', page, re.S)
    assert found is not None
    made = browser.post("/screenings/new", {**ROUND, "unit": found[1], **other})
    assert made.status_code == 303, made.text
    return made.headers["Location"]


def test_a_round_is_a_nil_report_until_something_is_found(village: Site) -> None:
    mediator = village.browser("mediator")
    where = entered(mediator)
    assert "零报告" in mediator.get(where).text
    missing = mediator.post(f"{where}/finds/new", {**FIND, "outcome": ""})
    assert missing.status_code == 422
    assert mediator.post(f"{where}/finds/new", FIND).status_code == 303
    page = mediator.get(where).text
    assert "门前排水纠纷" in page and "零报告" not in page
    assert "门前排水纠纷" in village.browser("village_leader").get(where).text


def test_nobody_beside_sees_it_and_whoever_is_above_only_reads(village: Site) -> None:
    where = entered(village.browser("mediator"))
    assert village.browser("neighbour").get(where).status_code == 404
    above = village.browser("town_leader")
    assert above.get(where).status_code == 200
    assert above.post(f"{where}/finds/new", FIND).status_code == 403


def test_what_is_found_goes_on_as_a_case_with_what_is_known(village: Site) -> None:
    """A mediator gets the form of a dispute where disputes are published, here that of a ticket."""
    worker = village.browser("worker")
    where = entered(worker)
    gone = worker.post(f"{where}/finds/new", {**FIND, "result": "opened", "outcome": ""})
    assert gone.status_code == 303 and "/cases/new/ticket?draft=" in gone.headers["Location"]
    form = worker.get(gone.headers["Location"]).text
    assert "门前排水纠纷" in form
    key = gone.headers["Location"].partition("draft=")[2]

    def opened(world):  # type: ignore[no-untyped-def]
        case_id = world.open("worker")
        with transaction() as db:
            find = db.scalars(select(ScreeningFind)).one()
            assert find.draft_key == key
            db.get_one(Case, case_id).source = f"form:{find.opened_by}:{find.draft_key}"
        with reading() as db:
            return db.get_one(Case, case_id).number

    number = village.run(opened)
    assert number in worker.get(where).text
    find_id = village.run(_only_find)
    assert worker.post(f"/screenings/finds/{find_id}/register").status_code == 409


def _only_find(_world: object) -> int:
    with reading() as db:
        return db.scalars(select(ScreeningFind.id)).one()


def test_a_void_round_stays_and_does_not_count(village: Site) -> None:
    mediator = village.browser("mediator")
    first, second = entered(mediator), entered(mediator)
    mediator.post(f"{first}/finds/new", FIND)
    assert counted(village)["screenings"] == 2
    assert mediator.post(f"{second}/void", {"reason": "重复登记"}).status_code == 303
    assert mediator.post(f"{second}/edit", ROUND).status_code == 409
    found = counted(village)
    assert (found["screenings"], found["households"], found["settled_there"]) == (1, 32, 1)
    with village.app.app_context(), reading() as db:
        assert len(db.scalars(select(ScreeningRound)).all()) == 2


def counted(site: Site) -> dict[str, int]:
    """The village's monthly register, filled."""

    def act(world):  # type: ignore[no-untyped-def]
        with transaction() as db:
            files = versions.read_directory(ROOT)[versions.STATISTICS]
            if versions.latest(db, versions.STATISTICS) is None:
                versions.publish(db, versions.STATISTICS, files, now=world.now)
            unit = org.unit_by_code(db, "V1")
            assert unit is not None
            actor = world.actor(db, "village_leader")
            about = returns.subject(db, actor, "mediation_register", unit.id, "2026-11")
            row = returns.fill(db, actor, about, now=world.now)
            numbers = sums.numbers(about.table, sums.of(db, row))
            return {one.column.key: int(one.value or 0) for one in numbers}

    return site.run(act)


def test_a_number_of_a_return_opens_the_rounds_behind_it(village: Site) -> None:
    mediator = village.browser("mediator")
    where = entered(mediator)
    counted(village)
    leader = village.browser("village_leader")
    unit = village.run(_village)
    address = f"/returns/mediation_register/{unit}/2026-11/cases?number=households"
    page = leader.get(address).text
    assert where in page and "定期排查" in page


def _village(_world: object) -> int:
    with reading() as db:
        unit = org.unit_by_code(db, "V1")
        assert unit is not None
        return unit.id


def test_whoever_registers_no_cases_leaves_the_find_to_a_colleague(village: Site) -> None:
    """The mediator of a county without disputes: what was found stays, and is said to be left."""
    mediator = village.browser("mediator")
    where = entered(mediator)
    kept = mediator.post(f"{where}/finds/new", {**FIND, "result": "opened", "outcome": ""})
    assert kept.status_code == 303 and kept.headers["Location"].endswith(where)
    assert "请能登记的同事" in mediator.get(where).text


def test_two_finds_entered_at_once_are_two(village: Site) -> None:
    round_id = int(entered(village.browser("mediator")).rsplit("/", 1)[1])
    numbers = []

    def enter(db: Session) -> None:
        actor = village.world.actor(db, "mediator")
        row, today = rounds.one(db, actor, round_id), village.world.now.date()
        numbers.append(rounds.find(db, actor, row, FIND, today, now=village.world.now).number)

    def again() -> None:
        with village.app.app_context(), transaction() as db:
            enter(db)

    second = threading.Thread(target=again)
    with village.app.app_context(), queue() as until_it_waits, transaction() as db:
        enter(db)
        second.start()
        until_it_waits()
    second.join(30)
    assert numbers == [1, 2]
