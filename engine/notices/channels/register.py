"""Channels as administrators keep them: set up, change, switch on and off, try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.errors import InvalidInput, NotFound
from engine.models import Channel, Delivery, DeliveryAttempt, Unit, new_id
from engine.notices.catalogue import rendering
from engine.notices.catalogue.kinds import CHOSEN
from engine.notices.channels import webhook
from engine.notices.channels.http import header_lines, origin
from engine.notices.channels.preferences import MAIL
from engine.notices.telling import messages
from engine.org.register import Reach
from engine.records import audit, vault
from engine.records.bindings import of_channel
from engine.settings import current
from feel.text import Text

METHODS = ("POST", "GET", "PUT")
SECURITIES = ("starttls", "tls", "none")
SECONDS = range(1, 31)
LONGEST = 4000
EMPTY = Text("请填写。", "Please fill this in.")
BAD_URL = Text(
    "网址应以 http:// 或 https:// 开头，服务器部分不能用变量。",
    "The address must begin with http:// or https://, its server without variables.",
)
RECENT = 20
Errors = dict[str, Text]
Typed = Mapping[str, str]


@dataclass(frozen=True)
class ChannelDraft:
    """A channel as it was typed."""

    name: str
    kind: str
    audience: str
    entries: Typed
    kinds: tuple[str, ...]
    unit_code: str = ""


@dataclass(frozen=True)
class DeliveryHistory:
    """One delivery with its attempts, newest last."""

    delivery: Delivery
    attempts: tuple[DeliveryAttempt, ...]


def reaches_all(db: Session, reach: Reach) -> bool:
    """Return whether an administrator looks after everything: what leaves the house is not a
    part's.
    """
    top = select(func.count()).where(Unit.level == current().levels[0], Unit.ended_at.is_(None))
    outside = db.scalar(top.where(Unit.kind == "area", ~reach.inside()))
    return bool(reach) and not outside


def all_channels(db: Session) -> list[Channel]:
    """Return every channel, by name."""
    return list(db.scalars(select(Channel).order_by(Channel.name)))


def one(db: Session, channel_id: int) -> Channel:
    """Return a channel. Raises NotFound."""
    found = db.get(Channel, channel_id)
    if found is None:
        raise NotFound(channel_id)
    return found


def create(
    db: Session, actor_id: int, draft: ChannelDraft, *, now: datetime
) -> tuple[Channel, str]:
    """Set a channel up, switched off; return it with a webhook's new secret, shown once.

    Raises InvalidInput.
    """
    channel = Channel(id=new_id(), name="", kind=draft.kind, audience=draft.audience, failures=0)
    fresh = webhook.fresh_secret() if draft.kind == "webhook" else ""
    if fresh:
        channel.secrets = vault.seal({"key": fresh}, of_channel(channel))
    _apply(db, channel, draft)
    db.add(channel)
    _record(db, "channel.created", actor_id, channel, now)
    return channel, fresh


def change(
    db: Session, actor_id: int, channel_id: int, draft: ChannelDraft, *, now: datetime
) -> Channel:
    """Change a channel; a secret that was left empty stays. Raises NotFound or InvalidInput."""
    channel = one(db, channel_id)
    _apply(db, channel, draft)
    _record(db, "channel.changed", actor_id, channel, now)
    return channel


def renew_secret(db: Session, actor_id: int, channel_id: int, *, now: datetime) -> str:
    """Give a webhook a new secret, shown once; the old one ends with this transaction."""
    channel = one(db, channel_id)
    if channel.kind != "webhook":
        raise NotFound(channel_id)
    fresh = webhook.fresh_secret()
    channel.secrets = vault.seal({"key": fresh}, of_channel(channel))
    _record(db, "channel.secret", actor_id, channel, now)
    return fresh


def switch(db: Session, actor_id: int, channel_id: int, on: bool, *, now: datetime) -> Channel:
    """Switch a channel on or off; waiting messages go out once it is on."""
    channel = one(db, channel_id)
    if on == (channel.active_from is not None):
        return channel
    channel.active_from = now if on else None
    channel.failing_since, channel.failures = None, 0
    _record(db, "channel.on" if on else "channel.off", actor_id, channel, now)
    return channel


def try_out(db: Session, actor: Actor, channel_id: int, *, now: datetime) -> int:
    """Queue a trial to the actor's own address, or to the group; return the delivery's id."""
    channel = one(db, channel_id)
    seat = actor.seats[0]
    trial = Delivery(
        id=new_id(),
        county_id=next((unit for unit in seat.stamps if unit), seat.unit_id),
        channel_id=channel.id,
        user_id=actor.user_id,
        key="channel.test",
        mark=f"trial:{new_id()}",
        urgent=True,
        at=now,
        send_at=now,
    )
    db.add(trial)
    return trial.id


def recent(db: Session, channel_id: int) -> list[DeliveryHistory]:
    """Return what went over a channel last, newest first, with every attempt; two statements."""
    mine = select(Delivery).where(Delivery.channel_id == channel_id)
    rows = list(db.scalars(mine.order_by(Delivery.id.desc()).limit(RECENT)))
    tries: dict[int, list[DeliveryAttempt]] = {row.id: [] for row in rows}
    for attempt in db.scalars(
        select(DeliveryAttempt)
        .where(DeliveryAttempt.delivery_id.in_(tries))
        .order_by(DeliveryAttempt.id)
    ):
        tries[attempt.delivery_id].append(attempt)
    return [DeliveryHistory(row, tuple(tries[row.id])) for row in rows]


def secret_names(channel: Channel) -> list[str]:
    """Return names of the secrets that are set, never their values."""
    return sorted(vault.unseal(channel.secrets, of_channel(channel))) if channel.secrets else []


def drop_waiting(db: Session, actor_id: int, channel_id: int, *, now: datetime) -> int:
    """Give up what still waits in a channel; it stands with the dead letters from then on."""
    channel = one(db, channel_id)
    waiting = (
        update(Delivery)
        .where(
            Delivery.channel_id == channel.id,
            Delivery.sent_at.is_(None),
            Delivery.dead_at.is_(None),
        )
        .values(dead_at=now, error="管理员已取消发送。")
        .returning(Delivery.id)
    )
    ids = list(db.scalars(waiting))
    count = len(ids)
    if channel.audience == "citizen":
        gone = select(Delivery).where(Delivery.id.in_(ids))
        messages.settle(db, list(db.scalars(gone.execution_options(populate_existing=True))), now)
    _record(db, "channel.dropped", actor_id, channel, now, count=count)
    return count


def _apply(db: Session, channel: Channel, draft: ChannelDraft) -> None:
    wrong: Errors = {}
    name = draft.name.strip()
    if not name or len(name) > 40:
        wrong["name"] = Text("请填写名称，最多 40 字。", "Give a name of at most 40 characters.")
    elif _is_taken(db, channel, name):
        wrong["name"] = Text("已有同名的渠道。", "Another channel has this name.")
    unit = db.scalar(select(Unit).where(Unit.code == draft.unit_code)) if draft.unit_code else None
    if draft.unit_code and unit is None:
        wrong["unit"] = Text("没有这个单位编码。", "No unit has this code.")
    config, secrets = READERS[channel.kind](draft.entries, wrong)
    if wrong:
        raise InvalidInput(wrong)
    channel.name, channel.config = name, config
    channel.unit_id = unit.id if unit else None
    channel.kinds = [key for key in CHOSEN if key in draft.kinds]
    kept = vault.unseal(channel.secrets, of_channel(channel)) if channel.secrets else {}
    if kept | secrets:
        channel.secrets = vault.seal(kept | secrets, of_channel(channel))


def _is_taken(db: Session, channel: Channel, name: str) -> bool:
    same = select(Channel.id).where(Channel.name == name, Channel.id != channel.id)
    return db.scalar(same) is not None


def _read_mail(typed: Typed, wrong: Errors) -> tuple[dict[str, Any], dict[str, str]]:
    port = typed.get("port", "")
    if not typed.get("host"):
        wrong["host"] = EMPTY
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        wrong["port"] = Text("端口应为 1 到 65535。", "The port must be 1 to 65535.")
    if not MAIL.fullmatch(typed.get("sender", "")):
        wrong["sender"] = Text("邮箱地址不正确。", "This is no mail address.")
    security = typed.get("security", "")
    config = {
        "host": typed.get("host", ""),
        "port": 0 if "port" in wrong else int(port),
        "security": security if security in SECURITIES else SECURITIES[0],
        "login": typed.get("login", ""),
        "sender": typed.get("sender", ""),
        "sender_name": typed.get("sender_name", ""),
        "seconds": _seconds(typed, wrong),
    }
    secret = typed.get("password", "")
    return config, {"password": secret} if secret else {}


def _read_http(typed: Typed, wrong: Errors) -> tuple[dict[str, Any], dict[str, str]]:
    url, method = typed.get("url", ""), typed.get("method", "")
    _require_url(url, wrong)
    for field in ("url", "headers", "body"):
        _try_template(field, typed.get(field, ""), wrong)
    path = typed.get("success_path", "")
    if path and not all(part for part in path.split(".")):
        wrong["success_path"] = Text("写法如 data.code。", "Write it as data.code.")
    config = {
        "url": url,
        "method": method if method in METHODS else METHODS[0],
        "headers": typed.get("headers", ""),
        "body": typed.get("body", ""),
        "success_path": path,
        "success_value": typed.get("success_value", ""),
        "seconds": _seconds(typed, wrong),
    }
    return config, _read_secrets(typed.get("secrets", ""), wrong)


def _read_webhook(typed: Typed, wrong: Errors) -> tuple[dict[str, Any], dict[str, str]]:
    url = typed.get("url", "")
    _require_url(url, wrong)
    if "{" in url:
        wrong["url"] = BAD_URL
    return {"url": url, "seconds": _seconds(typed, wrong)}, {}


def _require_url(url: str, wrong: Errors) -> None:
    """An address whose server is written out: a template fills in paths, never the server."""
    try:
        scheme, host, port = origin(url)
    except ValueError:
        scheme, host, port = "", "", 0
    server = url.split("/")[2] if url.count("/") >= 2 else ""
    if scheme not in ("http", "https") or not host or not port or set("{}@ %") & set(server):
        wrong["url"] = BAD_URL


def _try_template(field: str, source: str, wrong: Errors) -> None:
    values = rendering.sample("", phone="13800000000", id="1", kind="task.opened")
    values |= {"timestamp": "0", "sign": "x", "secrets": {}}
    try:
        rendering.fill_in(source, values)
    except InvalidInput as error:
        wrong.setdefault(field, error.errors["source"])
    if field == "headers" and source.strip():
        lines = [line for line in source.splitlines() if line.strip()]
        if len(list(header_lines(source))) != len(lines):
            wrong[field] = Text("每行一个“名称: 值”。", "One “Name: value” a line.")


def _read_secrets(typed: str, wrong: Errors) -> dict[str, str]:
    found = {}
    for line in filter(None, (line.strip() for line in typed.splitlines())):
        name, mark, value = (part.strip() for part in line.partition("="))
        if not mark or not value or not name.isidentifier() or not name.isascii():
            wrong["secrets"] = Text("每行一个“名称=值”。", "One “name=value” a line.")
        else:
            found[name] = value
    return found


def _seconds(typed: Typed, wrong: Errors) -> int:
    text = typed.get("seconds", "") or "10"
    if not text.isascii() or not text.isdigit() or int(text[:4]) not in SECONDS:
        wrong["seconds"] = Text("应为 1 到 30 秒。", "It must be 1 to 30 seconds.")
        return 10
    return int(text)


def _record(
    db: Session, kind: str, actor_id: int, channel: Channel, now: datetime, **more: Any
) -> None:
    audit.record_admin(db, kind, actor_id, {"channel": channel.id, **more}, at=now)


READERS = {"mail": _read_mail, "http": _read_http, "webhook": _read_webhook}
