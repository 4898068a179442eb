"""Who sits where, by rows taken down while the county lives; and who stands above whom.

A climb is told here once more, over plain rows: up the tree, past empty posts, past whoever is
late, and what was skipped is told.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Deputy, Post, Unit, User

LEVELS = ("county", "township", "village", "grid")
# What works for an area at its own level, in the order in which it is asked.
ARMS = ("centre", "committee")
AT_THE_TOP = ("leader", "supervisor")


class RosterUnit(NamedTuple):
    """A unit as it hung in the tree."""

    parent: int | None
    code: str
    level: str
    kind: str


class RosterPost(NamedTuple):
    """A post for a while, held or vacant."""

    id: int
    unit: int
    role: str
    user: int | None
    since: datetime
    until: datetime | None


class RosterDeputy(NamedTuple):
    """Who stands in for the holder of a post, for a while."""

    post: int
    user: int
    since: datetime
    until: datetime


class LateHolder(NamedTuple):
    """Who is late: a unit, the role that its task waits for, who signed for it."""

    unit: int
    role: str
    person: int | None = None


@dataclass(frozen=True)
class RungArrival:
    """Where a rung arrives: a unit, people, and what was skipped with the reason."""

    unit: int
    recipients: frozenset[int]
    skips: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Roster:
    """All rows as of a moment."""

    units: Mapping[int, RosterUnit]
    posts: Sequence[RosterPost]
    deputies: Sequence[RosterDeputy]
    departures: Mapping[int, datetime]

    @classmethod
    def read(cls, db: Session) -> Roster:
        """Take the rows down as they are."""
        units = select(Unit.id, Unit.parent_id, Unit.code, Unit.level, Unit.kind)
        posts = select(
            Post.id, Post.unit_id, Post.role, Post.user_id, Post.from_at, Post.until_at
        ).order_by(Post.id)
        deputies = select(Deputy.post_id, Deputy.user_id, Deputy.from_at, Deputy.until_at)
        gone = select(User.id, User.ended_at).where(User.ended_at.is_not(None))
        return cls(
            {
                row[0]: RosterUnit(*row[1:])
                for row in db.execute(units.where(Unit.ended_at.is_(None)))
            },
            [RosterPost(*row) for row in db.execute(posts)],
            [RosterDeputy(*row) for row in db.execute(deputies)],
            {user: at for user, at in db.execute(gone).tuples() if at is not None},
        )

    def line(self, unit: int | None) -> Iterator[int]:
        """Yield a unit and all above it."""
        while unit is not None and unit in self.units:
            yield unit
            unit = self.units[unit].parent

    def people(self, unit: int, role: str, at: datetime) -> dict[int, int | None]:
        """Return who acts in a role of a unit: holders, then their deputies, by whom they stand in
        for.
        """
        held = [one for one in self._posts(unit, role, at) if self._here(one.user, at)]
        found: dict[int, int | None] = {one.user: None for one in held if one.user is not None}
        mine = {one.id: one.user for one in self._posts(unit, role, at)}
        for deputy in self.deputies:
            acts = deputy.post in mine and deputy.since <= at < deputy.until
            if acts and self._here(deputy.user, at):
                found.setdefault(deputy.user, mine[deputy.post])
        return found

    def has_post(self, unit: int, role: str, at: datetime) -> bool:
        """Return whether there is such a post, be it vacant."""
        return any(True for _ in self._posts(unit, role, at))

    def stands_over(self, upper: int, lower: int) -> bool:
        """Return whether a unit, or the area that it works for, has the other one below it."""
        row = self.units[upper]
        area = upper if row.kind == "area" else row.parent
        if upper == lower or row.kind not in ("area", *ARMS) or area == lower:
            return False
        return any(area == one for one in self.line(lower))

    def group(self, area: int) -> list[int]:
        """Return a unit and its centre and committees."""
        # A centre comes before a committee, as in the alphabet.
        return [*([area] if area in self.units else []), *self._arms.get(area, ())]

    def _posts(self, unit: int, role: str, at: datetime) -> Iterator[RosterPost]:
        for one in self._seats.get((unit, role), ()):
            if one.since <= at and (one.until is None or one.until > at):
                yield one

    @cached_property
    def _seats(self) -> Mapping[tuple[int, str], Sequence[RosterPost]]:
        found: dict[tuple[int, str], list[RosterPost]] = {}
        for one in self.posts:
            found.setdefault((one.unit, one.role), []).append(one)
        return found

    @cached_property
    def _arms(self) -> Mapping[int | None, Sequence[int]]:
        found: dict[int | None, list[int]] = {}
        rows = ((row.kind, row.code, one) for one, row in self.units.items() if row.kind in ARMS)
        for _kind, _code, one in sorted(rows):
            found.setdefault(self.units[one].parent, []).append(one)
        return found

    def _here(self, user: int | None, at: datetime) -> bool:
        return user is not None and (user not in self.departures or self.departures[user] > at)


@dataclass
class Staff:
    """The rosters of a county in their order."""

    times: list[datetime] = field(default_factory=list)
    rosters: list[Roster] = field(default_factory=list)

    def take(self, db: Session, now: datetime) -> None:
        """Take down how things stand."""
        self.times.append(now)
        self.rosters.append(Roster.read(db))

    def at(self, moment: datetime) -> Roster:
        """Return how things stood."""
        return self.rosters[max(bisect_right(self.times, moment) - 1, 0)]

    def climb(
        self, at: datetime, late: LateHolder, up: int, role: str, *, over: bool
    ) -> RungArrival:
        """Return whom a rung reaches that many levels up; ``over``: only from another unit
        above.
        """
        roster, asked = self.at(at), []
        steps = list(_steps(roster, late.unit, up))
        spared = _spared(roster, late, at)
        skipped: list[tuple[int, str]] = []
        for step in steps:
            group = [one for one in roster.group(step) if one not in asked]
            barred = {one for one in group if _barred(roster, one, role, late, over=over)}
            for one in group:
                people = set() if one in barred else set(roster.people(one, role, at)) - spared
                if people:
                    return RungArrival(one, frozenset(people), tuple(skipped))
            if group:
                skipped.append(_passed(roster, group, barred, role, at))
                asked += group
        return self._top(at, late, up, role, steps, tuple(skipped), asked, over=over)

    def _top(
        self,
        at: datetime,
        late: LateHolder,
        up: int,
        role: str,
        steps: list[int],
        skipped: tuple[tuple[int, str], ...],
        asked: list[int],
        *,
        over: bool,
    ) -> RungArrival:
        """Nobody on the way: whoever leads the top, or supervises there."""
        roster = self.at(at)
        spared = _spared(roster, late, at)
        for other in AT_THE_TOP:
            for one in roster.group(steps[-1]) if steps else ():
                if not _barred(roster, one, other, late, over=over):
                    people = set(roster.people(one, other, at)) - spared
                    if people:
                        return RungArrival(one, frozenset(people), skipped)
        top = steps[-1] if steps and steps[-1] in asked else late.unit
        if over and not roster.stands_over(top, late.unit):
            return self.climb(at, late, up, role, over=False)
        return RungArrival(top, frozenset(), skipped)


def _steps(roster: Roster, unit: int, up: int) -> Iterator[int]:
    """Yield the unit itself where no level is skipped, then the areas from the level asked for
    up.
    """
    own = roster.units[unit].level
    highest = LEVELS[: max((LEVELS.index(own) if own in LEVELS else 0) - up, 0) + 1]
    if up == 0:
        yield unit
    for one in roster.line(unit):
        row = roster.units[one]
        if row.kind == "area" and row.level in highest and not (up == 0 and one == unit):
            yield one


def _spared(roster: Roster, late: LateHolder, at: datetime) -> set[int]:
    """Nobody is told of what he himself is late with, nor is who stands in for him."""
    seats = roster.people(late.unit, late.role, at)
    if late.person is None:
        return set(seats)
    return {late.person, *(user for user, whom in seats.items() if whom == late.person)}


def _barred(roster: Roster, unit: int, role: str, late: LateHolder, *, over: bool) -> bool:
    own = unit == late.unit and role == late.role
    return own or (over and not roster.stands_over(unit, late.unit))


def _passed(
    roster: Roster, group: list[int], barred: set[int], role: str, at: datetime
) -> tuple[int, str]:
    free = [one for one in group if one not in barred]
    if not free:
        return group[0], "same"
    held = next((one for one in free if roster.people(one, role, at)), None)
    if held is not None:
        return held, "own"
    vacant = next((one for one in free if roster.has_post(one, role, at)), None)
    return (free[0], "no_post") if vacant is None else (vacant, "vacant")
