"""What surrounds every page: the path of the person's unit, the rail by role, the bell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from flask_login import current_user
from jinja2 import pass_context
from jinja2.runtime import Context
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import confidentiality
from engine.access.actors import Actor
from engine.access.policy import ANSWERERS
from engine.drafting import review
from engine.hotline import knowledge
from engine.models import Unit
from engine.notices import outbox
from engine.notices.channels import health
from engine.roles import ADMIN, AT_WORK, EDITOR, OVERSEERS, PUBLISHER, with_verb
from engine.storage.db import reading
from engine.timing import calendars, config_stamp, emergencies
from engine.timing.emergencies import ActiveProfile
from webapp import assets, display
from webapp.account.people import current_actor
from webapp.clock import now

EVERYBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NavigationItem:
    """One line of the rail; ``roles`` empty means everybody."""

    endpoint: str
    label: Any
    icon: str
    roles: frozenset[str] = EVERYBODY
    # Not for who has one of these: another entry leads there.
    unless: frozenset[str] = EVERYBODY
    # Sections that belong to it as well.
    also: frozenset[str] = frozenset()

    @property
    def current(self) -> bool:
        """Whether the page that is open belongs to this entry."""
        if self.endpoint == request.endpoint:
            return True
        section, _, _name = self.endpoint.partition(".")
        if request.blueprint in self.also:
            return True
        return section != "desk" and request.blueprint == section


@dataclass(frozen=True)
class PageFrame:
    """What the layout needs to know about this request."""

    path: tuple[str, ...]
    entries: tuple[NavigationItem, ...]
    unread: int
    # Channels that have been failing for an hour: for administrators.
    troubles: tuple[str, ...] = ()
    # Drafts of processes that wait for this person's decision.
    drafts: int = 0
    # Emergency profiles over the person's units, or in their area.
    emergencies: tuple[ActiveProfile, ...] = ()
    # Whoever answers the telephone begins a call from any page.
    takes_calls: bool = False

    def count(self, entry: NavigationItem) -> int:
        """Return what waits behind an entry of the rail, where that is counted."""
        return self.drafts if entry.endpoint == "policy.processes" else 0


RAIL = (
    NavigationItem("home.board", _l("首页"), "home", with_verb("figures")),
    NavigationItem("desk.workbench", _l("工作台"), "inbox"),
    NavigationItem("desk.cases", _lp("heading", "事项"), "cases"),
    NavigationItem(
        "escalations.board", _l("督办"), "alarm", OVERSEERS, also=frozenset({"demands"})
    ),
    NavigationItem("demands.index", _lp("heading", "督办单"), "order", ANSWERERS, unless=OVERSEERS),
    NavigationItem("screenings.index", _l("排查"), "cases", with_verb("screen")),
    NavigationItem("knowledge.index", _l("知识库"), "cases", knowledge.READERS),
    NavigationItem("incidents.index", _l("异常"), "break", with_verb("retry")),
    NavigationItem(
        "policy.processes", _lp("heading", "流程"), "flow", frozenset({EDITOR, PUBLISHER})
    ),
    NavigationItem("confidential.index", _l("保密"), "lock", confidentiality.OFFICERS),
    NavigationItem("reports.board", _l("统计"), "chart", with_verb("figures")),
    NavigationItem(
        "returns.index", _l("报表"), "order", with_verb("figures") | with_verb("fill_return")
    ),
    NavigationItem("trail.index", _l("审计"), "trail", with_verb("audit")),
    NavigationItem("admin.index", _l("管理"), "gear", with_verb("administer")),
    NavigationItem(
        "admin.grants",
        _l("授权确认"),
        "key",
        with_verb("confirm"),
        unless=with_verb("administer"),
    ),
)


# Whose day begins with tasks of their own, whatever else they are.
AT_TASKS = AT_WORK - {"leader"}
# Where the day of everybody else begins, by role, the first that fits.
STARTS = (
    ("leader", "home.board"),
    ("supervisor", "escalations.board"),
    (PUBLISHER, "policy.processes"),
    (EDITOR, "policy.processes"),
    (ADMIN, "admin.operations"),
    ("confidential_officer", "confidential.index"),
    ("auditor", "trail.index"),
    ("security_admin", "admin.grants"),
)


def start_page(actor: Actor) -> str:
    """Return the address where somebody's day begins: the workbench, or what their role watches."""
    if actor.roles.isdisjoint(AT_TASKS):
        for role, endpoint in STARTS:
            if role in actor.roles and endpoint in current_app.view_functions:
                return url_for(endpoint)
    return url_for("desk.workbench")


def init_app(app: Flask) -> None:
    """Make ``shell`` and ``asset`` known to every template."""
    app.jinja_env.globals["asset"] = asset_url
    app.jinja_env.globals["shell"] = shell
    app.jinja_env.globals["watermark"] = watermark


def asset_url(name: str) -> str:
    """Return the address of a built script or style."""
    return url_for("static", filename=assets.asset_path(name))


@pass_context
def watermark(context: Context) -> str:
    """Return who looks at a confidential case, and when, for its page and its print; else
    nothing.
    """
    shown = [context.get("case"), getattr(context.get("row"), "case", None)]
    shown += [getattr(sheet, "case", None) for sheet in context.get("sheets") or ()]
    if not current_user.is_authenticated or not any(
        getattr(one, "guarded", False) for one in shown
    ):
        return ""
    return f"{current_user.name} {current_user.login} {display.exact(now())}"


def shell() -> PageFrame | None:
    """Return the shell of this request; None for strangers."""
    if not current_user.is_authenticated:
        return None
    actor = current_actor()
    entries = tuple(entry for entry in RAIL if _is_shown(entry, actor))
    with reading() as db:
        troubles = tuple(health.in_trouble(db, now())) if ADMIN in actor.roles else ()
        unread = outbox.unread(db, actor.user_id, digest="supervisor" in actor.roles)
        drafts = len(review.awaiting(db, actor))
        path, felt = _surroundings(db, actor)
        return PageFrame(path, entries, unread, troubles, drafts, felt, "operator" in actor.roles)


def _is_shown(entry: NavigationItem, actor: Actor) -> bool:
    known = entry.endpoint in current_app.view_functions
    wanted = not entry.roles or bool(entry.roles & actor.roles)
    return known and wanted and not entry.unless & actor.roles


def _surroundings(db: Session, actor: Actor) -> tuple[tuple[str, ...], tuple[ActiveProfile, ...]]:
    """County ▸ township ▸ village of the actor's first own seat, and the emergencies they feel.

    One statement where no calendar or profile has changed.
    """
    seat = next((seat for seat in actor.seats if seat.for_user_id is None), None)
    if seat is None:
        return (), ()
    units = {unit_id for unit_id in seat.stamps[1:] if unit_id} | {seat.unit_id}
    wanted = select(Unit.id, Unit.name, config_stamp.in_force()).where(Unit.id.in_(units))
    rows = db.execute(wanted).all()
    names = {row[0]: row[1] for row in rows}
    above = [names[unit_id] for unit_id in seat.stamps[1:] if unit_id in names]
    own = names.get(seat.unit_id)
    profiles = calendars.at_stamp(db, rows[0][2]).emergencies if rows else ()
    path = tuple(above if own in above else [*above, own] if own else above)
    return path, emergencies.felt(profiles, actor)
