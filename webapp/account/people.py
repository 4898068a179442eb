"""Who is logged in: the session's user, checked against the database at every request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, Request, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user
from werkzeug.wrappers import Response

from engine.access import actors
from engine.access.actors import Actor
from engine.models import User
from engine.storage.db import reading
from webapp import resubmission
from webapp.account import tokens
from webapp.clock import now

Answer = Response | tuple[str, int] | tuple[Response, int]
View = TypeVar("View", bound=Callable[..., Any])
# How often the session of somebody who is at work is sent anew, to last from then on.
RENEWAL = timedelta(hours=1)
# Pages that are made by libraries: the document of the interface says what it can, not who did.
ALWAYS_PUBLIC = frozenset({"static", "api-docs.openapi_json"})
# What somebody may still reach who has to choose a new password first.
BEFORE_CHANGE = frozenset(
    {"account.profile", "account.password", "account.logout", "account.language"}
)


@dataclass(frozen=True)
class Person(UserMixin):
    """The logged-in user as the pages need it; never the database row."""

    id: int
    login: str
    name: str
    locale: str
    epoch: int
    must_change: bool

    def get_id(self) -> str:
        """What the session keeps: raising the user's epoch ends every older session."""
        return f"{self.id}.{self.epoch}"


def init_app(app: Flask) -> None:
    """Load the user of each request and refuse strangers everywhere but on public pages."""
    manager = LoginManager(app)
    # A phone changes its address all day; the session is bound to the user's epoch instead.
    manager.session_protection = None
    manager.user_loader(_load)
    manager.request_loader(_load_by_token)
    app.before_request(_only_known_people)
    app.before_request(_renew)


def public(view: View) -> View:
    """Mark a view that strangers may see; every other view asks for a login."""
    view.public = True  # type: ignore[attr-defined]
    return view


def start_session(user: User) -> None:
    """Log the user in with a session that has nothing of the one before."""
    session.clear()
    session.permanent = True
    session["sent"] = now().timestamp()
    login_user(person(user))


def person(user: User) -> Person:
    """The part of a user that pages may use."""
    return Person(user.id, user.login, user.name, user.locale, user.session_epoch, user.must_change)


def current_actor() -> Actor:
    """The logged-in user with the posts in force now; loaded once a request."""
    if "actor" not in g or g.actor.user_id != current_user.id:
        with reading() as db:
            g.actor = actors.seated(db, current_user.id, current_user.name, now())
    return g.actor


def _load(text: str) -> Person | None:
    number, _, epoch = text.partition(".")
    with reading() as db:
        found = actors.recognised(db, int(number), now())
    if found is None:
        return None
    user, actor = found
    if str(user.session_epoch) != epoch or (user.ended_at is not None and user.ended_at <= now()):
        return None
    # Every page asks who may see what: seats come with the user, in one statement.
    g.actor = actor
    return person(user)


def _load_by_token(_request: Request) -> Person | None:
    session_id = tokens.bearer()
    return _load(session_id) if session_id else None


def _only_known_people() -> Answer | None:
    if request.endpoint is None or _is_public(request.endpoint):
        return None
    if not current_user.is_authenticated:
        return _ask_to_log_in()
    if current_user.must_change and request.endpoint not in BEFORE_CHANGE:
        return redirect(url_for("account.profile"), 303)
    return None


def _renew() -> None:
    """Let a session last from its last page, not from its beginning; never for a script's sake."""
    sent = session.get("sent")
    if sent is None or request.method != "GET" or resubmission.wants_json():
        return
    if now().timestamp() - sent >= RENEWAL.total_seconds():
        session["sent"] = now().timestamp()


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
