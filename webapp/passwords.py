"""Passwords: argon2id hashes, and the least that a new one must be."""

from __future__ import annotations

import gzip
import secrets
import string
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from feel.text import Text

SHORTEST, LONGEST = 10, 200
# Without letters and digits that are mistaken for each other when read out.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# Lower case, from public lists of leaked passwords and with what is usual in Chinese offices.
COMMON = Path(__file__).with_name("data") / "common_passwords.txt.gz"
AROUND = string.digits + string.punctuation + "·！￥…（）—【】、；：“”‘’《》，。？"
LOOKALIKE = str.maketrans("@013457$!", "aoleastsi")
_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """Return the argon2id hash of a password, with its salt and parameters in it."""
    return _hasher.hash(password)


def fresh(groups: int = 3) -> str:
    """Return a first password, or a part of one, that can be read out: groups of four."""
    return "-".join("".join(secrets.choice(LETTERS) for _n in range(4)) for _g in range(groups))


def derived(digest: str, groups: int) -> str:
    """Return a part of a first password that a keyed digest in hexadecimal digits stands for."""
    rest, signs = int(digest, 16), ""
    for _n in range(4 * groups):
        rest, at = divmod(rest, len(LETTERS))
        signs += LETTERS[at]
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def matches(password_hash: str | None, password: str) -> bool:
    """Return whether the password is right; without a hash takes as long and says no.

    An unknown login must not answer faster than a known one with a wrong password.
    """
    try:
        right = _hasher.verify(password_hash or _nobody(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Return whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def objection(password: str, login: str, name: str) -> Text | None:
    """Return what is wrong with a new password, None if it will do."""
    if len(password) < SHORTEST:
        return Text(
            f"密码至少 {SHORTEST} 位。", f"A password needs at least {SHORTEST} characters."
        )
    if len(password) > LONGEST:
        return Text(f"密码最多 {LONGEST} 位。", f"A password has at most {LONGEST} characters.")
    if len(set(password)) < 4:
        return Text("密码中不同的字符太少。", "The password repeats too few characters.")
    if login.lower() in password.lower() or (name and name in password):
        return Text(
            "密码不能包含用户名或姓名。", "The password must not contain the login or name."
        )
    if password.isdigit():
        return Text("密码不能全是数字。", "A password cannot be all digits.")
    if is_common(password):
        return Text(
            "这个密码过于常见，容易被猜到，请换一个。",
            "This password is a common one and easily guessed; choose another.",
        )
    return None


def is_common(password: str) -> bool:
    """Return whether a password is known to everybody who guesses: as it is, or a known one dressed
    up.

    Capitals, digits and signs around a known word, and signs that stand for letters, are what
    people add when they are made to; whoever guesses adds them first.
    """
    plain = password.casefold()
    bare = plain.strip(AROUND)
    tries = {plain, plain.translate(LOOKALIKE), bare, bare.translate(LOOKALIKE)}
    return not tries.isdisjoint(_common())


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    with gzip.open(COMMON, "rt", encoding="utf-8") as file:
        return frozenset(file.read().split())


@lru_cache(maxsize=1)
def _nobody() -> str:
    return hashed("nobody has this password")
