"""Names for what answers hold as ids and codes, and the options of place and unit fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.access.actors import Actor, Seat
from engine.models import Case, Unit
from engine.models.base import STAMPED_LEVELS
from engine.reading import casefile, materials, staff
from engine.reading.casefile import EarlierAnswers
from engine.records import masking
from engine.registers import mediators
from forms import AnswerText, RenderModel

Options = list[tuple[str, list[tuple[str, str]]]]
COUNTY = STAMPED_LEVELS.index("county")
# Whoever works in a grid or village may also report for the rest of the village.
# So many of somebody's last cases say which places come first, and so many places do.
LAST, NEAR = 100, 20
MEDIATOR = "mediator"
REACH = {"grid": "village", "village": "village", "township": "township"}


@dataclass
class ChoiceSources:
    """Looked up before the template runs, so that a template never asks the database."""

    files: Mapping[str, str] = field(default_factory=dict)
    unit_names: Mapping[str, str] = field(default_factory=dict)
    place_options: Options = field(default_factory=list)
    # Codes of the places that the actor is likely to mean, the likeliest first.
    near: Sequence[str] = ()
    unit_options: Options = field(default_factory=list)
    # People of the house: by id, and those to choose from by role.
    staff_names: Mapping[str, str] = field(default_factory=dict)
    staff_options: Mapping[str, Options] = field(default_factory=dict)
    # Of the field that names the unit reported against, whichever that is.
    against: str = ""
    against_options: Options = field(default_factory=list)
    # Personal answers shown in clear on this one page: (node, field) -> value.
    clear_answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    # A confidential reporter: not even a surname or the last digits of a number.
    hidden: bool = False

    def file_name(self, file_id: Any) -> str:
        """Return the name of an attachment."""
        return self.files.get(str(file_id), str(file_id))

    def unit_name(self, code: Any) -> str:
        """Return the name of a unit or place."""
        return self.unit_names.get(str(code), str(code))

    def unit_list(self, codes: Iterable[Any]) -> list[str]:
        """Return the names of several units."""
        return [self.unit_name(code) for code in codes]

    def personal(self, said: AnswerText, node_id: str, path: str, hidden: bool = False) -> str:
        """Return a personal answer, masked unless this page was asked to show it.

        ``path`` is where it stands: its name, in a list ``parties-0-party_phone``.
        """
        if self.hidden or hidden:
            return _("（保密）")
        clear = self.clear_answers.get((node_id, path))
        return clear if clear is not None else masking.mask(said.kind, str(said.value))

    def is_shown(self, node_id: str, path: str) -> bool:
        """Return whether this page shows the personal answer in clear."""
        return (node_id, path) in self.clear_answers

    def places(self) -> Options:
        """Return options of a place field: groups of (code, name)."""
        return self.place_options

    def staff(self, role: str) -> Options:
        """Return options of a field of staff: people by unit."""
        return self.staff_options.get(role, [])

    def staff_name(self, user_id: Any) -> str:
        """Return the name of somebody of the house."""
        return self.staff_names.get(str(user_id), str(user_id))

    def units(self, name: str = "") -> Options:
        """Return options of a unit field: groups of (code, name)."""
        return self.against_options if name and name == self.against else self.unit_options


def look_up(
    db: Session,
    actor: Actor,
    model: RenderModel | None,
    earlier: Iterable[EarlierAnswers] = (),
    shown: Mapping[tuple[str, str], str] | None = None,
    against: str | None = None,
) -> ChoiceSources:
    """Return everything that a form and the answers beside it need, by what really occurs in
    them.
    """
    said = [one for step in earlier for one in step.answers]
    said += [one for outer in said for row in outer.rows for one in row]
    fields = [one for group in model.groups for one in group.fields] if model else []
    fields += [one for outer in fields for row in outer.rows for one in row.fields]
    kinds = {one.kind for one in fields}
    ids = [one.value for one in said if one.kind == "files"]
    ids += [one.value for one in fields if one.kind == "files"]
    numbers = {int(item) for items in ids for item in items if _is_id(item)}
    names = materials.attachment_names(db, actor, numbers)
    return ChoiceSources(
        files={str(key): name for key, name in names.items()},
        unit_names=casefile.unit_names(db, _codes(said)),
        place_options=places_of(db, actor) if "place" in kinds else [],
        near=near_places(db, actor) if "place" in kinds else (),
        staff_names=staff.names(db, {str(one.value) for one in said if one.kind == "staff"}),
        staff_options={
            role: _of_register(db, role, staff.options(db, actor, role))
            for role in sorted({one.role for one in fields if one.kind == "staff"})
        },
        unit_options=units_of(db, actor) if kinds & {"unit", "units"} else [],
        against=against or "",
        against_options=units_against(db, actor) if against else [],
        clear_answers=shown or {},
    )


def _of_register(db: Session, role: str, offered: Options) -> Options:
    """Return mediators with what the register says of them; one statement."""
    if role != MEDIATOR or not offered:
        return offered
    known = mediators.in_office(
        db, [int(key) for _unit, people in offered for key, _name in people]
    )

    def label(key: str, name: str) -> str:
        found = known.get(int(key))
        if found is None:
            return name
        kind = _("专职") if found.full_time else _("兼职")
        return _("%(name)s（%(kind)s）", name=name, kind=kind)

    return [(unit, [(key, label(key, name)) for key, name in people]) for unit, people in offered]


def county_of(actor: Actor) -> int | None:
    """Return the county that the actor works in."""
    return next((seat.stamps[COUNTY] for seat in actor.seats if seat.stamps[COUNTY]), None)


def places_of(db: Session, actor: Actor) -> Options:
    """Return places that the actor may name, by township; one statement."""
    reach = [condition for seat in actor.seats if (condition := _reach(seat)) is not None]
    if not reach:
        return []
    rows = db.execute(
        select(Unit.id, Unit.code, Unit.name, Unit.level, Unit.at_township, Unit.at_village)
        .where(
            or_(*reach),
            Unit.kind == "area",
            Unit.level.in_(("township", "village", "grid")),
            Unit.ended_at.is_(None),
        )
        .order_by(Unit.code)
    ).all()
    names = {row.id: row.name for row in rows}
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        village = names.get(row.at_village, "")
        nested = row.level == "grid" and village
        label = f"{village} · {row.name}" if nested else row.name
        groups.setdefault(names.get(row.at_township, ""), []).append((row.code, label))
    return list(groups.items())


def near_places(db: Session, actor: Actor) -> list[str]:
    """Return codes of the places of the actor's last cases, the most frequent first, and of the
    areas of the actor's own seats; one statement.
    """
    last = (
        select(Case.place_id)
        .where(Case.opened_by == actor.user_id)
        .order_by(Case.id.desc())
        .limit(LAST)
        .subquery()
    )
    own = {
        seat.stamps[STAMPED_LEVELS.index(seat.level)]
        for seat in actor.seats
        if seat.level in STAMPED_LEVELS
    }
    times = func.count(last.c.place_id)
    rows = db.execute(
        select(Unit.code)
        .outerjoin(last, last.c.place_id == Unit.id)
        .where(or_(last.c.place_id.is_not(None), Unit.id.in_(own)))
        .group_by(Unit.code)
        .order_by(times.desc(), Unit.code)
        .limit(NEAR)
    )
    return list(rows.scalars())


def units_against(db: Session, actor: Actor) -> Options:
    """Return units of the county that somebody may report: itself, its offices, and all areas
    below.
    """
    county = county_of(actor)
    if county is None:
        return []
    rows = db.execute(
        select(Unit.id, Unit.code, Unit.name, Unit.level, Unit.at_township)
        .where(
            Unit.at_county == county,
            Unit.ended_at.is_(None),
            Unit.level.in_(("county", "township", "village")),
            or_(Unit.level == "county", Unit.kind == "area"),
        )
        .order_by(Unit.code)
    ).all()
    names = {row.id: row.name for row in rows}
    groups: dict[str, list[tuple[str, str]]] = {_("县级"): []}
    for row in rows:
        group = names.get(row.at_township, _("县级"))
        groups.setdefault(group, []).append((row.code, row.name))
    return [(title, options) for title, options in groups.items() if options]


def units_of(db: Session, actor: Actor) -> Options:
    """Return units of the county that work can be given to: departments, centres, townships."""
    county = county_of(actor)
    if county is None:
        return []
    rows = db.execute(
        select(Unit.code, Unit.name, Unit.kind)
        .where(
            Unit.at_county == county,
            Unit.ended_at.is_(None),
            or_(
                Unit.kind.in_(("department", "organisation")) & (Unit.level == "county"),
                (Unit.kind == "area") & (Unit.level == "township"),
            ),
        )
        .order_by(Unit.code)
    ).all()
    departments = [(row.code, row.name) for row in rows if row.kind != "area"]
    townships = [(row.code, row.name) for row in rows if row.kind == "area"]
    groups = [(_("县直部门"), departments), (_("乡镇、街道"), townships)]
    return [(title, options) for title, options in groups if options]


def _is_id(item: Any) -> bool:
    text = str(item)
    return text.isascii() and text.isdigit() and len(text) < 19


def _reach(seat: Seat) -> Any:
    level = REACH.get(seat.level, "county")
    unit_id = seat.stamps[STAMPED_LEVELS.index(level)]
    return None if unit_id is None else getattr(Unit, f"at_{level}") == unit_id


def _codes(said: Iterable[AnswerText]) -> set[str]:
    found: set[str] = set()
    for one in said:
        if one.kind in ("place", "unit"):
            found.add(str(one.value))
        elif one.kind == "units":
            found.update(str(code) for code in one.value)
        for row in one.rows:
            found |= _codes(row)
    return found


def own_place(db: Session, actor: Actor) -> str | None:
    """Return the code of the area that the actor works in, for a form to begin with."""
    for seat in actor.seats:
        if seat.level in ("grid", "village", "township"):
            unit_id = seat.stamps[STAMPED_LEVELS.index(seat.level)]
            return db.scalar(select(Unit.code).where(Unit.id == unit_id))
    return None
