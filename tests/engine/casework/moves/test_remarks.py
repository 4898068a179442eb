"""Comments and internal notes: who reads them, who is told, and the second click."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import org
from engine.access import audience, policy
from engine.casework import moves
from engine.casework.moves import remarks
from engine.errors import Conflict, InvalidInput, NotFound
from engine.models import Case, Post, Remark, User
from engine.storage.db import reading, transaction
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.conftest import Desk
from tests.engine.casework.moves.test_reassignment import notices, unit_id


def read(desk: Desk, login: str) -> list[tuple[str, str | None]]:
    with reading() as db:
        actor = desk.world.actor(db, login)
        said = remarks.of_case(db, actor, db.get_one(Case, desk.case_id))
    return [(one.text, one.unit) for one in said]


def test_it_lets_everybody_who_sees_the_case_read_a_comment(desk: Desk) -> None:
    """Encrypted at rest, its digest in the chain, no clock touched."""
    armed = desk.due_of()
    desk.on(desk.case_id, "worker", moves.comment, "住户电话13893612345")

    assert read(desk, "handler") == [("住户电话13893612345", None)]
    assert read(desk, "county_leader") == read(desk, "handler")
    with reading() as db:
        row = db.scalars(select(Remark)).one()
    assert b"13893612345" not in row.payload
    (event,) = desk.world.events(desk.case_id, "case.commented")
    assert row.digest in event.data and "13893612345" not in event.data
    assert desk.due_of() == armed
    with pytest.raises(NotFound):
        read(desk, "sibling")
    with pytest.raises(NotFound):
        desk.on(desk.case_id, "sibling", moves.comment, "路过")
    assert_whole()


def test_it_keeps_an_internal_note_inside_the_unit(desk: Desk) -> None:
    """Colleagues read it; neither the leader above, nor the grid, nor another's unit can."""
    bureau = unit_id("620725-ZJJ")
    desk.on(desk.case_id, "handler", moves.comment, "先问物业", internal_to=bureau)

    assert read(desk, "colleague") == [("先问物业", "住房和城乡建设局")]
    assert read(desk, "department_leader") == read(desk, "colleague")
    assert read(desk, "worker") == []
    assert read(desk, "county_leader") == []
    with pytest.raises(InvalidInput):
        desk.on(desk.case_id, "worker", moves.comment, "混入", internal_to=bureau)


def test_it_tells_who_is_named_if_they_may_read_it(desk: Desk) -> None:
    """A stranger, or somebody outside of the note's unit, is not told that there is anything."""
    logins = desk.world.logins
    words = "@员工colleague @员工worker，@员工worker请看，@员工sibling、@员工handler不必"
    told = desk.on(desk.case_id, "handler", moves.comment, words)

    named = sorted((logins["colleague"], logins["worker"]))
    assert sorted(one.user_id for one in told) == named
    assert sorted(row.user_id or 0 for row in notices(desk, "case.mentioned")) == named
    inside = desk.on(
        desk.case_id, "handler", moves.comment, words, internal_to=unit_id("620725-ZJJ")
    )
    assert [one.user_id for one in inside] == [logins["colleague"]]


def test_it_asks_which_of_two_namesakes_is_meant(desk: Desk) -> None:
    """The name with its unit says it; the name alone, beside it or not, does not."""
    with transaction() as db:
        for login in ("colleague", "worker"):
            db.get_one(User, desk.world.logins[login]).name = "张三"

    with pytest.raises(InvalidInput) as refused:
        desk.on(desk.case_id, "handler", moves.comment, "@张三 请看")
    assert "@张三（住房和城乡建设局）" in refused.value.errors["text"].zh
    told = desk.on(desk.case_id, "handler", moves.comment, "@张三（住房和城乡建设局）请看")
    assert [one.user_id for one in told] == [desk.world.logins["colleague"]]


def test_it_knows_exactly_the_people_who_see_the_case(desk: Desk) -> None:
    """The list of whom one may name and the door of every page agree on everybody."""
    logins, now = desk.world.logins, desk.world.now
    with transaction() as db:
        post = db.scalars(select(Post).where(Post.user_id == logins["handler"])).one()
        deputy, later = db.get_one(User, logins["water_handler"]), now + timedelta(days=1)
        org.create_deputy(db, None, post=post, user=deputy, from_at=now, until_at=later, now=now)
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        listed = {one.user_id for one in audience.of_case(db, case, desk.world.now)}
        seeing = {
            user_id
            for login, user_id in desk.world.logins.items()
            if policy.can_see(db, desk.world.actor(db, login), case)
        }
    assert listed == seeing
    assert logins["water_handler"] in seeing and logins["sibling"] not in seeing


def test_it_posts_once_however_often_the_button_is_pressed(desk: Desk) -> None:
    """The same words again are a second click; other words are not. Nothing is not said."""
    desk.on(desk.case_id, "handler", moves.comment, "已联系")
    with pytest.raises(Conflict):
        desk.on(desk.case_id, "handler", moves.comment, " 已联系 ")
    desk.on(desk.case_id, "handler", moves.comment, "已到场")
    for text in ("", "  ", "长" * 4001):
        with pytest.raises(InvalidInput):
            desk.on(desk.case_id, "handler", moves.comment, text)

    assert read(desk, "handler") == [("已联系", None), ("已到场", None)]
    assert desk.world.kinds(desk.case_id).count("case.commented") == 2
