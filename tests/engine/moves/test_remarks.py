"""Comments and internal notes: who reads them, who is told, and the second click."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import moves
from engine.db import reading
from engine.errors import Conflict, NotFound, Rejected
from engine.models import Case, Remark
from engine.moves import remarks
from tests.engine.moves.claims import assert_whole
from tests.engine.moves.conftest import Desk
from tests.engine.moves.test_hands import notices, unit_id


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
    assert b"1389" not in row.payload
    (event,) = desk.world.events(desk.case_id, "case.commented")
    assert row.digest in event.data and "1389" not in event.data
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
    with pytest.raises(Rejected):
        desk.on(desk.case_id, "worker", moves.comment, "混入", internal_to=bureau)


def test_it_tells_who_is_named_if_they_may_read_it(desk: Desk) -> None:
    """A stranger, an unknown person, or one outside of the note's unit cannot be named."""
    logins = desk.world.logins
    named = [logins["colleague"], logins["worker"], logins["worker"]]
    desk.on(desk.case_id, "handler", moves.comment, "请看", mentions=named)

    assert sorted(row.user_id or 0 for row in notices(desk, "case.mentioned")) == sorted(set(named))
    bureau = unit_id("620725-ZJJ")
    for person, inside in ((logins["sibling"], None), (404, None), (logins["worker"], bureau)):
        with pytest.raises(Rejected):
            desk.on(
                desk.case_id,
                "handler",
                moves.comment,
                "请看这里",
                mentions=[person],
                internal_to=inside,
            )
    assert len(read(desk, "handler")) == 1


def test_it_posts_once_however_often_the_button_is_pressed(desk: Desk) -> None:
    """The same words again are a second click; other words are not. Nothing is not said."""
    desk.on(desk.case_id, "handler", moves.comment, "已联系")
    with pytest.raises(Conflict):
        desk.on(desk.case_id, "handler", moves.comment, " 已联系 ")
    desk.on(desk.case_id, "handler", moves.comment, "已到场")
    for text in ("", "  ", "长" * 4001):
        with pytest.raises(Rejected):
            desk.on(desk.case_id, "handler", moves.comment, text)

    assert read(desk, "handler") == [("已联系", None), ("已到场", None)]
    assert desk.world.kinds(desk.case_id).count("case.commented") == 2
