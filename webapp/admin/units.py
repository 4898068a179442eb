"""Units: the tree, one unit with its posts and history, and every change of it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import org
from engine.desk import dismissals
from engine.models import Unit
from engine.org import confidential_units, register
from engine.storage.db import reading
from engine.terms.levels import LEVELS
from feel.text import Text
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.admin import blueprint, reach
from webapp.admin.labels import kind_options
from webapp.change_forms import (
    Answer,
    ChangeField,
    ChangeForm,
    carry_out,
    choice,
    posted_text,
    value_or_error,
    within_reach,
)
from webapp.clock import now
from webapp.display import level_name

NO_UNIT = Text("没有这个编码的单位，或不在您的管理范围内。", "No such unit within your reach.")


@blueprint.get("/units")
def units() -> Answer:
    """Units by name or code; without a question, the unit at the top of one's own reach."""
    text = request.args.get("q", "").strip()[:60]
    with reading() as db:
        if not text:
            return redirect(url_for("admin.unit", unit_id=register.home_of(db, reach()).id), 303)
        rows, after = register.find_units(db, reach(), text, after=request.args.get("after", ""))
        return render_template("admin/units.html", rows=rows, after=after, text=text)


@blueprint.get("/units/<int:unit_id>")
def unit(unit_id: int) -> str:
    """One unit: parent, children, post holders and history."""
    mine = reach()
    with reading() as db:
        one = register.unit_in(db, mine, unit_id)
        line = list(reversed(org.ancestors(db, one)))
        within = mine.within(db, [parent.id for parent in line])
        above = [parent for parent in line if parent.id in within]
        return render_template(
            "admin/unit.html",
            unit=one,
            above=above,
            children=register.children(db, one),
            posts=register.posts_of(db, one, now()),
            changes=register.changes_of(db, one),
            work=org.open_work(db, one.id, current_actor()),
            heir=db.get(Unit, one.heir_id) if one.heir_id else None,
        )


@blueprint.route("/units/<int:unit_id>/new", methods=["GET", "POST"])
def new_unit(unit_id: int) -> Answer:
    """Add a unit under this one."""
    with reading() as db:
        parent = register.unit_in(db, reach(), unit_id)
    levels = [(level, level_name(level)) for level in LEVELS[LEVELS.index(parent.level) :]]
    kinds = kind_options() if parent.kind == "area" else kind_options()[1:]
    change = ChangeForm(
        title=_("在“%(name)s”下新增单位", name=parent.name),
        button=_("新增"),
        back=url_for("admin.unit", unit_id=unit_id),
        fields=(
            ChangeField("name", _("名称")),
            ChangeField("code", _("编码"), value=f"{parent.code}-", longest=32),
            ChangeField("kind", _("类别"), "select", options=kinds),
            ChangeField(
                "level",
                _("层级"),
                "select",
                value=levels[min(1, len(levels) - 1)][0],
                options=levels,
                help=_("区域须低于上级的层级；部门、中心、调委会与上级同级。"),
            ),
        ),
    )

    def act(db: Session) -> Unit:
        return org.create_unit(
            db,
            current_actor().user_id,
            code=posted_text("code"),
            name=posted_text("name"),
            level=posted_text("level"),
            kind=posted_text("kind"),
            parent=register.unit_in(db, reach(), unit_id),
            now=now(),
        )

    return carry_out(change, act, _added)


def _added(made: Unit) -> Response:
    answer = _to(made.id, _("已新增“%(name)s”。", name=made.name))
    if made.level == "county" and made.kind == "area":
        # A county is asked at once by which letters its cases are numbered.
        return redirect(url_for("admin.number_series", unit_id=made.id, process="own"), 303)
    return answer


@blueprint.route("/units/<int:unit_id>/rename", methods=["GET", "POST"])
def rename_unit(unit_id: int) -> Answer:
    """Give the unit another name; old cases keep the old one."""
    one = _unit(unit_id)
    change = ChangeForm(
        title=_("更名：%(name)s", name=one.name),
        button=_("更名"),
        back=url_for("admin.unit", unit_id=unit_id),
        consequence=(_("已登记的事项保留登记时的名称。"),),
        fields=(ChangeField("name", _("新名称"), value=one.name),),
    )

    def act(db: Session) -> None:
        mine = register.unit_in(db, reach(), unit_id)
        org.rename_unit(db, current_actor().user_id, mine, posted_text("name"), now=now())

    return carry_out(change, act, lambda _done: _to(unit_id, _("已更名。")))


@blueprint.route("/units/<int:unit_id>/move", methods=["GET", "POST"])
@step_up.with_fresh_proof
def move_unit(unit_id: int) -> Answer:
    """Move the unit with its subtree under another one."""
    with reading() as db:
        one = register.unit_in(db, reach(), unit_id)
        options = _options(register.parents_for(db, reach(), one.level, one.kind), one)
    change = ChangeForm(
        title=_("调整上级：%(name)s", name=one.name),
        button=_("调整"),
        back=url_for("admin.unit", unit_id=unit_id),
        consequence=(_("下级单位随同调整。事项立即由新的上级查看和督办，原上级不再看到。"),),
        fields=(choice("parent", _("新的上级"), options),),
    )

    def act(db: Session) -> None:
        mine = register.unit_in(db, reach(), unit_id)
        parent = value_or_error(_by_code(db, posted_text("parent")), "parent", NO_UNIT)
        confidential_units.require_unnamed(db, mine)
        org.move_unit(db, current_actor().user_id, mine, parent, now=now())

    return carry_out(change, act, lambda _done: _to(unit_id, _("已调整上级。")))


@blueprint.route("/units/<int:unit_id>/end", methods=["GET", "POST"])
@step_up.with_fresh_proof
def end_unit(unit_id: int) -> Answer:
    """End the unit; who takes over is asked when something is left."""
    with reading() as db:
        one = register.unit_in(db, reach(), unit_id)
        work = org.open_work(db, one.id, current_actor())
        below = sum(row.unit.ended_at is None for row in register.children(db, one))
        options = _options(register.heirs_for(db, reach(), one), one)
    left = bool(work) or below > 0
    help_text = _("事项、环节和下级单位一并移交。") if left else _("无未办结工作的，可不填。")
    change = ChangeForm(
        title=_("停用：%(name)s", name=one.name),
        button=_("确认停用"),
        back=url_for("admin.unit", unit_id=unit_id),
        consequence=(
            _("未办结事项 %(count)s 件", count=work.cases),
            _("未办结环节 %(count)s 个", count=work.tasks),
            _("下级单位 %(count)s 个", count=below),
            _("岗位随之停用；已签收未办结的退回接收单位待签收，期限照常计算。"),
        ),
        fields=(choice("heir", _("接收单位"), options, help_text=help_text, required=left),),
        danger=True,
    )

    def act(db: Session) -> int:
        mine = register.unit_in(db, reach(), unit_id)
        code = posted_text("heir")
        heir = value_or_error(_by_code(db, code), "heir", NO_UNIT) if code else None
        return dismissals.end_unit(db, current_actor(), mine, heir=heir, now=now())

    words = _("已停用。")
    return carry_out(change, act, lambda _count: _to(unit_id, words))


@blueprint.route("/units/<int:unit_id>/revive", methods=["GET", "POST"])
def revive_unit(unit_id: int) -> Answer:
    """Open an ended unit again."""
    one = _unit(unit_id)
    change = ChangeForm(
        title=_("恢复：%(name)s", name=one.name),
        button=_("恢复使用"),
        back=url_for("admin.unit", unit_id=unit_id),
        consequence=(_("已移交的事项和原岗位不再恢复，需要时请重新设岗。"),),
    )

    def act(db: Session) -> None:
        mine = register.unit_in(db, reach(), unit_id)
        org.revive_unit(db, current_actor().user_id, mine, now=now())

    return carry_out(change, act, lambda _done: _to(unit_id, _("已恢复。")))


def _unit(unit_id: int) -> Unit:
    with reading() as db:
        return register.unit_in(db, reach(), unit_id)


def _by_code(db: Session, code: str) -> Unit | None:
    unit_id = db.scalar(select(Unit.id).where(Unit.code == code))
    return within_reach(lambda: register.unit_in(db, reach(), unit_id or 0))


def _options(candidates: list[Unit], one: Unit) -> list[tuple[str, str]]:
    return [
        (other.code, other.name) for other in candidates if other.id not in (one.id, one.parent_id)
    ]


def _to(unit_id: int, words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("admin.unit", unit_id=unit_id), 303)
