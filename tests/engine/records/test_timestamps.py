"""Stamps of an authority played by openssl: what they prove, and all that they must not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from engine.records import timestamps
from engine.records.timestamps import TimestampNotProved
from tests.engine.records import authority

HEAD = "ab" * 32


@pytest.fixture(scope="module", params=["rsa", "ec"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kind = authority.RSA if request.param == "rsa" else authority.EC
    return authority.make(tmp_path_factory.mktemp(request.param), kind)


@pytest.fixture(scope="module")
def token(folder: Path) -> tuple[bytes, int]:
    with authority.stamping(folder) as url:
        return timestamps.ask(url, HEAD, 30)


@pytest.fixture(scope="module")
def roots(folder: Path) -> bytes:
    return (folder / "ca.pem").read_bytes()


def test_it_proves_when_a_head_was_there(token: tuple[bytes, int], roots: bytes) -> None:
    made = timestamps.check(token[0], HEAD, roots, token[1])
    assert made.tzinfo is not None


def test_openssl_agrees(token: tuple[bytes, int], folder: Path) -> None:
    """Anybody can examine a stamp without this program."""
    (folder / "token").write_bytes(token[0])
    (folder / "head").write_text(HEAD)
    command = ["openssl", "ts", "-verify", "-data", "head", "-in", "token", "-token_in"]
    chain = ["-CAfile", "ca.pem", "-untrusted", "middle.pem"]
    done = subprocess.run([*command, *chain], cwd=folder, capture_output=True, text=True)
    assert "Verification: OK" in done.stdout, done.stderr


def test_it_refuses_what_proves_nothing(
    token: tuple[bytes, int], roots: bytes, folder: Path
) -> None:
    """Another head, another question, an authority that nobody trusts, a stamp cut off."""
    stamp, nonce = token
    other = (folder / "other.pem").read_bytes()
    for arguments in (
        (stamp, HEAD + "x", roots, nonce),
        (stamp, HEAD, roots, nonce + 1),
        (stamp, HEAD, other, nonce),
        (stamp[:-20], HEAD, roots, nonce),
        (b"", HEAD, roots, None),
        (b"no stamp", HEAD, roots, None),
    ):
        with pytest.raises(TimestampNotProved):
            timestamps.check(*arguments)


def test_it_refuses_a_changed_moment(token: tuple[bytes, int], roots: bytes) -> None:
    """The moment and the head are under the signature, to the bit."""
    stamp, _nonce = token
    place = stamp.index(b"Z", stamp.index(b"20", 60)) - 1
    changed = stamp[:place] + bytes([stamp[place] ^ 1]) + stamp[place + 1 :]
    with pytest.raises(TimestampNotProved):
        timestamps.check(changed, HEAD, roots)


def test_no_changed_bit_changes_what_is_proved(token: tuple[bytes, int], roots: bytes) -> None:
    """Outside of what is signed a bit may differ; what the stamp says stays the same."""
    stamp, nonce = token
    made = timestamps.check(stamp, HEAD, roots, nonce)
    for place in range(0, len(stamp), 23):
        changed = stamp[:place] + bytes([stamp[place] ^ 4]) + stamp[place + 1 :]
        try:
            found = timestamps.check(changed, HEAD, roots, nonce)
        except TimestampNotProved:
            continue
        assert found == made


def test_it_refuses_an_answer_that_is_none(folder: Path) -> None:
    with pytest.raises((OSError, TimestampNotProved)):
        timestamps.ask("http://127.0.0.1:9/", HEAD, 5)
