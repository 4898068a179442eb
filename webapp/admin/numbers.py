"""How a county numbers its cases: its letters, and what single processes have of their own."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine import org
from engine.definitions import versions
from engine.errors import NotFound
from engine.models import Unit
from engine.org import register
from engine.org.number_series import SeriesRow
from engine.storage.db import reading
from webapp import locales
from webapp.account.people import current_actor
from webapp.admin import blueprint, reach
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, posted_text
from webapp.clock import now

# What stands in an address for the county's own letters.
OWN = "own"


@blueprint.get("/units/<int:unit_id>/numbers")
def numbers(unit_id: int) -> str:
    """The series of a county, with the next year's first number of each as an example."""
    with reading() as db:
        county = _county(db, unit_id)
        names = _processes(db)
        rows = org.series_of(db, county, {key: one[1] for key, one in names.items()})
    own = rows.pop("")
    return render_template(
        "admin/numbers.html",
        unit=county,
        own=own,
        rows=[(row, names[key][0] if key in names else key) for key, row in rows.items()],
        year=now().year,
    )


@blueprint.route("/units/<int:unit_id>/numbers/<process>", methods=["GET", "POST"])
def number_series(unit_id: int, process: str) -> Answer:
    """Set a county's letters, or the series of one process."""
    with reading() as db:
        county = _county(db, unit_id)
        names = _processes(db)
        known = {key: one[1] for key, one in names.items()}
        row = org.series_of(db, county, known).get("" if process == OWN else process)
    if row is None:
        raise NotFound(unit_id)
    named = "" if process == OWN else names[process][0] if process in names else process
    back = url_for("admin.numbers", unit_id=unit_id)

    def act(db: Session) -> None:
        digits = posted_text("digits")
        org.set_series(
            db,
            current_actor().user_id,
            _county(db, unit_id),
            posted_text("letters"),
            known=known,
            process=row.process,
            pattern=posted_text("pattern"),
            digits=int(digits) if digits.isascii() and digits.isdigit() else 0,
            yearly=posted_text("yearly") == "yes",
            now=now(),
        )

    def done(_done: None) -> Answer:
        flash(_("已设定编号。"), "success")
        return redirect(back, 303)

    return carry_out(_form(county, row, named, back), act, done)


def _form(county: Unit, row: SeriesRow, named: str, back: str) -> ChangeForm:
    own = not row.process
    title = (
        _("编号：%(name)s", name=county.name)
        if own
        else _("编号：%(name)s · %(process)s", name=county.name, process=named)
    )
    help_text = _("县级字头，置于各流程字头前，如“山”。") if own else _("完整字头，如“山网”。")
    return ChangeForm(
        title=title,
        button=_("保存"),
        back=back,
        consequence=(_("已有编号不变；字头变更的，自 1 号编起。"),),
        fields=(
            ChangeField("letters", _("字头"), value=row.letters, longest=8, help=help_text),
            ChangeField(
                "pattern",
                _("样式"),
                value=row.pattern,
                longest=60,
                help=_("{letters} 为字头，{year} 为年份，{number} 为序号，其余照写。"),
            ),
            ChangeField("digits", _("序号位数"), "number", value=str(row.digits), longest=1),
            ChangeField(
                "yearly",
                _("每年"),
                "select",
                value="yes" if row.yearly else "no",
                options=[("yes", _("自 1 号重新编号")), ("no", _("连续编号"))],
            ),
        ),
    )


def _county(db: Session, unit_id: int) -> Unit:
    unit = register.unit_in(db, reach(), unit_id)
    if unit.level != "county" or unit.kind != "area":
        raise NotFound(unit_id)
    return unit


def _processes(db: Session) -> dict[str, tuple[str, str]]:
    """Name and letters of every process that opens cases, by key."""
    found = {}
    for version in versions.currents(db, now()):
        info = versions.load(db, version.id).definition.process
        name = info.name_en if locales.english() and info.name_en else info.name
        found[version.process] = (name or version.process, info.number_prefix or info.key)
    return found
