"""A reporter is disclosed by two people only: lifted for good, or looked at once and reviewed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine import org
from engine.access import confidentiality
from engine.casework import cases, disclosures, unmask
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import AdminEvent, Attachment, Case, Disclosure, Notice, Post, Unit, User, new_id
from engine.operations import doctor
from engine.reading import materials
from engine.reading.casefile import open_file
from engine.records import attachments, audit, vault
from engine.records.bindings import of_file_name
from engine.storage.db import reading, transaction
from tests.engine.casework.test_confidentiality import knows, name, report, seat
from tests.engine.casework.world import World
from tests.processes.desk import Desk

WHY = "来电人可能有危险。"


@pytest.fixture
def desk(people: World) -> Desk:
    """A report about a village, and two officers of the county above it."""
    made = Desk(people, "hotline")
    for login in ("officer", "second_officer"):
        seat(made, login, "620725", "confidential_officer")
    seat(made, "centre_officer", "620725-ZZ", "confidential_officer")
    name(made, "620725", "620725-ZZ")
    report(made, "V1", caller_name="王五", caller_phone="13800138000")
    return made


def do(desk: Desk, login: str, use, *given: object):  # type: ignore[no-untyped-def]
    with transaction() as db:
        return use(db, desk.world.actor(db, login), *given, now=desk.world.now)


def confidential(desk: Desk) -> bool:
    with reading() as db:
        return db.get_one(Case, desk.case_id).confidential


def looked(desk: Desk, asker: str = "county_supervisor", second: str = "county_leader") -> int:
    """Two people have agreed to look; returns the disclosure."""
    second_id = desk.world.logins[second]
    row = do(desk, asker, disclosures.ask_look, desk.case_id, second_id, WHY)
    do(desk, second, disclosures.decide, row.id, True)
    return row.id


def test_two_officers_lift_it_and_the_reporter_is_told(desk: Desk) -> None:
    row = do(desk, "officer", disclosures.ask_lift, desk.case_id, WHY)
    with pytest.raises(Conflict):
        do(desk, "officer", disclosures.decide, row.id, True)
    assert confidential(desk)

    do(desk, "second_officer", disclosures.decide, row.id, True)

    assert not confidential(desk)
    desk.world.work(desk.world.now)
    operator = desk.world.logins["operator"]
    with reading() as db:
        told = db.scalars(select(Notice.key).where(Notice.user_id == operator)).all()
        assert "citizen.tell" in told
        case = db.get_one(Case, desk.case_id)
        assert audit.kinds(db, case).count("disclosure.decided") == 1
        kinds = db.scalars(select(AdminEvent.kind)).all()
        assert {"disclosure.asked", "disclosure.decided"} <= set(kinds)
        chain = " ".join(db.scalars(select(AdminEvent.data)))
        assert WHY not in chain


def test_what_was_lifted_still_goes_round_the_unit_reported(desk: Desk) -> None:
    row = do(desk, "officer", disclosures.ask_lift, desk.case_id, WHY)
    do(desk, "second_officer", disclosures.decide, row.id, True)
    with reading() as db, pytest.raises(NotFound):
        open_file(db, desk.world.actor(db, "grid_leader"), desk.case_id)


@pytest.mark.parametrize(
    "login", ["county_leader", "county_supervisor", "operator", "centre_officer"]
)
def test_nobody_else_asks_for_lifting(desk: Desk, login: str) -> None:
    """Not leaders, nor who took the call; an officer of the named centre handles it and keeps it,
    and stands above the village, so that this one may.
    """
    if login == "centre_officer":
        assert do(desk, login, disclosures.ask_lift, desk.case_id, WHY).kind == "lift"
        return
    with pytest.raises(NotAllowed):
        do(desk, login, disclosures.ask_lift, desk.case_id, WHY)


def test_an_officer_of_the_units_own_level_does_not_lift(desk: Desk) -> None:
    report(desk, "620725-ZJJ")
    with pytest.raises(NotAllowed):
        do(desk, "centre_officer", disclosures.ask_lift, desk.case_id, WHY)
    assert do(desk, "officer", disclosures.ask_lift, desk.case_id, WHY).kind == "lift"


def test_it_needs_a_reason_and_waits_once(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        do(desk, "officer", disclosures.ask_lift, desk.case_id, "  ")
    do(desk, "officer", disclosures.ask_lift, desk.case_id, WHY)
    with pytest.raises(Conflict):
        do(desk, "second_officer", disclosures.ask_lift, desk.case_id, WHY)


def test_the_database_itself_refuses_one_person(desk: Desk) -> None:
    me = desk.world.logins["officer"]
    with reading() as db:
        county = db.get_one(Case, desk.case_id).county_id
    row = {
        "id": new_id(),
        "county_id": county,
        "case_id": desk.case_id,
        "kind": "lift",
        "reason": b"x",
        "asked_by": me,
        "asked_at": desk.world.now,
        "decided_by": me,
        "decided_at": desk.world.now,
        "outcome": "lifted",
    }
    with pytest.raises(DBAPIError), transaction() as db:
        db.add(Disclosure(**row))


def test_two_look_together_for_an_hour(desk: Desk) -> None:
    """Neither before the other has agreed, nor after; each look is recorded with its request."""
    assert not knows(desk, "county_supervisor")
    looked(desk)
    assert knows(desk, "county_supervisor") and knows(desk, "county_leader")
    shown = do(desk, "county_supervisor", unmask.unmask, desk.case_id, "intake", "caller_phone")
    assert shown == "13800138000"
    (event,) = desk.world.events(desk.case_id, "personal.shown")
    assert '"disclosure"' in event.data
    desk.world.now += timedelta(hours=1, seconds=1)
    assert not knows(desk, "county_supervisor") and not knows(desk, "county_leader")


def test_looking_is_loud_and_reviewed_by_a_third(desk: Desk) -> None:
    row_id = looked(desk)
    desk.world.work(desk.world.now)
    with reading() as db:
        told = db.scalars(select(Notice.user_id).where(Notice.key == "disclosure.shown")).all()
        assert {desk.world.logins["officer"], desk.world.logins["centre_officer"]} <= set(told)
        officer = desk.world.actor(db, "officer")
        assert [row.id for row in disclosures.waiting(db, officer)] == [row_id]
    with pytest.raises(NotAllowed):
        do(desk, "county_leader", disclosures.review, row_id, True)
    do(desk, "officer", disclosures.review, row_id, False)
    with pytest.raises(Conflict):
        do(desk, "second_officer", disclosures.review, row_id, True)
    with reading() as db:
        assert disclosures.waiting(db, desk.world.actor(db, "officer")) == []


def test_the_second_person_is_one_who_answers_and_answers_now(desk: Desk) -> None:
    """Not a colleague without office, not oneself, not somebody of the unit reported, not late."""
    for login in ("operator", "county_supervisor", "town_leader", "grid_leader"):
        with pytest.raises(InvalidInput):
            looked(desk, second=login)
    second = desk.world.logins["county_leader"]
    row = do(desk, "county_supervisor", disclosures.ask_look, desk.case_id, second, WHY)
    with pytest.raises(NotAllowed):
        do(desk, "officer", disclosures.decide, row.id, True)
    desk.world.now += timedelta(minutes=31)
    with pytest.raises(Conflict):
        do(desk, "county_leader", disclosures.decide, row.id, True)
    looked(desk)


def test_the_reason_is_read_by_who_decides_about_it(desk: Desk) -> None:
    """It may say who reported; whoever only handles the case does not read it."""
    row_id = looked(desk)
    with reading() as db:
        case, row = db.get_one(Case, desk.case_id), db.get_one(Disclosure, row_id)
        said = {
            login: disclosures.reason_of(desk.world.actor(db, login), case, row)
            for login in ("county_supervisor", "county_leader", "officer", "county_dispatcher")
        }
    expected = {"county_supervisor": WHY, "county_leader": WHY, "officer": WHY}
    assert said == {**expected, "county_dispatcher": ""}


def test_a_deputy_neither_asks_nor_is_the_second(desk: Desk) -> None:
    """Who stands in for the supervisor has the work of that post, and not its confidence."""
    seat(desk, "stand_in", "T2", "handler")
    with transaction() as db:
        post = db.scalars(
            select(Post).join(Unit).where(Post.role == "supervisor", Unit.code == "620725")
        ).one()
        org.create_deputy(
            db,
            None,
            post=post,
            user=db.get_one(User, desk.world.logins["stand_in"]),
            from_at=desk.world.now,
            until_at=desk.world.now + timedelta(days=9),
            now=desk.world.now,
        )
    with pytest.raises(NotFound):
        looked(desk, asker="stand_in")
    with pytest.raises(InvalidInput):
        looked(desk, second="stand_in")


def test_whoever_it_goes_round_cannot_look(desk: Desk) -> None:
    with pytest.raises(NotFound):
        looked(desk, asker="town_leader")


def test_a_file_is_handed_on_without_its_name(desk: Desk) -> None:
    """Only by who may know the reporter; what the file claims of itself stays behind."""
    photo = desk.world.photo("operator")
    desk.open(
        "operator",
        request_kind="举报",
        identity="实名保密",
        against="V1",
        place="V1",
        attachments=[photo],
    )
    with reading() as db, pytest.raises(NotFound):
        materials.material(db, desk.world.actor(db, "county_dispatcher"), int(photo))
    with pytest.raises(NotAllowed):
        do(desk, "county_dispatcher", disclosures.release_file, int(photo))

    do(desk, "operator", disclosures.release_file, int(photo))

    with reading() as db:
        file = open_file(db, desk.world.actor(db, "county_dispatcher"), desk.case_id)
        (item,) = materials.materials(db, file)
        assert "现场" not in item.name and item.proof.keys() == {"received_at"}


def test_nobody_joins_a_sealed_file_to_a_step_of_their_own(desk: Desk) -> None:
    photo = desk.world.photo("operator")
    desk.open(
        "operator",
        request_kind="举报",
        identity="实名保密",
        against=None,
        place="V1",
        attachments=[photo],
    )
    task = desk.world.task(desk.case_id, "dispatch")
    given = desk.answers("county_dispatcher", "hotline/dispatch", dispatch_mode="派单")
    with transaction() as db:
        row = db.get_one(Attachment, int(photo))
        assert row.sealed and not confidentiality.knows(
            db, desk.world.actor(db, "county_dispatcher"), db.get_one(Case, desk.case_id)
        )
    given |= {"attachments": [photo]}
    with transaction() as db:
        actor = desk.world.actor(db, "county_dispatcher")
        cases.complete_task(db, actor, task.id, given, now=desk.world.now)
    with reading() as db:
        assert db.get_one(Attachment, int(photo)).task_id != task.id


def test_what_a_migration_sealed_without_keys_is_encrypted_afterwards(desk: Desk) -> None:
    """By init and by the rotation of keys; until then the doctor says so."""
    with reading() as db:
        county_id = db.get_one(Case, desk.case_id).county_id
    told = {"received_at": "x", "exif": {"position": {"lat": 38.7771, "lon": 101.09}}}
    row_id = new_id()
    with transaction() as db:
        row = Attachment(id=row_id, county_id=county_id, case_id=desk.case_id, digest="ab" * 32)
        row.mime, row.size, row.proof, row.at = "image/jpeg", 3, told, desk.world.now
        row.sealed = True
        row.name = vault.seal("照片.jpg", of_file_name(row))
        db.add(row)
    with reading(snapshot=True) as db:
        kinds = [one.kind for one in doctor.examine(db, desk.world.now).findings]
    assert "in-clear" in kinds
    assert list(attachments.seal_earlier()) == [1, 0]
    with reading() as db:
        row = db.get_one(Attachment, row_id)
        assert "38.77" not in str(row.proof) and attachments.proof_of(row) == told
    assert list(attachments.seal_earlier()) == [0]
