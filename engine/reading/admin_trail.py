"""What auditors read: log-ins, tokens, grants, exports and unmaskings, in the order they happened.

An auditor reads what people of the area of the post did, and, over a whole installation, also what
nobody known did: wrong guesses at logins that there are not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.models import AdminEvent, Post, Unit, User
from engine.models.base import STAMPED_LEVELS
from engine.roles import with_verb

PAGE_SIZE = 50
# Filters by what happened: beginnings of kinds.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "login": ("login.", "logout", "session"),
    "token": ("token.",),
    "account": ("user.", "factor"),
    "grant": ("post.", "deputy.", "grant."),
    "reveal": ("personal.", "document.", "disclosure.", "confidential"),
    "export": ("export.",),
    "definition": ("version.", "draft."),
    "unit": ("unit", "calendar.", "moves.", "numbers.", "emergency."),
}


@dataclass(frozen=True)
class TrailQuery:
    """What narrows the list; empty parts do not."""

    group: str = ""
    person: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: int | None = None


@dataclass(frozen=True)
class TrailRow:
    """One event, with the names of who did it and to whom."""

    seq: int
    at: datetime
    kind: str
    actor: str
    subject: str
    data: Mapping[str, Any]


def page(db: Session, actor: Actor, query: TrailQuery) -> tuple[list[TrailRow], int | None]:
    """Return the newest events that fit, and where the next page goes on."""
    wanted = select(AdminEvent).where(_readable(db, actor), *_conditions(query))
    found = list(db.scalars(wanted.order_by(AdminEvent.seq.desc()).limit(PAGE_SIZE + 1)))
    rows = found[:PAGE_SIZE]
    told = [json.loads(row.data) for row in rows]
    names = _names(db, rows, told)
    lines = [_line(row, data, names) for row, data in zip(rows, told, strict=True)]
    return lines, rows[-1].seq if len(found) > PAGE_SIZE else None


def _readable(db: Session, actor: Actor) -> ColumnElement[bool]:
    """Return events of people who have or had a post in the auditor's areas; everything from the
    top.
    """
    areas = []
    for seat in actor.seats:
        if seat.role not in with_verb("audit"):
            continue
        if seat.level not in STAMPED_LEVELS:
            return true()
        areas.append(
            getattr(Unit, f"at_{seat.level}") == seat.stamps[STAMPED_LEVELS.index(seat.level)]
        )
    inside = or_(*areas)
    # A column that a county has not is null, and null is not inside.
    within = func.coalesce(inside, false())
    outside = select(func.count()).select_from(Unit).where(Unit.level == "county", ~within)
    theirs = AdminEvent.actor_id.in_(
        select(Post.user_id).join(Unit, Unit.id == Post.unit_id).where(inside)
    )
    # Where there is one county alone, nobody else would read what nobody known did.
    return theirs if db.scalar(outside) else or_(theirs, AdminEvent.actor_id.is_(None))


def _conditions(query: TrailQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.group in GROUPS:
        found.append(or_(*(AdminEvent.kind.startswith(one) for one in GROUPS[query.group])))
    if query.person:
        who = select(User.id).where(or_(User.login == query.person, User.name == query.person))
        found.append(AdminEvent.actor_id.in_(who))
    if query.source:
        found.append(AdminEvent.data.contains(json.dumps(query.source), autoescape=True))
    if query.since is not None:
        found.append(AdminEvent.at >= query.since)
    if query.until is not None:
        found.append(AdminEvent.at < query.until)
    if query.after is not None:
        found.append(AdminEvent.seq < query.after)
    return found


def _names(
    db: Session, rows: Sequence[AdminEvent], told: Sequence[Mapping[str, Any]]
) -> dict[int, str]:
    ids = {row.actor_id for row in rows} | {data.get("user") for data in told}
    known: Select[tuple[int, str]] = select(User.id, User.name)
    return dict(db.execute(known.where(User.id.in_(ids - {None}))).tuples().all())


def _line(row: AdminEvent, data: Mapping[str, Any], names: Mapping[int, str]) -> TrailRow:
    user = data.get("user")
    subject = names.get(user, "") if isinstance(user, int) and user != row.actor_id else ""
    rest = {key: value for key, value in data.items() if key != "user"}
    who = names.get(row.actor_id, "") if row.actor_id is not None else ""
    return TrailRow(row.seq, row.at, row.kind, who, subject, rest)
