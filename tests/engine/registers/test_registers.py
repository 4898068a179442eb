"""Committees and mediators: entered, changed, ended; sealed words stay sealed; files come back."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from engine import org
from engine.errors import Conflict, InvalidInput, NotFound
from engine.models import AdminEvent, Committee, Mediator, RegisterChange, Unit, User
from engine.org.reach import Reach, reach_of
from engine.registers import committees, mediators, sheets
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World

TODAY = date(2026, 11, 20)
COMMITTEE = {"name": "南湖村人民调解委员会", "kind": "village", "founded_on": "2020-05-01"}
PERSON = {
    "name": "王秀英",
    "sex": "女",
    "education": "大专",
    "full_time": "专职",
    "office": "主任",
    "appointed_on": "2024-01-01",
    "politics": "中共党员",
    "phone": "13812345678",
}


@pytest.fixture
def county(world: World) -> World:
    """The small county with an administrator, and another one of the township beside."""
    with transaction() as db:
        for login, code in (("administrator", "620725"), ("beside", "T2")):
            unit = org.unit_by_code(db, code)
            assert unit is not None
            user = org.create_user(
                db, None, login=login, name=f"员工{login}", password_hash="x", now=world.now
            )
            org.create_post(db, None, unit=unit, role="admin", user=user, now=world.now)
            world.logins[login] = user.id
    return world


def reach(world: World, login: str = "administrator") -> Reach:
    with reading() as db:
        return reach_of(world.actor(db, login))


def founded(world: World, **other: str) -> int:
    with transaction() as db:
        unit = org.unit_by_code(db, "V1")
        assert unit is not None
        actor_id = world.logins["administrator"]
        made = committees.create(db, actor_id, unit, COMMITTEE | other, TODAY, now=world.now)
        return made.id


def appointed(world: World, committee_id: int, login: str | None = None, **other: str) -> int:
    with transaction() as db:
        row = db.get_one(Committee, committee_id)
        user = db.get_one(User, world.logins[login]) if login else None
        actor_id = world.logins["administrator"]
        typed = PERSON | other
        return mediators.appoint(db, actor_id, row, typed, user, TODAY, now=world.now).id


def test_it_keeps_what_is_personal_sealed_and_out_of_every_history(county: World) -> None:
    committee_id = founded(county)
    mediator_id = appointed(county, committee_id)
    with transaction() as db:
        row = db.get_one(Mediator, mediator_id)
        assert row.payload is not None and b"138" not in row.payload
        typed = mediators.typed_of(row) | {"phone": "13900000000", "education": "bachelor"}
        actor_id = county.logins["administrator"]
        changed = mediators.change(db, actor_id, row, typed, None, TODAY, now=county.now)
        assert changed == {"education": ["college", "bachelor"], "phone": None}
    with reading() as db:
        row = db.get_one(Mediator, mediator_id)
        assert mediators.particulars(row)["phone"] == "13900000000"
        lines = [str(one.words) for one in db.scalars(select(RegisterChange))]
        lines += [one.data for one in db.scalars(select(AdminEvent))]
        assert not [one for one in lines if "13900000000" in one or PERSON["phone"] in one]


def test_it_ends_what_is_empty_and_dismisses_whom_it_has(county: World) -> None:
    committee_id = founded(county)
    mediator_id = appointed(county, committee_id)
    ending = {"on": "2026-11-01", "reason": "撤并"}
    with pytest.raises(Conflict), transaction() as db:
        row = db.get_one(Committee, committee_id)
        committees.end(db, county.logins["administrator"], row, ending, TODAY, now=county.now)
    with pytest.raises(InvalidInput), transaction() as db:
        person = db.get_one(Mediator, mediator_id)
        early = {"on": "2023-12-31", "reason": "离任"}
        mediators.dismiss(db, county.logins["administrator"], person, early, TODAY, now=county.now)
    with transaction() as db:
        person, row = db.get_one(Mediator, mediator_id), db.get_one(Committee, committee_id)
        mediators.dismiss(db, county.logins["administrator"], person, ending, TODAY, now=county.now)
        committees.end(db, county.logins["administrator"], row, ending, TODAY, now=county.now)
        kinds = [line[0].kind for line in committees.history(db, row)]
        assert sorted(kinds) == ["created", "created", "ended", "ended"]
    # The name is free again.
    assert founded(county) != committee_id


def test_it_says_what_the_law_wants_of_a_committee(county: World) -> None:
    """人民调解法, art. 8: three to nine members, a woman among them."""
    committee_id = founded(county, founded_on="")
    appointed(county, committee_id, sex="男")
    with reading() as db:
        row = committees.row_of(db, db.get_one(Committee, committee_id))
        assert [one.zh for one in row.shortfalls] == [
            "不足 3 人", "没有女性成员", "缺设立日期",
        ]  # fmt: skip


def test_it_refuses_a_name_twice_and_an_account_twice(county: World) -> None:
    committee_id = founded(county)
    with pytest.raises(InvalidInput):
        founded(county)
    appointed(county, committee_id, "worker")
    with pytest.raises(InvalidInput):
        appointed(county, committee_id, "worker", name="同一人")


def test_it_reaches_no_committee_beside_ones_own_area(county: World) -> None:
    committee_id = founded(county)
    with reading() as db:
        assert committees.one(db, reach(county), committee_id)
        with pytest.raises(NotFound):
            committees.one(db, reach(county, "beside"), committee_id)
        assert committees.listing(db, reach(county, "beside"))[0] == []


def workbook(*tables: list[list[str]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(tables):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_files_that_went_out_come_back_without_a_change(county: World) -> None:
    committee_id = founded(county, trade="物业")
    appointed(county, committee_id, "worker")
    appointed(county, committee_id, name="李国强", sex="", education="")
    with transaction() as db:
        mine = reach(county)
        out = [list(sheets.committee_rows(db, mine)), list(sheets.mediator_rows(db, mine))]
        done = sheets.take_in(
            db, county.logins["administrator"], mine, workbook(*out), TODAY, now=county.now
        )
        assert (done.added, done.changed, done.same) == (0, 0, 3)


def test_a_file_is_taken_whole_or_not_at_all(county: World) -> None:
    with reading() as db:
        code = db.scalars(select(Unit.code).where(Unit.code == "V1")).one()
    head = ["调委会", "类型", "单位编码"]
    people = [["调委会", "姓名", "聘任日期", "性别"], ["甲调委会", "张三", "2025-03-01", "男"]]
    good = workbook([head, ["甲调委会", "村", code]], people)
    bad = workbook([head, ["甲调委会", "村", code], ["乙调委会", "不知道", code]], people)
    actor_id = county.logins["administrator"]
    with pytest.raises(InvalidInput) as refused, transaction() as db:
        sheets.take_in(db, actor_id, reach(county), bad, TODAY, now=county.now)
    assert "第 3 行" in refused.value.errors["file"].zh
    with reading() as db:
        assert db.scalars(select(Committee)).all() == []
    with transaction() as db:
        done = sheets.take_in(db, actor_id, reach(county), good, TODAY, now=county.now)
        assert done.added == 2
    with transaction() as db:
        # A file with fewer columns leaves alone what it does not name.
        fewer = workbook(
            [["调委会", "姓名", "聘任日期", "学历"], ["甲调委会", "张三", "2025-03-01", "本科"]]
        )
        done = sheets.take_in(db, actor_id, reach(county), fewer, TODAY, now=county.now)
        row = db.scalars(select(Mediator)).one()
        assert (done.changed, row.sex, row.education) == (1, "male", "bachelor")
