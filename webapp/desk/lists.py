"""The lists: the workbench with its queues, the cases, what is late in one's area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from engine import caselists, versions, worklists
from engine.caselists import Search
from engine.db import reading
from engine.models import Version
from engine.worklists import Filters
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, helping

QUEUE_NAMES = {
    "to_sign": _l("待签收"),
    "mine": _l("处理中"),
    "help": _l("协办"),
    "soon": _l("将到期"),
    "late": _l("已超期"),
    "unit": _l("本单位"),
    "done": _l("已办"),
}
URGENT = {"late": "count-red", "soon": "count-amber"}


@dataclass(frozen=True)
class Tab:
    """One queue as the workbench offers it."""

    queue: str
    name: str
    count: int | None
    style: str
    current: bool


@blueprint.get("/")
def workbench() -> str:
    """What I have to do: my queues, the most urgent first."""
    actor, filters = current_actor(), _filters()
    with reading() as db:
        found = worklists.overview(db, actor, now())
        asked = helping.queue(db, actor)
        counts = {**found.counts, "help": len(asked.rows)}
        queue = _queue(counts)
        after = request.args.get("after")
        # What others ask of my units is read for its number anyway.
        page = (
            asked
            if queue == "help"
            else worklists.tasks(db, actor, queue, filters, now(), after=after)
        )
        processes = _processes(db)
    return render_template(
        "desk/workbench.html",
        tabs=_tabs(counts, queue),
        queue=queue,
        page=page,
        filters=filters,
        steps=found.steps,
        processes=processes,
        opens=openable(processes),
    )


@blueprint.get("/workbench/tabs")
def workbench_tabs() -> str:
    """The queues with fresh numbers, for a page that stays open."""
    actor = current_actor()
    with reading() as db:
        counts = worklists.overview(db, actor, now()).counts
        counts["help"] = len(helping.queue(db, actor).rows)
    return render_template("desk/_tabs.html", tabs=_tabs(counts, _queue(counts)))


@blueprint.get("/cases")
def cases() -> str:
    """Every case I may see, the newest first; found by number, title or place."""
    args = request.args
    search = Search(
        text=args.get("q", "").strip()[: caselists.LONGEST_SEARCH],
        process=args.get("process", "")[:64],
        stand=args.get("stand", "") if args.get("stand") in caselists.STANDS else "",
    )
    after = args.get("after", "")
    with reading() as db:
        start = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
        page = caselists.cases(db, current_actor(), search, after=start)
        processes = _processes(db)
    return render_template("desk/cases.html", page=page, search=search, processes=processes)


def openable(processes: dict[str, Version]) -> bool:
    """Whether the actor may open a case of any process."""
    from engine.policy import OPENERS

    return bool(processes) and bool(current_actor().roles & OPENERS)


def _filters() -> Filters:
    args = request.args
    lamp = args.get("lamp", "")
    return Filters(
        process=args.get("process", "")[:64],
        lamp=lamp if lamp in worklists.LAMPS else "",
        step=args.get("step", "")[:120],
    )


def _queue(counts: dict[str, int]) -> str:
    """The queue asked for; else what waits to be signed for, else what I am working on."""
    wanted = request.args.get("queue", "")
    if wanted in QUEUE_NAMES:
        return wanted
    return "to_sign" if counts["to_sign"] and not counts["mine"] else "mine"


def _tabs(counts: dict[str, int], current: str) -> list[Tab]:
    return [
        Tab(queue, str(name), counts.get(queue), _style(queue, counts), queue == current)
        for queue, name in QUEUE_NAMES.items()
    ]


def _style(queue: str, counts: dict[str, int]) -> str:
    return URGENT.get(queue, "") if counts.get(queue) else ""


def _processes(db: Session) -> dict[str, Version]:
    return {version.process: version for version in versions.currents(db, now())}


def empty_text(queue: str) -> str:
    """What an empty queue says."""
    texts: dict[str, Any] = {
        "to_sign": _("没有等待签收的任务。"),
        "mine": _("您手上没有正在办理的任务。"),
        "help": _("没有等待您单位答复的协办请求。"),
        "soon": _("没有将到期的任务。"),
        "late": _("没有超期的任务，继续保持。"),
        "unit": _("本单位没有在办的任务。"),
        "done": _("您还没有办结过任务。"),
    }
    return str(texts[queue])
