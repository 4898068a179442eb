"""Personal data lie in the vault and nowhere else in clear."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, select
from sqlalchemy.exc import IntegrityError

from engine import settings
from engine.models import BlindIndex, Case, Outbox
from engine.notices import outbox
from engine.records import masking, vault
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, FRIDAY_9AM, World

NAME, PHONE = "赵小满", "13893612345"


def everything_in(url: str) -> str:
    """All rows of all tables as one text."""
    engine = create_engine(url)
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = [row for table in tables.sorted_tables for row in connection.execute(select(table))]
    engine.dispose()
    return "\n".join(repr(tuple(row)) for row in rows)


def test_it_leaves_no_personal_data_in_clear(
    world: World, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the database, nor the audit trail, nor a log line, nor the files hold them."""
    with caplog.at_level(logging.DEBUG):
        case_id = world.open()
        world.complete("grid_leader", case_id, ACCEPT)
        world.work(FRIDAY_9AM)
    dump = everything_in(database)
    files = [path for path in settings.current().data_dir.rglob("*") if path.is_file()]
    if database.startswith("sqlite"):
        files += list(Path(database[10:]).parent.glob(f"{Path(database[10:]).name}*"))

    for secret in (NAME, PHONE):
        assert secret not in dump
        assert secret.encode("unicode_escape").decode() not in dump
        assert secret not in caplog.text
        assert all(secret.encode() not in path.read_bytes() for path in files)
    with reading() as db:
        answers = vault.answers_of(db, db.get_one(Case, case_id))["report"]
    assert (answers["reporter_name"], answers["reporter_phone"]) == (NAME, PHONE)


def test_it_finds_a_case_by_a_phone_however_it_was_typed(world: World) -> None:
    """The blind index knows the number, not the number itself."""
    case_id = world.open()
    with reading() as db:
        found = select(BlindIndex.case_id).where(
            BlindIndex.mac == vault.blind("phone", "138 9361 2345")
        )
        assert db.scalars(found).all() == [case_id]


def test_it_reads_old_answers_after_the_key_was_changed(world: World) -> None:
    """A new key in front; the old one still opens; without it, Sealed and not garbage."""
    case_id = world.open()
    old = settings.current()
    folder = str(old.data_dir)
    fresh = "1" * 43 + "="
    keys = {"FENGQIAO_DATA_DIR": folder, "FENGQIAO_VAULT_KEYS": f"{fresh},{old.vault_keys[0]}"}
    settings.use(settings.Settings.from_environment(keys))
    with reading() as db:
        assert vault.answers_of(db, db.get_one(Case, case_id))["report"]["settled"] is False
    settings.use(settings.Settings.from_environment({**keys, "FENGQIAO_VAULT_KEYS": fresh}))
    with reading() as db, pytest.raises(vault.UnopenedPayload):
        vault.answers_of(db, db.get_one(Case, case_id))


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13893612345", "138****2345"),
        ("resident_id", "620725199001011234", "6207**********1234"),
        ("person", "欧阳小满", "欧**"),
        ("address", "南湖村三组12号", "****"),
    ],
)
def test_it_masks(kind: str, value: str, shown: str) -> None:
    """Enough to distinguish two people, too little to find one."""
    assert masking.mask(kind, value) == shown


def test_it_keeps_what_a_database_says_of_values_to_itself(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refused row's details, with what somebody typed in them, reach neither table nor log."""
    case_id = world.open()
    with transaction() as db:
        row = db.scalars(select(Outbox).where(Outbox.case_id == case_id)).first()
        assert row is not None
        detail = Exception(f"DETAIL: Failing row contains ({PHONE})")
        outbox.failed(db, row.id, IntegrityError("INSERT", {}, detail), world.now)
        db.flush()
        assert row.error == "IntegrityError"

    def broken(now: datetime) -> dict[str, int]:
        raise IntegrityError("INSERT", {}, Exception(PHONE))

    ticks.TICKS["broken"] = (broken, 1)
    try:
        assert ticks.tick("broken", world.now) == {"errors": 1}
    finally:
        del ticks.TICKS["broken"]
    logged = capsys.readouterr()
    assert "IntegrityError" in logged.out + logged.err
    assert PHONE not in logged.out + logged.err
