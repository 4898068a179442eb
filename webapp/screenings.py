"""Screening rounds (排查): a short form for whoever walks, made for the telephone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import policy
from engine.access.actors import Actor
from engine.definitions import rollouts, versions
from engine.definitions.versions import PublishedVersion
from engine.errors import NotAllowed, NotFound
from engine.models import Case, ScreeningFind, ScreeningRound, Unit
from engine.models.screenings import OPENED
from engine.records import form_drafts
from engine.registers import rounds, words
from engine.registers.words import Choices
from engine.roles import OVERSEERS
from engine.storage.db import reading, transaction
from feel.text import Text
from webapp import display, query_numbers
from webapp.account.people import current_actor
from webapp.change_forms import (
    Answer,
    ChangeField,
    ChangeForm,
    carry_out,
    posted_text,
    posted_texts,
    value_or_error,
)
from webapp.clock import now
from webapp.form_pages import posted_forms
from webapp.locales import localize

blueprint = Blueprint("screenings", __name__, url_prefix="/screenings")
NO_UNIT = Text("请选择单位。", "Choose the unit.")
# What a find is registered as: a dispute by whoever may, else a matter of the grid.
PROCESSES = ("dispute", "ticket")
CHANNEL = "网格员排查"
NAMES = ("kind", "topic", "first_on", "last_on", "staff", "households", "places", "note")


@blueprint.before_request
def _only_those_who_screen() -> None:
    # For everybody else these pages do not exist.
    if not current_actor().roles & (rounds.PEOPLE | OVERSEERS):
        raise NotFound()


@blueprint.get("/")
def index() -> str:
    """The rounds of one's units, the newest first."""
    actor = current_actor()
    with reading() as db:
        after = request.args.get("after", type=query_numbers.whole)
        rows, more = rounds.listing(db, actor, after=after)
        return render_template(
            "screenings/index.html",
            rows=rows,
            after=more,
            kinds=words.ROUND_KINDS,
            enters=bool(actor.roles & rounds.PEOPLE),
        )


@blueprint.get("/<int:round_id>")
def round_page(round_id: int) -> str:
    """One round with what it found."""
    actor = current_actor()
    with reading() as db:
        one = rounds.one(db, actor, round_id)
        finds = [(find, case, _may_see(db, actor, case)) for find, case in rounds.finds(db, one)]
        return render_template(
            "screenings/round.html",
            round=one,
            finds=finds,
            words=words,
            enters=rounds.may_change(actor, one) and not one.void_reason,
        )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Enter a round."""
    actor = current_actor()
    with reading() as db:
        units = rounds.units(db, actor)
    if not units:
        raise NotAllowed("screen")
    known = {"staff": actor.name, "kind": "regular", "unit": str(units[0].id)}
    change = _round_form(_("登记排查"), url_for("screenings.index"), units, known)

    def act(db: Session) -> ScreeningRound:
        typed = posted_texts(change.fields)
        chosen = next((one for one in units if str(one.id) == typed["unit"]), None)
        unit = value_or_error(chosen, "unit", NO_UNIT)
        return rounds.begin(db, actor, unit, typed, _today(), now=now())

    return carry_out(
        change, act, lambda made: _to(made.id, _("已登记。没有发现纠纷的即为零报告。"))
    )


@blueprint.route("/<int:round_id>/edit", methods=["GET", "POST"])
def edit(round_id: int) -> Answer:
    """Correct a round."""
    actor = current_actor()
    with reading() as db:
        one = rounds.one(db, actor, round_id)
    known = {name: str(getattr(one, name)) for name in NAMES}
    back = url_for("screenings.round_page", round_id=round_id)
    change = _round_form(_("修改排查"), back, (), known)

    def act(db: Session) -> None:
        typed = posted_texts(change.fields)
        mine = rounds.one(db, actor, round_id)
        rounds.change(db, actor, mine, typed, _today(), now=now())

    return carry_out(change, act, lambda _done: _to(round_id, _("已保存。")))


@blueprint.route("/<int:round_id>/void", methods=["GET", "POST"])
def void(round_id: int) -> Answer:
    """Void a round, with the reason."""
    actor = current_actor()
    with reading() as db:
        rounds.one(db, actor, round_id)
    change = ChangeForm(
        title=_("作废排查"),
        button=_("作废"),
        back=url_for("screenings.round_page", round_id=round_id),
        consequence=(_("重复登记或者误登记的作废，不再计入统计，记录保留。"),),
        fields=(ChangeField("reason", _("原因"), "area", longest=200),),
        danger=True,
    )

    def act(db: Session) -> None:
        mine = rounds.one(db, actor, round_id)
        rounds.void(db, actor, mine, posted_text("reason"), now=now())

    return carry_out(change, act, lambda _done: _to(round_id, _("已作废。")))


@blueprint.route("/<int:round_id>/finds/new", methods=["GET", "POST"])
def new_find(round_id: int) -> Answer:
    """Enter a dispute that was found; one to be registered goes on to its form."""
    actor = current_actor()
    with reading() as db:
        rounds.one(db, actor, round_id)
    change = ChangeForm(
        title=_("登记发现的纠纷"),
        button=_("保存"),
        back=url_for("screenings.round_page", round_id=round_id),
        fields=_find_fields(),
    )

    def act(db: Session) -> ScreeningFind:
        typed = posted_texts(change.fields)
        mine = rounds.one(db, actor, round_id)
        return rounds.find(db, actor, mine, typed, _today(), now=now())

    def done(made: ScreeningFind) -> Answer:
        if made.result != OPENED:
            return _to(round_id, _("已登记。"))
        try:
            return _register(made.id)
        except NotAllowed:
            return _to(
                round_id, _("已登记。您的岗位不能登记纠纷，请能登记的同事在这里点“去登记”。")
            )

    return carry_out(change, act, done)


@blueprint.post("/finds/<int:find_id>/register")
def register(find_id: int) -> Answer:
    """Go to the form of the case that a find becomes, with what is known filled in."""
    return _register(find_id)


def _register(find_id: int) -> Response:
    actor = current_actor()
    with transaction() as db:
        made = rounds.one_find(db, actor, find_id)
        key = rounds.draft(db, actor, made)
        published = _offered(db, actor)
        subject = form_drafts.of_opening(published.process, key)
        form_drafts.hold(db, actor.user_id)
        if form_drafts.load(db, actor.user_id, subject) is None:
            told = _beginning(published, made)
            form_drafts.save(db, actor.user_id, subject, told, now())
        process = published.process
    return redirect(url_for("desk.opening", process=process, draft=key), 303)


def _offered(db: Session, actor: Actor) -> PublishedVersion:
    """Return the process in which somebody may register a find. Raises NotAllowed."""
    for process in PROCESSES:
        try:
            return versions.offered(db, rollouts.plan(db, process, now()), actor)
        except (NotFound, NotAllowed):
            continue
    raise NotAllowed("open")


def _beginning(published: PublishedVersion, made: ScreeningFind) -> dict[str, Any]:
    """Return what a find says for the opening form, by what its questions fill."""
    form = published.form(published.opens.form)
    assert form is not None
    sets, unit = form.sets, made.round.unit
    fields = {field.name: field for field in form.fields}
    told: dict[str, Any] = posted_forms.beginning(form)
    if "title" in sets:
        told[sets["title"]] = made.title
    if "place" in sets and unit.kind == "area" and unit.level in ("township", "village", "grid"):
        told[sets["place"]] = unit.code
    channel = fields.get(sets.get("channel", ""))
    if channel is not None and CHANNEL in [choice.value for choice in channel.choices]:
        told[channel.name] = CHANNEL
    if "people_count" in fields:
        told["people_count"] = max(made.people, 2)
    if "facts" in fields:
        told["facts"] = " ".join(filter(None, (made.place, made.outcome)))
    return told


def _round_form(title: str, back: str, units: Sequence[Unit], known: dict[str, str]) -> ChangeForm:
    today = _today().isoformat()

    def optional(name: str, label: str, kind: str, longest: int, help: str = "") -> ChangeField:
        value = known.get(name, "")
        return ChangeField(name, label, kind, value, (), help, False, longest)

    fields = [
        ChangeField("kind", _("排查种类"), "select", known["kind"], _options(words.ROUND_KINDS)),
        ChangeField("first_on", _("开始日期"), "date", known.get("first_on", today)),
        ChangeField("last_on", _("结束日期"), "date", known.get("last_on", today)),
        ChangeField("staff", _("排查人员"), value=known["staff"], longest=200),
        optional("households", _("走访户数"), "number", 5),
        optional("places", _("走访场所数"), "number", 5),
        optional("topic", _("重点"), "text", 120, _("专项排查写明内容，如拖欠工资、邻里、婚恋。")),
        optional("note", _("情况"), "area", 400, _("不写当事人姓名、电话。")),
    ]
    if units:
        listed = [(str(one.id), one.name) for one in units]
        fields.insert(0, ChangeField("unit", _("单位"), "select", known["unit"], listed))
    return ChangeForm(title=title, button=_("保存"), back=back, fields=fields)


def _find_fields() -> tuple[ChangeField, ...]:
    warned = _("有打斗、自伤、聚集苗头的选“登记为纠纷”，登记后自动预警。")
    return (
        ChangeField("title", _("什么纠纷"), longest=60, help=_("不写当事人姓名、电话。")),
        ChangeField("place", _("地点"), required=False, longest=100),
        ChangeField("people", _("涉及人数"), "number", "2", longest=5),
        ChangeField("risk", _("风险"), "select", "slight", _options(words.RISKS)),
        ChangeField(
            "result", _("怎么处理"), "select", "settled", _options(words.RESULTS), help=warned
        ),
        ChangeField("outcome", _("处理情况"), "area", required=False, longest=400),
    )


def _options(choices: Choices) -> list[tuple[str, str]]:
    return [(key, localize(name)) for key, name in choices.items()]


def _may_see(db: Session, actor: Actor, case: Case | None) -> bool:
    return case is not None and policy.can_see(db, actor, case)


def _today() -> date:
    return display.local(now()).date()


def _to(round_id: int, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("screenings.round_page", round_id=round_id), 303)
