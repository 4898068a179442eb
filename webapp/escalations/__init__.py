"""The escalation board: what is late in one's area, live, and what one can do about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import org
from engine.access import policy
from engine.casework import moves
from engine.definitions import versions
from engine.errors import Refusal
from engine.models import Version
from engine.reports import area as areas
from engine.reports import escalations
from engine.reports.area import Area
from engine.reports.escalations import BoardBranch, BoardQuery, LateTask
from engine.storage.db import reading, transaction
from engine.terms.lamps import LATE
from webapp import administration_log, display, downloads, locales
from webapp.account.people import current_actor, unattended
from webapp.clock import now
from webapp.escalations import excel_export, labels
from webapp.excel_style import MIME, RulesInForce
from webapp.locales import localize
from webapp.period_query import unit_asked

blueprint = Blueprint("escalations", __name__)

# More rows nobody works off by hand.
MOST_EXPORTED = 1000


@dataclass(frozen=True)
class EscalationBoard:
    """The board as it stands: the area, its parts, the rows of a page."""

    area: Area
    mine: list[Area]
    branches: list[BoardBranch]
    search: BoardQuery
    rows: tuple[LateTask, ...]
    after: str | None
    verbs: frozenset[str]

    @property
    def late(self) -> int:
        """Late tasks in the whole area."""
        return sum(branch.late for branch in self.branches)

    @property
    def soon(self) -> int:
        """Tasks soon due in the whole area."""
        return sum(branch.soon for branch in self.branches)

    @property
    def mark(self) -> str:
        """Changes when anything on the board does, except for the passing of time."""
        parts = [(one.unit.id, one.late, one.soon) for one in self.branches]
        shown = repr((self.area.unit.id, parts, self.rows, locales.english()))
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

    @property
    def busy(self) -> list[BoardBranch]:
        """Parts with something late or soon due; the others are only many."""
        return [branch for branch in self.branches if branch.late or branch.soon]


@blueprint.get("/supervision")
def board() -> str:
    """What is late or soon due in the areas that I oversee, the gravest first."""
    with reading() as db:
        found, processes = _board(db), _processes(db)
    return render_template("escalations/board.html", board=found, processes=processes, words=labels)


@blueprint.get("/supervision/live")
@unattended
def live() -> str | tuple[str, int]:
    """The board once more for a page that stays open; nothing where nothing has changed."""
    with reading() as db:
        found = _board(db)
    if request.args.get("mark") == found.mark:
        return "", 204
    return render_template("escalations/_board.html", board=found, words=labels)


@blueprint.get("/supervision.xlsx")
def board_workbook() -> Response:
    """The board, filtered as it is, as a workbook."""
    with reading() as db:
        found = _board(db, size=MOST_EXPORTED)
        rules = RulesInForce.of(versions.in_force(db, now()), now())
        content = excel_export.workbook(found.area, found.rows, rules, more=found.after is not None)
    administration_log.note(
        "export.made", current_actor(), what="supervision", unit=found.area.unit.id
    )
    name = f"{found.area.unit.name}-{display.local(now()):%Y-%m-%d-%H%M}.xlsx"
    return downloads.download(content, name, MIME)


@blueprint.post("/supervision/tasks/<int:task_id>/urge")
def urge(task_id: int) -> Response:
    """Urge from the row, and come back to the board with the answer."""
    try:
        with transaction() as db:
            task = moves.urge(db, current_actor(), task_id, now=now())
            step = task.name
            sits = task.assignee_id or org.holders(db, task.unit_id, task.role, now())
        if sits:
            flash(_("已催办“%(step)s”。", step=step), "success")
        else:
            flash(_("“%(step)s”的岗位空缺，已告知上级负责人。", step=step), "warning")
    except Refusal as refusal:
        flash(localize(refusal.text), "warning")
    kept: dict[str, Any] = {
        name: request.form[name] for name in ("unit", "process", "lamp") if name in request.form
    }
    return redirect(url_for("escalations.board", **kept), 303)


def _board(db: Session, size: int = escalations.PAGE_SIZE) -> EscalationBoard:
    actor, args = current_actor(), request.args
    area, mine = areas.chosen(db, actor, unit_asked())
    lamp = args.get("lamp", "")
    search = BoardQuery(args.get("process", "")[:64], lamp if lamp in LATE else "")
    moment = now()
    branches = escalations.tree(db, actor, area, moment)
    page = escalations.board(db, actor, area, search, moment, after=args.get("after"), size=size)
    # What none of the actor's posts may do is not offered in any row.
    verbs = (verb for verb, roles in policy.SUPERIOR_VERBS.items() if roles & actor.roles)
    return EscalationBoard(area, mine, branches, search, page.rows, page.after, frozenset(verbs))


def _processes(db: Session) -> dict[str, Version]:
    return {version.process: version for version in versions.currents(db, now())}


# Each module registers its views on the blueprint.
from webapp.escalations import calculator, emergency, empty_queues, withdrawals  # noqa: E402,F401
