"""What is sealed is kept as bytes; what earlier releases kept in Fernet's letters opens, too."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import settings
from engine.records import vault

TOLD = {"party": "赵小满", "phone": "13893612345"}


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path) -> Iterator[None]:
    before = settings.current()
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    yield
    settings.use(before)


def test_it_opens_what_it_sealed() -> None:
    """Before a rotation of the keys and after it, without the third that letters cost."""
    sealed = vault.seal(TOLD)

    assert not sealed.isascii() and "赵小满".encode() not in sealed
    assert vault.unseal(sealed) == vault.unseal(vault.reseal(sealed)) == TOLD


def test_it_opens_the_letters_of_before() -> None:
    """And writes them as bytes when the keys change."""
    letters = urlsafe_b64encode(vault.seal(TOLD))

    assert vault.unseal(letters) == TOLD
    assert not vault.reseal(letters).isascii() and vault.unseal(vault.reseal(letters)) == TOLD


def test_it_refuses_what_was_changed() -> None:
    """One bit is enough."""
    sealed = bytearray(vault.seal(TOLD))
    sealed[-1] ^= 1

    with pytest.raises(vault.Sealed):
        vault.unseal(bytes(sealed))
