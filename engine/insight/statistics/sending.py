"""Returns on their way: sent to the unit above, sent back by it, and whom that is told to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.errors import Conflict, InvalidInput, NotFound
from engine.insight.statistics import returns, rights
from engine.insight.statistics.returns import LONGEST_REASON, Subject
from engine.models import Post, ReturnPart, ReturnRefusal, StatisticReturn, Unit
from engine.notices import outbox
from feel.text import Text

SENT = Text("已经报送。", "It was sent already.")
COUNTED = Text(
    "本单位已签发的报表计入了它，不能退回；请下级更正重报，本单位再更正。",
    "A signed return of this unit adds it up: have it restated, and restate after it.",
)
BACK = Text("已经退回。", "It was sent back already.")


def send(db: Session, actor: Actor, about: Subject, *, now: datetime) -> StatisticReturn:
    """Send the newest signed version to the unit above, whose signers are told.

    Raises NotAllowed, NotFound or Conflict.
    """
    rights.require(rights.may_sign(actor, about.unit), "sign_return", about.unit)
    newest = next(iter(returns.versions_of(db, about)), None)
    if newest is None or newest.state != "signed" or about.unit.parent_id is None:
        raise NotFound(about.unit.id)
    if newest.sent_at is not None:
        raise Conflict(newest.id, text=SENT)
    newest.sent_at, newest.sent_by = now, actor.user_id
    db.flush()
    returns.record(db, "return.sent", actor, newest, now)
    above = db.get_one(Unit, about.unit.parent_id)
    _announce(db, about, newest, "return.sent", _signers(db, above, now), now)
    return newest


def send_back(
    db: Session, actor: Actor, about: Subject, reason: str, *, now: datetime
) -> StatisticReturn:
    """Send what a unit below sent back to it: it is restated there, and counts nowhere.

    ``about`` is the return of the unit below. Raises NotAllowed, NotFound, InvalidInput without a
    reason, Conflict where this unit has signed for it already.
    """
    if about.unit.parent_id is None:
        raise NotFound(about.unit.id)
    above = db.get_one(Unit, about.unit.parent_id)
    rights.require(rights.may_sign(actor, above), "sign_return", above)
    if not reason.strip():
        raise InvalidInput({"reason": Text("请写明退回的原因。", "Say why it is sent back.")})
    sent = next((one for one in returns.versions_of(db, about) if one.sent_at is not None), None)
    if sent is None:
        raise NotFound(about.unit.id)
    if refusal(db, sent) is not None:
        raise Conflict(sent.id, text=BACK)
    if _counted(db, sent):
        raise Conflict(sent.id, text=COUNTED)
    why = reason.strip()[:LONGEST_REASON]
    db.add(ReturnRefusal(return_id=sent.id, reason=why, at=now, by=actor.user_id))
    db.flush()
    returns.record(db, "return.refused", actor, sent, now)
    people = _signers(db, about.unit, now) | {one for one in (sent.sent_by,) if one is not None}
    _announce(db, about, sent, "return.refused", people, now)
    return sent


def refusal(db: Session, row: StatisticReturn) -> ReturnRefusal | None:
    """Return why a return was sent back, if it was."""
    return db.get(ReturnRefusal, row.id)


def _counted(db: Session, row: StatisticReturn) -> bool:
    """Return whether a signed return of the unit above adds it up."""
    signed = (
        select(ReturnPart.return_id)
        .join(StatisticReturn, StatisticReturn.id == ReturnPart.return_id)
        .where(ReturnPart.part_id == row.id, StatisticReturn.state == "signed")
    )
    return db.scalar(signed.limit(1)) is not None


def _signers(db: Session, unit: Unit, now: datetime) -> set[int]:
    """Return who signs for a unit: its leaders, of an office also those of its area."""
    where = [Post.unit_id == unit.id]
    if unit.kind != "area" and unit.parent_id is not None:
        where.append(Post.unit_id == unit.parent_id)
    posts = select(Post.user_id).where(
        or_(*where),
        Post.role.in_(rights.SIGNERS),
        Post.user_id.is_not(None),
        or_(Post.until_at.is_(None), Post.until_at > now),
    )
    return {one for one in db.scalars(posts) if one is not None}


def _announce(
    db: Session, about: Subject, row: StatisticReturn, key: str, people: set[int], now: datetime
) -> None:
    name, span, unit = about.table.name, about.span.name, about.unit
    for user_id in sorted(people):
        outbox.put_for_person(
            db,
            unit.at_county or unit.id,
            key,
            user_id,
            cause=f"{key}:{row.id}:{user_id}",
            now=now,
            text=f"{unit.name} {span.zh} {name.zh}",
            text_en=f"{unit.name}, {span.en}, {name.en}",
            statistic=about.table.key,
            unit=str(unit.id),
            period=about.span.key,
        )
