"""The list of allowances per case by mediator and quarter, and the rates of the county."""

from __future__ import annotations

import io
from dataclasses import dataclass

from flask import render_template
from flask_babel import gettext as _
from openpyxl import Workbook
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.errors import NotAllowed, NotFound
from engine.insight.statistics import awards, listing, rights
from engine.insight.statistics.awards import AwardRates, MediatorAward
from engine.models import Unit
from engine.storage.db import reading
from webapp import administration_log, downloads
from webapp.account.people import current_actor
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, posted_texts
from webapp.clock import now
from webapp.excel_style import MIME, text
from webapp.returns import blueprint, subject
from webapp.returns.changes import address, back_to
from webapp.returns.page import ADDRESS

MOST_CASES = 20_000


@dataclass(frozen=True)
class AwardPage:
    """A quarter's list with what it comes to; ``hidden`` cases only count in the return."""

    page: subject.ReturnPage
    rates: AwardRates
    people: list[MediatorAward]
    hidden: int
    county: Unit | None


@blueprint.get(f"{ADDRESS}/awards")
def award_list(key: str, unit_id: int, period: str) -> str:
    """What the quarter comes to for each mediator."""
    with reading() as db:
        found = _list_of(db, key, unit_id, period)
        county = found.county
        return render_template(
            "returns/awards.html",
            found=found,
            page=found.page,
            classes=awards.CLASSES,
            may_set=county is not None and rights.may_sign(current_actor(), county),
            where={"key": key, "unit_id": unit_id, "period": period},
        )


@blueprint.get(f"{ADDRESS}/awards.xlsx")
def award_workbook(key: str, unit_id: int, period: str) -> Response:
    """The same as a workbook, to be checked, signed and paid."""
    actor = current_actor()
    with reading() as db:
        found = _list_of(db, key, unit_id, period)
        about = found.page.about
    administration_log.note("export.made", actor, what="awards", unit=unit_id, period=period)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("以案定补")
    sheet.append([text(found.rates.title or _title(found))])
    sheet.append([text(f"{about.unit.name} {about.span.name.zh}")])
    sheet.append(["调解员", "单位", *awards.CLASSES, "合计（件）", "金额（元）", "领取人签名"])
    for one in found.people:
        counts = [one.cases.get(kind, 0) for kind in awards.CLASSES]
        amount = None if one.lacking else float(one.amount)
        sheet.append([text(one.name), text(one.unit), *counts, one.total, amount, None])
    if found.rates.note:
        sheet.append([text(found.rates.note)])
    file = io.BytesIO()
    book.save(file)
    name = f"{_title(found)}-{about.unit.name}-{period}.xlsx"
    return downloads.download(file.getvalue(), name, MIME)


@blueprint.route(f"{ADDRESS}/awards/rates", methods=["GET", "POST"])
def award_rates(key: str, unit_id: int, period: str) -> Answer:
    """Set what a class is worth, and the words around the list."""
    actor = current_actor()
    with reading() as db:
        found = _list_of(db, key, unit_id, period)
    county, known = found.county, found.rates
    if county is None or not rights.may_sign(actor, county):
        raise NotAllowed("sign_return", unit_id)
    rates = [
        ChangeField(
            f"rate_{place}", _("%(kind)s（元/件）", kind=kind), "text",
            str(known.rates.get(kind, "")), required=False, longest=10,
        )
        for place, kind in enumerate(awards.CLASSES)
    ]  # fmt: skip
    change = ChangeForm(
        title=_("以案定补标准：%(name)s", name=county.name),
        button=_("保存"),
        back=address(key, unit_id, period) + "/awards",
        consequence=(_("全县各单位的名册都用这个标准；已经导出的不变。没有填的类别不算金额。"),),
        fields=(
            *rates,
            ChangeField(
                "title", _("名册标题"), value=known.title, required=False,
                longest=awards.LONGEST_TITLE,
            ),
            ChangeField(
                "note", _("名册说明"), "area", known.note, required=False,
                longest=awards.LONGEST_NOTE, help=_("如补贴依据、发放办法，印在名册下面。"),
            ),
        ),
    )  # fmt: skip

    def act(db: Session) -> AwardRates:
        typed = posted_texts(change.fields)
        return awards.set_rates(db, actor, db.get_one(Unit, county.id), typed, now=now())

    return carry_out(change, act, lambda _rates: back_to(f"{change.back}", _("已保存。")))


def _list_of(db: Session, key: str, unit_id: int, period: str) -> AwardPage:
    """Return a quarter's list. Raises NotFound for other tables, and where nothing is filled."""
    page = subject.return_page(db, key, unit_id, period)
    if key != awards.TABLE or page.row is None:
        raise NotFound(key)
    lines = listing.lines(db, current_actor(), page.row, size=MOST_CASES)
    county_id = page.about.unit.at_county
    county = db.get(Unit, county_id) if county_id is not None else None
    rates = awards.rates_of(db, county_id)
    return AwardPage(page, rates, awards.of_lines(lines.lines, rates), lines.hidden, county)


def _title(found: AwardPage) -> str:
    return found.page.table.name.zh
