"""The one way to leave a test out, and what CI allows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

LIST = Path(__file__).with_name("left-out.txt")


def leave_out(reason: str, kind: str = "") -> NoReturn:
    """Skip with a reason. In CI only a kind that ``left-out.txt`` names may be; else fail."""
    if os.environ.get("CI") and kind not in allowed():
        pytest.fail(f"{reason}, and CI leaves nothing of the kind out", pytrace=False)
    pytest.skip(f"{kind}: {reason}" if kind else reason)


def allowed() -> dict[str, int]:
    """How many tests of each kind may be left out at most."""
    lines = (line.split() for line in LIST.read_text(encoding="utf-8").splitlines())
    return {words[0]: int(words[1]) for words in lines if words and words[0] != "#"}


def too_many(reasons: list[str]) -> list[str]:
    """Kinds of which more was left out than allowed, in words."""
    counted = {kind: sum(kind_of(one) == kind for one in reasons) for kind in allowed()}
    return [
        f"{counted[kind]} of the kind {kind}, at most {most} are allowed"
        for kind, most in allowed().items()
        if counted[kind] > most
    ]


def kind_of(reason: str) -> str:
    """The kind that a reason names."""
    return reason.partition(":")[0] if ":" in reason else ""
