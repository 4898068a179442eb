"""A held clock, for who has no page at hand: what would fire, and the word that lets it."""

from __future__ import annotations

import sys

import click

from webapp.cli.console import as_json, in_app, show


@click.group()
def clock() -> None:
    """The worker's clock: what it holds, and the confirmation that lets it go on."""


@clock.command("show")
@as_json
@in_app
def show_clock(as_json: bool) -> None:
    """Tell why the worker fires nothing, and what it would; exit 1 while it is held."""
    from engine.operations import clock_guard
    from engine.storage.db import reading

    with reading() as db:
        held = clock_guard.current_hold(db)
        counts, rows = clock_guard.would_fire(db, held.now) if held else ({}, [])
    if held is None:
        show({"held": False}, as_json, "nothing is held")
        return
    told = {
        "held": True,
        "why": held.why,
        "worker_clock": held.now.isoformat(),
        "other_clock": held.other.isoformat(),
        "counts": dict(counts),
        "first": [
            {"kind": row.kind, "number": row.number, "at": row.at.isoformat()} for row in rows
        ],
    }
    lines = [f"held ({held.why}): worker {held.now:%F %T}, other {held.other:%F %T} UTC"]
    lines += [f"{kind}: {count}" for kind, count in counts.items()]
    lines += [f"{row.at:%F %T} {row.kind} {row.number}" for row in rows]
    show(told, as_json, "\n".join(lines))
    sys.exit(1)


@clock.command()
@click.option("--by", "login", required=True, help="Login of the administrator who confirms.")
@as_json
@in_app
def confirm(login: str, as_json: bool) -> None:
    """Let the worker fire what it holds; on the record as this administrator's word."""
    from sqlalchemy import select

    from engine.errors import NotFound
    from engine.models import User
    from engine.operations import clock_guard
    from engine.storage.db import transaction
    from webapp.clock import now

    with transaction() as db:
        user_id = db.scalar(select(User.id).where(User.login == login, User.ended_at.is_(None)))
        if user_id is None:
            raise NotFound(login)
        found = clock_guard.confirm(db, user_id, now=now())
    show({"confirmed": found.count}, as_json, f"{found.count} moments will fire")
