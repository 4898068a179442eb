"""Notices: what happened that I should know, and the number on the bell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.models import Notice
from engine.notices import outbox as inbox
from engine.notices.catalogue import rendering
from engine.notices.catalogue.kinds import RED
from engine.storage.db import reading, transaction
from webapp import display
from webapp.account.people import current_actor, unattended
from webapp.clock import now
from webapp.desk import blueprint
from webapp.locales import current

PAGE = 50


@dataclass(frozen=True)
class NoticeLine:
    """One notice in words."""

    id: int
    text: str
    at: datetime
    link: str | None
    unread: bool
    urgent: bool


@dataclass(frozen=True)
class NoticeDigest:
    """What a supervisor was told on one day that is not urgent: what is new on top."""

    day: date
    lines: tuple[NoticeLine, ...]

    @property
    def new(self) -> int:
        """How many of them are unread."""
        return sum(line.unread for line in self.lines)

    @property
    def unread(self) -> bool:
        """Whether any of them is."""
        return self.new > 0


@blueprint.get("/notices")
def notices() -> str:
    """My notices, the newest first."""
    before = request.args.get("before", "")
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    with reading() as db:
        rows = inbox.recent(db, current_user.id, before=start, limit=PAGE + 1)
        own = rendering.overrides(db)
        gathered = inbox.gathered(db, rows) if gathers() else set()
    more = rows[PAGE - 1].id if len(rows) > PAGE else None
    lines = _folded([_line(row, own) for row in rows[:PAGE]], gathered)
    return render_template("desk/notices.html", lines=lines, more=more)


def gathers() -> bool:
    """Return whether the reader's notices come as a digest, as those of supervisors do."""
    return "supervisor" in current_actor().roles


def _folded(lines: list[NoticeLine], gathered: set[int]) -> list[NoticeLine | NoticeDigest]:
    """Return the lines with those of a day that are gathered as one, in the place of the newest."""
    days: dict[date, list[NoticeLine]] = {}
    for line in lines:
        if line.id in gathered:
            days.setdefault(display.local(line.at).date(), []).append(line)
    folded: list[NoticeLine | NoticeDigest] = []
    for line in lines:
        if line.id not in gathered:
            folded.append(line)
        elif mine := days.pop(display.local(line.at).date(), None):
            newest = sorted(mine, key=lambda one: not one.unread)
            day = display.local(line.at).date()
            folded.append(line if len(mine) == 1 else NoticeDigest(day, tuple(newest)))
    return folded


@blueprint.get("/notices/<int:notice_id>")
def notice(notice_id: int) -> Response:
    """Follow a notice to its case; it counts as read from then on."""
    with transaction() as db:
        row = db.get(Notice, notice_id)
        if row is None or row.user_id != current_user.id:
            raise NotFound(notice_id)
        inbox.mark_read(db, current_user.id, now(), [notice_id])
    return redirect(_target(row) or url_for("desk.notices"), 303)


@blueprint.post("/notices/read")
def notices_read() -> Response:
    """Mark notices read: all, or the one that is named."""
    one = request.form.get("id", "")
    ids = [int(one)] if one.isascii() and one.isdigit() and len(one) < 19 else []
    with transaction() as db:
        inbox.mark_read(db, current_user.id, now(), ids)
    return redirect(url_for("desk.notices"), 303)


@blueprint.get("/notices/unread")
@unattended
def unread() -> str:
    """The bell with a fresh number, for a page that stays open."""
    with reading() as db:
        count = inbox.unread(db, current_user.id, digest=gathers())
    return render_template("_bell.html", unread=count)


def _line(notice: Notice, own: rendering.Overrides) -> NoticeLine:
    locale = current()
    return NoticeLine(
        notice.id,
        rendering.render(own, notice.key, locale, "text", rendering.values(notice.data, locale)),
        notice.at,
        url_for("desk.notice", notice_id=notice.id) if _target(notice) else None,
        notice.read_at is None,
        notice.key in RED,
    )


def _target(notice: Notice) -> str | None:
    """Return the page that a notice is about."""
    if notice.key == "deputy.appointed":
        return url_for("account.away")
    grant = str(notice.data.get("grant", ""))
    if grant.isdigit() and notice.key != "grant.given":
        return url_for("admin.grant", request_id=int(grant))
    if "trail" in notice.data:
        return url_for("trail.index")
    draft = str(notice.data.get("draft", ""))
    if draft.isdigit():
        return url_for("policy.draft_review", id=int(draft))
    if "statistic" in notice.data:
        told = {name: str(notice.data.get(name, "")) for name in ("unit", "period")}
        key, unit = str(notice.data["statistic"]), told["unit"]
        return url_for("returns.show", key=key, unit_id=int(unit or 0), period=told["period"])
    if notice.case_id is None:
        return None
    if notice.key == "case.mentioned":
        return url_for("desk.remarks", case_id=notice.case_id, _anchor="newest")
    if notice.key == "citizen.tell" and notice.data.get("tells"):
        return url_for("desk.citizen_messages", case_id=notice.case_id)
    demand = str(notice.data.get("demand", ""))
    if demand.isdigit():
        return url_for("demands.one", demand_id=int(demand))
    return url_for("desk.case", case_id=notice.case_id, task=notice.data.get("task"))
