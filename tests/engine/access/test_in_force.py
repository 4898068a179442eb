"""From when to when: posts, deputies, units, users, access, sessions; a step to either side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.access import actors, audience, duties, policy, sessions
from engine.access.sessions import SessionOrigin
from engine.errors import NotFound
from engine.models import (
    AccountAct,
    Case,
    CaseAccess,
    Deputy,
    Post,
    Task,
    UnitMove,
    UserSession,
    new_id,
)
from engine.models.base import STAMPED_LEVELS
from engine.storage.db import transaction
from tests.engine.org.county import County, make_county

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
STEP, HOUR = timedelta(microseconds=1), timedelta(hours=1)
# (what is asked at, whether it is in force) for something from NOW until an hour later.
PERIOD = [(NOW - STEP, False), (NOW, True), (NOW + HOUR - STEP, True), (NOW + HOUR, False)]
BEGIN, END = PERIOD[:2], PERIOD[2:]


@pytest.fixture(autouse=True)
def with_settings(own_settings: None) -> None:
    """Settings of the test's own."""


@pytest.fixture
def county(database: str) -> Iterator[County]:
    """The small county, in a transaction that stays open."""
    with transaction() as db:
        yield make_county(db, NOW - 10 * HOUR)


def post(county: County, unit: str, role: str, login: str | None, **more: Any) -> Post:
    """A post as a bare row, in force before and after everything here."""
    user_id = county.user(login).id if login else None
    period = {"from_at": NOW - HOUR, **more}
    row = Post(id=new_id(), unit_id=county[unit].id, role=role, user_id=user_id, **period)
    county.db.add(row)
    county.db.flush()
    return row


def roles(county: County, login: str, at: datetime) -> list[str]:
    found = actors.actor_of(county.db, county.user(login).id, at)
    return [seat.role for seat in found.seats]


def test_a_post_is_in_force_from_its_first_moment_and_not_at_its_last(county: County) -> None:
    post(county, "V1", "handler", "wang", from_at=NOW, until_at=NOW + HOUR)
    assert [bool(roles(county, "wang", at)) for at, _ in PERIOD] == [on for _, on in PERIOD]


def test_a_post_that_ended_counts_for_so_many_days_and_not_at_their_end(county: County) -> None:
    """Who was in a unit lately stays somebody of it where cases go round it."""
    post(county, "V1", "handler", "wang", until_at=NOW)
    over = NOW + timedelta(days=settings.current().former_days)

    def former(at: datetime) -> frozenset[int]:
        return actors.actor_of(county.db, county.user("wang").id, at).former

    assert county["V1"].id in former(NOW) and county["V1"].id not in former(NOW - STEP)
    assert county["V1"].id in former(over - STEP) and former(over) == frozenset()


def test_a_future_post_gives_nothing_yet(county: County) -> None:
    post(county, "V1", "leader", "wang", from_at=NOW)
    case = county.case("V1", "V1")

    def seen(at: datetime) -> bool:
        return policy.can_see(
            county.db, actors.actor_of(county.db, county.user("wang").id, at), case
        )

    assert [seen(at) for at, _ in BEGIN] == [False, True]
    readers = [audience.of_case(county.db, case, at) for at, _ in BEGIN]
    assert [[one.user_id for one in found] for found in readers] == [[], [county.user("wang").id]]


def test_a_unit_that_has_ended_seats_nobody(county: County) -> None:
    post(county, "V1", "handler", "wang")
    county["V1"].ended_at = NOW + HOUR
    county.db.flush()
    assert [bool(roles(county, "wang", at)) for at, _ in END] == [True, False]


def test_a_user_who_has_ended_is_nobody(county: County) -> None:
    post(county, "V1", "handler", "wang")
    county.user("wang").ended_at = NOW + HOUR
    county.db.flush()
    assert roles(county, "wang", NOW + HOUR - STEP) == ["handler"]
    with pytest.raises(NotFound):
        actors.actor_of(county.db, county.user("wang").id, NOW + HOUR)
    with pytest.raises(NotFound):
        actors.actor_of(county.db, 1, NOW)


def test_a_deputy_has_the_seat_for_the_period_and_what_was_signed_for(county: County) -> None:
    held = post(county, "V1", "leader", "wang")
    county.db.add(
        Deputy(
            id=new_id(),
            post_id=held.id,
            user_id=county.user("li").id,
            from_at=NOW,
            until_at=NOW + HOUR,
            through=[county.user("zhao").id],
        )
    )
    county.db.flush()
    assert [bool(roles(county, "li", at)) for at, _ in PERIOD] == [on for _, on in PERIOD]
    (lent,) = actors.actor_of(county.db, county.user("li").id, NOW).seats
    assert (lent.post_id, lent.for_user_id) == (held.id, county.user("wang").id)
    assert lent.through == (county.user("zhao").id,)
    (own,) = actors.actor_of(county.db, county.user("wang").id, NOW).seats
    assert (own.post_id, own.for_user_id, own.through) == (held.id, None, ())
    # Who is deputy for one post has no other of the unit.
    post(county, "V1", "handler", None)
    assert roles(county, "li", NOW) == ["leader"]


def test_whoever_holds_a_post_holds_it_though_a_deputy_for_it(county: County) -> None:
    """A row that nobody could make any more takes nothing away."""
    held = post(county, "V1", "leader", "wang")
    period = {"from_at": NOW, "until_at": NOW + HOUR}
    county.db.add(
        Deputy(id=new_id(), post_id=held.id, user_id=county.user("wang").id, **period, through=[1])
    )
    county.db.flush()
    (own,) = actors.actor_of(county.db, county.user("wang").id, NOW).seats
    assert (own.for_user_id, own.through) == (None, ())


@pytest.mark.parametrize("moved", ["620725-ZJJ", "T1", None])
def test_what_moves_is_seen_where_it_now_lies(county: County, moved: str | None) -> None:
    """The stamps of open tasks lag behind a move: of the unit itself, and of those in it."""
    post(county, "620725", "supervisor", "wang")
    tasks = {}
    for code in ("620725-ZJJ", "T1", "V1", "V3"):
        case = county.case("V1", code)
        (task,) = county.db.scalars(select(Task).where(Task.case_id == case.id))
        for level in STAMPED_LEVELS:
            setattr(task, f"at_{level}", None)
        tasks[code] = task.id
    if moved is not None:
        county.db.add(UnitMove(id=new_id(), unit_id=county[moved].id, at=NOW))
    county.db.add(UnitMove(id=new_id(), unit_id=county["T2"].id, at=NOW, done_at=NOW))
    county.db.flush()
    actor = actors.actor_of(county.db, county.user("wang").id, NOW)
    query = select(Task.id).join(Case, Case.id == Task.case_id).where(policy.visible_tasks(actor))
    inside = {"620725-ZJJ": {"620725-ZJJ"}, "T1": {"T1", "V1"}, None: set()}[moved]
    assert set(county.db.scalars(query)) == {tasks[code] for code in inside}


def test_a_seat_says_where_it_is(county: County) -> None:
    post(county, "V1", "leader", "wang")
    post(county, "T1-ZZ", "dispatcher", "wang")
    one, two = actors.actor_of(county.db, county.user("wang").id, NOW).seats
    village, centre = county["V1"], county["T1-ZZ"]
    assert (one.unit_id, one.unit_name, one.unit_kind) == (village.id, village.name, "area")
    assert (one.level, one.stamps[1:4]) == (
        "village",
        (county["620725"].id, county["T1"].id, village.id),
    )
    assert (two.unit_id, two.unit_kind, two.level) == (centre.id, "centre", "township")
    office = actors.office(village, "leader")
    assert (office.unit_id, office.stamps, office.area) == (one.unit_id, one.stamps, one.area)
    assert office.unit_name == village.name and office.post_id == 0


def test_access_is_in_force_until_its_last_moment(county: County) -> None:
    """For the unit, for who oversees it, in lists and for the readers of a case alike."""
    post(county, "V2", "handler", "wang")
    post(county, "T1", "leader", "li")
    case = county.case("V3", "V3")
    county.db.add(
        CaseAccess(
            county_id=case.county_id,
            case_id=case.id,
            unit_id=county["V2"].id,
            reason="supervisor",
            from_at=NOW - HOUR,
            until_at=NOW + HOUR,
        )
    )
    county.db.flush()
    for login in ("wang", "li"):
        for at, on in END:
            actor = actors.actor_of(county.db, county.user(login).id, at)
            assert policy.can_see(county.db, actor, case) == on
            listed = select(Case.id).where(policy.listed_cases(actor))
            assert (county.db.scalar(listed) == case.id) == on
            readers = {one.user_id for one in audience.of_case(county.db, case, at)}
            assert (actor.user_id in readers) == on


SEEN = {
    # Who sees a case of grid G1 that the department handles: by unit and role.
    ("G1", "grid_worker"): True,
    ("V1", "grid_leader"): True,
    ("V1", "handler"): False,
    ("V2", "grid_leader"): False,
    ("T1", "leader"): True,
    ("T1", "handler"): False,
    ("T1-ZZ", "dispatcher"): True,
    ("T1-TW", "mediator"): False,
    ("T1-TW", "leader"): True,
    ("T2", "leader"): False,
    ("620725", "supervisor"): True,
    ("620725", "admin"): False,
    ("620725-ZZ", "dispatcher"): True,
    ("620725-ZJJ", "handler"): True,
    ("620725-SWJ", "leader"): False,
    ("6207", "leader"): True,
    ("62", "leader"): False,
}


@pytest.mark.parametrize("where", SEEN)
def test_a_case_is_seen_by_its_units_and_from_above(county: County, where: tuple[str, str]) -> None:
    """One case and every relation to it, asked for in every way that there is."""
    post(county, *where, "wang")
    case, other = county.case("G1", "620725-ZJJ"), county.case("V3", "V3")
    actor = actors.actor_of(county.db, county.user("wang").id, NOW)
    columns, values = policy.reach(actor)
    ways = [
        county.db.scalars(select(Case.id).where(policy.visible_cases(actor))).all(),
        county.db.scalars(select(Case.id).where(policy.listed_cases(actor))).all(),
        county.db.scalars(select(Case.id).where(policy.within_reach(columns)), values).all(),
    ]
    assert [case.id in found for found in ways] == [SEEN[where]] * 3
    assert policy.can_see(county.db, actor, case) == SEEN[where]
    readers = {one.user_id for one in audience.of_case(county.db, case, NOW)}
    assert (actor.user_id in readers) == SEEN[where]
    over_both = where[0] in {"620725", "620725-ZZ", "6207", "T2"} and where[1] != "admin"
    assert [other.id in found for found in ways] == [over_both] * 3


@pytest.mark.parametrize(
    ("by", "user", "at", "tied"),
    [
        ("wang", "li", NOW - timedelta(days=30) + STEP, True),
        ("wang", "li", NOW - timedelta(days=30), False),
        ("li", "wang", NOW, True),
        ("wang", "zhao", NOW, False),
        ("zhao", "li", NOW, False),
    ],
)
def test_two_are_tied_for_thirty_days(
    county: County, by: str, user: str, at: datetime, tied: bool
) -> None:
    act = {"by_id": county.user(by).id, "user_id": county.user(user).id, "kind": "made"}
    county.db.query(AccountAct).delete()
    county.db.add(AccountAct(id=new_id(), at=at, **act))
    county.db.flush()
    wang, li = county.user("wang").id, county.user("li").id
    assert duties.tied(county.db, [wang], [li], NOW) == tied
    assert duties.tied(county.db, [li], [wang], NOW) == tied


def test_nobody_is_tied_to_themselves_or_by_nobody(county: County) -> None:
    wang, li = county.user("wang").id, county.user("li").id
    county.db.query(AccountAct).delete()
    for by, user in ((wang, wang), (None, wang), (wang, li)):
        duties.note(county.db, by, user, "reset", now=NOW)
    county.db.flush()
    rows = county.db.query(AccountAct).all()
    assert [(one.by_id, one.user_id, one.kind, one.at) for one in rows] == [
        (wang, li, "reset", NOW)
    ]


Begin = Callable[..., tuple[UserSession, str]]
IDLE, LASTING = timedelta(minutes=30), timedelta(hours=12)


@pytest.fixture
def user(county: County) -> int:
    return county.user("wang").id


def known(db: Session, user: int, key: str, at: datetime) -> bool:
    return sessions.recognised(db, user, key, now=at, idle=IDLE) is not None


@pytest.mark.parametrize("seated", [False, True])
def test_a_session_ends_unused_and_in_the_end(county: County, user: int, seated: bool) -> None:
    """With a seat and without, which are two statements."""
    if seated:
        post(county, "V1", "handler", "wang")
    db = county.db
    row, key = sessions.begin(db, user, now=NOW, lasting=LASTING)
    token, secret = sessions.issue(db, user, "t", ("cases.read",), now=NOW, lasting=LASTING)
    db.flush()
    assert known(db, user, key, NOW + IDLE - STEP) and not known(db, user, key, NOW + IDLE)
    assert known(db, user, secret, NOW + IDLE)
    row.seen_at = NOW + LASTING - STEP
    db.flush()
    for one in (key, secret):
        assert known(db, user, one, NOW + LASTING - STEP)
        assert not known(db, user, one, NOW + LASTING)
    county.user("wang").ended_at = NOW + HOUR
    db.flush()
    assert known(db, user, secret, NOW + HOUR - STEP)
    assert not known(db, user, secret, NOW + HOUR)
    assert not known(db, county.user("li").id, secret, NOW)
    assert not known(db, user, secret + "a", NOW)
    assert token.kind == "token" and row.kind == "browser"


def test_a_use_is_noted_after_a_minute(county: County, user: int) -> None:
    row, _key = sessions.begin(county.db, user, now=NOW, lasting=LASTING)
    county.db.flush()
    minute = timedelta(minutes=1)
    assert not sessions.note_use(county.db, row.id, now=NOW + minute - STEP)
    assert sessions.note_use(county.db, row.id, now=NOW + minute)
    assert not sessions.note_use(county.db, row.id, now=NOW + minute)
    county.db.refresh(row)
    assert row.seen_at == NOW + minute


def test_it_sweeps_what_has_ended_and_nothing_else(county: County, user: int) -> None:
    db = county.db
    begun = {
        name: sessions.begin(db, user, now=NOW - ago, lasting=lasting)[0].id
        for name, ago, lasting in (
            ("unused", IDLE, LASTING),
            ("used", IDLE - STEP, LASTING),
            ("ended", HOUR, HOUR),
            ("ending", IDLE - STEP, IDLE),
        )
    }
    old, _key = sessions.issue(db, user, "t", (), now=NOW - 2 * HOUR, lasting=LASTING)
    gone, _key = sessions.issue(db, user, "u", (), now=NOW - 2 * HOUR, lasting=2 * HOUR)
    db.flush()
    kept = {begun["used"], begun["ending"], old.id}
    assert {one.id for one in sessions.of_user(db, user, NOW)} == kept | {begun["unused"]}
    assert sessions.sweep(db, now=NOW, idle=IDLE) == 3
    assert {one.id for one in sessions.of_user(db, user, NOW)} == kept
    assert gone.id not in kept


def test_a_visit_says_who_and_how(county: County, user: int) -> None:
    db = county.db
    post(county, "V1", "handler", "wang")
    where = SessionOrigin("a" * 60, "b" * 60)
    row, key = sessions.begin(db, user, now=NOW, lasting=LASTING, origin=where, proof="passkey")
    scopes = ("tasks.complete", "cases.read", "everything")
    token, secret = sessions.issue(
        db, user, "同步", scopes, now=NOW, lasting=LASTING, origin=where, proof="totp"
    )
    db.flush()
    assert (row.address, row.agent) == ("a" * 45, "b" * 40) == (token.address, token.agent)
    assert (row.name, row.scopes) == ("", "")
    assert (token.name, token.scopes) == ("同步", "cases.read tasks.complete")
    assert key != secret and len(key) == len(secret) == 43
    visit = sessions.recognised(db, user, key, now=NOW, idle=IDLE)
    program = sessions.recognised(db, user, secret, now=NOW, idle=IDLE)
    assert visit is not None and program is not None
    assert (visit.session_id, visit.kind, visit.scopes) == (row.id, "browser", frozenset())
    assert (visit.seen_at, visit.proved_at, visit.proof) == (NOW, NOW, "passkey")
    assert (visit.login, visit.actor.name) == ("wang", county.user("wang").name)
    assert visit.actor == actors.actor_of(db, user, NOW)
    assert (program.kind, program.proof) == ("token", "totp")
    assert program.scopes == {"cases.read", "tasks.complete"}


def test_a_password_takes_nothing_from_a_stronger_proof(county: County, user: int) -> None:
    db = county.db
    row, _key = sessions.begin(db, user, now=NOW, lasting=LASTING, proof="password")
    other, _key = sessions.begin(db, user, now=NOW, lasting=LASTING, proof="password")
    db.flush()
    told = []
    for proof in ("totp", "password", "passkey"):
        sessions.note_proof(db, row.id, proof, now=NOW + HOUR)
        db.refresh(row)
        told.append((row.proof, row.proved_at))
    assert told == [("totp", NOW + HOUR), ("totp", NOW + HOUR), ("passkey", NOW + HOUR)]
    db.refresh(other)
    assert (other.proof, other.proved_at) == ("password", NOW)


def test_it_ends_ones_own_sessions_alone(county: County, user: int) -> None:
    db, li = county.db, county.user("li").id
    mine = [sessions.begin(db, user, now=NOW, lasting=LASTING)[0] for _ in range(3)]
    hers, _key = sessions.begin(db, li, now=NOW, lasting=LASTING)
    db.flush()
    ids = [one.id for one in mine]
    assert sessions.end(db, user, hers.id) is None and sessions.end(db, user, 1) is None
    assert sessions.end(db, user, ids[0]) is mine[0]
    db.flush()
    assert sessions.end_all(db, user, but=ids[1]) == 1
    assert [one.id for one in sessions.of_user(db, user, NOW)] == [ids[1]]
    assert sessions.end_all(db, user) == 1
    assert [one.id for one in sessions.of_user(db, li, NOW)] == [hers.id]
