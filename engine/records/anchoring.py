"""Making anchors: heads of the audit chains noted regularly, in the database and outside of it.

An anchor is the list of [case, length, head] of every chain that grew since the last one,
chained to the anchor before. The file outside holds the same lines: who can write the database
alone cannot make an edit, a cut tail or a removed chain look whole.

Two workers may anchor at once, cases go on meanwhile, and a worker may die between any two lines:

1. One lock for all anchors is taken before the last one is read: whoever waited for it reads
   the anchor that the other made, and goes on from there.
2. Chains are chosen by the ids of their events, ten minutes back: an id is drawn before its
   event commits, so one that is older than the last anchor may have arrived after it.
3. Heads that an anchor holds already are left out, so looking back too far costs nothing.
4. The rows are committed first, and written to the file after it: a row without a line is
   written at the next tick, a line without a row would look like a row that was removed.
5. What stands in the file is noted last, in a transaction of its own. A worker that died before
   it looks into the file and writes nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.models import AdminEvent, Anchor, CaseState, Event, Setting, new_id, span_of_ids
from engine.models.casework import GENESIS
from engine.records import anchor_file, audit
from engine.storage.db import one_at_a_time

# Ids grow with time but not with commits: look back so far for events that committed late.
OVERLAP = timedelta(minutes=10)
# Key of the lock under which the anchors grow.
ANCHORS = 620_734
# Chains in one row: an import of a million cases makes many rows, not one that nobody can read.
MOST_HEADS = 5000
ADMIN = 0  # stands for the chain of administration among the cases
# Remembers the hash of the last anchor that is known to stand in the file.
WRITTEN = "anchors.written"


def anchor(db: Session, now: datetime) -> int:
    """Anchor all chains that grew, so many in a row at most; return how many there were."""
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
        row.hash = hash_of(last.hash if last else GENESIS, now, fresh)
        db.add(row)
        db.flush()
        last, count = row, count + len(fresh)
    return count


def _parts(heads: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    while part := list(islice(heads, MOST_HEADS)):
        yield part


def _unknown(db: Session, heads: list[list[Any]], recent: int | None) -> list[list[Any]]:
    """Return the heads that no anchor since ``recent`` holds already."""
    if recent is None:
        return heads
    left = {head[0]: head for head in heads}
    anchored = select(Anchor.heads).where(Anchor.id >= recent).execution_options(yield_per=20)
    for known in db.scalars(anchored):
        for head in known:
            if left.get(head[0]) == head:
                del left[head[0]]
    return list(left.values())


def _grown(db: Session, since: int | None) -> Iterator[list[Any]]:
    """Yield heads of the chains that grew since; by the ids' own clock, for ``at`` may be
    pretended.
    """
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


def hash_of(previous: str, at: datetime, heads: list[Any]) -> str:
    return audit.keyed_hash(previous + at.astimezone(UTC).isoformat() + json.dumps(heads))


def write_outside(db: Session) -> int:
    """Append anchors that the file outside lacks; called after the commit that made them.

    Never before: a line for an anchor that was rolled back would look like a removed one. A file
    that was lost is not made again from the table: what is missing in it must be found.
    """
    if anchor_file.path() is None:
        return 0
    with anchor_file.locked():
        end = anchor_file.end()
        last = [one for one in (end.hash, last_written_hash(db)) if one]
        known = filter(None, (_id_of(db, one) for one in last))
        # Where none is known the table was shortened, too: go on from the newest alone.
        newest = db.scalar(select(func.max(Anchor.id))) or 0
        since = next(known, newest - 1 if last else 0)
        rows = db.scalars(select(Anchor).where(Anchor.id > since).order_by(Anchor.id)).all()
        return anchor_file.append(rows, end) if rows else 0


def last_written_hash(db: Session) -> str:
    """Return the hash of the last anchor that is known to stand in the file; empty before the
    first.
    """
    row = db.get(Setting, WRITTEN)
    return str(row.value["hash"]) if row is not None else ""


def note_written(db: Session, now: datetime) -> None:
    """Remember how far the file goes: what it lacks of that from then on was taken away."""
    last, before = anchor_file.end().hash, last_written_hash(db)
    # A note of what is no longer in the table stays: it is the only word of it.
    if last and last != before and (not before or _id_of(db, before)):
        db.merge(Setting(key=WRITTEN, value={"hash": last}, changed_at=now))


def _id_of(db: Session, digest: str) -> int | None:
    return db.scalar(select(Anchor.id).where(Anchor.hash == digest))
