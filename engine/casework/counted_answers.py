"""Answers that figures count, by the names of their fields, whatever process asks them.

A process that staff draw counts as the shipped ones do where its forms use the same names and
choices: ``satisfaction``, ``solved``, ``first_contact_at``, ``agreed_on`` and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.casework.case_work import CaseWork
from engine.definitions.versions import PublishedVersion
from engine.models import CaseMark, Task, new_id
from engine.models.figures import (
    ACCEPTANCE,
    CONTACT,
    EXCLUSION,
    SATISFACTION,
    SETTLEMENT,
    SOLUTION,
)
from engine.storage import marks, pending_rows, tallies
from engine.terms.opinions import DISSATISFIED
from forms import Form

CONTACT_WITHIN = timedelta(hours=24)
RATINGS = {"满意": True, "基本满意": True, "不满意": False}
SOLUTIONS = {"已解决": True, "未解决": False, "解释说明": False}
ASKED = frozenset(
    (
        *("satisfaction", "upper_satisfaction", "solved", "upper_solved", "exclusion_decided"),
        *("contacted", "first_contact_at", "answered_now"),
        *("acceptance", "on_spot", "agreed_on", "ended_on", "withdrawn_on"),
    )
)
AGREED_ON = "agreed_on"
Answers = Mapping[str, Any]


def count_rating(
    db: Session, work: CaseWork, opinion: str, is_solved: bool | None
) -> dict[str, bool | None]:
    """Keep what a citizen said that no step asked for; return it for the chain."""
    found: dict[str, bool | None] = {SATISFACTION: opinion != DISSATISFIED}
    if is_solved is not None:
        found[SOLUTION] = is_solved
    _keep(db, work, found, None)
    return found


def count(db: Session, work: CaseWork, form: Form | None, clean: Answers) -> dict[str, bool | None]:
    """Keep what these answers say that figures count; return it for the chain."""
    clean = _by_usual_names(form, clean)
    if not ASKED & clean.keys():
        return {}
    found = mark_values(work.version, work.task, clean)
    _keep(db, work, found, work.task)
    return found


def count_end(db: Session, work: CaseWork) -> dict[str, bool | None]:
    """A case that was accepted for mediation and ends without an agreement was mediated in vain."""
    if not mediates(work.version):
        return {}
    now = marks.current(_marks(db, work))
    if ACCEPTANCE not in now or not now[ACCEPTANCE].value or SETTLEMENT in now:
        return {}
    found: dict[str, bool | None] = {SETTLEMENT: False}
    _keep(db, work, found, None)
    return found


def uncount(db: Session, work: CaseWork, task: Task) -> None:
    """A completion was recalled: what it said was never said."""
    rows = _marks(db, work)
    gone = [row for row in rows if row.task_id == task.id]
    if not gone:
        return
    before = marks.current(rows)
    for row in gone:
        rows.remove(row)
        db.delete(row)
    db.flush()
    _change(db, work, before, rows)


def _by_usual_names(form: Form | None, clean: Answers) -> Answers:
    """Return answers with those of a rating under the names that the shipped forms give them."""
    rating = form.rating if form is not None else {}
    usual = {"satisfaction": rating.get("opinion"), "solved": rating.get("solved")}
    more = {key: clean[field.name] for key, field in usual.items() if field and field.name in clean}
    return {**more, **clean}


def mark_values(
    version: PublishedVersion, task: Task | None, clean: Answers
) -> dict[str, bool | None]:
    """Return what answers say, by kind; None is an answer that counts neither way."""
    found: dict[str, bool | None] = {}
    for kind, value in _citizens_word(clean):
        found[kind] = value
    if task is not None and ("contacted" in clean or "first_contact_at" in clean):
        found[CONTACT] = _in_time(task, clean.get("first_contact_at"))
    elif clean.get("answered_now") is True:
        found[CONTACT] = True
    if mediates(version):
        found |= _mediation(clean)
    return found


def _citizens_word(clean: Answers) -> Iterator[tuple[str, bool | None]]:
    for name in ("satisfaction", "upper_satisfaction"):
        if name in clean:
            yield SATISFACTION, RATINGS.get(str(clean[name]))
    if isinstance(clean.get("solved"), bool):
        yield SOLUTION, clean["solved"]
    elif "upper_solved" in clean:
        yield SOLUTION, SOLUTIONS.get(str(clean["upper_solved"]))
    if "exclusion_decided" in clean:
        yield EXCLUSION, clean["exclusion_decided"] == "同意剔除"


def _mediation(clean: Answers) -> dict[str, bool | None]:
    found: dict[str, bool | None] = {}
    if clean.get("on_spot") is True or clean.get("acceptance") == "受理":
        found[ACCEPTANCE] = True
    if clean.get(AGREED_ON):
        found[SETTLEMENT] = True
    elif clean.get("ended_on") or clean.get("withdrawn_on"):
        found[SETTLEMENT] = False
    return found


def mediates(version: PublishedVersion) -> bool:
    """Return whether a form of the version asks for an agreement."""
    return AGREED_ON in version.field_names


def _in_time(task: Task, told: Any) -> bool:
    if not told:
        return False
    at = datetime.fromisoformat(str(told))
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(settings.current().timezone))
    return at <= task.opened_at + CONTACT_WITHIN


def _marks(db: Session, work: CaseWork) -> list[CaseMark]:
    if work.marks is None:
        mine = (CaseMark.case_id == work.case.id, CaseMark.county_id == work.case.county_id)
        work.marks = list(db.scalars(select(CaseMark).where(*mine)))
    return work.marks


def _keep(db: Session, work: CaseWork, found: Mapping[str, bool | None], task: Task | None) -> None:
    if not found:
        return
    rows = _marks(db, work)
    before = marks.current(rows)
    fresh = [
        CaseMark(
            id=new_id(),
            county_id=work.case.county_id,
            case_id=work.case.id,
            kind=kind,
            value=value,
            at=work.now,
            task_id=task.id if task is not None else None,
            current=False,
        )
        for kind, value in found.items()
    ]
    rows += fresh
    _change(db, work, before, rows)
    for row in fresh:
        pending_rows.add(db, row)


def _change(
    db: Session, work: CaseWork, before: Mapping[str, CaseMark], rows: list[CaseMark]
) -> None:
    """Move the counters from what was current to what is."""
    after = marks.current(rows)
    past = [one for one in before.values() if after.get(one.kind) is not one and one in rows]
    for one in past:
        one.current = False
    if past:
        # Two of a kind would be current in between.
        db.flush()
    for one in after.values():
        if not one.current:
            one.current = True
    tallies.count_marks(db, work.case, before, -1)
    tallies.count_marks(db, work.case, after, 1)
