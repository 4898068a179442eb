"""The page of one return, the cases behind each of its numbers, and its list of cases."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.definitions.statistics import ROWS, Gap
from engine.errors import NotFound
from engine.insight.statistics import entries, listing, rights
from engine.insight.statistics.counting import GAP
from engine.models import ReturnEntry
from engine.registers import rounds
from engine.roles import OVERSEERS, with_verb
from engine.storage.db import reading
from webapp.account.people import current_actor
from webapp.locales import localize
from webapp.returns import blueprint, subject

ADDRESS = "/<key>/<int:unit_id>/<period>"


@blueprint.get(ADDRESS)
def show(key: str, unit_id: int, period: str) -> str:
    """One return: its numbers, what is missing, what was sent from below, its versions."""
    actor = current_actor()
    with reading() as db:
        found = subject.return_page(db, key, unit_id, period)
        unit = found.about.unit
        return render_template(
            "returns/return.html",
            page=found,
            may_fill=rights.may_fill(actor, unit),
            may_sign=rights.may_sign(actor, unit),
            may_send_back=subject.may_send_back(db, found),
            where={"key": key, "unit_id": unit_id, "period": period},
        )


@blueprint.get(f"{ADDRESS}/cases")
def cases(key: str, unit_id: int, period: str) -> str:
    """The cases behind one number of a return, or behind something that is missing."""
    number = request.args.get("number", "")
    with reading() as db:
        found = subject.return_page(db, key, unit_id, period)
        column = found.table.column(number)
        gap = next((one for one in found.table.gaps if f"{GAP}{one.key}" == number), None)
        if found.row is None or (column is None and gap is None):
            raise NotFound(number)
        if found.table.registers or (column is not None and column.kind == ROWS):
            return _entries(db, found, number, gap, localize((gap or column).name))  # type: ignore[union-attr]
        page = listing.behind(db, current_actor(), found.row, number, after=_after())
        return render_template(
            "returns/cases.html",
            page=found,
            found=page,
            gap=gap,
            facts=[one for one in found.table.facts if gap is None or one.key == gap.fact],
            title=localize((gap or column).name),  # type: ignore[union-attr]
            may_fill=rights.may_fill(current_actor(), found.about.unit),
            where={"key": key, "unit_id": unit_id, "period": period},
        )


def _entries(
    db: Session, found: subject.ReturnPage, number: str, gap: Gap | None, title: str
) -> str:
    """The rows of the registers behind a number, linked for whoever keeps these."""
    assert found.row is not None
    about = found.about
    where = {"key": about.table.key, "unit_id": about.unit.id, "period": about.span.key}
    rows = entries.behind(db, listing.family(db, found.row), number)
    return render_template(
        "returns/entries.html",
        page=found,
        rows=rows,
        gap=gap,
        links=_links(db, [entry for entry, _unit in rows]),
        registers={
            entries.COMMITTEE: _("调委会"),
            entries.MEDIATOR: _("调解员"),
            entries.ROUND: _("排查"),
            entries.FIND: _("发现的纠纷"),
        },
        title=title,
        where=where,
    )


def _links(db: Session, rows: Sequence[ReturnEntry]) -> dict[int, str]:
    """Where each row is kept, of those that the reader may open."""
    actor = current_actor()
    by = {name: [one.row_id for one in rows if one.register == name] for name in entries.REGISTERS}
    found: dict[int, str] = {}
    if actor.roles & with_verb("administer"):
        for one in by[entries.COMMITTEE]:
            found[one] = url_for("admin.committee", committee_id=one)
        for one in by[entries.MEDIATOR]:
            found[one] = url_for("admin.mediator", mediator_id=one)
    if actor.roles & (rounds.PEOPLE | OVERSEERS):
        of_finds = rounds.rounds_of(db, by[entries.FIND])
        of_all = {**{one: one for one in by[entries.ROUND]}, **of_finds}
        seen = rounds.visible_ids(db, actor, of_all.values())
        for row_id, round_id in of_all.items():
            if round_id in seen:
                found[row_id] = url_for("screenings.round_page", round_id=round_id)
    return found


@blueprint.get(f"{ADDRESS}/list")
def lines(key: str, unit_id: int, period: str) -> str:
    """All cases of a return, each with its line."""
    with reading() as db:
        found = subject.return_page(db, key, unit_id, period)
        if found.row is None or not found.table.lines:
            raise NotFound(key)
        return render_template(
            "returns/lines.html",
            page=found,
            found=listing.lines(db, current_actor(), found.row, after=_after()),
            title=_("案件清单"),
            where={"key": key, "unit_id": unit_id, "period": period},
        )


def _after() -> int | None:
    told = request.args.get("after", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None
