"""What the case page is made of, gathered for its templates; the same after a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.definitions import route
from engine.definitions.route import RouteBranch, RouteStop
from engine.desk import case_header
from engine.desk.case_header import CaseHeader
from engine.models import Task
from engine.reading import casefile
from engine.reading.casefile import CaseFile, EarlierAnswers, ReturnedStep
from engine.records import answer_history, form_drafts, source_rows
from engine.records.answer_history import AnswerSet
from engine.records.source_rows import SourceOrigin
from engine.reports import demands
from engine.reports.demands import DemandRow
from engine.storage.db import reading
from forms import Errors, Form
from webapp import locales
from webapp.account.people import current_actor
from webapp.desk import (
    cohandling_list,
    menu,
    participants,
    people_unmasking,
    relations,
    unit_choice,
)
from webapp.desk.clock_summary import ClockLine, clocks
from webapp.desk.cohandling_list import CohandlingEntry
from webapp.desk.menu import MenuItem
from webapp.desk.participants import Participant
from webapp.desk.relations import OriginCase, Relation
from webapp.desk.unit_choice import UnitProposal
from webapp.form_pages import posted_forms, sources
from webapp.form_pages.posted_forms import FilledForm
from webapp.form_pages.sources import ChoiceSources
from webapp.names import task_name, waiting_words


@dataclass(frozen=True)
class TypedInput:
    """What somebody had typed when the page was refused; nothing of it is lost."""

    answers: Mapping[str, Any]
    errors: Errors = field(default_factory=dict)
    message: str = ""
    status: int = 200
    # What the refused page had seen of the case; nothing once it was told what is new.
    seen_length: int | None = None


@dataclass
class CasePage:
    """The page of one case for one person."""

    file: CaseFile
    actor: Actor
    task: Task | None
    verbs: frozenset[str]
    way: tuple[RouteStop, ...]
    # How far the page has read the case's chain.
    seen_length: int = 0
    tab: str = "work"
    glance: CaseHeader = field(default_factory=CaseHeader)
    done_task: Task | None = None
    form: FilledForm | None = None
    earlier: list[EarlierAnswers] = field(default_factory=list)
    # How many answers were given again since: they have a page of their own.
    former: int = 0
    beside: list[EarlierAnswers] = field(default_factory=list)
    asks: list[MenuItem] = field(default_factory=list)
    ahead: tuple[RouteBranch, ...] = ()
    clocks: list[ClockLine] = field(default_factory=list)
    sources: ChoiceSources = field(default_factory=ChoiceSources)
    relations: list[Relation] = field(default_factory=list)
    helps: list[CohandlingEntry] = field(default_factory=list)
    participants: tuple[Participant, ...] = ()
    demands: list[DemandRow] = field(default_factory=list)
    origin: OriginCase | None = None
    mending: ReturnedStep | None = None
    # Units that may be meant where the step names one.
    units: list[UnitProposal] = field(default_factory=list)
    may_unmask: bool = False
    # Whether the case is the reader's own work.
    holds: bool = False
    # Whether the reader, who holds the case, asked to see its people whole.
    whole: bool = False
    # Where the case came from, if a table brought it in.
    outside: SourceOrigin | None = None

    @property
    def has_people(self) -> bool:
        """Whether the case's version asks for people, so that there is a page of them."""
        return self.file.version.asks_people

    @property
    def has_papers(self) -> bool:
        """Whether the diagram names papers, so that there is a page of them."""
        return self.file.version.names_papers

    @property
    def tells_citizens(self) -> bool:
        """Whether the diagram tells citizens, so that there is a page of what they were told."""
        return self.file.version.tells_citizens

    @property
    def names_people(self) -> bool:
        """Whether any answer on the page is personal."""
        return any(one.personal for step in self.earlier for one in step.answers)

    @property
    def other_tasks(self) -> list[Task]:
        """The other open tasks of the case."""
        return [task for task in self.file.open if task is not self.task]


def gather(
    db: Session,
    actor: Actor,
    case_id: int,
    task_id: int | None,
    typed: TypedInput | None = None,
    shown: Mapping[tuple[str, str], str] | None = None,
) -> CasePage:
    """Return everything the working tab shows. Raises NotFound."""
    page = head(db, actor, case_id, task_id)
    locale = locales.current()
    page.clocks = clocks(db, page.file, page.task)
    standing = answer_history.standing(db, page.file.case)
    kept = standing.sets
    page.earlier = casefile.said_of(page.file, kept, locale)
    page.former = standing.former
    at_work = {task.unit_id for task in page.file.open}
    page.may_unmask = policy.may_unmask(db, actor, page.file.case, at_work)
    page.whole = people_unmasking.shown_whole(actor, page.file)
    if page.whole:
        shown = {**people_unmasking.in_clear(kept), **(shown or {})}
    page.outside = source_rows.outside(page.file.case, kept)
    page.relations = relations.of_case(db, actor, page.file)
    page.helps = cohandling_list.of_case(db, actor, page.file, kept)
    page.participants = participants.of_case(page.file, standing.doings, page.helps)
    page.demands = demands.of_case(db, actor, page.file.case)
    if page.task is not None:
        _gather_step(db, page, page.task, kept, typed)
    model = page.form.model if page.form else None
    before = page.origin.earlier if page.origin else ()
    page.sources = sources.look_up(db, actor, model, [*page.earlier, *before], shown)
    page.sources.hidden = page.file.concealment.hides
    return page


def _gather_step(
    db: Session, page: CasePage, task: Task, kept: list[AnswerSet], typed: TypedInput | None
) -> None:
    """Add what belongs to the step that the page shows: its form, and what stands beside it."""
    locale = locales.current()
    page.asks = menu.waiting_for_me(db, page.actor, page.file, task)
    page.origin = relations.origin_of(db, page.actor, page.file, task, page.relations)
    page.mending = casefile.mending(page.file, task.node_id, kept, locale)
    page.ahead = route.of_version(db, page.file.version.id).after(task.node_id)
    form = page.file.version.form(task.form)
    code = unit_choice.suggested(page.file, form, kept, task.node_id)
    page.form = _form(db, page, typed, code)
    if page.form is not None:
        page.units = unit_choice.proposals(db, page.actor, page.file, form, code)
    page.beside = casefile.shown_answers(page.earlier, form.shows if form else ())


def head(
    db: Session, actor: Actor, case_id: int, task_id: int | None, tab: str = "work"
) -> CasePage:
    """Return what every tab of a case shows: title, lamp, steps, what may be done. Raises
    NotFound.
    """
    file = casefile.open_file(db, actor, case_id)
    task = file.task(task_id) or _mine_first(actor, file)
    done = casefile.done_task(db, file, task_id) if task_id and file.task(task_id) is None else None
    verbs = _verbs(actor, task)
    way = route.of_version(db, file.version.id).way(
        file.state.passed, [one.node_id for one in file.open]
    )
    glanced = case_header.at(db, actor, file.case)
    return CasePage(file, actor, task, verbs, way, file.state.audit_length, tab, glanced, done)


def work_page(
    case_id: int,
    task_id: int | None,
    typed: TypedInput | None = None,
    shown: Mapping[tuple[str, str], str] | None = None,
) -> tuple[str, int]:
    """Return the working tab as HTML with its status; ``typed`` is shown instead of the draft."""
    with reading() as db:
        page = gather(db, current_actor(), case_id, task_id, typed, shown)
    if typed is not None and typed.seen_length is not None:
        page.seen_length = typed.seen_length
    status = typed.status if typed else 200
    file = page.file
    done = {"case": str(file.case.id), "words": lambda: submitted(file)}
    shows = {"page": page, "case": file.case, "typed": typed, "submitted": done}
    return render_template("desk/case.html", **shows), status


def submitted(file: CaseFile) -> str:
    """Return what somebody hears who has just submitted a step: what the case waits for now."""
    if file.case.closed_at is not None:
        return _("已提交，事项办结。")
    if file.next_timer is not None:
        return _("已提交。%(words)s", words=waiting_words(file.next_timer))
    steps = [
        _("%(step)s（%(unit)s）", step=task_name(one), unit=one.unit.name) for one in file.open
    ]
    return _("已提交，后续环节：%(steps)s", steps=locales.comma_list(steps) or _("等待"))


def _mine_first(actor: Actor, file: CaseFile) -> Task | None:
    """Return the open task that concerns the actor most: held, then to be signed, then any."""

    def rank(task: Task) -> int:
        if policy.allowed(actor, "complete", task):
            return 0 if task.assignee_id is not None else 1
        return 2

    return min(file.open, key=rank, default=None)


def _verbs(actor: Actor, task: Task | None) -> frozenset[str]:
    """Return what the actor may do to the task now, as the buttons need to know it."""
    if task is None:
        return frozenset()
    verbs = {verb for verb in ("sign", "complete", "attach") if policy.allowed(actor, verb, task)}
    return frozenset(verbs if task.assignee_id is None else verbs - {"sign"})


def _form(db: Session, page: CasePage, typed: TypedInput | None, unit: str) -> FilledForm | None:
    """Return the task's form for whoever works on it: as typed, else the draft, else as it
    begins.
    """
    task = page.task
    assert task is not None
    if "complete" not in page.verbs or (task.assignee_id is None and typed is None):
        return None
    form = page.file.version.form(task.form)
    if typed is not None:
        return posted_forms.show(form, typed.answers, typed.errors, ends=task.due_at)
    draft = form_drafts.load(db, page.actor.user_id, str(task.id))
    answers, saved_at = draft if draft else (_beginning(page, form, unit), None)
    return posted_forms.show(form, answers, saved_at=saved_at, ends=task.due_at)


def _beginning(page: CasePage, form: Form | None, unit: str) -> Mapping[str, Any]:
    """Return what a form begins with: what was sent back, or the case it came out of, or
    defaults.
    """
    if page.mending is not None:
        return page.mending.answers
    if page.origin is not None:
        return page.origin.start
    if form is None:
        return {}
    begins = posted_forms.beginning(form)
    return {**begins, **unit_choice.beginning(form, unit)} if unit else begins
