"""Which units a county names for confidential cases that have to go round another one."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import duties
from engine.errors import InvalidInput, NotFound
from engine.models import ConfidentialUnit, Unit
from engine.org import confidential_units, register
from engine.org.reach import Reach, reach_of
from engine.roles import ADMIN
from engine.storage.db import reading, transaction
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.admin import blueprint, reach
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, choice, posted_text
from webapp.clock import now


@blueprint.get("/confidential")
def confidential() -> str:
    """The counties and cities I look after, or confirm for, with the units that each names."""
    with reading() as db:
        areas = _areas(db, _everybody())
        named: dict[int, list[ConfidentialUnit]] = {area.id: [] for area in areas}
        mine = set()
        for row in confidential_units.of_areas(db, named):
            named[row.area_id].append(row)
            if confidential_units.objection(db, current_actor(), row, now()) is None:
                mine.add((row.area_id, row.unit_id))
    return render_template("admin/confidential.html", areas=areas, named=named, mine=mine)


@blueprint.route("/confidential/<int:area_id>/new", methods=["GET", "POST"])
@step_up.with_fresh_proof
def name_confidential(area_id: int) -> Answer:
    """Name one more unit."""
    with reading() as db:
        area = _area(db, area_id)
        units = confidential_units.candidates(db, area)
    change = ChangeForm(
        title=_("指定保密件办理单位：%(name)s", name=area.name),
        button=_("指定"),
        back=url_for("admin.confidential"),
        consequence=(
            _("反映单位的保密件，不经该单位及其上级，由此处指定的单位办理。"),
            _("反映指定单位本身的，由下一指定单位或上级指定单位办理。"),
            _("须由另一名县级管理员确认。"),
        ),
        fields=(
            choice("unit", _("单位"), [(unit.code, unit.name) for unit in units]),
            ChangeField("rank", _("顺序"), "number", "1"),
        ),
    )

    def act(db: Session) -> ConfidentialUnit:
        chosen = next((unit for unit in units if unit.code == posted_text("unit")), None)
        rank = posted_text("rank")
        if chosen is None:
            raise InvalidInput({"unit": confidential_units.OUTSIDE})
        number = int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 3 else 0
        actor_id = current_actor().user_id
        return confidential_units.name(db, actor_id, area, chosen, number, now=now())

    return carry_out(change, act, lambda _row: _back(_("已提交，由另一名县级管理员确认后生效。")))


@blueprint.post("/confidential/<int:area_id>/<int:unit_id>/remove")
@step_up.with_fresh_proof
def forget_confidential(area_id: int, unit_id: int) -> Response:
    """Ask for taking a unit off the list; what waits for a second person is dropped."""
    with transaction() as db:
        area = _area(db, area_id)
        confidential_units.forget(db, current_actor().user_id, area, unit_id, now=now())
    return _back(_("已记录。"))


@blueprint.post("/confidential/<int:area_id>/<int:unit_id>/confirm")
@step_up.with_fresh_proof
def confirm_confidential(area_id: int, unit_id: int) -> Response:
    """Agree to what another administrator asked for."""
    with transaction() as db:
        area = next((one for one in _areas(db, _everybody()) if one.id == area_id), None)
        if area is None:
            raise NotFound(area_id)
        confidential_units.confirm(
            db,
            current_actor(),
            area,
            unit_id,
            ending=request.form.get("what") == "ending",
            now=now(),
        )
    return _back(_("已确认，即时生效。"))


def _everybody() -> Reach:
    """Return what somebody looks after, or confirms for. Raises NotFound for everybody else."""
    found = _reach_here()
    if not found:
        raise NotFound()
    return found


def _reach_here() -> Reach:
    return reach_of(current_actor(), duties.confirmers() | {ADMIN})


def _areas(db: Session, mine: Reach) -> list[Unit]:
    return confidential_units.areas(db, mine)


def _area(db: Session, area_id: int) -> Unit:
    area = register.unit_in(db, reach(), area_id)
    if area.id not in {one.id for one in _areas(db, reach())}:
        raise NotFound(area_id)
    return area


def _back(words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("admin.confidential"), 303)


# The tabs lead there only whoever it opens for.
blueprint.app_context_processor(lambda: {"confidential_units_open": lambda: bool(_reach_here())})
