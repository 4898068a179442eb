"""Anchors of the audit chains, inside and outside the database, and the verification of both.

An anchor is the list of [case, length, head] of every chain that grew since the last one,
chained to the anchor before. The file outside holds the same lines: who can write the database
alone cannot make an edit, a cut tail or a removed chain look whole.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import settings
from engine.models import AdminEvent, Anchor, Case, CaseState, Event, new_id, span_of_ids
from engine.models.casework import GENESIS
from engine.records import audit
from engine.records.anchored_heads import Points
from engine.records.audit import link
from engine.storage.db import one_at_a_time
from feel.text import Text

# Ids grow with time but not with commits: look back so far for events that committed late.
OVERLAP = timedelta(minutes=10)
TAIL = 1 << 16  # bytes read at a time from the end of the file outside
# Key of the lock under which the anchors grow.
ANCHORS = 620_727
# Chains in one row: an import of a million cases makes many rows, not one that nobody can read.
MOST_HEADS = 5000
ADMIN = 0  # stands for the chain of administration among the cases


@dataclass(frozen=True)
class ChainFault:
    """The first thing wrong with one chain; ``seq`` is the link, 0 for the chain as such."""

    case_id: int
    seq: int
    kind: str
    text: Text


def anchor(db: Session, now: datetime) -> int:
    """Anchor all chains that grew, so many in a row at most; returns how many there were."""
    one_at_a_time(db, ANCHORS)
    last = db.scalar(select(Anchor).order_by(Anchor.id.desc()).limit(1))
    recent = last.id - span_of_ids(OVERLAP) if last is not None else None
    count = 0
    for heads in _parts(_grown(db, recent)):
        fresh = _unknown(db, heads, recent)
        if not fresh:
            continue
        # Their order is that of their ids, also where another machine's clock is ahead.
        row = Anchor(id=max(new_id(), last.id + 1 if last else 0), at=now, heads=fresh)
        row.hash = _hash(last.hash if last else GENESIS, now, fresh)
        db.add(row)
        db.flush()
        last, count = row, count + len(fresh)
    return count


def _parts(heads: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    while part := list(islice(heads, MOST_HEADS)):
        yield part


def _unknown(db: Session, heads: list[list[Any]], recent: int | None) -> list[list[Any]]:
    """The heads that no anchor since ``recent`` holds already."""
    if recent is None:
        return heads
    left = {head[0]: head for head in heads}
    anchored = select(Anchor.heads).where(Anchor.id >= recent).execution_options(yield_per=20)
    for known in db.scalars(anchored):
        for head in known:
            if left.get(head[0]) == head:
                del left[head[0]]
    return list(left.values())


def verify(db: Session) -> list[ChainFault]:
    """Every chain's first fault: edited, missing or added links, cut tails, removed chains.

    ``db`` must be a snapshot that nobody has read from before: work goes on meanwhile.
    """
    with Points() as points:
        faults = _read_anchors(db, points)
        for one in _chains(db, points):
            faults += _faults(one)
    return sorted(set(faults), key=lambda fault: (fault.case_id, fault.seq))


def counted(db: Session) -> dict[str, int]:
    """How much ``verify`` covers: chains, events, anchors."""
    return {
        "chains": db.scalar(select(func.count(func.distinct(Event.case_id)))) or 0,
        "events": db.scalar(select(func.count()).select_from(Event)) or 0,
        "anchors": db.scalar(select(func.count()).select_from(Anchor)) or 0,
    }


@dataclass(frozen=True)
class _Chain:
    """What there is of one case: its events, its own record of them, its anchored points."""

    case_id: int
    events: Sequence[Any] = ()
    # Length and head as the case's own rows say; None for a case that is not there.
    state: tuple[int | None, str | None] | None = None
    points: Mapping[int, str] = field(default_factory=dict)


def _chains(db: Session, points: Points) -> Iterator[_Chain]:
    """Everything case by case, merged from three streams in the cases' order."""
    streams: list[Iterator[tuple[int, str, Any]]] = [
        ((case_id, "events", list(rows)) for case_id, rows in groupby(_events(db), _case_of)),
        ((case_id, "state", tuple(state)) for case_id, *state in _states(db)),
        ((case_id, "points", heads) for case_id, heads in points.by_case()),
    ]
    for case_id, parts in groupby(merge(*streams, key=itemgetter(0)), itemgetter(0)):
        yield _Chain(case_id, **{name: value for _id, name, value in parts})


def _faults(chain: _Chain) -> list[ChainFault]:
    """The first fault of a chain in itself and at its anchors; else where its case differs."""
    if not chain.events and chain.points:
        removed = Text("整条记录链被删除", "the whole chain was removed")
        beside = _against_state(chain, 0, GENESIS)
        return [*beside, ChainFault(chain.case_id, 0, "removed", removed)]
    length, head, fault, points = _walk(chain)
    if fault is None and points:
        fault = _cut(chain.case_id, length)
    return [fault] if fault is not None else _against_state(chain, length, head)


def _walk(chain: _Chain) -> tuple[int, str, ChainFault | None, dict[int, str]]:
    """Follow one chain; returns its length, head, first fault, and anchors not reached."""
    length, head, fault = 0, GENESIS, None
    case_id, points = chain.case_id, dict(chain.points)
    for event in chain.events:
        if fault is None and event.seq != length + 1:
            gap = Text(f"第 {length + 1} 条缺失", f"link {length + 1} is missing")
            fault = ChainFault(case_id, length + 1, "missing", gap)
        if fault is None and link(head, event) != event.hash:
            edited = Text(f"第 {event.seq} 条被改动", f"link {event.seq} was edited")
            fault = ChainFault(case_id, event.seq, "edited", edited)
        length, head = event.seq, event.hash
        if points.pop(length, head) != head and fault is None:
            rewritten = Text(f"第 {length} 条与锚点不符", f"link {length} differs from its anchor")
            fault = ChainFault(case_id, length, "rewritten", rewritten)
    return length, head, fault, points


def _cut(case_id: int, length: int) -> ChainFault:
    text = Text(f"第 {length} 条之后被截断", f"the chain was cut after link {length}")
    return ChainFault(case_id, length + 1, "cut", text)


def _against_state(chain: _Chain, length: int, head: str) -> list[ChainFault]:
    """Compare a case's own record of its chain with where the chain ends."""
    if chain.state is None:
        return []
    told, ends = chain.state
    if (told or 0, ends or GENESIS) == (length, head):
        return []
    if told is not None and length < told:
        return [_cut(chain.case_id, length)]
    text = Text("链尾与事项记录不符", "the chain's end differs from the case's record")
    return [ChainFault(chain.case_id, length, "head", text)]


def _read_anchors(db: Session, points: Points) -> list[ChainFault]:
    """Take in all anchored points, from the table and the file; gives the anchors' own faults."""
    faults: list[ChainFault] = []
    previous = GENESIS
    # The file first: it was committed before, and where both differ it is believed.
    outside: set[str] = set()
    for line in _read_outside():
        if line is None:
            text = Text("锚点文件有一行无法读取", "a line of the anchor file cannot be read")
            faults.append(ChainFault(ADMIN, 0, "anchor", text))
            continue
        outside.add(line["hash"])
        points.add(line["heads"])
    for row in db.scalars(select(Anchor).order_by(Anchor.id).execution_options(yield_per=20)):
        if _hash(previous, row.at, row.heads) != row.hash:
            text = Text("锚点被改动", "an anchor was edited")
            faults.append(ChainFault(ADMIN, 0, "anchor", text))
        previous = row.hash
        outside.discard(row.hash)
        points.add(row.heads)
    missing = Text("库内锚点缺失", "an anchor is missing from the database")
    return faults + [ChainFault(ADMIN, 0, "anchor", missing)] * len(outside)


def _case_of(event: Any) -> int:
    return int(event.case_id)


def _states(db: Session) -> Iterator[Any]:
    return iter(
        db.execute(
            select(Case.id, CaseState.audit_length, CaseState.audit_head)
            .outerjoin(CaseState, CaseState.case_id == Case.id)
            .order_by(Case.id)
            .execution_options(yield_per=2000)
        )
    )


def _events(db: Session) -> Iterator[Any]:
    """The chain of administration as case 0, then every event by case and number."""
    for event in db.scalars(select(AdminEvent).order_by(AdminEvent.seq)):
        yield _AsChain(event)
    yield from db.scalars(
        select(Event).order_by(Event.case_id, Event.seq).execution_options(yield_per=2000)
    )


class _AsChain:
    """An administrative event, told apart from the cases only by its chain's number."""

    case_id = ADMIN

    def __init__(self, event: AdminEvent) -> None:
        self.event = event

    def __getattr__(self, name: str) -> Any:
        return getattr(self.event, name)


def _grown(db: Session, since: int | None) -> Iterator[list[Any]]:
    """Heads of the chains that grew since; by the ids' own clock, for ``at`` may be pretended."""
    chains = select(CaseState.case_id, CaseState.audit_length, CaseState.audit_head)
    if since is not None:
        grown = select(Event.case_id).where(Event.id >= since).distinct()
        chains = chains.where(CaseState.case_id.in_(grown))
    rows = db.execute(chains.order_by(CaseState.case_id).execution_options(yield_per=1000))
    # Ids as text: JSON numbers of 63 bits lose their last digits in other programs.
    for case_id, length, head in rows:
        yield [str(case_id), length, head]
    tail = db.scalar(select(AdminEvent).order_by(AdminEvent.seq.desc()).limit(1))
    if tail is not None:
        yield [str(ADMIN), tail.seq, tail.hash]


def _hash(previous: str, at: datetime, heads: list[Any]) -> str:
    return audit.keyed_hash(previous + at.astimezone(UTC).isoformat() + json.dumps(heads))


def write_outside(db: Session) -> int:
    """Append anchors that the file outside lacks; called after the commit that made them.

    Never before: a line for an anchor that was rolled back would look like a removed one.
    """
    path = settings.current().anchor_file
    if path is None:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    # Only ever appended to, so that the file may be one that allows nothing else.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        # Two workers would write into each other's lines.
        fcntl.flock(file, fcntl.LOCK_EX)
        last, whole = _last_outside(path)
        since = select(Anchor.id).where(Anchor.hash == last).scalar_subquery()
        rows = db.scalars(
            select(Anchor).where(Anchor.id > func.coalesce(since, 0)).order_by(Anchor.id)
        ).all()
        if rows and not whole:
            file.write("\n")
        for row in rows:
            line = {"at": row.at.isoformat(), "heads": row.heads, "hash": row.hash}
            file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return len(rows)


def _last_outside(path: Path) -> tuple[str, bool]:
    """The hash on the file's last whole line, empty where there is none; whether it ends there."""
    with open(path, "rb") as file:
        end = file.seek(0, os.SEEK_END)
        tail = b""
        # Three ends of lines hold two lines, of which one may have been cut off by a full disk.
        while end > 0 and tail.count(b"\n") < 3:
            start = max(end - TAIL, 0)
            file.seek(start)
            tail = file.read(end - start) + tail
            end = start
    lines = map(_parsed, reversed(tail.splitlines()))
    hashes = (str(line["hash"]) for line in lines if line is not None)
    return next(hashes, ""), not tail or tail.endswith(b"\n")


def _read_outside() -> Iterator[dict[str, Any] | None]:
    """The file's lines; None for one that cannot be read.

    Half a line, left by a full disk or a crash, is none: it stands again, whole, on the next.
    """
    path = settings.current().anchor_file
    if path is None or not path.exists():
        return
    half = b""
    with open(path, "rb") as file:
        for line in filter(None, map(bytes.strip, file)):
            found = _parsed(line)
            if half and not line.startswith(half):
                yield None
            half = line if found is None else b""
            if found is not None:
                yield found


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"hash", "heads"} <= found.keys() else None
