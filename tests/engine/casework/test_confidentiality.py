"""A confidential case goes round the unit that it is about, and hides who reported it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine import org
from engine.access import audience, confidentiality, policy
from engine.casework import cases
from engine.casework.moves import cohandling, reclassifying, transfers
from engine.errors import Conflict, InvalidInput, NotFound
from engine.models import (
    BlindIndex,
    Case,
    CaseAccess,
    Confidentiality,
    ConfidentialUnit,
    Notice,
    Outbox,
    Post,
    Task,
    Unit,
    User,
)
from engine.reading.casefile import open_file
from engine.storage.db import reading, transaction
from engine.worktime import Limit
from tests.engine.casework.world import World
from tests.processes.desk import Desk

REPORT = {"request_kind": "举报", "identity": "实名保密", "place": "V1", "answered_now": False}


@pytest.fixture
def desk(people: World) -> Desk:
    """The county with its hotline."""
    return Desk(people, "hotline")


def seat(desk: Desk, login: str, code: str, role: str) -> None:
    """One more person, or one more post of somebody."""
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == code)).one()
        known = desk.world.logins.get(login)
        user = (
            db.get_one(User, known)
            if known
            else org.create_user(
                db, None, login=login, name=f"员工{login}", password_hash="x", now=desk.world.now
            )
        )
        org.create_post(db, None, unit=unit, role=role, user=user, now=desk.world.now)
        desk.world.logins[login] = user.id


def name(desk: Desk, area: str, code: str, rank: int = 1) -> None:
    """Let an area name a unit for confidential cases."""
    with transaction() as db:
        units = {unit.code: unit.id for unit in db.scalars(select(Unit))}
        db.add(
            ConfidentialUnit(area_id=units[area], unit_id=units[code], rank=rank, at=desk.world.now)
        )


def report(
    desk: Desk, against: str | None = None, login: str = "operator", **chosen: object
) -> int:
    desk.open(login, **{**REPORT, "against": against, **chosen})
    return desk.case_id


def sees(desk: Desk, login: str) -> bool:
    with reading() as db:
        actor = desk.world.actor(db, login)
        case = db.get_one(Case, desk.case_id)
        seen = policy.can_see(db, actor, case)
        listed = db.scalars(select(Case.id).where(policy.listed_cases(actor))).all()
        readers = {one.user_id for one in audience.of_case(db, case, desk.world.now)}
    assert (desk.case_id in listed) == seen, login
    assert (desk.world.logins[login] in readers) == seen, login
    return seen


def kept(desk: Desk) -> Confidentiality:
    with reading() as db:
        return db.get_one(Confidentiality, desk.case_id)


def code_of(unit_id: int | None) -> str:
    with reading() as db:
        return db.get_one(Unit, unit_id).code


def knows(desk: Desk, login: str) -> bool:
    with reading() as db:
        actor = desk.world.actor(db, login)
        return confidentiality.knows(db, actor, db.get_one(Case, desk.case_id))


@pytest.mark.parametrize(
    ("kind", "identity", "expected"),
    [("举报", "匿名", True), ("投诉", "实名保密", True), ("投诉", "实名公开", False)],
)
def test_it_is_a_fact_of_the_case_from_the_beginning(
    desk: Desk, kind: str, identity: str, expected: bool
) -> None:
    given = {"request_kind": kind, "identity": identity, "call_back_wanted": identity != "匿名"}
    desk.open("operator", **{**REPORT, **given, "against": None})
    with reading() as db:
        assert db.get_one(Case, desk.case_id).confidential is expected


def test_another_category_does_not_unmask(desk: Desk) -> None:
    """Proved once: 举报 made a 投诉 showed the reporter to whoever handles it."""
    report(desk)
    with transaction() as db:
        actor = desk.world.actor(db, "county_leader")
        values = {"category": "投诉"}
        reclassifying.reclassify(db, actor, desk.case_id, values, "不是举报", now=desk.world.now)
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        assert case.category == "投诉" and case.confidential
    assert not knows(desk, "county_leader") and not knows(desk, "county_dispatcher")


def test_it_is_confidential_from_when_it_turns_out_to_be_a_report(desk: Desk) -> None:
    """What was spread before is taken back: numbers to look up, the place's access, titles."""
    desk.open("operator", **{**REPORT, "request_kind": "投诉", "identity": "实名公开"})
    with reading() as db:
        assert db.scalars(select(BlindIndex)).all()
        title = db.get_one(Case, desk.case_id).title
    desk.world.work(desk.world.now)
    with transaction() as db:
        actor = desk.world.actor(db, "county_leader")
        values = {"category": "举报"}
        reclassifying.reclassify(db, actor, desk.case_id, values, "是举报", now=desk.world.now)

    with reading() as db:
        assert db.get_one(Case, desk.case_id).confidential
        assert db.scalars(select(BlindIndex)).all() == []
        said = [row.data for table in (Outbox, Notice) for row in db.scalars(select(table))]
        assert said and title not in str(said)
    assert not sees(desk, "grid_leader")


def test_it_stays_confidential_whatever_is_written(desk: Desk) -> None:
    """Neither mark nor row can be undone in the database itself."""
    report(desk)
    for table, words in (("case", "guarded = false"), ("confidentiality", "lifted_id = 7")):
        with pytest.raises(DBAPIError), transaction() as db:
            db.connection().exec_driver_sql(f'UPDATE "{table}" SET {words}')
    with pytest.raises(DBAPIError), transaction() as db:
        db.connection().exec_driver_sql("DELETE FROM confidentiality")


@pytest.mark.parametrize(
    ("against", "named", "around"),
    [("V1", "620725", "T1"), ("T1", "620725", "T1"), ("620725-ZJJ", "620725", "620725-ZJJ")],
)
def test_it_goes_round_the_unit_and_its_superiors_below_the_named_one(
    desk: Desk, against: str, named: str, around: str
) -> None:
    report(desk, against)
    row = kept(desk)
    found = [code_of(one) for one in (row.against_id, row.named_id, row.around_id)]
    assert found == [against, named, around]


def test_a_report_about_the_named_unit_goes_to_another_one(desk: Desk) -> None:
    name(desk, "620725", "620725-ZJJ")
    name(desk, "620725", "620725-SWJ", 2)
    report(desk, "620725-ZJJ")
    assert code_of(kept(desk).named_id) == "620725-SWJ"


def test_a_report_about_the_county_needs_a_unit_named_above_it(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        report(desk, "620725")
    name(desk, "6207", "6207")
    report(desk, "620725")
    row = kept(desk)
    assert (code_of(row.named_id), code_of(row.around_id)) == ("6207", "620725")
    assert not any(sees(desk, login) for login in desk.world.logins)


@pytest.mark.parametrize("against", ["V1", "T1"])
def test_nobody_of_the_line_sees_it(desk: Desk, against: str) -> None:
    """The village is in the township: whoever sits there, below or beside, is its people."""
    report(desk, against)
    inside = ("grid_leader", "town_leader", "town_supervisor", "dispatcher", "worker", "mediator")
    assert not any(sees(desk, login) for login in inside)
    assert sees(desk, "operator") and sees(desk, "county_leader")


def test_the_department_that_is_reported_does_not_handle_it(desk: Desk) -> None:
    """By the table, by hand, as helper or by transfer: the case goes to the named unit."""
    name(desk, "620725", "620725-SWJ")
    report(desk, "620725-ZJJ", topic="住房建设", area="城区")
    desk.do("county_dispatcher", "dispatch", dispatch_mode="派单", unit_choice="按分流表")

    assert desk.where()["handle"] == ("620725-SWJ", "handler")
    assert not sees(desk, "handler") and not sees(desk, "department_leader")
    task = desk.world.task(desk.case_id, "handle")
    with reading() as db:
        bureau = db.scalars(select(Unit).where(Unit.code == "620725-ZJJ")).one()
    now = desk.world.now
    with pytest.raises((Conflict, InvalidInput)), transaction() as db:
        actor = desk.world.actor(db, "water_handler")
        transfers.transfer(db, actor, task.id, bureau.id, "转", now=now)
    with pytest.raises(InvalidInput), transaction() as db:
        actor = desk.world.actor(db, "water_handler")
        cohandling.ask_help(
            db, actor, task.id, bureau.id, Limit(1, "working_days"), "请协助", now=now
        )
    with pytest.raises(NotFound), transaction() as db:
        cases.sign(db, desk.world.actor(db, "handler"), task.id, now=now)


def test_a_second_post_elsewhere_does_not_show_it(desk: Desk) -> None:
    """Whoever belongs to the unit reported is kept out through whatever other post."""
    seat(desk, "town_leader", "620725", "supervisor")
    report(desk, "V1")
    assert not sees(desk, "town_leader")


def test_a_deputy_of_the_supervisor_neither_sees_nor_knows(desk: Desk) -> None:
    """Proved once: a leader stood in for the supervisor who may see, and read the reporter."""
    seat(desk, "officer", "620725", "confidential_officer")
    with transaction() as db:
        for role in ("supervisor", "confidential_officer"):
            post = db.scalars(
                select(Post).join(Unit).where(Post.role == role, Unit.code == "620725")
            ).one()
            for login in ("town_leader",):
                org.create_deputy(
                    db,
                    None,
                    post=post,
                    user=db.get_one(User, desk.world.logins[login]),
                    from_at=desk.world.now,
                    until_at=desk.world.now.replace(year=2027),
                    now=desk.world.now,
                )
    report(desk, "V1")
    assert not sees(desk, "town_leader") and not knows(desk, "town_leader")
    assert sees(desk, "officer") and knows(desk, "officer")
    report(desk)
    assert sees(desk, "town_leader") and not knows(desk, "town_leader")


def test_who_registered_it_in_the_reported_unit_lets_it_go(desk: Desk) -> None:
    """An operator of the township takes a report about it: the named unit has it from then on."""
    seat(desk, "town_operator", "T1", "operator")
    name(desk, "620725", "620725-ZZ")
    report(desk, "T1", login="town_operator")
    assert not sees(desk, "town_operator") and not knows(desk, "town_operator")
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        assert case.unit.code == "620725-ZZ"
        units = select(Unit.code).join(CaseAccess, CaseAccess.unit_id == Unit.id)
        seen = set(db.scalars(units.where(CaseAccess.case_id == case.id)))
        assert seen and all(code.startswith("620725") for code in seen)


def test_escalation_goes_past_whom_it_is_about(desk: Desk) -> None:
    """Late work of a confidential case fires at nobody of the line."""
    seat(desk, "town_leader", "620725-ZZ", "leader")
    report(desk, "V1")
    for _ in range(8):
        desk.world.work(desk.world.now.replace(day=desk.world.now.day + 1))
    told = desk.world.logins["town_leader"]
    with reading() as db:
        assert db.scalars(select(Notice.id).where(Notice.user_id == told)).all() == []
        assert db.scalars(select(Notice.id).where(Notice.case_id == desk.case_id)).all()
        units = select(Unit.code).join(Task, Task.unit_id == Unit.id)
        assert not {"T1", "V1"} & set(db.scalars(units))


def test_one_about_the_county_climbs_in_the_city(desk: Desk) -> None:
    """Whoever is named for it is late: the ladder goes on above the handling levels."""
    with transaction() as db:
        city = db.scalars(select(Unit).where(Unit.code == "6207")).one()
        facts = {"code": "6207-XF", "name": "市信访局", "level": "city", "kind": "department"}
        org.create_unit(db, None, **facts, parent=city, now=desk.world.now)
    for login, role in (("city_leader", "leader"), ("city_dispatcher", "dispatcher")):
        seat(desk, login, "6207", role)
    seat(desk, "city_bureau", "6207-XF", "supervisor")
    name(desk, "6207", "6207-XF")
    report(desk, "620725")
    for _ in range(20):
        desk.world.work(desk.world.now + timedelta(days=1))
    rang = [json.loads(one.data) for one in desk.world.events(desk.case_id, "escalated")]
    people = {user for one in rang for user in one["reached"]}
    assert {one["unit_name"] for one in rang} <= {"张掖市", "市信访局"}
    assert desk.world.logins["city_leader"] in people
    assert people <= {desk.world.logins[one] for one in ("city_leader", "city_bureau")}
    with reading() as db:
        told = set(db.scalars(select(Notice.user_id).where(Notice.case_id == desk.case_id)))
    assert told <= {desk.world.logins[one] for one in desk.world.logins if one.startswith("city")}


def test_what_it_becomes_goes_the_same_way(desk: Desk) -> None:
    """A report that is handed over to another process stays what it is."""
    report(desk, "V1")
    desk.do("county_dispatcher", "dispatch", dispatch_mode="转网格事件", unit_choice=None)
    desk.world.work(desk.world.now)
    with reading() as db:
        other = db.scalars(select(Case).where(Case.process == "ticket")).one()
        assert other.confidential
        row = db.get_one(Confidentiality, other.id)
        assert code_of(row.around_id) == "T1"
        desk.case_id = other.id
    assert not sees(desk, "grid_leader") and not sees(desk, "town_leader")


def test_its_reader_sees_through_the_veil_or_not(desk: Desk) -> None:
    report(desk, caller_name="王五", caller_phone="13800138000")
    with reading() as db:
        concealed = open_file(db, desk.world.actor(db, "county_supervisor"), desk.case_id)
        clear = open_file(db, desk.world.actor(db, "operator"), desk.case_id)
        assert concealed.concealment.hides and not clear.concealment.hides


@pytest.mark.parametrize(("days", "round_them"), [(179, True), (181, False)])
def test_it_goes_round_whoever_left_the_unit_lately(
    desk: Desk, days: int, round_them: bool
) -> None:
    seat(desk, "county_supervisor", "620725-ZJJ", "handler")
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == "620725-ZJJ")).one()
        mine = Post.user_id == desk.world.logins["county_supervisor"]
        post = db.scalars(select(Post).where(Post.unit_id == unit.id, mine)).one()
        post.from_at, post.until_at = (desk.world.now - timedelta(n) for n in (days + 9, days))
    report(desk, "620725-ZJJ")
    assert sees(desk, "county_supervisor") is not round_them
    with reading() as db:
        told = select(Notice).where(Notice.user_id == desk.world.logins["county_supervisor"])
        assert not db.scalars(told).all() or not round_them
        actor = desk.world.actor(db, "county_supervisor")
        # What ended gives no power either.
        assert unit.id not in actor.unit_ids


@pytest.mark.parametrize(("process", "login"), [("ticket", "worker"), ("dispute", "mediator")])
def test_every_process_takes_a_case_in_confidence(desk: Desk, process: str, login: str) -> None:
    other = Desk(desk.world, process)
    other.open(login, in_confidence=True, against="620725-ZJJ", place="V1")
    row = kept(other)
    assert (code_of(row.against_id), code_of(row.named_id)) == ("620725-ZJJ", "620725")
    assert knows(other, login) and not knows(other, "county_supervisor")
    with reading() as db:
        assert db.get_one(Case, other.case_id).confidential
        assert not db.scalars(select(BlindIndex)).all()
    other.open(login, place="V1")
    with reading() as db:
        assert not db.get_one(Case, other.case_id).guarded
