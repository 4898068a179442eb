"""The citizen's own rating: solved or not, the opinion, the words.

Where the diagram is at a step that its form gives to citizens, the rating completes it, as a
call-back would. After the end it is kept as the case's rating; "not solved" within the window
takes the case back to that step, so that the diagram says what happens, or, where a process has
no such step, is brought before those who can reopen it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org, settings
from engine.access import actors, policy
from engine.access.actors import Actor
from engine.casework import cases, counted_answers, moves, ratings
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.casework.clockwork import works_in_force
from engine.casework.moves import reopening
from engine.citizens import letters
from engine.definitions import versions
from engine.definitions.versions import PublishedVersion
from engine.errors import Conflict, InvalidInput, NotFound
from engine.models import Case, CitizenRating, Task
from engine.notices import outbox
from engine.records import vault
from engine.storage import pending_rows
from engine.terms.opinions import DISSATISFIED, OPINIONS, SITE
from feel.text import Text
from forms import Form, InvalidAnswers
from forms.definition import FieldChoice

NODE = "rating:site"
LONGEST = 1000
NOT_NOW = Text(
    "现在不能评价：还没有答复，已经评价过，或者已过期限。",
    "It cannot be rated now: there is no answer yet, it was rated already, or the time is over.",
)
CHOOSE = Text("请选择。", "Please choose.")
TOO_LONG = Text("最多 1000 字。", "1000 characters at most.")
UNSOLVED = Text("群众在网上反映没有解决。", "The citizen says on the site that it is not solved.")


@dataclass(frozen=True)
class CitizenJudgement:
    """What a citizen chose and wrote; ``stars`` is 0 where none were chosen."""

    is_solved: bool | None
    stars: int = 0
    words: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class RatingOffer:
    """That a case can be rated now: at a step of the diagram, or after its end.

    ``opinions`` are what each number of stars means; ``reasons`` what the form offers.
    """

    task_id: int | None
    opinions: Mapping[int, str]
    reasons: tuple[FieldChoice, ...] = ()


def offer(db: Session, case_id: int, now: datetime) -> RatingOffer | None:
    """Return whether the citizen of a case can rate it now, for looking only."""
    case = db.get_one(Case, case_id)
    published = versions.load(db, case.version_id)
    task = _at_hand(db, case, published)
    if task is None and not _is_rateable(db, case, now):
        return None
    form = published.form(task.form) if task is not None else _form(published)
    field = form.rating.get("reasons") if form is not None else None
    reasons = field.choices if field is not None else ()
    task_id = task.id if task is not None else None
    return RatingOffer(task_id, ratings.star_opinions(db), reasons)


def rate(db: Session, case_id: int, said: CitizenJudgement, *, now: datetime) -> None:
    """Take in the rating of a case by its citizen, who has proved that it is theirs.

    Raises NotFound, InvalidInput by the fields of the judgement, Conflict where nothing can be
    rated now.
    """
    opinion, said = _opinion(db, said)
    # The lock first: of two that are sent at once the second sees what the first has done.
    case = lock_case(db, case_id)
    if case is None:
        raise NotFound(case_id)
    published = versions.load(db, case.version_id)
    citizen = actors.citizen_of(case.id, _steps(published), now)
    task = _at_hand(db, case, published)
    if task is not None:
        _complete(db, citizen, task.id, published.form(task.form), opinion, said, now)
    elif not _is_rateable(db, case, now):
        raise Conflict(case.id, text=NOT_NOW)
    elif said.is_solved:
        _keep(db, citizen, case, opinion, said, now)
    else:
        _go_back(db, citizen, case, published, opinion, said, now)


def _go_back(
    db: Session,
    citizen: Actor,
    case: Case,
    published: PublishedVersion,
    opinion: str,
    said: CitizenJudgement,
    now: datetime,
) -> None:
    """Not solved after the end: the diagram says what follows, or a person who can reopen it."""
    work = begin(db, case, citizen, "reopen", now=now)
    target = next((one for one in sorted(_steps(published)) if reopening.reopens(work, one)), None)
    if target is None:
        kept = _keep(db, citizen, case, opinion, said, now)
        _tell_staff(db, kept)
        return
    moves.reopen(db, citizen, case.id, target, said.words.strip() or UNSOLVED.zh, now=now)
    db.flush()
    pending_rows.write(db)
    task = _at_hand(db, case, published)
    assert task is not None
    _complete(db, citizen, task.id, published.form(task.form), opinion, said, now)


def _complete(
    db: Session,
    citizen: Actor,
    task_id: int,
    form: Form | None,
    opinion: str,
    said: CitizenJudgement,
    now: datetime,
) -> None:
    """Complete the citizen's step as everybody completes a step. Raises InvalidInput."""
    assert form is not None
    values: dict[str, Any] = {
        "opinion": OPINIONS[opinion].zh,
        "solved": said.is_solved,
        "stars": said.stars or None,
        "words": said.words.strip(),
        "reasons": list(said.reasons),
    }
    answers = dict(form.defaults(today=settings.current().local_day(now)))
    answers |= {field.name: values[role] for role, field in form.rating.items()}
    try:
        cases.complete_task(db, citizen, task_id, answers, now=now)
    except InvalidAnswers as error:
        names = {field.name: role for role, field in form.rating.items()}
        found = {names.get(path, ""): texts[0] for path, texts in error.errors.items()}
        raise InvalidInput(found) from error


def _keep(
    db: Session, citizen: Actor, case: Case, opinion: str, said: CitizenJudgement, now: datetime
) -> CaseWork:
    """Keep a rating that no step asks for, with its words in the vault."""
    work = begin(db, case, citizen, "rate", now=now)
    policy.require(db, citizen, "rate", work.case)
    told = {"words": said.words.strip(), "reasons": list(said.reasons)}
    receipt = vault.keep(db, work.case, None, NODE, told, at=now).digest
    letters.keep_words(db, work, said.words.strip())
    ratings.keep(db, work, opinion, said.stars or None, said.is_solved)
    figures = counted_answers.count_rating(db, work, opinion, said.is_solved)
    work.record(
        db,
        "case.rated",
        opinion=opinion,
        stars=said.stars or None,
        solved=said.is_solved,
        receipt=receipt,
        figures=figures,
    )
    return work


def _tell_staff(db: Session, work: CaseWork) -> None:
    """Bring "not solved" before the dispatchers of the unit that took the case in."""
    unit = org.work_unit(db, work.case.unit, "dispatcher")
    outbox.put(
        db,
        work.case,
        "citizen.unsolved",
        cause=f"citizen.unsolved:{work.case.id}:{work.state.audit_length}",
        now=work.now,
        unit_id=unit.id,
        role="dispatcher",
    )


def _opinion(db: Session, said: CitizenJudgement) -> tuple[str, CitizenJudgement]:
    """Return what the stars mean, with them only where they agree: what is not solved satisfies
    nobody. Raises InvalidInput.
    """
    errors: dict[str, Text] = {}
    opinions = ratings.star_opinions(db)
    if said.is_solved is None:
        errors["solved"] = CHOOSE
    if said.is_solved and said.stars not in opinions:
        errors["stars"] = CHOOSE
    if len(said.words) > LONGEST:
        errors["words"] = TOO_LONG
    if errors:
        raise InvalidInput(errors)
    if said.is_solved:
        return opinions[said.stars], said
    low = opinions.get(said.stars) == DISSATISFIED
    return DISSATISFIED, said if low else replace(said, stars=0)


def _at_hand(db: Session, case: Case, published: PublishedVersion) -> Task | None:
    """Return the open task that the citizen can do, if the case is at one."""
    steps = _steps(published)
    if not steps or case.closed_at is not None:
        return None
    found = select(Task).where(
        Task.case_id == case.id,
        Task.county_id == case.county_id,
        Task.done_at.is_(None),
        Task.node_id.in_(steps),
    )
    return db.scalar(found.order_by(Task.id).limit(1))


def _is_rateable(db: Session, case: Case, now: datetime) -> bool:
    """Return whether a closed case is within the window, and not rated on the site since."""
    if case.closed_at is None:
        return False
    since = select(CitizenRating.id).where(
        CitizenRating.case_id == case.id,
        CitizenRating.county_id == case.county_id,
        CitizenRating.source == SITE,
        CitizenRating.at >= case.closed_at,
    )
    works = works_in_force(db, now)
    return reopening.in_time(db, case, works, now) and db.scalar(since.limit(1)) is None


def _steps(published: PublishedVersion) -> Sequence[str]:
    """Return the steps of the process whose forms ask the citizen for an opinion."""
    nodes = published.definition.nodes.values()
    asked = (one for one in nodes if one.form and _asks(published.form(one.form)))
    return [one.id for one in asked]


def _form(published: PublishedVersion) -> Form | None:
    steps = _steps(published)
    node = published.node(steps[0]) if steps else None
    return published.form(node.form) if node is not None else None


def _asks(form: Form | None) -> bool:
    return form is not None and "opinion" in form.rating
