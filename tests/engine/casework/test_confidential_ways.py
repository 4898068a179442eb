"""By which ways those reported could still come near: an old post, an heir, a case of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org, settings
from engine.access import confidentiality, duties
from engine.casework import cases, disclosures
from engine.casework.moves import cohandling
from engine.errors import InvalidInput, NotFound
from engine.models import (
    AccountAct,
    BlindIndex,
    Case,
    CaseAccess,
    CasePerson,
    Confidentiality,
    Notice,
    Post,
    Task,
    Unit,
    User,
    new_id,
)
from engine.operations import doctor
from engine.reading import queues
from engine.storage.db import reading, transaction
from engine.worktime import Limit
from tests.engine.casework.test_confidentiality import (
    code_of,
    kept,
    knows,
    name,
    report,
    seat,
    sees,
)
from tests.engine.casework.world import World
from tests.processes.desk import Desk


@pytest.fixture
def desk(people: World) -> Desk:
    """The county with its hotline."""
    return Desk(people, "hotline")


def leave(desk: Desk, login: str, code: str) -> None:
    """Somebody is taken out of their posts in a unit."""
    with transaction() as db:
        held = (
            select(Post)
            .join(Unit)
            .where(
                Post.user_id == desk.world.logins[login], Post.until_at.is_(None), Unit.code == code
            )
        )
        for post in db.scalars(held).all():
            org.vacate_post(db, None, post, now=desk.world.now)


def end(desk: Desk, code: str, heir: str) -> None:
    with transaction() as db:
        units = {unit.code: unit for unit in db.scalars(select(Unit))}
        org.end_unit(db, None, units[code], now=desk.world.now, heir=units[heir])


def codes_with_access(desk: Desk) -> set[str]:
    with reading() as db:
        rows = select(Unit.code).join(CaseAccess, CaseAccess.unit_id == Unit.id)
        mine = rows.where(CaseAccess.case_id == desk.case_id, CaseAccess.until_at.is_(None))
        return set(db.scalars(mine))


def test_who_left_the_unit_lately_does_not_see_it(desk: Desk) -> None:
    """An administrator takes a post away, the case opens, the post is given back: not so."""
    seat(desk, "town_leader", "620725", "supervisor")
    report(desk, "T1")
    leave(desk, "town_leader", "T1")
    desk.world.now += timedelta(minutes=1)
    assert not sees(desk, "town_leader")
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        actor = desk.world.actor(db, "town_leader")
        assert all(one.user_id != actor.user_id for one in disclosures.seconds(db, actor, case))
    desk.world.now += timedelta(days=settings.current().former_days - 1)
    assert not sees(desk, "town_leader")
    desk.world.now += timedelta(days=2)
    assert sees(desk, "town_leader") and not knows(desk, "town_leader")


def test_who_was_there_when_the_unit_was_taken_over_stays_somebody_of_it(desk: Desk) -> None:
    """Who went along to another unit still is who the report is about, however long ago."""
    seat(desk, "town_leader", "620725", "supervisor")
    report(desk, "T1")
    end(desk, "T1", "T2")
    desk.world.now += timedelta(days=settings.current().former_days + 400)
    assert sees(desk, "county_supervisor") and not sees(desk, "town_leader")
    with reading() as db:
        case, mover = db.get_one(Case, desk.case_id), desk.world.logins["town_leader"]
        both = {mover, desk.world.logins["county_supervisor"]}
        assert confidentiality.concerned(db, case, both, desk.world.now) == {mover}


def test_nor_finds_its_work_in_a_queue_takes_it_or_is_told(desk: Desk) -> None:
    """Whose only post is now where the case is handled: colleagues have it."""
    seat(desk, "mover", "620725-ZJJ", "handler")
    seat(desk, "mover", "620725-SWJ", "handler")
    name(desk, "620725", "620725-SWJ")
    report(desk, "620725-ZJJ", topic="住房建设", area="城区")
    leave(desk, "mover", "620725-ZJJ")
    desk.world.now += timedelta(minutes=1)
    desk.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")
    task = desk.world.task(desk.case_id, "handle")
    assert desk.where()["handle"] == ("620725-SWJ", "handler")
    with reading() as db:
        mover, colleague = desk.world.actor(db, "mover"), desk.world.actor(db, "water_handler")
        assert queues.counts(db, mover, desk.world.now)["to_sign"] == 0
        assert queues.counts(db, colleague, desk.world.now)["to_sign"] == 1
    with pytest.raises(NotFound), transaction() as db:
        cases.sign(db, desk.world.actor(db, "mover"), task.id, now=desk.world.now)
    desk.world.work(desk.world.now)
    with reading() as db:
        told = set(db.scalars(select(Notice.user_id).where(Notice.case_id == desk.case_id)))
    assert desk.world.logins["water_handler"] in told
    assert desk.world.logins["mover"] not in told


def test_help_that_is_asked_for_is_not_even_counted(desk: Desk) -> None:
    seat(desk, "two", "620725-SWJ", "handler")
    seat(desk, "two", "T1", "handler")
    report(desk, "T1", topic="住房建设", area="城区")
    desk.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")
    task, now = desk.world.task(desk.case_id, "handle"), desk.world.now
    with transaction() as db:
        water = db.scalars(select(Unit).where(Unit.code == "620725-SWJ")).one()
        actor = desk.world.actor(db, "handler")
        cohandling.ask_help(
            db, actor, task.id, water.id, Limit(1, "working_days"), "请协助", now=now
        )
    with reading() as db:
        assert queues.counts(db, desk.world.actor(db, "two"), now)["help"] == 0
        assert queues.counts(db, desk.world.actor(db, "water_handler"), now)["help"] == 1


def test_an_heir_whom_it_goes_round_gets_nothing_of_it(desk: Desk) -> None:
    """The named unit ends; its heir is the department that is reported."""
    name(desk, "620725", "620725-SWJ")
    name(desk, "620725", "620725-ZZ", 2)
    report(desk, "620725-ZJJ", topic="住房建设", area="城区")
    desk.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")
    assert desk.where()["handle"] == ("620725-SWJ", "handler")
    end(desk, "620725-SWJ", "620725-ZJJ")
    assert code_of(kept(desk).named_id) == "620725-ZZ"
    assert desk.where()["handle"][0] == "620725-ZZ"
    assert "620725-ZJJ" not in codes_with_access(desk)
    assert "620725-ZZ" in codes_with_access(desk)
    assert not sees(desk, "handler") and not sees(desk, "department_leader")


def test_a_deputy_of_the_heir_neither(desk: Desk) -> None:
    """Whom the case does not go round, and who stands in for somebody of the heir."""
    name(desk, "620725", "620725-SWJ")
    name(desk, "620725", "620725-ZZ", 2)
    report(desk, "620725-ZJJ", topic="住房建设", area="城区")
    desk.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")
    with transaction() as db:
        held = select(Post).join(Unit).where(Post.role == "leader", Unit.code == "620725-ZJJ")
        user = db.get_one(User, desk.world.logins["mediator"])
        until, now = desk.world.now + timedelta(days=9), desk.world.now
        post = db.scalars(held).one()
        org.create_deputy(db, None, post=post, user=user, from_at=now, until_at=until, now=now)
    end(desk, "620725-SWJ", "620725-ZJJ")
    assert not sees(desk, "mediator")


def test_no_unit_ends_whose_heir_may_not_have_it_and_nobody_else_is_named(
    desk: Desk,
) -> None:
    name(desk, "620725", "620725-SWJ")
    report(desk, "620725-ZJJ", topic="住房建设", area="城区")
    desk.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")
    with pytest.raises(InvalidInput) as refused:
        end(desk, "620725-SWJ", "620725-ZJJ")
    assert "保密件" in str(refused.value.errors["heir"])
    assert desk.where()["handle"] == ("620725-SWJ", "handler")


def test_a_closed_one_is_not_inherited_either(desk: Desk) -> None:
    name(desk, "620725", "620725-SWJ")
    report(desk, "620725-ZJJ")
    with transaction() as db:
        db.get_one(Case, desk.case_id).closed_at = desk.world.now
    end(desk, "620725-SWJ", "620725-ZJJ")
    assert "620725-ZJJ" not in codes_with_access(desk)
    assert not sees(desk, "handler")


def test_what_comes_out_of_a_lifted_one_goes_the_same_way(desk: Desk) -> None:
    for login in ("officer", "second_officer"):
        seat(desk, login, "620725", "confidential_officer")
    report(desk, "V1")
    now = desk.world.now
    with transaction() as db:
        row = disclosures.ask_lift(
            db, desk.world.actor(db, "officer"), desk.case_id, "本人同意", now=now
        )
        disclosures.decide(db, desk.world.actor(db, "second_officer"), row.id, True, now=now)
    desk.do("county_dispatcher", "dispatch", dispatch_mode="转网格事件", unit_choice=None)
    desk.world.work(now)
    with reading() as db:
        other = db.scalars(select(Case).where(Case.process == "ticket")).one()
        assert code_of(db.get_one(Confidentiality, other.id).around_id) == "T1"
        assert not {"T1", "V1"} & set(
            db.scalars(select(Unit.code).join(Task).where(Task.case_id == other.id))
        )
        desk.case_id = other.id
    assert not sees(desk, "grid_leader") and not sees(desk, "town_leader")


def act(desk: Desk, by: str, *users: str) -> None:
    """Somebody appointed these people just now."""
    with transaction() as db:
        for user in users:
            by_id, user_id = desk.world.logins[by], desk.world.logins[user]
            kind, now = "appointed", desk.world.now
            db.add(AccountAct(id=new_id(), by_id=by_id, user_id=user_id, kind=kind, at=now))


@pytest.mark.parametrize(
    "acts", [("worker", "handler", "county_leader"), ("handler", "county_leader")]
)
def test_two_who_look_together_are_not_in_one_hand(
    desk: Desk,
    acts: tuple[str, ...],
) -> None:
    """One administrator could make both of them, else, and read who reported."""
    report(desk, topic="住房建设", area="城区")
    desk.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")
    leader = desk.world.logins["county_leader"]

    def look() -> int:
        with transaction() as db:
            actor = desk.world.actor(db, "handler")
            return disclosures.ask_look(
                db, actor, desk.case_id, leader, "联系举报人", now=desk.world.now
            ).id

    asked = look()
    act(desk, *acts)
    with pytest.raises(duties.NotIndependent), transaction() as db:
        actor = desk.world.actor(db, "county_leader")
        disclosures.decide(db, actor, asked, True, now=desk.world.now)
    desk.world.now += timedelta(hours=1)
    with pytest.raises(InvalidInput):
        look()
    assert not knows(desk, "handler")
    desk.world.now += duties.DEPENDENT
    asked = look()
    with transaction() as db:
        actor = desk.world.actor(db, "county_leader")
        disclosures.decide(db, actor, asked, True, now=desk.world.now)
    assert knows(desk, "handler")


PARTIES = [
    {
        "side": "申请人",
        "party_kind": "自然人",
        "party_name": "金丝雀",
        "party_phone": "13877700777",
    },
    {"side": "被申请人", "party_kind": "自然人", "party_name": "王建国"},
]
APPLIED = {"place": "V1", "people_count": 2, "amount": 0, "parties": PARTIES}
IN_CONFIDENCE = {**APPLIED, "in_confidence": True, "against": "620725-ZJJ"}


def found(db: Session) -> tuple[list[BlindIndex], list[str | None]]:
    """What a look-up by number or name would find."""
    people = db.scalars(select(CasePerson).where(CasePerson.ended_at.is_(None)))
    return list(db.scalars(select(BlindIndex))), [row.name_mac for row in people]


def test_who_asks_for_confidence_when_the_application_is_mended_gets_it(people: World) -> None:
    """The form of the beginning is filled in again, and this time it asks for confidence."""
    desk = Desk(people, "dispute")
    desk.open("mediator", **APPLIED)
    with reading() as db:
        rows, macs = found(db)
        assert rows and all(macs) and not db.get_one(Case, desk.case_id).guarded
    assert sees(desk, "town_leader")
    with transaction() as db:
        leader = people.actor(db, "village_leader")
        task = people.task(desk.case_id, "accept")
        cases.return_task(db, leader, task.id, "apply", "请补充", now=people.now)
    desk.do("mediator", "apply", **IN_CONFIDENCE)
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        rows, macs = found(db)
        assert case.confidential and not rows and not any(macs)
        assert doctor.examine(db, people.now).findings == []
    assert code_of(kept(desk).against_id) == "620725-ZJJ"
    assert not sees(desk, "department_leader")
    assert knows(desk, "mediator") and not knows(desk, "village_leader")
