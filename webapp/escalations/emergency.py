"""The emergency switch (平战结合): what is on, what it would shorten, on and off with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access.actors import Actor
from engine.bpmn.elements.registry import MANUAL_KINDS
from engine.definitions import versions
from engine.errors import InvalidInput, NotFound, Refusal
from engine.models import Emergency, Unit, User
from engine.reports import deadline_preview
from engine.reports.area import Area, parts_of
from engine.reports.deadline_preview import LimitChanges
from engine.roles import OVERSEERS, with_verb
from engine.storage.db import reading, transaction
from engine.timing import calendars
from engine.timing import emergencies as profiles
from engine.timing.emergencies import Override
from engine.worktime import Limit, limit_text
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.escalations import blueprint
from webapp.locales import localize
from webapp.names import node_name
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int]
ROWS = 3
SHOWN = 50
LIMIT_UNITS = ("working_hours", "hours", "working_days", "days")


@dataclass
class EmergencyForm:
    """The page of switching on: what may be chosen, what was typed, what it would do."""

    units: list[Unit]
    steps: list[tuple[str, str]]
    change: LimitChanges | None = None
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""


@blueprint.get("/supervision/emergencies")
def emergencies() -> str:
    """What is on in my area or above me, and what was."""
    actor = _overseer()
    with reading() as db:
        rows = [row for row in profiles.switched(db) if profiles.concerns(actor, row.unit)]
        names = _names(db, rows)
        may = bool(_units(db, actor))
        steps = dict(_steps(db)) if any(row.limits for row in rows) else {}
    return render_template(
        "escalations/emergencies.html",
        on=[row for row in rows if row.until_at is None],
        past=[row for row in rows if row.until_at is not None][:SHOWN],
        names=names,
        may=may,
        may_switch=lambda unit: profiles.may_switch(actor, unit),
        limits=lambda limits: _limits_text(steps, limits),
    )


@blueprint.route("/supervision/emergencies/new", methods=["GET", "POST"])
def switch_on() -> Answer:
    """Shorten the limits of a unit: first what would happen, then, confirmed, it does."""
    actor = _overseer()
    with reading() as db:
        form = EmergencyForm(_units(db, actor), _steps(db))
    if not form.units:
        raise NotFound()
    if request.method != "POST":
        return _page(form)
    try:
        unit, factor, overrides = _posted_profile(form)
        if request.form.get("confirmed") != "yes":
            form.change = _would(actor, unit, factor, overrides)
            return _page(form)
        with transaction() as db:
            profiles.switch_on(
                db,
                actor,
                unit.id,
                factor=factor,
                overrides=overrides,
                reason=request.form.get("reason", ""),
                now=now(),
            )
    except InvalidInput as error:
        form.errors = {name: localize(text) for name, text in error.errors.items()}
        return _page(form), status_of(error)
    except Refusal as error:
        form.message = localize(error.text)
        return _page(form), status_of(error)
    flash(_("已启动应急状态，正在后台重新计算在办事项期限。"), "success")
    return redirect(url_for("escalations.emergencies"), 303)


@blueprint.route("/supervision/emergencies/<int:unit_id>/off", methods=["GET", "POST"])
def switch_off(unit_id: int) -> Answer:
    """Give the limits back, with a reason."""
    actor = _overseer()
    with reading() as db:
        unit = db.get(Unit, unit_id)
        if unit is None or not profiles.may_switch(actor, unit):
            raise NotFound(unit_id)
        kept = [one for one in calendars.load(db).emergencies if one.unit_id != unit_id]
        change = deadline_preview.shortened(db, actor, Area(unit), kept, now())
    error = message = ""
    status = 200
    if request.method == "POST":
        try:
            with transaction() as db:
                reason = request.form.get("reason", "")
                profiles.switch_off(db, actor, unit_id, reason=reason, now=now())
            flash(_("已恢复常态，正在后台恢复在办事项期限。"), "success")
            return redirect(url_for("escalations.emergencies"), 303)
        except InvalidInput as refused:
            error, status = localize(next(iter(refused.errors.values()))), status_of(refused)
        except Refusal as refused:
            message, status = localize(refused.text), status_of(refused)
    page = render_template(
        "escalations/emergency_off.html",
        unit=unit,
        change=change,
        shown=change.limits[:SHOWN],
        error=error,
        message=message,
        said=_limit_text,
    )
    return page, status


def _overseer() -> Actor:
    actor = current_actor()
    if not actor.roles & OVERSEERS:
        raise NotFound()
    return actor


def _units(db: Session, actor: Actor) -> list[Unit]:
    """Return the units that the actor may switch: their own as a leader, and those just below."""
    found: dict[int, Unit] = {}
    for seat in actor.seats:
        if seat.role in with_verb("emergency"):
            unit = db.get_one(Unit, seat.unit_id)
            found[unit.id] = unit
            found |= parts_of(db, Area(unit), {unit.id})
    return [unit for unit in found.values() if profiles.may_switch(actor, unit)]


def _steps(db: Session) -> list[tuple[str, str]]:
    """Return every step of every process in force, and each process as a whole."""
    found: list[tuple[str, str]] = []
    for version in versions.currents(db, now()):
        process, name = version.process, node_name(version)
        found.append((f"{process}/", _("%(process)s：全部环节", process=name)))
        nodes = versions.load(db, version.id).definition.nodes.values()
        found += [
            (f"{process}/{node.id}", _("%(process)s：%(step)s", process=name, step=node_name(node)))
            for node in nodes
            if node.kind in MANUAL_KINDS
        ]
    return found


def _posted_profile(form: EmergencyForm) -> tuple[Unit, int, list[Override]]:
    """Return unit, factor and explicit limits of the form. Raises InvalidInput."""
    chosen = request.form.get("unit", "")
    unit = next((unit for unit in form.units if str(unit.id) == chosen), None)
    if unit is None:
        raise NotFound(chosen)
    text = request.form.get("factor", "").strip()
    factor = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return unit, factor, [one for number in range(ROWS) if (one := _override(form, number))]


def _override(form: EmergencyForm, number: int) -> Override | None:
    amount = request.form.get(f"amount-{number}", "").strip()
    if not amount:
        return None
    step, unit = request.form.get(f"step-{number}", ""), request.form.get(f"unit-{number}", "")
    known = step == "" or step in dict(form.steps)
    if not (amount.isascii() and amount.isdigit() and len(amount) < 4) or not known:
        raise InvalidInput({"limits": profiles.BAD_LIMIT})
    process, _slash, node = step.partition("/")
    limit = Limit(int(amount), unit if unit in LIMIT_UNITS else "working_hours")
    return Override(limit, process or None, node or None)


def _would(actor: Actor, unit: Unit, factor: int, overrides: list[Override]) -> LimitChanges:
    """Return what it would do to the open tasks; checked as switching on checks it. Raises
    Rejected.
    """
    profiles.checked(factor, overrides, request.form.get("reason", ""))
    with reading() as db:
        on = calendars.load(db).emergencies
        new = profiles.imagined(unit, factor, overrides, now())
        return deadline_preview.shortened(db, actor, Area(unit), [*on, new], now())


def _page(form: EmergencyForm) -> str:
    return render_template(
        "escalations/emergency_on.html",
        form=form,
        rows=ROWS,
        limit_units=_limit_units(),
        shown=form.change.limits[:SHOWN] if form.change else (),
        said=_limit_text,
    )


def _limit_units() -> list[tuple[str, str]]:
    words = (_("个工作小时"), _("小时（昼夜连续）"), _("个工作日"), _("天"))
    return list(zip(LIMIT_UNITS, words, strict=True))


def _limit_text(limit: Limit) -> str:
    return localize(limit_text(limit))


def _limits_text(names: dict[str, str], limits: Iterable[dict[str, object]]) -> list[str]:
    """Return the explicit limits of a profile, in words."""
    found = []
    for one in limits:
        key = f"{one.get('process') or ''}/{one.get('step') or ''}"
        where = names.get(key, _("全部环节"))
        limit = Limit(int(str(one["amount"])), str(one["unit"]))
        found.append(_("%(where)s %(limit)s", where=where, limit=_limit_text(limit)))
    return found


def _names(db: Session, rows: Iterable[Emergency]) -> dict[int, str]:
    ids = {person for row in rows for person in (row.by_id, row.ended_by) if person}
    found = db.execute(select(User.id, User.name).where(User.id.in_(sorted(ids))))
    return {row[0]: row[1] for row in found}
