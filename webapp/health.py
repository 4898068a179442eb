"""``/healthz`` (the process answers) and ``/readyz`` (it can do its work)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from engine.models import Tick
from engine.operations.vitals.signs import patience
from engine.storage import schema
from engine.storage.db import db, reading
from webapp.account.people import public
from webapp.clock import now
from webapp.logs import failure

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> dict[str, str]:
    """The web process is alive."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@public
def readyz() -> tuple[dict[str, Any], int]:
    """Database reachable, migrations current, worker ticking: 200, else 503 and which is not."""
    checks = {"database": False, "migrations": False, "worker": False}
    try:
        checks["database"] = _database_answers()
        checks["migrations"] = schema.is_current(db.engine)
        checks["worker"] = _worker_ticks()
    except SQLAlchemyError as error:
        failure(error)
    ready = all(checks.values())
    return {"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503


def _database_answers() -> bool:
    with reading() as session:
        return session.scalar(text("SELECT 1")) == 1


def _worker_ticks() -> bool:
    with reading() as session:
        last = session.scalar(select(func.max(Tick.at)))
    # A clock that was set back must not make a dead worker look alive.
    return last is not None and abs(now() - last) <= patience(current_app.config["FENGQIAO"])
