"""What is done to a return: filled, entered, corrected, signed, sent, restated."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.definitions.statistics import DATE, YES_NO, Formula
from engine.errors import NotFound
from engine.insight.statistics import correcting, returns, rights, sending, sums
from engine.models import StatisticReturn
from engine.storage.db import reading, transaction
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.change_forms import (
    Answer,
    ChangeField,
    ChangeForm,
    carry_out,
    posted_text,
    posted_texts,
)
from webapp.clock import now
from webapp.locales import localize
from webapp.returns import blueprint, subject
from webapp.returns.page import ADDRESS


@blueprint.post(f"{ADDRESS}/fill")
def fill(key: str, unit_id: int, period: str) -> Response:
    """Fill the draft from the cases as they are."""
    with transaction() as db:
        about = returns.subject(db, current_actor(), key, unit_id, period)
        returns.fill(db, current_actor(), about, now=now())
    flash(_("已按案件取数。"), "success")
    return _back(key, unit_id, period)


@blueprint.route(f"{ADDRESS}/enter", methods=["GET", "POST"])
def enter(key: str, unit_id: int, period: str) -> Answer:
    """Write down the numbers that no case fills."""
    with reading() as db:
        found = subject.return_page(db, key, unit_id, period)
    if not found.about.table.entered_columns:
        raise NotFound(key)
    known = {} if found.row is None else found.row.entered
    fields = [
        ChangeField(
            column.key,
            localize(column.name),
            value=_plain(known.get(column.key), column.digits),
            required=False,
            longest=16,
            help=localize(column.group),
        )
        for column in found.about.table.entered_columns
    ]

    def act(db: Session) -> StatisticReturn:
        about = returns.subject(db, current_actor(), key, unit_id, period)
        told = posted_texts(fields)
        return returns.enter(db, current_actor(), about, told, now=now())

    change = ChangeForm(
        title=_("填写数据：%(name)s", name=localize(found.table.name)),
        button=_("保存"),
        back=address(key, unit_id, period),
        consequence=(_("只填本单位的数；下级的数由下级填报，汇总时自动相加。"),),
        fields=fields,
    )
    return carry_out(change, act, lambda _row: _back(key, unit_id, period))


@blueprint.route(f"{ADDRESS}/correct/<int:case_id>/<fact>", methods=["GET", "POST"])
def correct(key: str, unit_id: int, period: str, case_id: int, fact: str) -> Answer:
    """Say what a fact of a case is where it is missing or wrong."""
    actor = current_actor()
    with reading() as db:
        about = returns.subject(db, actor, key, unit_id, period)
        rights.require(rights.may_fill(actor, about.unit), "fill_return", about.unit)
        case, known = correcting.visible_fact(db, actor, about, case_id, fact)
        said = correcting.of_case(db, case.id, fact)
    change = ChangeForm(
        title=_("补正：%(case)s %(fact)s", case=case.number, fact=localize(known.name)),
        button=_("保存"),
        back=address(key, unit_id, period),
        consequence=(
            _("只更正统计口径，案件中填写的内容不变；保存后本报表重新取数。"),
            *(
                _("%(by)s曾填“%(value)s”：%(reason)s", by=by, value=row.value, reason=row.reason)
                for row, by in said
            ),
        ),
        fields=(_value(known), ChangeField("reason", _("依据"), "area", longest=400)),
    )

    def act(db: Session) -> StatisticReturn:
        correcting.correct(
            db, actor, about, case_id, fact, posted_text("value"), posted_text("reason"), now=now()
        )
        return returns.fill(db, actor, about, now=now())

    return carry_out(change, act, lambda _row: _back(key, unit_id, period))


@blueprint.route(f"{ADDRESS}/sign", methods=["GET", "POST"])
@step_up.with_fresh_proof
def sign(key: str, unit_id: int, period: str) -> Answer:
    """Freeze the draft as it was looked at, and sign it."""
    with reading() as db:
        found = subject.return_page(db, key, unit_id, period)
    unit = found.about.unit
    rights.require(rights.may_sign(current_actor(), unit), "sign_return", unit)
    if found.row is None or found.row.state != "draft":
        raise returns.SignedReturn(unit_id)
    change = ChangeForm(
        title=_("签发：%(name)s", name=localize(found.table.name)),
        button=_("签发"),
        back=address(key, unit_id, period),
        consequence=_consequence(found),
        fields=(
            ChangeField(
                "seen",
                _("核对码"),
                value=found.digest[:16],
                longest=16,
                help=_("与所核对的数据对应，数据有变化时不能签发。"),
            ),
        ),
    )

    def act(db: Session) -> StatisticReturn:
        about = returns.subject(db, current_actor(), key, unit_id, period)
        seen = found.digest if posted_text("seen") == found.digest[:16] else ""
        return returns.sign(db, current_actor(), about, seen, now=now())

    return carry_out(change, act, lambda _row: _back(key, unit_id, period, _("已签发。")))


@blueprint.post(f"{ADDRESS}/send")
@step_up.with_fresh_proof
def send(key: str, unit_id: int, period: str) -> Response:
    """Send the signed return to the unit above."""
    with transaction() as db:
        about = returns.subject(db, current_actor(), key, unit_id, period)
        sending.send(db, current_actor(), about, now=now())
    return _back(key, unit_id, period, _("已报送上级。"))


@blueprint.post(f"{ADDRESS}/discard")
def discard(key: str, unit_id: int, period: str) -> Response:
    """Throw the draft away."""
    with transaction() as db:
        about = returns.subject(db, current_actor(), key, unit_id, period)
        returns.discard(db, current_actor(), about, now=now())
    return _back(key, unit_id, period, _("草稿已放弃。"))


@blueprint.route(f"{ADDRESS}/back", methods=["GET", "POST"])
@step_up.with_fresh_proof
def send_back(key: str, unit_id: int, period: str) -> Answer:
    """Send back to a unit below what it sent."""

    def act(db: Session) -> StatisticReturn:
        about = returns.subject(db, current_actor(), key, unit_id, period)
        return sending.send_back(db, current_actor(), about, posted_text("reason"), now=now())

    with reading() as db:
        found = subject.return_page(db, key, unit_id, period)
        if not subject.may_send_back(db, found):
            raise NotFound(key)
    change = ChangeForm(
        title=_("退回：%(unit)s %(name)s", unit=found.about.unit.name,
                name=localize(found.table.name)),
        button=_("退回"),
        back=address(key, unit_id, period),
        consequence=(_("退回后不再计入汇总；由该单位更正重报。"),),
        fields=(ChangeField("reason", _("原因"), "area", longest=400),),
        danger=True,
    )  # fmt: skip
    return carry_out(change, act, lambda _row: _back(key, unit_id, period, _("已退回。")))


@blueprint.route(f"{ADDRESS}/restate", methods=["GET", "POST"])
def restate(key: str, unit_id: int, period: str) -> Answer:
    """Begin the next version of a signed return."""

    def act(db: Session) -> StatisticReturn:
        about = returns.subject(db, current_actor(), key, unit_id, period)
        return returns.restate(db, current_actor(), about, posted_text("reason"), now=now())

    with reading() as db:
        found = subject.return_page(db, key, unit_id, period)
    change = ChangeForm(
        title=_("更正重报：%(name)s", name=localize(found.table.name)),
        button=_("新建一版"),
        back=address(key, unit_id, period),
        consequence=(_("按现在的案件重新取数，签发、报送后代替原版；原版保留，可以查看。"),),
        fields=(ChangeField("reason", _("更正原因"), "area", longest=400),),
    )
    return carry_out(change, act, lambda _row: _back(key, unit_id, period))


def _consequence(found: subject.ReturnPage) -> list[str]:
    """Return what signing means, and what is missing still."""
    lacking = [
        _("%(count)s 件%(what)s", count=found.gaps[gap.key], what=localize(gap.name))
        for gap in found.table.gaps
        if found.gaps.get(gap.key)
    ]
    missing = [one.unit.name for one in found.units if one.row is None]
    consequence = [_("签发后不能修改；有误的用“更正重报”另出一版，原版保留。")]
    if lacking:
        consequence.append(_("仍有缺项：%(gaps)s。", gaps="、".join(lacking)))
    if missing:
        consequence.append(_("下级未报：%(units)s。", units="、".join(missing)))
    return consequence


def _value(fact: Formula) -> ChangeField:
    label = localize(fact.name)
    if fact.kind == YES_NO:
        yes_no = (("yes", _("是")), ("no", _("否")))
        return ChangeField("value", label, "select", options=yes_no, blank=_("请选择"))
    if fact.choices:
        options = tuple((one, one) for one in fact.choices)
        return ChangeField("value", label, "select", options=options, blank=_("请选择"))
    return ChangeField("value", label, "date" if fact.kind == DATE else "text", longest=200)


def _plain(amount: int | None, digits: int) -> str:
    return "" if amount is None else f"{sums.plain(amount):.{digits}f}"


def address(key: str, unit_id: int, period: str) -> str:
    """Return the address of a return."""
    return url_for("returns.show", key=key, unit_id=unit_id, period=period)


def _back(key: str, unit_id: int, period: str, told: str = "") -> Response:
    if told:
        flash(told, "success")
    return redirect(address(key, unit_id, period), 303)


def back_to(where: str, said: str) -> Response:
    """Go to a page with what was done."""
    flash(said, "success")
    return redirect(where, 303)
