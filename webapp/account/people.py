"""Who is logged in: session, user and seats, read from the database at every request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, Request, current_app, g, jsonify, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import actors, sessions
from engine.access.actors import Actor
from engine.access.sessions import AuthenticatedSession, SessionOrigin
from engine.accounts import logins
from engine.errors import NotAllowed
from engine.models import User
from engine.settings import Settings
from engine.storage.db import DatabaseBusy, reading, transaction
from feel.text import Text
from webapp import resubmission
from webapp.account import labels
from webapp.clock import now
from webapp.locales import CHOSEN, LOCALES, SHOWN

Answer = Response | tuple[str, int] | tuple[Response, int]
View = TypeVar("View", bound=Callable[..., Any])
API = "/api/"
# How a token is written: whose it is, and its key.
BEARER_FORM = "fq-{user}-{key}"
LARGEST_ID = 2**63 - 1
TOKEN = re.compile(r"fq-([0-9]{1,19})-([A-Za-z0-9_-]{20,60})")
# Pages that are made by libraries: the document of the interface says what it can, not who did.
ALWAYS_PUBLIC = frozenset({"static", "api-docs.openapi_json"})
# What somebody may still reach who has to choose a new password first.
BEFORE_CHANGE = frozenset(
    {"account.profile", "account.password", "account.logout", "account.language"}
)
# And who has to set up a second factor.
BEFORE_FACTOR = frozenset(
    {
        "account.security",
        "account.new_app",
        "account.add_app",
        "account.add_passkey",
        "account.prove",
        "account.accept_proof",
    }
)


class OutOfScope(NotAllowed):
    """The token may do other things, not this."""

    text = Text("此令牌没有这项权限。", "This token is not allowed to do this.")


@dataclass(frozen=True)
class Person(UserMixin):
    """The logged-in user as the pages need it; never the database row."""

    id: int
    login: str
    name: str
    locale: str
    must_change: bool
    session_id: int
    kind: str
    scopes: frozenset[str]
    proved_at: datetime
    proof: str
    ticket: str

    def get_id(self) -> str:
        """Return what the browser keeps: the user, and the key of the session."""
        return self.ticket


def init_app(app: Flask) -> None:
    """Load the user of each request and refuse strangers everywhere but on public pages."""
    manager = LoginManager(app)
    # A phone changes its address all day; the session is a row that ends when it must.
    manager.session_protection = None
    manager.user_loader(lambda ticket: _load(ticket, "browser"))
    manager.request_loader(_load_by_token)
    app.add_template_filter(labels.scope_names, "scope_names")
    app.before_request(_refuse_two_identities)
    app.before_request(_only_known_people)


def public(view: View) -> View:
    """Mark a view that strangers may see; every other view asks for a login."""
    view.public = True  # type: ignore[attr-defined]
    return view


def unattended(view: View) -> View:
    """Mark a view that open pages ask for by themselves: it keeps no session alive."""
    view.unattended = True  # type: ignore[attr-defined]
    return view


def scoped(scope: str) -> Callable[[View], View]:
    """Declare the scope a token needs for a view; views without one accept no token."""
    assert scope in sessions.SCOPES

    def mark(view: View) -> View:
        view.scope = scope  # type: ignore[attr-defined]
        return view

    return mark


def start_session(db: Session, user_id: int, proof: str = "password") -> None:
    """Log the user in with a session that has nothing of the one before.

    In the caller's transaction; the browser receives it after the commit.
    """
    key = logins.enter(db, user_id, now=now(), lasting=absolute(), origin=origin(), proof=proof)
    user, wanted = db.get_one(User, user_id), session.get(CHOSEN)
    if wanted in LOCALES:
        # Chosen on the page on which they logged in: that is how they want to go on.
        user.locale = wanted
    session.clear()
    session.permanent = True
    # For pages that cannot ask who it is: the database may be away.
    session[SHOWN] = user.locale
    session["_user_id"] = f"{user_id}.{key}"
    # Who asks later in this request is looked up again.
    g.pop("actor", None)
    g.pop("_login_user", None)


def current_actor() -> Actor:
    """Return the logged-in user with the posts in force now; loaded once a request."""
    if "actor" not in g or g.actor.user_id != current_user.id:
        with reading() as db:
            g.actor = actors.seated(db, current_user.id, current_user.name, now())
    return g.actor


def origin() -> SessionOrigin:
    """Return where this request comes from, as the list of sessions shows it."""
    return SessionOrigin(request.remote_addr or "", browser_name(request.user_agent.string))


def browser_name(agent: str) -> str:
    """Return a browser in two words, such as ``Chrome, Windows``; empty for anything else."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (browser, system)))


BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def absolute() -> timedelta:
    """Return how long a session lasts at most."""
    return timedelta(hours=_settings().session_hours)


def idle() -> timedelta:
    """Return how long a session may go unused."""
    return timedelta(minutes=_settings().session_idle_minutes) or absolute()


def _load(ticket: str, kind: str) -> Person | None:
    number, _dot, key = ticket.partition(".")
    if not (number.isascii() and number.isdigit()) or int(number) > LARGEST_ID:
        return None
    with reading() as db:
        visit = sessions.recognised(db, int(number), key, now=now(), idle=idle())
    # A browser's key is no token, nor the other way round.
    if visit is None or visit.kind != kind:
        return None
    _note_use(visit)
    # Every page asks who may see what: seats come with the user, in one statement.
    g.actor = visit.actor
    return _person(visit, ticket)


def _note_use(visit: AuthenticatedSession) -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if now() - visit.seen_at < sessions.NOTED or getattr(view, "unattended", False):
        return
    try:
        with transaction() as db:
            sessions.note_use(db, visit.session_id, now=now())
    except DatabaseBusy:
        # The next page notes it; nobody is refused a page for it.
        return


def _person(visit: AuthenticatedSession, ticket: str) -> Person:
    return Person(
        id=visit.actor.user_id,
        login=visit.login,
        name=visit.actor.name,
        locale=visit.locale,
        must_change=visit.must_change or _is_old(visit.password_at),
        session_id=visit.session_id,
        kind=visit.kind,
        scopes=visit.scopes,
        proved_at=visit.proved_at,
        proof=visit.proof,
        ticket=ticket,
    )


def _is_old(password_at: datetime | None) -> bool:
    days = _settings().password_days
    return bool(days) and password_at is not None and now() - password_at >= timedelta(days=days)


def lacks_factor() -> bool:
    """Return whether the person's posts ask for a second factor that this log-in did not have."""
    wanted = _settings().second_factor_roles
    return current_user.proof == "password" and not current_actor().roles.isdisjoint(wanted)


def _load_by_token(_request: Request) -> Person | None:
    """Whoever brings a token, to the interface for programs alone: tokens open no pages."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    found = TOKEN.fullmatch(token.strip()) if scheme.lower() == "bearer" else None
    if found is None or not request.path.startswith(API):
        return None
    return _load(f"{found[1]}.{found[2]}", "token")


def _refuse_two_identities() -> Answer | None:
    """Of a request with cookie and token nobody could say who it is."""
    cookie = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    if not cookie or "Authorization" not in request.headers:
        return None
    words = _("请求同时带有会话和令牌，未受理。")
    return jsonify(error=_("请求有误"), message=words), 400


def _only_known_people() -> Answer | None:
    if request.endpoint is None or _is_public(request.endpoint):
        return None
    if not current_user.is_authenticated:
        return _ask_to_log_in()
    if current_user.kind == "token":
        scope = getattr(current_app.view_functions[request.endpoint], "scope", None)
        if scope not in current_user.scopes:
            raise OutOfScope(request.endpoint)
    if current_user.must_change and request.endpoint not in BEFORE_CHANGE:
        return redirect(url_for("account.profile"), 303)
    if request.endpoint not in BEFORE_CHANGE | BEFORE_FACTOR and lacks_factor():
        if current_user.kind == "token":
            raise OutOfScope(request.endpoint)
        return redirect(url_for("account.security"), 303)
    return None


def _is_public(endpoint: str) -> bool:
    view = current_app.view_functions[endpoint]
    return endpoint in ALWAYS_PUBLIC or getattr(view, "public", False)


def _ask_to_log_in() -> Answer:
    if resubmission.wants_json():
        return resubmission.lost_session()
    if request.method in ("GET", "HEAD"):
        wanted = request.full_path.rstrip("?")
        return redirect(url_for("account.login", next=None if wanted == "/" else wanted), 303)
    return resubmission.lost_session()


def _settings() -> Settings:
    return current_app.config["FENGQIAO"]
