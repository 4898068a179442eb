"""Cases about one matter, merged and taken out again: worked on once, answered each for itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.casework import cases, moves
from engine.casework.moves import reclassifying
from engine.errors import Conflict, InvalidInput
from engine.models import Case, Merger, Task, Unit
from engine.operations import doctor
from engine.records import vault
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.retold import assert_as_told
from tests.engine.casework.world import World
from tests.processes.desk import Desk
from tests.tally_totals import totals

CALL = {"place": "V1", "topic": "住房建设", "area": "城区", "request_kind": "投诉"}
BY_TABLE = {"dispatch_mode": "派单", "unit_choice": "按分流表"}


@pytest.fixture
def desk(people: World) -> Desk:
    """The county with its hotline."""
    return Desk(people, "hotline")


def call(desk: Desk, joins: str = "", **chosen: object) -> int:
    """One more caller."""
    given = desk.answers("operator", "hotline/intake", **{**CALL, **chosen})
    with transaction() as db:
        actor = desk.world.actor(db, "operator")
        case = cases.open_case(db, actor, "hotline", given, now=desk.world.now, joins=joins)
        return case.id


def number(case_id: int) -> str:
    with reading() as db:
        return db.get_one(Case, case_id).number


def case_of(case_id: int) -> Case:
    with reading() as db:
        return db.get_one(Case, case_id)


def merge(desk: Desk, case_id: int, main: int, login: str = "operator") -> None:
    with transaction() as db:
        actor = desk.world.actor(db, login)
        moves.merge(db, actor, case_id, number(main), "同一处停水。", now=desk.world.now)


def unmerge(desk: Desk, case_id: int, login: str = "operator") -> None:
    with transaction() as db:
        moves.unmerge(
            db, desk.world.actor(db, login), case_id, "不是同一件事。", now=desk.world.now
        )


def do(desk: Desk, case_id: int, login: str, node: str, **chosen: object) -> None:
    desk.case_id = case_id
    desk.do(login, node, **chosen)


def answer(desk: Desk, case_id: int) -> None:
    """Dispatched, handled and checked: the citizen has the answer."""
    do(desk, case_id, "county_dispatcher", "dispatch", **BY_TABLE)
    do(desk, case_id, "handler", "handle", reply="水管已修好，今晚恢复供水。")
    do(desk, case_id, "county_dispatcher", "check", reply_ok=True)
    ticks.deliver(desk.world.now)


def hold(desk: Desk) -> None:
    """Chains, counters, clocks and the engine's tokens agree; nothing is half done."""
    ticks.sweep(desk.world.now)
    assert_whole()
    with reading(snapshot=True) as db:
        assert doctor.examine(db, desk.world.now).findings == []
        assert_as_told(db, desk.world.now)


def counted(*measures: str) -> tuple[int, ...]:
    with reading() as db:
        found = totals(db, list(db.scalars(select(Unit.id))))
    return tuple(
        sum(amount for key, amount in found.items() if key[2] == measure) for measure in measures
    )


def test_a_caller_is_added_to_a_case_by_its_number(desk: Desk) -> None:
    """Registered, merged at once: own number, own promise, no work of its own."""
    main = call(desk)
    desk.world.now += timedelta(hours=3)
    added = call(desk, joins=number(main))

    assert desk.world.open_nodes(added) == []
    assert desk.world.open_nodes(main) == ["dispatch"]
    assert case_of(main).applicants == 2 and case_of(added).main_id == main
    assert case_of(added).due_at is not None and case_of(added).due_at > case_of(main).opened_at
    assert "case.merged" in desk.world.kinds(added) and "case.joined" in desk.world.kinds(main)
    assert counted("opened", "merged") == (2, 1)
    hold(desk)


def test_what_the_main_one_is_told_all_are_told(desk: Desk) -> None:
    """The handler works once; each is called back for itself and says what it thinks."""
    main = call(desk)
    others = [call(desk, joins=number(main)) for _ in range(2)]
    answer(desk, main)

    for one in (main, *others):
        assert desk.world.open_nodes(one) == ["call_back"]
        assert case_of(one).answered_at == desk.world.now
    with reading() as db:
        said = vault.answers_of(db, db.get_one(Case, others[0]))
        assert said["handle"]["reply"] == "水管已修好，今晚恢复供水。"
        handled = db.scalars(select(Task.case_id).where(Task.node_id == "handle")).all()
    assert handled == [main]
    do(desk, main, "operator", "call_back", satisfaction="满意", solved=True)
    do(desk, others[0], "operator", "call_back", satisfaction="不满意", solved=False,
       explained=False)  # fmt: skip
    # Whoever is not content has a correction of their own, by the unit that did the work.
    assert desk.world.open_nodes(others[0]) == ["correct"]
    assert desk.world.open_nodes(others[1]) == ["call_back"]
    assert case_of(main).closed_at is not None and case_of(main).applicants == 3
    hold(desk)


def test_taken_out_it_goes_on_where_it_stood(desk: Desk) -> None:
    """Its clocks count the time inside: nobody gains time by merging."""
    main, other = call(desk), call(desk)
    before = desk.world.task(other)
    merge(desk, other, main)
    hold(desk)
    desk.world.now += timedelta(hours=1)
    unmerge(desk, other)

    after = desk.world.task(other)
    assert (after.id, after.sign_due_at) == (before.id, before.sign_due_at)
    assert case_of(other).main_id is None and case_of(main).applicants == 1
    assert counted("opened", "merged") == (2, 0)
    hold(desk)
    answer(desk, main)
    assert desk.world.open_nodes(other) == ["dispatch"]


def test_it_comes_out_by_itself_where_the_main_one_is_withdrawn(desk: Desk) -> None:
    """One applicant withdraws; the other one did not."""
    main = call(desk)
    other = call(desk, joins=number(main))
    desk.case_id = main
    desk.send("operator", "withdraw")
    ticks.deliver(desk.world.now)

    assert desk.world.open_nodes(other) == ["dispatch"]
    assert case_of(other).main_id is None
    hold(desk)


def test_one_that_is_withdrawn_leaves_the_others(desk: Desk) -> None:
    """The merged case can still be withdrawn by its own applicant, and hears nothing then."""
    main = call(desk)
    other, third = call(desk, joins=number(main)), call(desk, joins=number(main))
    desk.case_id = other
    desk.send("operator", "withdraw")
    answer(desk, main)

    assert desk.outcome() is None or case_of(other).outcome == "end_withdrawn"
    assert desk.world.open_nodes(other) == []
    assert desk.world.open_nodes(third) == ["call_back"]
    hold(desk)


def test_a_refusal_is_explained_to_each(desk: Desk) -> None:
    """Not accepted: an operator tells each applicant why, and where to go."""
    main = call(desk)
    other = call(desk, joins=number(main))
    do(desk, main, "county_dispatcher", "dispatch", dispatch_mode="不予受理")
    do(desk, main, "operator", "inform_refusal")
    ticks.deliver(desk.world.now)

    assert case_of(main).closed_at is not None
    assert desk.world.open_nodes(other) == ["inform_refusal"]
    assert case_of(other).answered_at is None
    hold(desk)


def test_what_cannot_be_merged_is_refused_with_the_reason(desk: Desk) -> None:
    """Into itself, into a merged one, a main one, an answered one, a number of nobody."""
    main, other, third = call(desk), call(desk), call(desk)
    merge(desk, other, main)
    for case_id, into in ((third, other), (third, third)):
        with pytest.raises(InvalidInput):
            merge(desk, case_id, into)
    with pytest.raises(Conflict):
        merge(desk, main, third)
    with pytest.raises(Conflict):
        merge(desk, other, third)
    with pytest.raises(InvalidInput), transaction() as db:
        actor = desk.world.actor(db, "operator")
        moves.merge(db, actor, third, "没有这个号", "同一件事。", now=desk.world.now)
    answer(desk, main)
    with pytest.raises(InvalidInput):
        merge(desk, third, main)
    hold(desk)


def test_no_button_of_a_task_that_is_set_aside_works(desk: Desk) -> None:
    """A bounce of a merged case would give it work again behind the main one's back."""
    main, other = call(desk), call(desk)
    do(desk, other, "county_dispatcher", "dispatch", **BY_TABLE)
    merge(desk, other, main, "county_dispatcher")
    desk.case_id = other
    with pytest.raises(Conflict):
        desk.send("handler", "bounce")
    with reading() as db:
        merger = db.scalars(select(Merger)).one()
        assert len(merger.aside) == 1
    hold(desk)


def test_what_is_merged_becomes_no_report_before_it_is_taken_out(desk: Desk) -> None:
    """Confidential cases are not merged, so nothing that is merged becomes confidential."""
    main, second = call(desk), call(desk)
    merge(desk, second, main)
    now = desk.world.now
    for case_id in (main, second):
        with pytest.raises(Conflict, match="Take it out"), transaction() as db:
            leader = desk.world.actor(db, "county_leader")
            reclassifying.reclassify(db, leader, case_id, {"category": "举报"}, "查", now=now)
    unmerge(desk, second)
    with transaction() as db:
        leader = desk.world.actor(db, "county_leader")
        reclassifying.reclassify(db, leader, second, {"category": "举报"}, "查", now=now)
    assert case_of(second).guarded and not case_of(main).guarded
