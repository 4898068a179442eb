"""What citizens send becomes cases by the table of choices, once, and says nothing to strangers."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import shapely
from flask import current_app
from sqlalchemy import func, select

from engine.citizens import following, references, reporting, sites
from engine.errors import InvalidInput
from engine.geo import boundaries
from engine.geo.boundaries import CheckedBoundaries, PublishingTerms
from engine.models import Case, CitizenCase, Task, Unit
from engine.storage.db import reading, transaction
from tests.engine.citizens.conftest import REPORT, WHISTLE, PublicDesk
from tests.queueing import queue


def test_it_opens_a_ticket_at_the_village(desk: PublicDesk) -> None:
    receipt = desk.send()
    case = desk.case(receipt)
    assert (case.process, case.category, case.opened_by) == ("ticket", "道路交通", None)
    # Numbers that belong to a person stand in no title.
    assert case.title == "道路设施：北街路口井盖破损，电话***"
    with reading() as db:
        task = db.scalars(select(Task).where(Task.case_id == case.id, Task.done_at.is_(None))).one()
        assert (task.node_id, task.unit.code, task.role) == ("accept", "V1", "grid_leader")


def test_a_second_sending_is_the_same_case_with_the_same_keys(desk: PublicDesk) -> None:
    first, again = desk.send(), desk.send()
    assert first == again
    assert desk.send(once="f" * 32) != first
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(CitizenCase)) == 2


def test_a_point_finds_its_grid(desk: PublicDesk) -> None:
    with transaction() as db:
        units = {one.code: one for one in db.scalars(select(Unit))}
        areas = {units["G1"].id: shapely.box(101, 38, 101.1, 38.1)}
        made = CheckedBoundaries(units["620725"], areas, "WGS-84", ())
        boundaries.publish(db, made, PublishingTerms("drawn"), now=desk.world.now)
    case = desk.case(desk.send(place="", longitude=101.05, latitude=38.05))
    with reading() as db:
        assert db.get_one(Unit, case.place_id).code == "G1"
    assert (case.longitude, case.latitude) == (101.05, 38.05)


@pytest.mark.parametrize("code", ["T1", "620725"])
def test_a_place_without_a_grid_goes_to_the_hotline(desk: PublicDesk, code: str) -> None:
    case = desk.case(desk.send(place=code))
    assert (case.process, case.channel) == ("hotline", "网站")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"choice": "没有这一类"}, "choice"),
        ({"details": "  "}, "details"),
        ({"details": "长" * 1501}, "details"),
        ({"place": ""}, "place"),
        ({"place": "nowhere"}, "place"),
        ({"phone": "123"}, "phone"),
        ({"choice": "工资和社保"}, "phone"),
        ({"photos": (b"#!/bin/sh",)}, "photos"),
        ({"photos": (b"\xff\xd8\xff\xe0",) * 4}, "photos"),
        ({"once": "short"}, ""),
        ({"against": "nowhere"}, "against"),
        ({"against_person": "长" * 61}, "against_person"),
    ],
)
def test_it_refuses_with_the_field(desk: PublicDesk, changed: dict, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        desk.send(**changed)
    assert list(refused.value.errors) == [field]


def test_a_report_of_wrongdoing_is_confidential_and_found_by_nothing(desk: PublicDesk) -> None:
    case = desk.case(desk.send(WHISTLE, phone="13877700777", name="金丝雀", against_person="某人"))
    assert case.guarded and case.title == "网上举报"
    with reading() as db:
        row = db.scalars(select(CitizenCase)).one()
        assert row.confidential and row.phone_mac is None
    assert desk.case(desk.send(WHISTLE, once="e" * 32)).guarded


def test_reference_and_phrase_open_it_and_nothing_else_does(desk: PublicDesk) -> None:
    receipt = desk.send()
    with reading() as db:
        county = desk.case(receipt).county_id

        def opens(reference: str, phrase: str) -> bool:
            return references.find(db, county, reference, phrase) is not None

        assert opens(receipt.reference, receipt.phrase)
        assert opens(receipt.reference.lower().replace("-", " "), receipt.phrase.replace(" ", ""))
        assert not opens(receipt.reference, "0000 0000")
        assert not opens("22222-22222", receipt.phrase)
        assert references.find(db, county + 1, receipt.reference, receipt.phrase) is None


def test_it_follows_in_the_words_of_the_diagram(desk: PublicDesk) -> None:
    receipt = desk.send()
    with reading() as db:
        row = db.scalars(select(CitizenCase)).one()
        shown = following.view(db, row.case_id)
    assert [(one.words, one.open) for one in shown.steps] == [
        ("您反映的问题已经登记。", False),
        ("您反映的问题正在核实。", True),
    ]
    assert shown.units == ("南湖村",) and shown.due_at is not None and shown.answer == ""
    assert shown.number == receipt.number


def test_what_is_kept_of_it_names_nobody(desk: PublicDesk) -> None:
    receipt = desk.send(replace(REPORT, phone="13893612345"))
    with reading() as db:
        row = db.scalars(select(CitizenCase)).one()
        case = db.scalars(select(Case)).one()
        kept = " ".join(str(getattr(row, one.name)) for one in CitizenCase.__table__.columns)
    for word in (receipt.reference, receipt.phrase, "13893612345", REPORT.once):
        assert word not in kept and word not in (case.source or "")


def test_it_goes_round_the_unit_that_is_reported(desk: PublicDesk) -> None:
    case = desk.case(desk.send(WHISTLE, against="V1"))
    with reading() as db:
        kept = db.get_one(Case, case.id).confidentiality
        assert kept is not None and kept.against is not None and kept.against.code == "V1"
        waiting = select(Task).where(Task.case_id == case.id, Task.done_at.is_(None))
        assert "V1" not in {task.unit.code for task in db.scalars(waiting)}


def test_sent_twice_at_once_it_is_one_case_with_one_answer(desk: PublicDesk) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    receipts = []

    def again() -> None:
        with app.app_context():
            receipts.append(desk.send())

    second = threading.Thread(target=again)
    with queue() as until_it_waits, transaction() as db:
        county = sites.county(db, "620725")
        receipts.append(reporting.receive(db, county, REPORT, now=desk.world.now))
        second.start()
        until_it_waits()
    second.join(30)
    assert len(receipts) == 2 and receipts[0] == receipts[1]
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Case)) == 1
