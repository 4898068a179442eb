"""Whoever changes rows past every guard to learn who reported something is found and named."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from engine.casework import disclosures
from engine.models import Attachment, Unit, User, new_id
from engine.operations import doctor
from engine.storage.db import reading, transaction
from tests.engine.casework.test_audit import without_triggers
from tests.engine.casework.test_confidentiality import name, report, seat
from tests.engine.casework.test_disclosures import WHY, do, looked
from tests.processes.desk import Desk, make_people_of_all


@pytest.fixture
def desk(database: str, own_settings: None) -> Desk:
    """A report about a village with a photo, lifted by two officers after two people looked."""
    made = Desk(make_people_of_all(), "hotline")
    for login in ("officer", "second_officer"):
        seat(made, login, "620725", "confidential_officer")
    name(made, "620725", "620725-ZZ")
    report(made, "V1", caller_name="王五", attachments=[made.world.photo("operator")])
    looked(made)
    row = do(made, "officer", disclosures.ask_lift, made.case_id, WHY)
    do(made, "second_officer", disclosures.decide, row.id, True)
    return made


def found(desk: Desk) -> list[str]:
    with reading(snapshot=True) as db:
        report = doctor.examine(db, desk.world.now)
    return [f"{one.check}/{one.kind}" for one in report.findings]


def test_what_the_chain_tells_of_is_in_order(desk: Desk) -> None:
    """Two looked, two lifted, a file was released: nothing of it is a fault."""
    assert found(desk) == []
    with reading() as db:
        file_id = db.scalars(select(Attachment.id).where(Attachment.sealed)).one()
    do(desk, "officer", disclosures.release_file, file_id)
    assert found(desk) == []


@pytest.mark.parametrize(
    ("statements", "kinds"),
    [
        (
            ["DELETE FROM confidentiality", 'UPDATE "case" SET guarded = :no'],
            ["undone"],
        ),
        (['UPDATE "case" SET guarded = :no'], ["undone"]),
        (
            ["UPDATE confidentiality SET against_id = NULL, around_id = NULL, named_id = NULL"],
            ["line"],
        ),
        (["UPDATE confidentiality SET named_id = :other"], ["line"]),
        (
            [
                "UPDATE confidentiality SET lifted_id = :id",
                "UPDATE disclosure SET id = :id WHERE kind = 'lift'",
            ],
            ["lifted", "disclosed"],
        ),
        (['UPDATE "case" SET opened_by = :user'], ["opener"]),
        (['UPDATE "case" SET unit_id = :other'], ["registrar"]),
        (["UPDATE attachment SET sealed = :no"], ["unsealed"]),
    ],
)
def test_it_finds_what_opens_a_reporter(
    desk: Desk, statements: list[str], kinds: list[str]
) -> None:
    with transaction() as db:
        other = db.scalars(select(Unit.id).where(Unit.code == "620725-SWJ")).one()
        user = db.scalars(select(User.id).where(User.login == "water_handler")).one()
    given: dict[str, Any] = {"no": False, "other": other, "user": user, "id": new_id()}
    with transaction() as db:
        without_triggers(db)
        for statement in statements:
            known = {key: value for key, value in given.items() if f":{key}" in statement}
            db.execute(text(statement), known)
    assert [kind for kind in found(desk) if kind.startswith("confidential/")] == [
        f"confidential/{kind}" for kind in kinds
    ]


def test_it_finds_a_post_and_a_version_that_nobody_decided_on(desk: Desk) -> None:
    with transaction() as db:
        unit = db.scalars(select(Unit.id).where(Unit.code == "620725")).one()
        user = db.scalars(select(User.id).where(User.login == "handler")).one()
    given = {"id": new_id(), "unit": unit, "user": user, "at": desk.world.now}
    with transaction() as db:
        without_triggers(db)
        seat_of = "INSERT INTO post (id, unit_id, role, user_id, from_at)"
        db.execute(text(f"{seat_of} VALUES (:id, :unit, 'auditor', :user, :at)"), given)
        version = text("UPDATE version_file SET content = :other WHERE path LIKE '%intake.json'")
        db.execute(version, {"other": b"{}"})
    assert {"posts/unsaid", "definitions/changed"} <= set(found(desk))
