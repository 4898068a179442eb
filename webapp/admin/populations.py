"""How many people live in a county's townships and villages, for rates on the map."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine import settings
from engine.errors import NotFound
from engine.models import Unit
from engine.org import populations, register
from engine.org.populations import PopulationRow
from engine.storage.db import reading
from webapp.account.people import current_actor
from webapp.admin import blueprint, reach
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, posted_text
from webapp.clock import now


@blueprint.route("/units/<int:unit_id>/population", methods=["GET", "POST"])
def population(unit_id: int) -> Answer:
    """Enter or paste how many people live where, with source and date."""
    with reading() as db:
        county = _county(db, unit_id)
        rows = populations.rows(db, county)
    back = url_for("admin.unit", unit_id=unit_id)

    def act(db: Session) -> int:
        return populations.keep(
            db,
            current_actor().user_id,
            _county(db, unit_id),
            posted_text("lines"),
            posted_text("source"),
            _day(posted_text("day")),
            now=now(),
            today=settings.current().local_day(now()),
        )

    def done(count: int) -> Answer:
        flash(_("已保存 %(count)s 个单位的人口数。", count=count), "success")
        return redirect(back, 303)

    return carry_out(_form(county, rows, back), act, done)


def _form(county: Unit, rows: list[PopulationRow], back: str) -> ChangeForm:
    known = [row.population for row in rows if row.population]
    latest = max(known, key=lambda one: one.entered_at, default=None)
    return ChangeForm(
        title=_("人口数：%(name)s", name=county.name),
        button=_("保存"),
        back=back,
        consequence=(_("地图按每千人计算时用这里的数；没有填的单位不计算。"),),
        fields=(
            ChangeField(
                "lines",
                _("各单位人口数"),
                "area",
                value="\n".join(_line(row) for row in rows),
                longest=60_000,
                help=_("一行一个单位：单位代码、名称（可以不写）、人数。可以从 Excel 粘贴。"),
            ),
            ChangeField(
                "source",
                _("来源"),
                value=latest.source if latest else "",
                longest=populations.LONGEST_SOURCE,
                help=_("例如“第七次全国人口普查公报”。"),
            ),
            ChangeField("day", _("数据日期"), "date", value=str(latest.day) if latest else ""),
        ),
    )


def _line(row: PopulationRow) -> str:
    known = f" {row.population.people}" if row.population else ""
    return f"{row.unit.code} {row.unit.name}{known}"


def _county(db: Session, unit_id: int) -> Unit:
    unit = register.unit_in(db, reach(), unit_id)
    if unit.level != "county" or unit.kind != "area":
        raise NotFound(unit_id)
    return unit


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
