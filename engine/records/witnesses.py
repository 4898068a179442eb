"""Witnesses of the anchors in a second place: an authority's time stamps, and copies by syslog.

A stamp proves that an anchor, and by the anchors' chain everything before it, was there at that
moment; what syslog's receiver has is a copy, compared by number. Whoever has the database and the
file and even the keys can change neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import Anchor, AnchorStamp, Setting
from engine.records import syslog, timestamps
from engine.records.anchoring import ADMIN
from engine.records.evidence import ChainFault
from engine.records.syslog import SyslogReceiver
from engine.records.timestamps import TimestampNotProved
from feel.text import Text

SECONDS = 10.0
# Remembers the last anchor that the receiver has read.
TOLD = "anchors.told"
MOST_LINES = 500
RECEIVED = re.compile(r'number="(\d+)" hash="([0-9a-f]{64})"')


def configured() -> bool:
    """Return whether there is a second place at all."""
    chosen = settings.current()
    return bool(chosen.anchor_tsa or chosen.anchor_syslog)


def unstamped(db: Session) -> Anchor | None:
    """Return the newest anchor, if it has no stamp yet: those before it are proved by their
    chain.
    """
    newest = db.scalar(select(Anchor).order_by(Anchor.id.desc()).limit(1))
    if newest is None or db.get(AnchorStamp, newest.id) is not None:
        return None
    return newest


def stamp(anchor: Anchor) -> AnchorStamp:
    """Have an anchor stamped, outside of any transaction. Raises OSError or TimestampNotProved."""
    token, nonce = timestamps.ask(settings.current().anchor_tsa, anchor.hash, SECONDS)
    made = timestamps.check(token, anchor.hash, _roots(), nonce)
    return AnchorStamp(anchor_id=anchor.id, at=made, token=token)


def untold(db: Session) -> list[Anchor]:
    """Return the next anchors that the receiver has not read."""
    rows = select(Anchor).where(Anchor.id > _last_sent(db)).order_by(Anchor.id).limit(MOST_LINES)
    return list(db.scalars(rows))


def send(anchors: Sequence[Anchor]) -> None:
    """Send anchors to the receiver of the setting. Raises OSError: then none counts as read."""
    chosen = settings.current()
    host, _, port = chosen.anchor_syslog.rpartition(":")
    receiver = SyslogReceiver(
        host, int(port), chosen.anchor_syslog_roots, chosen.anchor_syslog_certificate
    )
    lines = [
        syslog.line(
            "anchor",
            f"anchor {anchor.id} of {len(anchor.heads)} chains",
            at=anchor.at,
            data={"number": str(anchor.id), "hash": anchor.hash},
        )
        for anchor in anchors
    ]
    syslog.deliver(receiver, lines, SECONDS)


def note_told(db: Session, last: Anchor, now: datetime) -> None:
    """Remember how far the receiver has read."""
    # As text: JSON numbers of 63 bits lose their last digits in other programs.
    db.merge(Setting(key=TOLD, value={"anchor": str(last.id)}, changed_at=now))


def lag(db: Session, now: datetime) -> timedelta:
    """For how long the oldest anchor waits for a witness, the slower of those that are set."""
    chosen = settings.current()
    behind = timedelta(0)
    if chosen.anchor_tsa:
        stamped = db.scalar(select(func.max(AnchorStamp.anchor_id))) or 0
        behind = max(behind, _waiting(db, stamped, now))
    if chosen.anchor_syslog:
        behind = max(behind, _waiting(db, _last_sent(db), now))
    return behind


def faults(db: Session) -> Iterator[ChainFault]:
    """Yield stamps that do not prove their anchor. Without trusted roots nothing can be said."""
    if settings.current().anchor_tsa_roots is None:
        return
    roots = _roots()
    hashes = select(AnchorStamp, Anchor.hash).outerjoin(Anchor, Anchor.id == AnchorStamp.anchor_id)
    for row, digest in db.execute(hashes.order_by(AnchorStamp.anchor_id)):
        if digest is None:
            gone = f"anchor {row.anchor_id} was stamped and is gone"
            text = Text(f"有时间戳的锚点 {row.anchor_id} 不在了", gone)
            yield ChainFault(ADMIN, 0, "stamp", text, row.anchor_id)
            continue
        try:
            timestamps.check(row.token, digest, roots)
        except TimestampNotProved as error:
            text = Text(
                f"锚点 {row.anchor_id} 的时间戳无效：{error.text.zh}",
                f"the stamp of anchor {row.anchor_id} does not hold: {error.text.en}",
            )
            yield ChainFault(ADMIN, 0, "stamp", text, row.anchor_id)


def compared(db: Session, received: Iterable[str]) -> Iterator[ChainFault]:
    """Anchors that another machine received and that are not here, or not as they were sent."""
    for line in received:
        found = RECEIVED.search(line)
        if found is None:
            continue
        number, digest = int(found[1]), found[2]
        here = db.scalar(select(Anchor.hash).where(Anchor.id == number))
        if here is None:
            missing = f"anchor {number} was received over there and is not here"
            text = Text(f"对方收到的锚点 {number} 不在库中", missing)
            yield ChainFault(ADMIN, 0, "received", text, number)
        elif here != digest:
            text = Text(
                f"锚点 {number} 与对方收到的不同", f"anchor {number} is not what was received"
            )
            yield ChainFault(ADMIN, 0, "received", text, number)


def _waiting(db: Session, covered: int, now: datetime) -> timedelta:
    first = db.scalar(select(func.min(Anchor.at)).where(Anchor.id > covered))
    return now - first if first is not None else timedelta(0)


def _last_sent(db: Session) -> int:
    note = db.get(Setting, TOLD)
    return int(note.value["anchor"]) if note is not None else 0


def _roots() -> bytes:
    path = settings.current().anchor_tsa_roots
    return path.read_bytes() if path is not None else b""
