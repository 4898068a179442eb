"""What narrows a list, as an address says it: read, offered as options, shown as chips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.access.actors import Actor
from engine.bpmn.elements.registry import MANUAL_KINDS
from engine.definitions import versions
from engine.models import Unit, Version
from engine.reading import worklists
from engine.reading.worklists import TaskFilters
from engine.terms.channels import CASE_CHANNELS
from engine.terms.lamps import LAMPS
from webapp import display
from webapp.form_pages import sources
from webapp.locales import localize
from webapp.names import node_name

Pairs = list[tuple[str, str]]
# What a saved view keeps of an address, besides its queue.
KEYS = ("process", "step", "lamp", "category", "channel", "area", "from", "to", "due")
PLAIN = frozenset({"process", "step", "lamp"})


@dataclass(frozen=True)
class FilterChip:
    """One filter that is on: its words, and the key that takes it off."""

    key: str
    words: str


def current_filters() -> dict[str, str]:
    """Return the filters of this request's address, as they were given."""
    return {key: value for key in KEYS if (value := request.args.get(key, "").strip()[:120])}


def filters(db: Session, asked: Mapping[str, str] | None = None) -> TaskFilters:
    """Return the filters of this request; what makes no sense narrows nothing."""
    said = current_filters() if asked is None else asked
    lamp = said.get("lamp", "")
    area = said.get("area", "")
    return TaskFilters(
        process=said.get("process", ""),
        lamp=lamp if lamp in LAMPS else "",
        step=said.get("step", ""),
        category=said.get("category", ""),
        channel=said.get("channel", ""),
        area=worklists.area_of(db, area) if area.isprintable() and area else None,
        opened_from=_midnight(said.get("from", "")),
        opened_until=_midnight(said.get("to", ""), 1),
        due_until=_midnight(said.get("due", ""), 1),
    )


def chips(found: TaskFilters) -> list[FilterChip]:
    """Return the filters that have no control of their own on the page."""
    area = found.area.name if found.area else ""
    channel = localize(CASE_CHANNELS.get(found.channel, found.channel))
    words = {
        "category": _("类别：%(name)s", name=found.category) if found.category else "",
        "channel": _("渠道：%(name)s", name=channel) if channel else "",
        "area": _("辖区：%(name)s", name=area) if area else "",
        "from": _day(_("%(day)s 起登记"), found.opened_from),
        "to": _day(_("%(day)s 前登记"), found.opened_until, -1),
        "due": _day(_("%(day)s 前到期"), found.due_until, -1),
    }
    return [FilterChip(key, text) for key, text in words.items() if text]


def processes(db: Session, moment: datetime) -> dict[str, Version]:
    """Return the current version of each process."""
    return {version.process: version for version in versions.currents(db, moment)}


def step_options(db: Session, actor: Actor, known: Mapping[str, Version], process: str) -> Pairs:
    """Return the steps that the actor's roles work at, of one process or of all."""
    wanted = [version for key, version in known.items() if process in ("", key)]
    steps: dict[str, str] = {}
    for version in wanted:
        for node in versions.load(db, version.id).definition.nodes.values():
            if node.kind in MANUAL_KINDS and node.role in actor.roles:
                steps.setdefault(node.id, node_name(node))
    return list(steps.items())


def choices_of(db: Session, known: Iterable[Version], column: str) -> Pairs:
    """Return what an opening form may put into a column of a case: its categories, its channels."""
    found: dict[str, str] = {}
    for version in known:
        published = versions.load(db, version.id)
        opens = published.definition.opens
        form = published.form(opens.form) if opens is not None else None
        name = form.sets.get(column) if form is not None else None
        for one in form.fields if form is not None else ():
            if one.name == name:
                found |= {choice.value: localize(choice.label) for choice in one.choices}
    return list(found.items())


def areas_of(db: Session, actor: Actor) -> list[tuple[str, Pairs]]:
    """Townships and villages of the actor's county, the villages by township; one statement."""
    county = sources.county_of(actor)
    if county is None:
        return []
    rows = db.execute(
        select(Unit.id, Unit.code, Unit.name, Unit.level, Unit.at_township)
        .where(
            Unit.at_county == county,
            Unit.kind == "area",
            Unit.level.in_(("township", "village")),
            Unit.ended_at.is_(None),
        )
        .order_by(Unit.code)
    ).all()
    towns = {row.id: row for row in rows if row.level == "township"}
    groups: dict[int, Pairs] = {
        one.id: [(one.code, _("%(name)s（合计）", name=one.name))] for one in towns.values()
    }
    for row in rows:
        if row.level == "village" and row.at_township in groups:
            groups[row.at_township].append((row.code, row.name))
    return [(towns[key].name, options) for key, options in groups.items()]


def _midnight(text: str, days: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time(), ZoneInfo(settings.current().timezone))


def _day(words: str, moment: datetime | None, days: int = 0) -> str:
    if moment is None:
        return ""
    return words % {"day": display.local_day(moment + timedelta(days=days))}
