"""The registers of people's mediation: committees, found, entered, changed, ended."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.models import Committee, Unit
from engine.org import register
from engine.registers import committees, mediators, words
from engine.storage.db import reading
from feel.text import Text
from webapp import display
from webapp.account.people import current_actor
from webapp.admin import blueprint, reach
from webapp.change_forms import (
    Answer,
    ChangeField,
    ChangeForm,
    carry_out,
    choice,
    posted_texts,
    value_or_error,
)
from webapp.clock import now
from webapp.locales import localize

NO_UNIT = Text("没有这个单位，或不在管理范围内。", "No such unit within reach.")
MOST_UNITS = 3000


@blueprint.get("/committees")
def mediation() -> str:
    """The committees within reach, with what the register lacks of each."""
    text, ended = request.args.get("q", "").strip()[:60], request.args.get("ended") == "yes"
    with reading() as db:
        rows, after = committees.listing(
            db, reach(), text, after=request.args.get("after", "")[:120], ended=ended
        )
        return render_template(
            "admin/committees.html",
            rows=rows,
            after=after,
            text=text,
            ended=ended,
            kinds=words.KINDS,
        )


@blueprint.get("/committees/<int:committee_id>")
def committee(committee_id: int) -> str:
    """One committee with its mediators and its history."""
    with reading() as db:
        one = committees.one(db, reach(), committee_id)
        return render_template(
            "admin/committee.html",
            committee=one,
            row=committees.row_of(db, one),
            people=mediators.of_committee(db, one),
            history=committees.history(db, one),
            words=words,
            change_words=change_text,
        )


@blueprint.route("/committees/new", methods=["GET", "POST"])
def new_committee() -> Answer:
    """Enter a committee of a unit."""
    with reading() as db:
        units = _units(db)
    change = ChangeForm(
        title=_("新增调委会"),
        button=_("新增"),
        back=url_for("admin.mediation"),
        fields=(choice("unit", _("所在单位"), units), *_fields({})),
    )

    def act(db: Session) -> Committee:
        typed = posted_texts(change.fields)
        unit = value_or_error(_unit(db, typed["unit"]), "unit", NO_UNIT)
        return committees.create(db, current_actor().user_id, unit, typed, today(), now=now())

    return carry_out(change, act, lambda made: to_committee(made.id, _("已新增。")))


@blueprint.route("/committees/<int:committee_id>/edit", methods=["GET", "POST"])
def edit_committee(committee_id: int) -> Answer:
    """Correct what the register says of a committee."""
    one = _committee(committee_id)
    change = ChangeForm(
        title=_("修改：%(name)s", name=one.name),
        button=_("保存"),
        back=url_for("admin.committee", committee_id=committee_id),
        fields=_fields(committees.typed_of(one)),
    )

    def act(db: Session) -> None:
        typed = posted_texts(change.fields)
        mine = committees.one(db, reach(), committee_id)
        committees.change(db, current_actor().user_id, mine, typed, today(), now=now())

    return carry_out(change, act, lambda _done: to_committee(committee_id, _("已保存。")))


@blueprint.route("/committees/<int:committee_id>/end", methods=["GET", "POST"])
def end_committee(committee_id: int) -> Answer:
    """End a committee that nobody is in any more."""
    one = _committee(committee_id)
    change = ChangeForm(
        title=_("撤销：%(name)s", name=one.name),
        button=_("撤销"),
        back=url_for("admin.committee", committee_id=committee_id),
        consequence=(_("撤销后不再计入统计，名册和变更记录保留。"),),
        fields=ending_fields(),
        danger=True,
    )

    def act(db: Session) -> None:
        mine = committees.one(db, reach(), committee_id)
        typed = posted_texts(change.fields)
        committees.end(db, current_actor().user_id, mine, typed, today(), now=now())

    return carry_out(change, act, lambda _done: to_committee(committee_id, _("已撤销。")))


def ending_fields() -> tuple[ChangeField, ChangeField]:
    """Return when something ends, and why."""
    return (
        ChangeField("on", _("日期"), "date", value=today().isoformat()),
        ChangeField("reason", _("原因"), "area", longest=200),
    )


def options(choices: words.Choices) -> list[tuple[str, str]]:
    """Return the choices of a field in the reader's language."""
    return [(key, localize(name)) for key, name in choices.items()]


def change_text(kind: str, said: dict[str, object]) -> str:
    """Return what a line of the history says happened, and to which fields."""
    names = {
        "created": _("登记"),
        "changed": _("修改"),
        "ended": _("撤销或者解聘"),
        "course": _("培训"),
    }
    labels = field_labels()
    if kind == "changed":
        fields = [labels.get(name, name) for name in said]
        return _("%(what)s：%(fields)s", what=names[kind], fields="、".join(fields))
    told = " ".join(
        str(said[name]) for name in ("on", "reason", "held_on", "topic") if name in said
    )
    return f"{names[kind]} {told}".strip()


def field_labels() -> dict[str, str]:
    """Return what the fields of both registers are called."""
    return {
        "name": _("名称"),
        "kind": _("类型"),
        "trade": _("行业、专业"),
        "number": _("备案编号"),
        "seal": _("印章编号"),
        "founded_on": _("设立日期"),
        "sex": _("性别"),
        "education": _("学历"),
        "full_time": _("专职、兼职"),
        "office": _("职务"),
        "rank": _("等级"),
        "appointed_on": _("聘任日期"),
        "birth": _("出生日期"),
        "nation": _("民族"),
        "politics": _("政治面貌"),
        "phone": _("电话"),
        "certificate": _("调解员证号"),
        "user_id": _("账号"),
    }


def to_committee(committee_id: int, said: str) -> Response:
    """Go back to a committee, with what was done."""
    flash(said, "success")
    return redirect(url_for("admin.committee", committee_id=committee_id), 303)


def _fields(known: dict[str, str]) -> tuple[ChangeField, ...]:
    labels = field_labels()
    trades = [(one, one) for one in words.TRADES]
    return (
        ChangeField("name", labels["name"], value=known.get("name", "")),
        ChangeField(
            "kind",
            labels["kind"],
            "select",
            value=known.get("kind", ""),
            options=options(words.KINDS),
            blank=_("请选择"),
            help=_("统计的六类，工作室另计。"),
        ),
        ChangeField(
            "trade",
            labels["trade"],
            "suggest",
            value=known.get("trade", ""),
            options=trades,
            required=False,
            longest=20,
            help=_("行业性、专业性调委会填写，如医疗、道路交通、物业。"),
        ),
        ChangeField(
            "founded_on", labels["founded_on"], "date", value=known.get("founded_on", ""),
            required=False,
        ),
        ChangeField(
            "number", labels["number"], value=known.get("number", ""), required=False, longest=60
        ),
        ChangeField(
            "seal", labels["seal"], value=known.get("seal", ""), required=False, longest=60
        ),
    )  # fmt: skip


def _committee(committee_id: int) -> Committee:
    with reading() as db:
        return committees.one(db, reach(), committee_id)


def _unit(db: Session, code: str) -> Unit | None:
    found = db.scalar(select(Unit).where(Unit.code == code, Unit.ended_at.is_(None)))
    return register.unit_in(db, reach(), found.id) if found is not None else None


def _units(db: Session) -> list[tuple[str, str]]:
    """Return the units within reach that may have a committee."""
    rows = db.execute(
        select(Unit.code, Unit.name)
        .where(
            reach().inside(),
            Unit.ended_at.is_(None),
            Unit.level.in_(("county", "township", "village")),
            Unit.kind != "department",
        )
        .order_by(Unit.code)
        .limit(MOST_UNITS)
    )
    return [(code, name) for code, name in rows]


def today() -> date:
    """Return the local day."""
    return display.local(now()).date()
