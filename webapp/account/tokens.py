"""Tokens for other systems: signed, for a limited time, worthless once the epoch is raised."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from engine.models import User
from webapp.clock import now

LIFETIME = timedelta(days=30)


def issued(user: User) -> str:
    """A token of this user."""
    return str(_signer().dumps([str(user.id), user.session_epoch, now().timestamp()]))


def bearer() -> str | None:
    """The session id that the request's token stands for; None without a valid token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        user_id, epoch, at = _signer().loads(token.strip())
    except (BadData, ValueError):
        return None
    return f"{user_id}.{epoch}" if now().timestamp() - at < LIFETIME.total_seconds() else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="fengqiao.api")
