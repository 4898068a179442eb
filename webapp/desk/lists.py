"""The lists: the workbench with its queues, the cases, what is late in one's area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.access.policy import SUPERIOR_VERBS
from engine.definitions import versions
from engine.desk import decisions, saved_views
from engine.models import Version
from engine.reading import case_lists, gazetteer, queues, worklists
from engine.reading.case_lists import CaseSearch
from engine.reading.worklists import RowsPage, TaskFilters
from engine.storage.db import reading
from webapp.account.people import current_actor, unattended
from webapp.clock import now
from webapp.desk import blueprint, cohandling_list, filters

QUEUE_NAMES = {
    "to_sign": _l("待签收"),
    "mine": _l("处理中"),
    "soon": _l("将到期"),
    "late": _l("已超期"),
    "decide": _l("待我决定"),
    "help": _lp("tab", "协办"),
    "followed": _lp("tab", "关注"),
    "unit": _l("本单位"),
    "done": _l("已办"),
}
URGENT = {"late": "count-red", "soon": "count-amber"}
# Queues that hold something other than tasks to do.
UNFILTERED = frozenset({"help", "followed", "decide"})


@dataclass(frozen=True)
class QueueTab:
    """One queue as the workbench offers it."""

    queue: str
    name: str
    count: str
    style: str
    current: bool
    link: str


@blueprint.get("/")
def workbench() -> str:
    """What I have to do: my queues, the most urgent first."""
    actor = current_actor()
    with reading() as db:
        counts = _counts(db, actor)
        queue = _queue(counts)
        found = filters.filters(db)
        page = _page(db, actor, queue, found)
        processes = filters.processes(db, now())
        opens = openable(db, actor, processes)
        steps = filters.step_options(db, actor, processes, found.process)
        kept = saved_views.mine(db, actor.user_id)
    return render_template(
        "desk/workbench.html",
        tabs=_tabs(counts, queue),
        queue=queue,
        page=page,
        filters=found,
        chips=filters.chips(found),
        given=filters.current_filters(),
        filtered=queue not in UNFILTERED,
        steps=steps,
        processes=processes,
        views=kept,
        opens=opens,
        actions=_actions(actor, queue),
        counts=counts,
    )


@blueprint.get("/workbench/tabs")
@unattended
def workbench_tabs() -> str:
    """The queues with fresh numbers, for a page that stays open."""
    with reading() as db:
        counts = _counts(db, current_actor())
    return render_template("desk/_tabs.html", tabs=_tabs(counts, _queue(counts)))


@blueprint.get("/workbench/filters")
def workbench_filters() -> str:
    """Every filter of the workbench at once; inside of its page, or as a page of its own."""
    actor = current_actor()
    with reading() as db:
        known = filters.processes(db, now())
        wanted = [
            one for key, one in known.items() if request.args.get("process") in (None, "", key)
        ]
        page = {
            "categories": filters.choices_of(db, wanted, "category"),
            "channels": filters.choices_of(db, wanted, "channel"),
            "areas": filters.areas_of(db, actor),
        }
    inside = "HX-Request" in request.headers
    template = "desk/_filters.html" if inside else "desk/filters.html"
    queue = request.args.get("queue", "")
    return render_template(
        template,
        given=filters.current_filters(),
        queue=queue if queue in QUEUE_NAMES else "",
        of_cases="of_cases" in request.args,
        **page,
    )


@blueprint.get("/cases")
def cases() -> str:
    """Every case I may see, the newest first; found by number, title or place."""
    actor, after = current_actor(), _after()
    with reading() as db:
        narrowed = filters.filters(db)
        search = _search(narrowed)
        page = case_lists.cases(db, actor, search, after=after)
        places = [] if after else gazetteer.places(db, actor, search.text)
        processes = filters.processes(db, now())
    return render_template(
        "desk/cases.html",
        page=page,
        search=search,
        places=places,
        processes=processes,
        chips=[one for one in filters.chips(narrowed) if one.key != "due"],
        given=filters.current_filters(),
    )


def _search(narrowed: TaskFilters) -> CaseSearch:
    """Return what the address of the list of cases asks for."""
    args = request.args
    return CaseSearch(
        text=args.get("q", "").strip()[: case_lists.LONGEST_SEARCH],
        process=narrowed.process[:64],
        stand=args.get("stand", "") if args.get("stand") in case_lists.STANDS else "",
        category=narrowed.category,
        channel=narrowed.channel,
        area=narrowed.area,
        opened_from=narrowed.opened_from,
        opened_until=narrowed.opened_until,
        person=args.get("by") == "person" and bool(args.get("q", "").strip()),
    )


def openable(db: Session, actor: Actor, processes: dict[str, Version]) -> bool:
    """Return whether a process begins with a step of the actor's: else 登记 would only say no."""
    first = (versions.load(db, version.id).definition.opens for version in processes.values())
    return any(step and (step.role or "dispatcher") in actor.roles for step in first)


def _counts(db: Session, actor: Actor) -> dict[str, int]:
    """Return what every queue holds; what waits for a decision for whoever decides anything."""
    counts = queues.counts(db, actor, now())
    if decisions.decides(actor):
        counts["decide"] = decisions.count(db, actor)
    return counts


def _page(db: Session, actor: Actor, queue: str, found: TaskFilters) -> RowsPage:
    if queue == "decide":
        return RowsPage(tuple(decisions.waiting(db, actor)), None)
    if queue == "help":
        return cohandling_list.queue(db, actor)
    if queue == "followed":
        return case_lists.followed(db, actor, after=_after())
    return worklists.tasks(db, actor, queue, found, now(), after=request.args.get("after"))


def _after() -> int | None:
    """Return where the page before ended, in a list of cases."""
    after = request.args.get("after", "")
    return int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None


def _queue(counts: dict[str, int]) -> str:
    """Return the queue asked for; else what waits to be signed for, else what I am working on."""
    wanted = request.args.get("queue", "")
    if wanted in QUEUE_NAMES and (wanted != "decide" or wanted in counts):
        return wanted
    return "to_sign" if counts["to_sign"] and not counts["mine"] else "mine"


def _tabs(counts: dict[str, int], current: str) -> list[QueueTab]:
    found = [
        QueueTab(
            queue,
            str(name),
            _number(counts.get(queue)),
            _style(queue, counts),
            queue == current,
            url_for("desk.workbench", queue=queue),
        )
        for queue, name in QUEUE_NAMES.items()
        if queue != "decide" or queue in counts
    ]
    called = counts["called"]
    if called:
        # Not a queue of tasks, and only there when somebody waits for us.
        link = url_for("demands.index", stand="answer", mine=1)
        found.append(QueueTab("called", _("待答复"), _number(called), "count-red", False, link))
    return found


def _number(count: int | None) -> str:
    """Return a count as a tab shows it; nobody counts further than three digits."""
    if count is None:
        return ""
    return str(count) if count < queues.MOST else f"{queues.MOST - 1}+"


def _style(queue: str, counts: dict[str, int]) -> str:
    return URGENT.get(queue, "") if counts.get(queue) else ""


def _actions(actor: Actor, queue: str) -> list[tuple[str, str]]:
    """Return what may be done with several rows of a queue at once; each row answers for itself."""
    words = {"sign": _("签收"), "transfer": _("转办"), "urge": _("催办"), "print": _("打印")}
    fitting = {
        "to_sign": ("sign", "transfer", "print"),
        "mine": ("transfer", "print"),
        "soon": ("sign", "transfer", "print"),
        "late": ("sign", "transfer", "print"),
        "unit": ("sign", "urge", "print"),
    }
    offered = list(fitting.get(queue, ("print",)))
    if not actor.roles & SUPERIOR_VERBS["urge"]:
        offered = [one for one in offered if one != "urge"]
    return [(one, words[one]) for one in offered]


def empty_text(queue: str) -> str:
    """Return what an empty queue says."""
    texts: dict[str, Any] = {
        "to_sign": _("暂无待签收任务。"),
        "mine": _("暂无在办任务。"),
        "decide": _("暂无待您决定的事项。"),
        "help": _("暂无待本单位答复的协办请求。"),
        "followed": _("暂无关注的事项。在事项页面点“关注”，即可在此查看。"),
        "soon": _("当前无将到期任务。"),
        "late": _("当前无超期任务。"),
        "unit": _("本单位暂无在办任务。"),
        "done": _("暂无已办结任务。"),
    }
    return str(texts[queue])
