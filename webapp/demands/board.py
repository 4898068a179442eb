"""The lists: what waits for our answer, what waits for our decision, what is over; by unit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import render_template, request
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework.demands import CALL, NOTICE
from engine.errors import NotFound
from engine.reports import area as areas
from engine.reports import demands as lists
from engine.reports.area import Area
from engine.reports.demands import AreaShare, DemandQuery, DemandRow
from engine.roles import OVERSEERS
from engine.storage.db import reading
from webapp import locales
from webapp.account.people import current_actor, unattended
from webapp.clock import now
from webapp.demands import blueprint, labels
from webapp.period_query import unit_asked


@dataclass(frozen=True)
class DemandBoard:
    """One kind of demands as it stands for somebody: the parts of the area, a page of rows."""

    kind: str
    stand: str
    mine: bool
    area: Area | None
    home: Area | None
    shares: list[AreaShare]
    rows: tuple[DemandRow, ...]
    after: str | None

    @property
    def open(self) -> int:
        """Open ones in the whole area."""
        return sum(share.open for share in self.shares)

    @property
    def late(self) -> int:
        """Unanswered ones whose time has passed, in the whole area."""
        return sum(share.late for share in self.shares)

    @property
    def mark(self) -> str:
        """Changes when anything on the board does, except for the passing of time."""
        parts = [(one.unit.id, one.open, one.late, one.answered) for one in self.shares]
        rows = [(one.row.id, one.stand, one.row.round, one.row.late) for one in self.rows]
        shown = repr((self.kind, self.stand, parts, rows, locales.english()))
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


@blueprint.get("")
def index() -> str:
    """Notices or calls: those of my own units, or of the area that I oversee."""
    with reading() as db:
        board = _board(db, current_actor())
    return render_template("demands/board.html", board=board, words=labels)


@blueprint.get("/live")
@unattended
def live() -> str | tuple[str, int]:
    """The board once more for a page that stays open; nothing where nothing has changed."""
    with reading() as db:
        board = _board(db, current_actor())
    if request.args.get("mark") == board.mark:
        return "", 204
    return render_template("demands/_board.html", board=board, words=labels)


def _board(db: Session, actor: Actor) -> DemandBoard:
    args = request.args
    kind = CALL if args.get("kind") == CALL else NOTICE
    stand = args.get("stand", "") if args.get("stand") in lists.STANDS else ""
    overseer, unit = bool(actor.roles & OVERSEERS), unit_asked()
    if not overseer and unit is not None:
        raise NotFound(unit)
    mine = bool(args.get("mine")) or not overseer
    if mine:
        search = DemandQuery(kind, stand, units=tuple(sorted(actor.unit_ids)))
        page = lists.find(db, actor, search, after=args.get("after"))
        return DemandBoard(kind, stand, True, None, None, [], page.rows, page.after)
    area, homes = areas.chosen(db, actor, unit)
    page = lists.find(db, actor, DemandQuery(kind, stand, area), after=args.get("after"))
    shares = lists.tree(db, actor, area, kind, now())
    return DemandBoard(kind, stand, False, area, homes[0], shares, page.rows, page.after)
