"""Letters between citizens and whoever works on their case: sealed, answered, and few."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from engine.citizens import letters
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Case, CitizenLetter, CitizenPhoto, Outbox
from engine.storage.db import reading, transaction
from engine.worker import citizen_photos
from tests.engine.citizens.conftest import REPORT, WHISTLE, PublicDesk

WORDS = "井盖什么时候修？请打13893612345。"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(out, "JPEG")
    return out.getvalue()


def write(desk: PublicDesk, case: Case, text: str = WORDS, **more: Any) -> None:
    with transaction() as db:
        letters.write(db, case.id, text, now=desk.world.now, **more)


def answer(desk: PublicDesk, case: Case, login: str, text: str = "明天修。") -> None:
    with transaction() as db:
        actor = desk.world.actor(db, login)
        letters.answer(db, actor, case.id, text, now=desk.world.now)


def read(desk: PublicDesk, case: Case, login: str | None = None) -> list[tuple[str, str]]:
    with reading() as db:
        if login is None:
            found = letters.of_case(db, case.id)
        else:
            kept = db.get_one(Case, case.id)
            found = letters.for_staff(db, desk.world.actor(db, login), kept)
        return [(one.unit, one.text) for one in found]


def queued(key: str) -> list[Outbox]:
    with reading() as db:
        return list(db.scalars(select(Outbox).where(Outbox.key == key)))


def test_they_write_to_each_other_and_both_hear_of_it(desk: PublicDesk) -> None:
    case = desk.case(desk.send(phone="13893612345", name="赵小满"))
    write(desk, case)
    (notice,) = queued("citizen.wrote")
    assert (notice.role, notice.case_id) == ("grid_leader", case.id)
    answer(desk, case, "grid_leader")
    told = [one for one in queued("citizen.tell") if "留言" in str(one.data)]
    assert len(told) == 1 and "明天修" not in str(told[0].data)
    both = [("", WORDS), ("南湖村", "明天修。")]
    assert read(desk, case) == read(desk, case, "grid_leader") == both
    assert {"citizen.wrote", "citizen.answered"} <= set(desk.world.kinds(case.id))
    with reading() as db:
        assert all(WORDS.encode() not in one.payload for one in db.scalars(select(CitizenLetter)))


def test_who_only_watches_reads_no_numbers_and_writes_nothing(desk: PublicDesk) -> None:
    case = desk.case(desk.send())
    write(desk, case)
    assert read(desk, case, "county_leader") == [("", "井盖什么时候修？请打***。")]
    with pytest.raises(NotAllowed):
        answer(desk, case, "county_leader")
    with pytest.raises(NotFound):
        answer(desk, case, "sibling")


def test_nobody_is_written_to_who_left_no_address(desk: PublicDesk) -> None:
    case = desk.case(desk.send(phone="", name=""))
    answer(desk, case, "grid_leader")
    assert [one for one in queued("citizen.tell") if "留言" in str(one.data)] == []
    assert read(desk, case) == [("南湖村", "明天修。")]


def test_more_photos_come_the_same_sealed_way(desk: PublicDesk) -> None:
    case = desk.case(desk.send(photos=(picture(),)))
    write(desk, case, "", kind=letters.PHOTOS, contents=(picture(), picture()))
    with reading() as db:
        rows = list(db.scalars(select(CitizenPhoto).order_by(CitizenPhoto.id)))
    assert [(one.place, one.state) for one in rows] == [(n, "waiting") for n in range(3)]
    assert citizen_photos.code_again(desk.world.now) == {"filed": 3}
    for _ in range(2):
        write(desk, case, "", kind=letters.PHOTOS, contents=(picture(),) * 3)
    for contents in ((), (b"#!/bin/sh",), (picture(),) * 4, (picture(),)):
        with pytest.raises(InvalidInput):
            write(desk, case, "", kind=letters.PHOTOS, contents=contents)


def test_withdrawal_is_asked_for_once_and_decided_by_staff(desk: PublicDesk) -> None:
    case = desk.case(desk.send())
    write(desk, case, "已经修好了。", kind=letters.WITHDRAWAL)
    assert len(queued("citizen.withdraws")) == 1
    with pytest.raises(Conflict):
        write(desk, case, "再说一次", kind=letters.WITHDRAWAL)
    with reading() as db:
        assert db.get_one(Case, case.id).closed_at is None


@pytest.mark.parametrize("text", ["", "  ", "长" * 1001])
def test_it_refuses_what_is_no_letter(desk: PublicDesk, text: str) -> None:
    case = desk.case(desk.send())
    with pytest.raises(InvalidInput):
        write(desk, case, text)
    with pytest.raises(InvalidInput):
        answer(desk, case, "grid_leader", text)


def test_ten_a_day_are_enough(desk: PublicDesk) -> None:
    case = desk.case(desk.send())
    for number in range(10):
        write(desk, case, f"第{number}次")
    with pytest.raises(Conflict):
        write(desk, case, "再来")
    desk.world.now += letters.DAY
    write(desk, case, "再来")


def test_of_a_confidential_case_only_who_works_on_it_reads(desk: PublicDesk) -> None:
    case = desk.case(desk.send(replace(REPORT, **{"kind": WHISTLE.kind, "choice": WHISTLE.choice})))
    write(desk, case, "还有材料。")
    assert read(desk, case) == [("", "还有材料。")]
    assert read(desk, case, "county_leader") == []
    assert all(one.data["title"] == "保密件" for one in queued("citizen.wrote"))
