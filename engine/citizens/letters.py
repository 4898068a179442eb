"""Questions back and forth: the citizen of a case and whoever works on it write to each other.

The words are sealed and the chain says only that there were some. A citizen may also send more
photos, and ask to withdraw; that is decided by whoever presses the diagram's own button.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from engine import org, settings
from engine.access import actors, policy
from engine.access.actors import Actor
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.citizens import masking, photos
from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.models import Case, CitizenLetter, Task, new_id
from engine.notices import outbox
from engine.notices.telling import recipients
from engine.records import vault
from engine.records.bindings import of_citizen_letter
from engine.terms.channels import CITIZEN
from feel.text import Text

WORDS, WITHDRAWAL, PHOTOS = "words", "withdrawal", "photos"
LONGEST, MOST_A_DAY = 1000, 10
DAY = timedelta(days=1)
NOTICES = {WORDS: "citizen.wrote", WITHDRAWAL: "citizen.withdraws", PHOTOS: "citizen.photos"}
EMPTY = Text("请填写内容。", "Write something first.")
TOO_LONG = Text("最多 1000 字。", "1000 characters at most.")
NO_PHOTOS = Text("请选择照片。", "Choose photos.")
TOO_MANY = Text(
    "今天写得太多了，请明天再写，或者拨打 12345。", "Too many today; go on tomorrow, or call 12345."
)
CLOSED = Text("事项已经办结。", "The case is closed.")
TWICE = Text("已经申请过撤回。", "Withdrawal was asked for already.")
NEWS = Text(
    "承办单位在网上给您留言了，请在“我的事项”查看。",
    "Whoever handles your matter has written to you; see “My matters”.",
)


@dataclass(frozen=True)
class LetterText:
    """One letter in clear; without a unit it is the citizen's."""

    kind: str
    text: str
    at: datetime
    unit: str = ""
    author: str = ""


def of_case(db: Session, case_id: int) -> list[LetterText]:
    """Return all letters of a case for its citizen, who has proved that it is theirs."""
    return _letters(db, db.get_one(Case, case_id))


def for_staff(db: Session, actor: Actor, case: Case) -> list[LetterText]:
    """Return the letters of a case that somebody sees: in full to whoever works on it.

    To others numbers that belong to a person are masked, and nothing of a confidential case.
    """
    if may_write(db, actor, case):
        return _letters(db, case)
    if case.guarded:
        return []
    found = _letters(db, case)
    return [LetterText(one.kind, masking.masked(one.text), one.at, one.unit) for one in found]


def may_write(db: Session, actor: Actor, case: Case) -> bool:
    """Return whether somebody may write to the citizen: a unit at work, or that took it in."""
    at_work = {case.unit_id, *policy.units_at_work(db, case)}
    return not at_work.isdisjoint(actor.unit_ids)


def write(
    db: Session,
    case_id: int,
    text: str,
    *,
    kind: str = WORDS,
    contents: Sequence[bytes] = (),
    now: datetime,
) -> None:
    """Take in what the citizen of a case writes, sends or asks for.

    Raises InvalidInput, Conflict where the case is closed or it was asked for already.
    """
    words = text.strip()
    _check(kind, words, contents)
    citizen = actors.citizen_of(case_id, (), now)
    work = begin(db, lock_case(db, case_id), citizen, "write", now=now)
    policy.require(db, citizen, "write", work.case)
    if work.case.closed_at is not None and kind != WORDS:
        raise Conflict(case_id, text=CLOSED)
    _require_few(db, work, kind)
    photos.keep(db, work.case, contents, now=now)
    row = _keep(db, work, kind, words)
    work.record(db, NOTICES[kind], letter=row.id)
    _tell_staff(db, work, row)


def answer(db: Session, actor: Actor, case_id: int, text: str, *, now: datetime) -> None:
    """Write to the citizen for one's unit; they hear by message that there is something.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    work = begin(db, lock_case(db, case_id), actor, "write", now=now)
    policy.require(db, actor, "see", work.case)
    if not may_write(db, actor, work.case):
        raise NotAllowed("write", case_id)
    words = text.strip()
    _check(WORDS, words, ())
    at_work = {work.case.unit_id, *policy.units_at_work(db, work.case)}
    work.seat = next(seat for seat in actor.seats if seat.unit_id in at_work)
    row = _keep(db, work, WORDS, words)
    work.record(db, "citizen.answered", letter=row.id)
    _tell_citizen(db, work, row)


def keep_words(db: Session, work: CaseWork, words: str) -> None:
    """Keep what the citizen wrote beside something else, for whoever works on the case."""
    if words:
        _keep(db, work, WORDS, words)


def _check(kind: str, words: str, contents: Sequence[bytes]) -> None:
    if kind == PHOTOS:
        if not contents:
            raise InvalidInput({"photos": NO_PHOTOS})
        photos.check(contents)
    elif not words:
        raise InvalidInput({"text": EMPTY})
    if len(words) > LONGEST:
        raise InvalidInput({"text": TOO_LONG})


def _require_few(db: Session, work: CaseWork, kind: str) -> None:
    own = (
        CitizenLetter.case_id == work.case.id,
        CitizenLetter.county_id == work.case.county_id,
        CitizenLetter.author_id.is_(None),
    )
    lately = select(func.count()).where(*own, CitizenLetter.at > work.now - DAY)
    if (db.scalar(lately) or 0) >= MOST_A_DAY:
        raise Conflict(work.case.id, text=TOO_MANY)
    asked = select(CitizenLetter.id).where(*own, CitizenLetter.kind == WITHDRAWAL)
    if kind == WITHDRAWAL and db.scalar(asked.limit(1)) is not None:
        raise Conflict(work.case.id, text=TWICE)


def _keep(db: Session, work: CaseWork, kind: str, words: str) -> CitizenLetter:
    row = CitizenLetter(
        id=new_id(),
        county_id=work.case.county_id,
        case_id=work.case.id,
        kind=kind,
        author_id=(work.actor.user_id or None) if work.actor is not None else None,
        unit_id=work.seat.unit_id if work.seat is not None else None,
        at=work.now,
    )
    row.payload = vault.seal(words, of_citizen_letter(row))
    db.add(row)
    return row


def _letters(db: Session, case: Case) -> list[LetterText]:
    rows = db.scalars(
        select(CitizenLetter)
        .where(CitizenLetter.case_id == case.id, CitizenLetter.county_id == case.county_id)
        .options(joinedload(CitizenLetter.unit), joinedload(CitizenLetter.author))
        .order_by(CitizenLetter.id)
    )
    return [
        LetterText(
            row.kind,
            str(vault.unseal(row.payload, of_citizen_letter(row))),
            row.at,
            row.unit.name if row.unit is not None else "",
            row.author.name if row.author is not None else "",
        )
        for row in rows
    ]


def _tell_staff(db: Session, work: CaseWork, row: CitizenLetter) -> None:
    """Tell whoever holds the tasks of the case; where there are none, who took it in."""
    case = work.case
    open_tasks = select(Task).where(
        Task.case_id == case.id, Task.county_id == case.county_id, Task.done_at.is_(None)
    )
    tasks = db.scalars(open_tasks.order_by(Task.id)).all()
    key, cause = NOTICES[row.kind], f"letter:{row.id}"
    for task in tasks:
        own = task.assignee_id
        outbox.put(
            db,
            case,
            key,
            cause=f"{cause}:{task.id}",
            now=work.now,
            user_id=own,
            unit_id=None if own else task.unit_id,
            role=None if own else task.role,
            task=task,
        )
    if not tasks:
        unit = org.work_unit(db, case.unit, "dispatcher")
        outbox.put(db, case, key, cause=cause, now=work.now, unit_id=unit.id, role="dispatcher")


def _tell_citizen(db: Session, work: CaseWork, row: CitizenLetter) -> None:
    """Send word that there is a letter, never what it says, to who has left an address."""
    today = settings.current().local_day(work.now)
    found = recipients.of_case(db, work.case, parties=False, today=today)
    if not any(one.way in ("sms", "mail") for one in found):
        return
    outbox.put(
        db,
        work.case,
        "citizen.tell",
        cause=f"letter:{row.id}",
        now=work.now,
        channel=CITIZEN,
        user_id=row.author_id,
        node="",
        to="",
        text=NEWS.zh,
        text_en=NEWS.en,
    )
