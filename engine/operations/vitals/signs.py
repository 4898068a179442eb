"""The judgement: which facts are as they should be, and which need somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine.operations.vitals.facts import Vitals
from engine.settings import Settings
from engine.terms.lamps import GREEN, RED, YELLOW

# A worker that missed this many ticks is not working.
MISSED_TICKS = 6
SHORTEST_PATIENCE = timedelta(seconds=60)
LATE, TOO_LATE = timedelta(minutes=2), timedelta(minutes=15)
OLD_INCIDENT = timedelta(days=1)
# A backup a day, with two hours to make it.
BACKUP_DUE, BACKUP_MISSED = timedelta(hours=26), timedelta(days=3)
# Anchors are made and witnessed every five minutes.
WITNESS_DUE, WITNESS_MISSED = timedelta(hours=1), timedelta(days=1)
SCARCE, TOO_SCARCE = 0.2, 0.1


@dataclass(frozen=True)
class VitalSign:
    """One thing to look at: its name, its lamp."""

    name: str
    lamp: str


def signs(vitals: Vitals, chosen: Settings) -> list[VitalSign]:
    """Return every sign, in the order in which one acts on them."""
    judged = {
        "migrations": GREEN if vitals.revision == vitals.head else RED,
        "worker": _worker(vitals, chosen),
        "held": RED if vitals.hold is not None else GREEN,
        "disk": _below(vitals.disk_free / max(1, vitals.disk_total), SCARCE, TOO_SCARCE),
        "backup": _backup(vitals),
        "witness": _witness(vitals, chosen),
        "clocks": _above(vitals.due.lag, LATE, TOO_LATE),
        "outbox": _above(vitals.outbox.lag, LATE, TOO_LATE),
        "channels": RED if vitals.channels_in_trouble else GREEN,
        "incidents": _incidents(vitals),
        "holidays": YELLOW if vitals.notice_missing else GREEN,
        "seats": YELLOW if vitals.empty_queues.count else GREEN,
        "letters": YELLOW if vitals.dead_inside or vitals.dead_outside else GREEN,
    }
    return [VitalSign(name, lamp) for name, lamp in judged.items()]


def patience(chosen: Settings) -> timedelta:
    """Return how long a worker may be silent."""
    return max(SHORTEST_PATIENCE, timedelta(seconds=MISSED_TICKS * chosen.tick_seconds))


def _worker(vitals: Vitals, chosen: Settings) -> str:
    last = vitals.last_tick
    # A clock that was set back must not make a dead worker look alive.
    return GREEN if last is not None and abs(vitals.at - last) <= patience(chosen) else RED


def _backup(vitals: Vitals) -> str:
    if vitals.backup is None or vitals.backup_at is None:
        return RED
    lamp = _above(vitals.at - vitals.backup_at, BACKUP_DUE, BACKUP_MISSED)
    return YELLOW if lamp == GREEN and vitals.backup.get("missing") else lamp


def _witness(vitals: Vitals, chosen: Settings) -> str:
    """Without a second place whoever has database, file and keys can change what happened."""
    if vitals.witness_delay is None:
        return YELLOW if chosen.production else GREEN
    return _above(vitals.witness_delay, WITNESS_DUE, WITNESS_MISSED)


def _incidents(vitals: Vitals) -> str:
    if not vitals.incidents.count:
        return GREEN
    return RED if vitals.incidents.lag > OLD_INCIDENT else YELLOW


def _above(value: timedelta, late: timedelta, too_late: timedelta) -> str:
    if value <= late:
        return GREEN
    return YELLOW if value <= too_late else RED


def _below(value: float, scarce: float, too_scarce: float) -> str:
    if value >= scarce:
        return GREEN
    return YELLOW if value >= too_scarce else RED
