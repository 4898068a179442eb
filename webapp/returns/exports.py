"""A return as an Excel workbook: into the template that staff made, else into a plain one."""

from __future__ import annotations

import io

from flask import render_template
from openpyxl import Workbook
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.insight.statistics import definitions, exchange, listing, rights
from engine.storage.db import reading, transaction
from webapp import administration_log, downloads
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.excel_style import MIME, text
from webapp.locales import localize
from webapp.returns import blueprint, excel, subject
from webapp.returns.page import ADDRESS

# How many cases a workbook lists.
MOST_LINES = 20_000


@blueprint.get(f"{ADDRESS}.xlsx")
def workbook(key: str, unit_id: int, period: str) -> Response:
    """The return with the lines that the reader may see."""
    actor = current_actor()
    with reading() as db:
        found = subject.return_page(db, key, unit_id, period)
        if found.row is None:
            raise NotFound(key)
        page = listing.lines(db, actor, found.row, size=MOST_LINES)
        made = definitions.of_version(db, found.row.version_id).templates.get(key)
    administration_log.note("export.made", actor, what=f"return {key}", unit=unit_id, period=period)
    content = excel.fill(made or excel.plain(found.table), found, page)
    name = f"{localize(found.table.name)}-{found.about.unit.name}-{period}.xlsx"
    return downloads.download(content, name, MIME)


@blueprint.get(f"{ADDRESS}/exchange")
def exchange_page(key: str, unit_id: int, period: str) -> str:
    """How many records there are, and which codes are still missing."""
    actor = current_actor()
    with reading() as db:
        found = _exchanged(db, key, unit_id, period)
        assert found.row is not None
        count, lacking = exchange.lacking(db, actor, found.row)
        return render_template(
            "returns/exchange.html",
            page=found,
            count=count,
            lacking={exchange.CATALOGUES[name]: words for name, words in lacking.items()},
            where={"key": key, "unit_id": unit_id, "period": period},
        )


@blueprint.post(f"{ADDRESS}/exchange")
@step_up.with_fresh_proof
def exchange_records(key: str, unit_id: int, period: str) -> Response:
    """The records as a workbook, names and numbers of parties in clear."""
    actor = current_actor()
    with transaction() as db:
        found = _exchanged(db, key, unit_id, period)
        assert found.row is not None
        # Once it is clear that they may, and before it is shown.
        told = {"what": "GB/T 31000", "unit": unit_id, "period": period}
        administration_log.enter(db, "export.made", actor, **told)
        made = exchange.records(db, actor, found.table, found.row, now=now())
    book = Workbook(write_only=True)
    sheet = book.create_sheet("矛盾纠纷排查化解")
    sheet.append(list(exchange.COLUMNS))
    for record in made.rows:
        sheet.append([text(record[column]) for column in exchange.COLUMNS])
    file = io.BytesIO()
    book.save(file)
    name = f"GBT31000-{found.about.unit.name}-{period}.xlsx"
    return downloads.download(file.getvalue(), name, MIME)


def _exchanged(db: Session, key: str, unit_id: int, period: str) -> subject.ReturnPage:
    """Return the return whose cases are exchanged. Raises NotFound or NotAllowed."""
    found = subject.return_page(db, key, unit_id, period)
    unit = found.about.unit
    rights.require(rights.may_sign(current_actor(), unit), "sign_return", unit)
    if found.row is None or found.table.process != exchange.PROCESS:
        raise NotFound(key)
    return found
