"""Completions over HTTP, as people make them: `fengqiao bench http`.

gunicorn with two workers, eight people at browsers who are logged in, carry their token and
keep their connections; PostgreSQL with fsync. The floor is the bare completion behind the same
gunicorn, asked by the same browsers. Server, database and browsers share the machine.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.datastructures import MultiDict

from bench import floor_web, processes
from bench.cases import PROCESS, STEPS, answers
from bench.clients import SAME_ORIGIN, Client, Request, all_at_once, form_fields, token_of
from bench.complete import counted, settle
from bench.floor import OnPostgres, StockEngine
from bench.pages import percentiles
from bench.site import PASSWORD, Site, empty
from engine.models import Task, User
from engine.storage.db import reading, transaction

# Of five steps each: 20,000 completions, enough for a leak to show.
CLIENTS, CASES = 8, 4000
Round = tuple[float, list[float]]


def run(number: int = CASES) -> dict[str, Any]:
    """Open ``number`` cases and walk them to their ends; each figure beside its floor."""
    with empty("postgresql") as here:
        known = people(here)
        with processes.web(sys.executable, "webapp:create_app()", here.environment) as (pid, port):
            clients = [Client(port) for _ in known]
            for client, login in zip(clients, known.values(), strict=True):
                client.log_in(login, PASSWORD)
            found = _walk(here, clients, pid, number)
        floor, asked = _floor(here, number), statements(here, next(iter(known)))
        complete = found["complete"]
        return {
            **complete,
            "floor_per_second": floor["per_second"],
            "floor_p50_ms": floor["p50_ms"],
            "ratio": round(floor["per_second"] / complete["per_second"], 2),
            **found,
            "floor": floor,
            "statements": asked["complete"],
            "all_statements": asked,
            "clients": CLIENTS,
        }


def people(here: Site) -> dict[int, str]:
    """Mediators of one township, by user, who have chosen their passwords."""
    logins = [f"mediator{number}" for number in range(CLIENTS)]
    since = datetime.now(UTC) - timedelta(days=1)
    with here.app.app_context(), transaction() as db:
        users = settle(db, logins, PasswordHasher().hash(PASSWORD), since)
        for user_id in users:
            db.get_one(User, user_id).must_change = False
    return dict(zip(users, logins, strict=True))


def _walk(here: Site, clients: Sequence[Client], web: int, number: int) -> dict[str, Any]:
    """Start cases, sign for a part of them that stays so, complete every step of the others."""
    signed = max(1, number // 4)
    opened = [_opening(one) for one in range(number + signed)]
    with _watched(here, web) as tell:
        start = tell([all_at_once(clients, opened)])
    tasks = _open_tasks(here)
    with _watched(here, web) as tell:
        sign = tell([all_at_once(clients, [_signing(one) for one in tasks[number:]])])
    memory = []
    with _watched(here, web) as tell:
        rounds = []
        for step in STEPS[1:]:
            tasks = [one for one in _open_tasks(here) if one[2] == step][:number]
            work = [_completion(task_id, step, at) for at, (task_id, *_rest) in enumerate(tasks)]
            rounds.append(all_at_once(clients, work))
            memory.append(processes.megabytes(processes.children(web)))
        complete = tell(rounds)
    return {"complete": complete, "start": start, "sign": sign, "web_mb": memory}


@contextmanager
def _watched(here: Site, web: int) -> Iterator[Callable[[Sequence[Round]], dict[str, Any]]]:
    """What the block costs: time, bytes of the write-ahead log, processor time by program."""
    position = _wal(here)
    before = {pid: processes.seconds(pid) for pids in _programs(here, web).values() for pid in pids}

    def used(pids: Sequence[int]) -> float:
        return sum(processes.seconds(pid) - before.get(pid, 0.0) for pid in pids)

    def tell(rounds: Sequence[Round]) -> dict[str, Any]:
        taken = [one for _all, each in rounds for one in each]
        spent = {name: used(pids) for name, pids in _programs(here, web).items()}
        return {
            "requests": len(taken),
            "per_second": round(len(taken) / sum(seconds for seconds, _each in rounds), 1),
            **percentiles(1000 * one for one in taken),
            "wal_bytes": round((_wal(here) - position) / len(taken)),
            "cpu_ms": {name: round(1000 * one / len(taken), 2) for name, one in spent.items()},
        }

    yield tell


def _floor(here: Site, number: int) -> dict[str, Any]:
    floor = OnPostgres(here.url, StockEngine())
    for one in range(number):
        floor.start(one)
    application = "bench.floor_web:create()"
    environment = {floor_web.URL: here.url}
    with processes.web(sys.executable, application, environment) as (pid, port):
        clients = [Client(port) for _ in range(CLIENTS)]
        with _watched(here, pid) as tell:
            rounds = []
            for step in STEPS:
                waiting = floor.waiting()
                work = [_bare(case, task, step) for case, task in waiting]
                rounds.append(all_at_once(clients, work))
            return tell(rounds)


def statements(here: Site, user_id: int) -> dict[str, int]:
    """Return what each of them asks of the database, with session and page, once everything is
    warm.
    """
    client = here.client(user_id)
    token = ("csrf_token", token_of(client.get("/").text))
    found: dict[str, int] = {}
    for turn in range(2):
        found["start"] = _post(here, client, _opening(turn), token)
        task = _open_tasks(here)[-1]
        found["sign"] = _post(here, client, _signing(task), token)
        found["complete"] = _post(here, client, _completion(task[0], STEPS[1], turn), token)
    return found


def _post(here: Site, client: FlaskClient, request: Request, token: tuple[str, str]) -> int:
    path, fields = request
    data = MultiDict([*fields, token])
    with counted(here.engine) as counts:
        answer = client.post(path, data=data, headers=SAME_ORIGIN)
    if answer.status_code != 303:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return counts.statements


def _opening(number: int) -> Request:
    fields = [*form_fields(answers(STEPS[0], number)), ("once", secrets.token_hex(16))]
    return f"/cases/new/{PROCESS}", fields


def _signing(task: tuple[int, int, str]) -> Request:
    return f"/tasks/{task[0]}/sign", []


def _completion(task_id: int, step: str, number: int) -> Request:
    return f"/tasks/{task_id}/complete", form_fields(answers(step, number))


def _bare(case: int, task: str, step: str) -> Request:
    return f"/{case}/{task}", form_fields(answers(step, case))


def _open_tasks(here: Site) -> list[tuple[int, int, str]]:
    """Task, case and step of what is open, the oldest case first."""
    with here.app.app_context(), reading() as db:
        wanted = select(Task.id, Task.case_id, Task.node_id).where(Task.done_at.is_(None))
        return [tuple(row) for row in db.execute(wanted.order_by(Task.case_id))]


def _programs(here: Site, web: int) -> dict[str, list[int]]:
    """Return the processes that serve pages, and those of the database server."""
    with here.app.app_context(), reading() as db:
        backend = db.scalar(select(func.pg_backend_pid())) or 0
    database = processes.children(processes.parent(backend))
    return {"web": processes.children(web), "database": database}


def _wal(here: Site) -> int:
    """Return how far the write-ahead log has come, in bytes."""
    with here.app.app_context(), reading() as db:
        return int(db.scalar(text("SELECT pg_current_wal_insert_lsn() - '0/0'")) or 0)
