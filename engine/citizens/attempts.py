"""Slowing down strangers: attempts are counted by address, device, telephone and reference.

A few are free, then a proof of work is asked for, or a while of patience where there is no script,
and after many nothing but waiting helps. What is counted are keyed digests under whole hours; they
are forgotten after a day.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.accounts import proof_of_work, single_use
from engine.citizens import patience
from engine.errors import Refusal
from engine.models import CitizenAttempt
from engine.records import vault
from engine.storage.db import one_at_a_time
from feel.text import Text

PURPOSE = "citizen"
# Key of the lock under which attempts are counted.
COUNTING = 620_732
KEPT = timedelta(days=1)
BITS = 18
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Allowance:
    """How often within how many hours: free, and at all."""

    hours: int
    free: int
    most: int


# Never refused, whoever else has used it: all that a stranger can do is to make it work for it.
NEVER = 1_000_000
# By what is done, and what it is counted by: a telephone where it was confirmed, else a number.
ALLOWANCES: Mapping[str, Mapping[str, Allowance]] = {
    "report": {
        "address": Allowance(1, 10, 200),
        "device": Allowance(1, 5, 30),
        "number": Allowance(24, 5, NEVER),
        "phone": Allowance(24, 10, 40),
        # A program does no puzzles.
        "key": Allowance(1, 500, 500),
    },
    "follow": {"address": Allowance(1, 20, 400), "reference": Allowance(1, 5, 20)},
    "code": {
        "address": Allowance(1, 3, 60),
        "device": Allowance(1, 3, 10),
        "number": Allowance(24, 3, NEVER),
        "phone": Allowance(24, 10, 20),
    },
}


@dataclass(frozen=True)
class AttemptEffort:
    """What somebody shows who comes too often: a solved puzzle, or that they have waited."""

    work: str = ""
    patience: str = ""


class TooOften(Refusal):
    """Too many attempts: ``bits`` of work let the next one through, none does where it is 0."""

    text = Text(
        "操作太频繁，请稍后再试。急事请拨打 12345，险情请拨打 110、119、120。",
        "Too many attempts; try again later. Call 12345, or 110, 119, 120 in an emergency.",
    )

    def __init__(self, bits: int = 0) -> None:
        work = Text(
            "请等页面完成验证后再次提交；没有脚本的，三分钟以后再提交。",
            "Let the page finish its check and send again; without a script, in three minutes.",
        )
        super().__init__(text=work if bits else None)
        self.bits = bits


def note(
    db: Session,
    kind: str,
    keys: Mapping[str, str],
    *,
    now: datetime,
    effort: AttemptEffort = AttemptEffort(),  # noqa: B008
    later: Collection[str] = (),
) -> None:
    """Count an attempt before anything is looked at. Raises TooOften.

    ``keys`` are what it is counted by; those ``later`` are looked at and counted by ``add`` once
    they are proved.
    """
    one_at_a_time(db, COUNTING)
    by = {name: _blind(kind, name, key) for name, key in keys.items() if key}
    hour = _hour(now)
    counts = {name: _count(db, kind, who, hour, ALLOWANCES[kind][name]) for name, who in by.items()}
    if any(count >= ALLOWANCES[kind][name].most for name, count in counts.items()):
        raise TooOften()
    strained = any(count >= ALLOWANCES[kind][name].free for name, count in counts.items())
    if strained and not _proves(db, effort, keys.get("address", ""), now):
        raise TooOften(BITS)
    for name, who in by.items():
        if name not in later:
            _add(db, kind, who, hour)
    db.execute(delete(CitizenAttempt).where(CitizenAttempt.at < now - KEPT - HOUR))


def add(db: Session, kind: str, name: str, key: str, *, now: datetime) -> None:
    """Count what was proved just now."""
    _add(db, kind, _blind(kind, name, key), _hour(now))


def challenge(bits: int, now: datetime) -> str:
    """Return a puzzle; empty where none is asked for."""
    return proof_of_work.challenge(PURPOSE, bits, now=now) if bits else ""


def _hour(now: datetime) -> datetime:
    """Return its hour alone: nobody lays it beside a case that came in at the same minute."""
    return now.replace(minute=0, second=0, microsecond=0)


def _blind(kind: str, name: str, key: str) -> str:
    return vault.blind(f"citizen.{kind}.{name}", key)


def _add(db: Session, kind: str, who: str, hour: datetime) -> None:
    db.add(CitizenAttempt(id=secrets.randbits(62), kind=kind, who=who, at=hour))


def _count(db: Session, kind: str, who: str, hour: datetime, allowance: Allowance) -> int:
    since = hour - (allowance.hours - 1) * HOUR
    counted = select(func.count()).where(
        CitizenAttempt.who == who, CitizenAttempt.kind == kind, CitizenAttempt.at >= since
    )
    return db.scalar(counted) or 0


def _proves(db: Session, effort: AttemptEffort, address: str, now: datetime) -> bool:
    """Return whether work was done, or a while was waited; each counts once."""
    work = proof_of_work.solved(effort.work, PURPOSE, now=now)
    if work is not None and work.bits >= BITS:
        return single_use.spend(db, work.text, work.until_at, now=now)
    return patience.spend(db, effort.patience, address, now=now)
