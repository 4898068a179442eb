"""What the vault makes of values: digests, blind indexes and masks, worked out by hand."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from engine import settings
from engine.records import cipher, masking, vault
from engine.records.bindings import bound
from engine.records.cipher import Keyring, UnopenedPayload

AUDIT, INDEX = "the audit's key", "the index's key"
FIRST, SECOND, THIRD = "0" * 43 + "=", "1" * 43 + "=", "2" * 43 + "="
ROW = bound("vault", 1, 2, 3, "accept", 4)


@pytest.fixture(autouse=True)
def secrets(own_settings: None) -> None:
    known = replace(settings.current(), audit_key=AUDIT, index_key=INDEX, vault_keys=(FIRST,))
    settings.use(known)


def mac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": "赵"}, '{"a":"赵","b":1}'),
        ([1, None, True], "[1,null,true]"),
        ({}, "{}"),
    ],
)
def test_a_digest_is_of_the_value_in_one_spelling(value: Any, text: str) -> None:
    """Receipts in chains of years ago are compared with it: it never changes."""
    assert vault.digest(value) == mac(AUDIT, text)


@pytest.mark.parametrize(
    ("kind", "typed", "plain"),
    [
        ("phone", "138-9361 2345", "phone:13893612345"),
        ("phone", "138\t9361\u30002345", "phone:13893612345"),
        ("resident_id", "62072519900101123x", "resident_id:62072519900101123X"),
        ("resident_id", "620725 19900101 123X", "resident_id:62072519900101123X"),
        ("phone", "+8613893612345", "phone:+8613893612345"),
    ],
)
def test_a_blind_index_is_of_the_kind_and_the_plain_value(
    kind: str, typed: str, plain: str
) -> None:
    assert vault.blind(kind, typed) == mac(INDEX, plain)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13893612345", "138****2345"),
        # A number of the town itself: both ends together would be the whole.
        ("phone", "2721234", "****"),
        ("phone", "0936272123", "****"),
        ("phone", "09362721234", "093****1234"),
        ("resident_id", "620725199001011234", "6207**********1234"),
        ("resident_id", "620725900101123", "6207*******1123"),
        ("resident_id", "62072590010112", "****"),
        ("resident_id", "12345678", "****"),
        ("person", "王", "王*"),
        ("person", "王五", "王*"),
        ("person", "王小五", "王**"),
        ("person", "欧阳小五", "欧**"),
        ("text", "13893612345", "****"),
        ("text", "王小五", "****"),
        *((kind, "", "") for kind in ("phone", "resident_id", "person", "text")),
    ],
)
def test_a_mask_shows_so_much_and_no_more(kind: str, value: str, shown: str) -> None:
    assert masking.mask(kind, value) == shown


def test_it_seals_in_few_bytes_and_in_its_own_order() -> None:
    value = {"b": "赵小满", "a": [1, None]}
    assert json.dumps(vault.unseal(vault.seal(value, ROW), ROW)) == json.dumps(value)
    assert vault.unpack(vault.packed(value)) == '{"b":"赵小满","a":[1,null]}'.encode()


def test_the_first_key_seals_and_every_key_opens() -> None:
    """Whatever the order: what one ring sealed another with that key opens."""
    first, second = Keyring((FIRST, SECOND)), Keyring((SECOND, FIRST, THIRD))
    assert first.ids == second.ids[:2][::-1] and len({*second.ids}) == 3
    for ring, key in ((first, FIRST), (second, SECOND)):
        sealed = ring.seal(b"content", ROW)
        assert cipher.key_id(sealed) == ring.ids[0].hex() == Keyring((key,)).ids[0].hex()
        for opener in (first, second, Keyring((THIRD, key)), Keyring((key,))):
            assert opener.open(sealed, ROW) == b"content"
        with pytest.raises(cipher.KeyMissing):
            Keyring((THIRD,)).open(sealed, ROW)


def test_it_seals_anew_exactly_what_is_not_under_the_first_key() -> None:
    old, new = Keyring((FIRST,)), Keyring((SECOND, FIRST))
    sealed = old.seal(b"content", ROW)
    assert old.reseal(sealed, ROW) is None
    fresh = new.reseal(sealed, ROW)
    assert fresh is not None and Keyring((SECOND,)).open(fresh, ROW) == b"content"
    assert new.reseal(fresh, ROW) is None


def test_the_settings_keys_are_in_the_settings_order() -> None:
    """Newest first: the first one seals, of however many."""
    settings.use(replace(settings.current(), vault_keys=(SECOND, FIRST, THIRD)))
    sealed = vault.seal("words", ROW)
    settings.use(replace(settings.current(), vault_keys=(SECOND,)))
    assert vault.unseal(sealed, ROW) == "words" and vault.reseal(sealed, ROW) is None


@pytest.mark.parametrize("content", [b"\x00\x01 no deflate", vault.pack(b"no JSON")])
def test_what_opens_and_is_no_value_is_sealed_to_us(content: bytes) -> None:
    with pytest.raises(UnopenedPayload):
        vault.unseal(vault.seal_packed(content, ROW), ROW)
