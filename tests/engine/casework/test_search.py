"""Cases are found by any part of number, title and place, by the index and not by reading all."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from engine.models import Case
from engine.reading import case_lists, search
from engine.reading.case_lists import CaseSearch
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World


def titles(world: World, words: str, login: str = "worker") -> list[str]:
    with reading() as db:
        page = case_lists.cases(db, world.actor(db, login), CaseSearch(text=words))
    return [row.title for row in page.rows]


@pytest.mark.parametrize(
    "words",
    [
        "路灯",
        "灯",
        "亮",
        "南湖小区路灯不亮",
        "小区 不亮",
        "0001",
        "〔2026〕0001",
        "南湖",
        "led",
        "LED 灯",
    ],
)
def test_it_finds_a_case_by_any_part_of_its_words(world: World, words: str) -> None:
    world.open(summary="南湖小区路灯不亮（LED）")
    world.open(summary="水渠堵塞")
    assert "南湖小区路灯不亮（LED）" in titles(world, words)


@pytest.mark.parametrize("words", ["路不", "亮灯", "小区水渠", "%", "''", '"', "灯 没有", "* & |"])
def test_it_finds_nothing_by_what_is_not_there(world: World, words: str) -> None:
    world.open(summary="南湖小区路灯不亮")
    world.open(summary="水渠堵塞")
    assert titles(world, words) == []


def test_it_finds_by_the_newest_words_alone(world: World) -> None:
    case_id = world.open(summary="路灯不亮")
    with transaction() as db:
        db.get_one(Case, case_id).title = "路灯已换"

    assert titles(world, "已换") == ["路灯已换"] and titles(world, "不亮") == []


def test_it_finds_a_whole_number_by_its_key(world: World, backend: str) -> None:
    """One case, though a longer number begins with it; what is no number is looked for in words."""
    case_id = world.open(summary="路灯不亮")
    other = world.open(summary="水渠堵塞")
    with transaction() as db:
        number = db.get_one(Case, case_id).number
        db.get_one(Case, other).number = f"{number}7"

    assert titles(world, number) == ["路灯不亮"]
    assert titles(world, number, "sibling") == []
    with transaction() as db:
        db.get_one(Case, case_id).number = "无"
    assert titles(world, number) == ["水渠堵塞"]


def test_it_finds_for_nobody_what_they_may_not_see(world: World) -> None:
    world.open(summary="路灯不亮")
    assert titles(world, "路灯", "sibling") == []


def test_it_looks_the_words_up_instead_of_reading_every_case(world: World, backend: str) -> None:
    world.open(summary="路灯不亮")
    found = search.found("路灯不亮", backend)
    assert found is not None
    wanted = select(Case.id).join(found.hits, found.hits.c.case_id == Case.id)
    wanted = wanted.where(*found.conditions)
    with reading() as db:
        bind = db.get_bind()
        sql = str(wanted.compile(bind, compile_kwargs={"literal_binds": True}))
        if backend == "postgresql":
            # Of one row reading is cheaper; forbidden that, it must have another way.
            for way in ("seqscan", "indexscan"):
                db.execute(text(f"SET LOCAL enable_{way} = off"))
        explain = "EXPLAIN " if backend == "postgresql" else "EXPLAIN QUERY PLAN "
        driver = db.connection().connection.driver_connection
        assert driver is not None
        plan = "\n".join(str(row[-1]) for row in driver.execute(explain + sql.replace("%%", "%")))
    assert "ix_case_search_terms" in plan or "case_search VIRTUAL TABLE INDEX" in plan
    assert "SCAN case\n" not in plan and 'Seq Scan on "case"' not in plan
