"""Processes that kill themselves at their Nth statement: ``python -m tests.faults.dying``.

Everything is imported once; each line of standard input starts one process, which builds the
application on a database, does what the line says and, when it comes to statement ``at``, sends
itself SIGKILL: no handler runs, no connection is closed in order, just as in a power cut or under
the kernel's killer. The answer says whether it died and what it had been told was done.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import time_machine
from sqlalchemy import Engine, event

from engine.storage import schema
from engine.worker import ticks as worker
from tests.webapp.site import settings_for
from webapp import create_app


class Countdown:
    """Counts statements, and ends this process when it comes to the one that was named."""

    def __init__(self, at: int) -> None:
        self.at, self.passed = at, 0

    def pass_one(self, *_statement: Any) -> None:
        """One statement is about to run."""
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Count what every connection sends, COMMIT included."""
        countdown = self

        class Counting(psycopg.Cursor[Any]):
            """Also what is sent in a pipeline goes through here."""

            def execute(self, *args: Any, **named: Any) -> Any:
                countdown.pass_one()
                return super().execute(*args, **named)

        @event.listens_for(Engine, "connect")
        def begin(connection: Any, _record: Any) -> None:
            if isinstance(connection, sqlite3.Connection):
                # Triggers' statements, too, so that it dies in the middle of one as well.
                connection.set_trace_callback(countdown.pass_one)
            else:
                connection.cursor_factory = Counting

        @event.listens_for(Engine, "commit")
        def commit(connection: Any) -> None:
            if connection.dialect.name == "postgresql":
                countdown.pass_one()


def request(told: dict[str, Any]) -> str:
    """Send a form as somebody who is logged in; the answer's status."""
    client = create_app(settings_for(told["url"], Path(told["folder"]))).test_client()
    client.set_cookie("fengqiao", told["cookie"])
    with time_machine.travel(datetime.fromisoformat(told["now"]), tick=False):
        fields = {"csrf_token": told["token"], **told["fields"]}
        answer = client.post(told["path"], data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    return str(answer.status_code)


def ticks(told: dict[str, Any]) -> str:
    """Let the worker make the named ticks; "failed" if one did."""
    app = create_app(settings_for(told["url"], Path(told["folder"])))
    now = datetime.fromisoformat(told["now"])
    with app.app_context():
        reports = [worker.tick(name, now) for name in told["names"]]
    failed = sum(report.get("failed", 0) + report.get("errors", 0) for report in reports)
    return "failed" if failed else "done"


def migrate(told: dict[str, Any]) -> str:
    """Bring the database to this release's tables."""
    schema.upgrade(told["url"])
    return "done"


ACTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "request": request,
    "ticks": ticks,
    "migrate": migrate,
}


def live(told: dict[str, Any], mouth: int) -> None:
    """One process's whole life: what it says before its end is what somebody was told."""
    countdown = Countdown(told["at"])
    countdown.watch()
    outcome = ACTS[told["act"]](told)
    # Dead between the commit and the answer: everything is done and nobody was told.
    countdown.pass_one()
    os.write(mouth, json.dumps({"outcome": outcome, "statements": countdown.passed}).encode())


def give_birth(told: dict[str, Any]) -> dict[str, Any]:
    """Start one process and wait for its end."""
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ear)
        try:
            live(told, mouth)
        except BaseException as error:
            os.write(mouth, json.dumps({"outcome": repr(error)[:2000], "broken": True}).encode())
        finally:
            os._exit(0)
    os.close(mouth)
    with os.fdopen(ear) as words:
        said = words.read()
    status = os.waitpid(child, 0)[1]
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"killed": killed, **(json.loads(said) if said else {})}


def main() -> None:
    """Work off standard input, line by line."""
    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        print(json.dumps({**give_birth(told), "number": told["number"]}), flush=True)


if __name__ == "__main__":
    main()
