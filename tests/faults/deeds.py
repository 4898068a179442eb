"""Deeds in which a process may die: what people send, and what the worker does by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine.models import Due
from engine.storage.db import reading
from engine.worker import ticks
from tests.engine.casework.world import ACCEPT, FEEDBACK, HANDLE, RATE, TRACK, World
from tests.webapp.site import Site, hidden
from tests.webapp.test_case_page import at_accept, at_handling
from tests.webapp.test_moves_page import REASON, options

Told = dict[str, Any]


@dataclass(frozen=True)
class Deed:
    """Something that is done once or not at all; ``prepare`` leads a county up to it."""

    name: str
    prepare: Callable[[Site], Told]
    # In how many places the short form dies.
    few: int

    def __str__(self) -> str:
        return self.name


def sent(site: Site, login: str, path: str, fields: dict[str, str]) -> Told:
    """A form on its way from a browser that is logged in, in a county without arrears."""
    site.run(lambda world: world.work(world.now))
    browser = site.browser(login)
    token, cookie = browser.token(), browser.client.get_cookie("fengqiao")
    assert cookie is not None
    return {
        "act": "request",
        "login": login,
        "path": path,
        "fields": fields,
        "token": token,
        "cookie": cookie.value,
        "now": site.world.now.isoformat(),
    }


def completion(site: Site) -> Told:
    """A grid leader hands a ticket up: a step with an action, clocks and messages."""
    _case_id, task_id, _leader = at_accept(site)
    return sent(site, "grid_leader", f"/tasks/{task_id}/complete", ACCEPT)


def last_completion(site: Site) -> Told:
    """The rating that closes a case."""
    case_id, _task_id = at_handling(site)

    def walk(world: World) -> int:
        world.complete("handler", case_id, HANDLE)
        for node, answers in (("track", TRACK), ("feedback", FEEDBACK)):
            world.complete(PERSONS[node], case_id, answers, node)
        return world.task(case_id, "rate").id

    task_id = site.run(walk)
    return sent(site, PERSONS["rate"], f"/tasks/{task_id}/complete", RATE)


def move(site: Site) -> Told:
    """A handler gives a task to a colleague."""
    _case_id, task_id = at_handling(site)
    handler, path = site.browser("handler"), f"/tasks/{task_id}/moves/transfer"
    assert handler.post(f"/tasks/{task_id}/sign").status_code == 303
    target = options(handler.get(path).text)["员工colleague"]
    return sent(site, "handler", path, {"target": target, **REASON})


def opening(site: Site) -> Told:
    """A grid worker reports something."""
    page = site.browser("worker").get("/cases/new/ticket")
    report = site.world.report(once=hidden(page, "once"))
    return sent(site, "worker", "/cases/new/ticket", report)


def firing(site: Site) -> Told:
    """The deadline of a step passes, with the rungs that come at the same moment."""
    case_id, _task_id, _leader = at_accept(site)
    site.run(lambda world: world.work(world.now))

    def last_moment(_world: World) -> Any:
        with reading() as db:
            moments = select(Due.fire_at).where(Due.case_id == case_id).order_by(Due.fire_at)
            return list(db.scalars(moments))[-1]

    site.world.now = site.run(last_moment) + timedelta(minutes=1)
    return {"act": "ticks", "names": ["sweep"], "now": site.world.now.isoformat()}


def errands(site: Site) -> Told:
    """Everything else that the worker does by itself: messages, counters, anchors."""
    told = firing(site)
    site.run(lambda world: ticks.tick("sweep", world.now))
    return {**told, "names": [name for name in ticks.TICKS if name != "sweep"]}


PERSONS = {"track": "worker", "feedback": "worker", "rate": "dispatcher"}
DEEDS = tuple(
    Deed(act.__name__, act, few)
    for act, few in (
        (completion, 3),
        (move, 2),
        (firing, 3),
        (opening, 1),
        (last_completion, 1),
        (errands, 1),
    )
)
