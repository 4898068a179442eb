"""Cases are found by any part of number, title and place, however it is written, by the index."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from engine.models import Case
from engine.reading import case_lists, search, search_text, synonyms
from engine.reading.case_lists import CaseSearch
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World


def titles(world: World, words: str, login: str = "worker") -> list[str]:
    with reading() as db:
        page = case_lists.cases(db, world.actor(db, login), CaseSearch(text=words))
    return [row.title for row in page.rows]


def test_it_finds_a_case_by_any_part_of_its_words(world: World) -> None:
    world.open(summary="南湖小区路灯不亮（LED）")
    world.open(summary="水渠堵塞")
    for words in (
        *("路灯", "灯", "亮", "南湖小区路灯不亮", "小区 不亮", "0001", "〔2026〕0001", "南湖"),
        *("led", "LED 灯", "ＬＥＤ", "亮，LED", "小区，路灯", "路 灯"),
    ):
        assert "南湖小区路灯不亮（LED）" in titles(world, words), words


def test_it_finds_a_case_however_it_is_written(world: World) -> None:
    world.open(summary="南湖小区路灯不亮")
    world.open(summary="朝阳花园长期漏水")
    world.open(summary="水渠堵塞")
    lamp, leak = "南湖小区路灯不亮", "朝阳花园长期漏水"
    for words, title in (
        *(("路燈", lamp), ("南湖小區", lamp), ("ludeng", lamp), ("lu deng", lamp)),
        *(("nhxq", lamp), ("ldbl", lamp), ("nanhuxiaoqu", lamp), ("路deng", lamp)),
        *(("chaoyang", leak), ("changqi loushui", leak), ("zhaoyang", leak), ("louшui", "")),
        *(("南湖小区路登不亮", lamp), ("朝阳花园长其漏水", leak), ("南湖小区灯不亮", lamp)),
    ):
        assert titles(world, words)[:1] == ([title] if title else []), words


def test_it_finds_nothing_by_what_is_not_there(world: World) -> None:
    world.open(summary="南湖小区路灯不亮")
    world.open(summary="水渠堵塞")
    for words in (
        "路不",
        "亮灯",
        "小区水渠",
        "%",
        "''",
        '"',
        "灯 没有",
        "* & |",
        "gaosu",
        "ㄆ",
        ":*",
    ):
        assert titles(world, words) == [], words


def test_it_finds_by_a_word_that_means_the_same(world: World) -> None:
    world.open(summary="三号楼暖气不热")
    world.open(summary="三号楼电梯不动")
    assert titles(world, "供热") == ["三号楼暖气不热"] == titles(world, "三号楼供暖")
    with transaction() as db:
        synonyms.keep(db, None, ["電梯、 升降机", "一个词", ""], now=world.now)
    assert titles(world, "升降机") == ["三号楼电梯不动"] and titles(world, "供热") == []


def test_it_names_the_best_first_and_not_the_newest(world: World) -> None:
    for title in ("路灯不亮", "小区路灯和楼道里的灯夜里不亮也没人修", "物业不修路灯", "水渠堵塞"):
        world.open(summary=title)
    assert titles(world, "路灯不亮")[0] == "路灯不亮"
    assert titles(world, "路灯 不亮")[:2] == ["路灯不亮", "小区路灯和楼道里的灯夜里不亮也没人修"]
    assert set(titles(world, "路灯")) == {
        *("路灯不亮", "物业不修路灯", "小区路灯和楼道里的灯夜里不亮也没人修")
    }


def test_it_turns_the_pages_of_what_it_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out and nothing comes twice, though some are ranked at a time."""
    monkeypatch.setattr(case_lists, "MOST", 3)
    for number in range(7):
        world.open(summary=f"路灯不亮{number}")
    found, after = [], None
    with reading() as db:
        actor = world.actor(db, "worker")
        while True:
            query = CaseSearch(text="路灯")
            page = case_lists.cases(db, actor, query, after=after, size=2)
            found += [row.title for row in page.rows]
            if page.after is None:
                break
            after = int(page.after)
    assert sorted(found) == [f"路灯不亮{number}" for number in range(7)]


def test_it_finds_by_the_newest_words_alone(world: World) -> None:
    case_id = world.open(summary="路灯不亮")
    with transaction() as db:
        db.get_one(Case, case_id).title = "路灯已换"

    assert titles(world, "已换") == ["路灯已换"] and titles(world, "不亮") == []
    assert titles(world, "yihuan") == ["路灯已换"] and titles(world, "buliang") == []


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
    for words in ("路灯", "ludeng", "路灯不量"):
        assert titles(world, words, "sibling") == []
        assert titles(world, words, "county_supervisor") == ["路灯不亮"]


def test_it_looks_the_words_up_instead_of_reading_every_case(world: World, backend: str) -> None:
    world.open(summary="路灯不亮")
    ask = search_text.parse_search("路灯不亮")
    hits = search.hits(search_text.exact(ask), ask.synonyms_by_part, backend).subquery()
    wanted = select(Case.id).join(hits, hits.c.case_id == Case.id)
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
