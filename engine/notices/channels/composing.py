"""Composing: from rows that were claimed to one message, its address read from the vault."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import Channel, CitizenMessage, Delivery
from engine.notices.catalogue import rendering
from engine.notices.channels import preferences
from engine.notices.channels.egress import NotSent
from engine.notices.channels.message import Message, MessageLine
from engine.notices.channels.preferences import Address
from engine.notices.telling import recipients
from feel.text import Text

NOBODY = Text("没有可用的联系方式。", "There is no address to send to.")
SYSTEM = Text("枫桥", "Fengqiao")


def compose(db: Session, channel: Channel, rows: Sequence[Delivery], now: datetime) -> Message:
    """Return one message of one notice, or of all that a digest gathered. Raises NotSent."""
    first = rows[0]
    locale = first.user.locale if first.user else "zh_CN"
    known = rendering.overrides(db)
    name = first.user.name if first.user else ""
    shared = {"name": name, "system": SYSTEM.to(locale)}
    said = [_text(known, row, locale, shared) for row in rows]
    lines = tuple(MessageLine(words, _link(row)) for words, row in zip(said, rows, strict=True))
    subject, text = _body(known, first, lines, locale, shared)
    return Message(
        key=_key(rows),
        kind=first.key,
        subject=subject,
        text=text,
        at=now,
        html=_html(known, channel, locale, shared, subject, text, lines),
        name=name,
        to=_address(db, channel, first),
        lines=lines,
        event=_event(first),
    )


def _key(rows: Sequence[Delivery]) -> str:
    """The same rows make the same key at every attempt; one row more is another message."""
    if len(rows) == 1:
        return str(rows[0].id)
    ids = sorted(row.id for row in rows)
    return f"{ids[0]}-{ids[-1]}-{len(ids)}"


def _body(
    known: rendering.Overrides,
    row: Delivery,
    lines: Sequence[MessageLine],
    locale: str,
    shared: dict[str, Any],
) -> tuple[str, str]:
    if not row.digest:
        values = _values(row, locale, shared)
        return rendering.render(known, row.key, locale, "subject", values), lines[0].text
    values = {**shared, "count": len(lines), "lines": lines}
    return (
        rendering.render(known, rendering.DIGEST, locale, "subject", values),
        rendering.render(known, rendering.DIGEST, locale, "text", values),
    )


def _html(
    known: rendering.Overrides,
    channel: Channel,
    locale: str,
    shared: dict[str, Any],
    subject: str,
    text: str,
    lines: Sequence[MessageLine],
) -> str:
    # The layout speaks to staff of their settings.
    if channel.kind != "mail" or channel.audience == "citizen":
        return ""
    values = {**shared, "subject": subject, "text": text, "lines": lines}
    return rendering.render(known, rendering.LAYOUT, locale, "html", values)


def _text(known: rendering.Overrides, row: Delivery, locale: str, shared: dict[str, Any]) -> str:
    return rendering.render(known, row.key, locale, "text", _values(row, locale, shared))


def _values(row: Delivery, locale: str, shared: dict[str, Any]) -> dict[str, Any]:
    due = row.outbox.task.deadline_at if row.outbox and row.outbox.task else None
    return rendering.values(
        row.outbox.data if row.outbox else {},
        locale,
        place=row.case.place_name if row.case and not row.case.guarded else "",
        due=_local(due) if due else "",
        link=_link(row),
        unit=row.case.unit.name if row.case and not row.case.guarded else "",
        **shared,
    )


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(settings.current().timezone)):%Y-%m-%d %H:%M}"


def _link(row: Delivery) -> str:
    """Return the page of the case or draft; nothing where nobody has said where the pages are."""
    base = settings.current().public_url
    if not base or row.channel.audience == "citizen":
        return ""
    draft = str(row.outbox.data.get("draft", "")) if row.outbox else ""
    if draft:
        return f"{base}/policy/drafts/{draft}/review"
    return f"{base}/cases/{row.case_id}" if row.case_id else ""


def _event(row: Delivery) -> dict[str, Any]:
    """Return what another system learns of the event."""
    case, source = row.case, row.outbox
    event: dict[str, Any] = {"id": str(source.id if source else row.id), "at": row.at.isoformat()}
    if case is not None:
        event["case"] = {
            "id": str(case.id),
            "number": case.number,
            "process": case.process,
            "category": case.category,
            "priority": case.priority,
            "unit": case.unit.code,
            "place": case.place.code,
        }
    if source is not None and source.task is not None:
        task = source.task
        due = task.deadline_at.isoformat() if task.deadline_at else None
        event["task"] = {"id": str(task.id), "node": task.node_id, "name": task.name, "due": due}
    return event


def _address(db: Session, channel: Channel, row: Delivery) -> Address:
    if channel.audience == "group":
        return Address()
    if channel.audience == "citizen":
        # A trial goes to whoever tries.
        own = preferences.address_of(db, row.user_id) if row.user_id else None
        found = own or _citizens_address(db, row)
    else:
        found = preferences.address_of(db, row.user_id) if row.user_id else Address()
    if not (found.mail if channel.kind == "mail" else found.phone):
        raise NotSent(NOBODY, lasting=True)
    return found


def _citizens_address(db: Session, row: Delivery) -> Address:
    mine = select(CitizenMessage).where(CitizenMessage.delivery_id == row.id)
    message = db.scalar(mine)
    return recipients.address_of(db, message) if message is not None else Address()
