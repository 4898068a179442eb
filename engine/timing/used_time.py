"""Used time: what a unit has used of a step's limits stays used, however often the step comes back.

A clock that begins again does not start from zero: it counts from when it first began, without the
time in which the step lay elsewhere. Pure: spans go in, runs of clocks come out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.worktime import Calendar, Limit, Standstill, deadline

COMPLETED, MOVED = "completed", "moved"
NOT_STOPPED = Standstill()


@dataclass(frozen=True)
class ClockRun:
    """A clock as far as it has run: since when, until when, and how long it stood still between."""

    since: datetime
    until: datetime
    standstill: Standstill = NOT_STOPPED

    def resume(self, at: datetime, calendar: Calendar) -> Standstill:
        """Return how long it has stood still in all when it goes on at ``at``."""
        return self.standstill + Standstill.over([(self.until, max(at, self.until))], calendar)

    def end(
        self,
        limit: Limit,
        at: datetime,
        calendar: Calendar,
        pauses: Iterable[tuple[datetime, datetime]] = (),
    ) -> datetime:
        """Return when a limit ends of a clock that goes on at ``at``.

        What was left when it stopped is left when it goes on; what was late then is as late.
        """
        if deadline(self.since, limit, calendar, before=self.standstill) <= self.until:
            return deadline(self.since, limit, calendar, before=self.resume(at, calendar))
        away = (self.until, max(at, self.until))
        return deadline(self.since, limit, calendar, pauses=[away, *pauses], before=self.standstill)

    def running_time(self, calendar: Calendar) -> Standstill:
        """Return the time that it has run: real time, and how much of that was office time."""
        whole = Standstill.over([(self.since, self.until)], calendar)
        return Standstill(whole.real - self.standstill.real, whole.office - self.standstill.office)

    def as_data(self) -> dict[str, Any]:
        """Return what a row keeps of it."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "real": self.standstill.real.total_seconds(),
            "office": self.standstill.office.total_seconds(),
        }

    @classmethod
    def of_data(cls, data: Mapping[str, Any] | None) -> ClockRun | None:
        """Return what a row kept."""
        if not data:
            return None
        stopped = Standstill(timedelta(seconds=data["real"]), timedelta(seconds=data["office"]))
        since, until = (datetime.fromisoformat(data[end]) for end in ("since", "until"))
        return cls(since, until, stopped)


def run_on(
    kept: ClockRun | None,
    begun: datetime,
    until: datetime,
    pauses: Iterable[tuple[datetime, datetime]],
    calendar: Calendar,
) -> ClockRun:
    """Return a clock that began, or went on, at ``begun`` and stopped at ``until``, with its
    pauses.
    """
    until = max(begun, until)
    stops = [(max(a, begun), min(b, until)) for a, b in pauses if a < until and b > begun]
    paused = Standstill.over(stops, calendar)
    if kept is None:
        return ClockRun(begun, until, paused)
    return ClockRun(kept.since, until, kept.resume(begun, calendar) + paused)


@dataclass(frozen=True)
class UnitSpan:
    """A step's time in a unit: when it came and left, how, and how far its clocks had run.

    ``how`` is completed, cancelled, moved, or passed on to another unit.
    """

    node_id: str
    unit_id: int
    came_at: datetime
    left_at: datetime
    how: str
    sign: ClockRun | None = None
    handle: ClockRun | None = None


@dataclass(frozen=True)
class CarriedTime:
    """What a unit brings along to a step that it has had before."""

    sign: ClockRun | None = None
    handle: ClockRun | None = None
    # When the step was passed on to the unit, where it did not open there.
    came_at: datetime | None = None
    # The extension that was granted for the handling clock that goes on.
    extension: Limit | None = None

    def as_data(self) -> dict[str, Any]:
        """Return what a row keeps of it; empty where the unit has the step for the first time."""
        runs = {"sign": self.sign, "handle": self.handle}
        data: dict[str, Any] = {name: run.as_data() for name, run in runs.items() if run}
        if self.extension is not None:
            data["extended"] = [self.extension.amount, self.extension.unit]
        return data | ({"came": self.came_at.isoformat()} if self.came_at else {})

    @classmethod
    def of_data(cls, data: Mapping[str, Any] | None) -> CarriedTime:
        """Return what a row kept."""
        data = data or {}
        came = datetime.fromisoformat(data["came"]) if data.get("came") else None
        more = Limit(*data["extended"]) if data.get("extended") else None
        sign, handle = (ClockRun.of_data(data.get(name)) for name in ("sign", "handle"))
        return cls(sign, handle, came, more)


def carried(
    spans: Sequence[UnitSpan], node_id: str, unit_id: int, *, sent_back: bool = False
) -> CarriedTime:
    """Return what a unit has used of a step that opens for it again; nothing where the round is
    new.

    What did not come to its end goes on. What was completed goes on if it was sent back to
    (``sent_back``: by the step that opens it), or over: then it is done again, not again. A step
    that the diagram leads to a second time is new work.
    """
    mine = [span for span in spans if (span.node_id, span.unit_id) == (node_id, unit_id)]
    if not mine:
        return CarriedTime()
    last = max(mine, key=lambda span: (span.left_at, span.came_at))
    if last.how == COMPLETED and not sent_back and not _sent_back_over(spans, last):
        return CarriedTime()
    return CarriedTime(last.sign, last.handle)


def _sent_back_over(spans: Sequence[UnitSpan], last: UnitSpan) -> bool:
    """Return whether something later was sent back to a step that came before this one, or to
    itself.
    """
    for moved in spans:
        if moved.how != MOVED or moved.left_at < last.left_at:
            continue
        targets = {span.node_id for span in spans if span.came_at == moved.left_at}
        before = {span.node_id for span in spans if span.came_at <= last.came_at}
        if targets & before:
            return True
    return False
