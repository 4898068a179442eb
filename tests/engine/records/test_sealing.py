"""What is sealed opens for its own row alone; what earlier releases sealed opens, too."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import LargeBinary

from engine import settings
from engine.models.base import Base
from engine.records import bindings, vault
from engine.records.bindings import SEALED, bound, of_answers
from engine.records.cipher import ForeignPayload, KeyMissing, UnopenedPayload, key_id
from engine.records.compression import pack

TOLD = {"party": "赵小满", "phone": "13893612345"}
HERE = bound("vault", 1, 2, 3, "accept", 4)
OLD, NEW = "0" * 43 + "=", "1" * 43 + "="
# Bytes that are no payloads: files of definitions, which everybody who works here may read;
# stamps and public keys, which are made to be shown; where the areas of units lie.
IN_CLEAR = {
    "boundary.wkb",
    "anchor_stamp.token",
    "draft_file.content",
    "version_file.content",
    "second_factor.credential",
    "second_factor.public_key",
}


def use_keys(folder: Path, *keys: str) -> None:
    environ = {"FENGQIAO_DATA_DIR": str(folder), "FENGQIAO_VAULT_KEYS": ",".join(keys)}
    settings.use(settings.Settings.from_environment(environ))


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path) -> Iterator[None]:
    before = settings.current()
    use_keys(tmp_path, OLD)
    yield
    settings.use(before)


def by_fernet(key: str) -> bytes:
    """A payload as the first releases kept it: Fernet, in its letters."""
    return Fernet(key).encrypt(pack(vault._canonical(TOLD)))


def test_it_opens_what_it_sealed() -> None:
    sealed = vault.seal(TOLD, HERE)

    assert not sealed.isascii() and "赵小满".encode() not in sealed
    assert vault.unseal(sealed, HERE) == TOLD


@pytest.mark.parametrize(
    "elsewhere",
    [
        bound("vault", 9, 2, 3, "accept", 4),
        bound("vault", 1, 9, 3, "accept", 4),
        bound("vault", 1, 2, 9, "accept", 4),
        bound("vault", 1, 2, 3, "mediate", 4),
        bound("vault", 1, 2, 3, "accept", 9),
        bound("remark", 1, 2, 3, "accept", 4),
    ],
)
def test_it_opens_for_no_other_row(elsewhere: bytes) -> None:
    """Another county, case, task, node, row or table."""
    with pytest.raises(ForeignPayload):
        vault.unseal(vault.seal(TOLD, HERE), elsewhere)


def test_it_tells_rows_apart_whatever_a_node_is_called() -> None:
    names = ["a", "a\\0", "4", "a 4", "\x1f", ""]
    rows = [
        SimpleNamespace(county_id=1, case_id=2, task_id=task, node_id=name, id=number)
        for name in names
        for task in (None, 3, 34)
        for number in (4, 44)
    ]
    assert len({of_answers(row) for row in rows}) == len(rows)


def test_it_refuses_what_was_changed() -> None:
    """One bit at any place, or a piece cut off."""
    sealed = vault.seal(TOLD, HERE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(UnopenedPayload):
            vault.unseal(bytes(changed), HERE)
        with pytest.raises(UnopenedPayload):
            vault.unseal(sealed[:place], HERE)


def test_it_opens_what_earlier_releases_sealed() -> None:
    """In Fernet's letters and in its bytes; re-encrypted it is bound."""
    letters = by_fernet(OLD)
    for before in (letters, urlsafe_b64decode(letters)):
        assert vault.unseal(before, HERE) == TOLD and key_id(before) == "fernet"
        after = vault.reseal(before, HERE)
        assert after is not None and vault.unseal(after, HERE) == TOLD
        with pytest.raises(ForeignPayload):
            vault.unseal(after, bound("vault", 5))


def test_it_reads_under_old_keys_and_writes_under_the_newest(tmp_path: Path) -> None:
    before, fernet = vault.seal(TOLD, HERE), by_fernet(OLD)
    use_keys(tmp_path, NEW, OLD)
    assert vault.unseal(before, HERE) == vault.unseal(fernet, HERE) == TOLD

    after = vault.reseal(before, HERE)

    assert after is not None and vault.reseal(after, HERE) is None
    assert key_id(after) == key_id(vault.seal(TOLD, HERE)) != key_id(before)
    use_keys(tmp_path, NEW)
    assert vault.unseal(after, HERE) == TOLD


def test_it_names_the_key_that_is_missing(tmp_path: Path) -> None:
    before = vault.seal(TOLD, HERE)
    use_keys(tmp_path, NEW)

    with pytest.raises(KeyMissing, match=key_id(before)):
        vault.unseal(before, HERE)
    with pytest.raises(UnopenedPayload):
        vault.unseal(by_fernet(OLD), HERE)


def test_it_never_seals_twice_alike() -> None:
    """A nonce used twice would give both contents away."""
    assert len({vault.seal(TOLD, HERE)[6:18] for _ in range(1000)}) == 1000


def test_it_knows_every_sealed_column() -> None:
    """A change of keys reaches each of them: a new one is listed, or said to be in clear."""
    known = {f"{one.model.__tablename__}.{one.name}" for one in SEALED}
    binary = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.c
        # Exactly: hashes have a type of their own.
        if type(column.type) is LargeBinary
    }
    assert binary == known | IN_CLEAR


def test_it_binds_each_column_to_what_names_its_row() -> None:
    """Two rows of a table never share a binding."""
    for one in SEALED:
        keys = [column.name for column in one.model.__table__.primary_key]
        blank = dict.fromkeys((column.name for column in one.model.__table__.c), 7)
        rows = [blank, *({**blank, key: 8} for key in keys)]
        found = {one.binding(SimpleNamespace(**row)) for row in rows}
        assert len(found) == len(rows), one.model
    assert bindings.bound("contact", 7) != bindings.bound("channel", 7)
