"""Verification of the audit trail: its chains, their anchors, and what the chains attest.

Chains are compared with what each case remembers of its own, with the anchors in the table and
in the file outside; payloads and files with the receipts in the chains (``evidence``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.models import AdminEvent, Anchor, Case, CaseState, Event, Tick, span_of_ids
from engine.models.casework import GENESIS
from engine.records import anchor_file, anchoring, audit, evidence, witnesses
from engine.records.anchored_heads import AnchoredHeads
from engine.records.anchoring import ADMIN
from engine.records.audit import link
from engine.records.evidence import ChainFault
from feel.text import Text

# By then a worker has anchored: it does every five minutes.
LONGEST_WITHOUT = timedelta(hours=1)


def verify(db: Session) -> list[ChainFault]:
    """Return every chain's first fault: edited, missing or added links, cut tails, removed chains.

    ``db`` must be a snapshot that nobody has read from before: work goes on meanwhile.
    """
    with AnchoredHeads() as points:
        faults = _read_anchors(db, points)
        faults += witnesses.faults(db)
        for one in _chains(db, points):
            broken = _faults(one)
            said = evidence.faults(one.case_id, one.events, one.vault_rows, one.remarks, one.files)
            # Where the chain was cut what it said is missing anyway.
            faults += [*broken, *(fault for fault in said if not broken or fault.kind != "unsaid")]
    return sorted(set(faults), key=lambda fault: (fault.case_id, fault.seq))


def counted(db: Session) -> dict[str, int]:
    """Return how much ``verify`` covers: chains, events, anchors."""
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
    # What the chain attests.
    vault_rows: Sequence[Any] = ()
    remarks: Sequence[Any] = ()
    files: Sequence[Any] = ()


def _chains(db: Session, points: AnchoredHeads) -> Iterator[_Chain]:
    """Yield everything case by case, merged from three streams in the cases' order."""
    streams: list[Iterator[tuple[int, str, Any]]] = [
        ((case_id, "events", list(rows)) for case_id, rows in groupby(_events(db), _case_of)),
        ((case_id, "state", tuple(state)) for case_id, *state in _states(db)),
        ((case_id, "points", heads) for case_id, heads in points.by_case()),
        *evidence.streams(db),
    ]
    for case_id, parts in groupby(merge(*streams, key=itemgetter(0)), itemgetter(0)):
        yield _Chain(case_id, **{name: value for _id, name, value in parts})


def _faults(chain: _Chain) -> list[ChainFault]:
    """Return the first fault of a chain in itself and at its anchors; else where its case
    differs.
    """
    if not chain.events and chain.points:
        removed = Text("整条记录链被删除", "the whole chain was removed")
        beside = _against_state(chain, 0, GENESIS)
        return [*beside, ChainFault(chain.case_id, 0, "removed", removed)]
    length, head, fault, points = _walk(chain)
    if fault is None and points:
        fault = _cut(chain.case_id, length)
    return [fault] if fault is not None else _against_state(chain, length, head)


def _walk(chain: _Chain) -> tuple[int, str, ChainFault | None, dict[int, str]]:
    """Follow one chain; return its length, head, first fault, and anchors not reached."""
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
    if chain.state is None and chain.events and chain.case_id != ADMIN:
        text = Text("事项被删除，只剩记录", "the case is gone, only its events are left")
        return [ChainFault(chain.case_id, 0, "gone", text)]
    if chain.state is None:
        return []
    told, ends = chain.state
    if (told or 0, ends or GENESIS) == (length, head):
        return []
    if told is not None and length < told:
        return [_cut(chain.case_id, length)]
    text = Text("链尾与事项记录不符", "the chain's end differs from the case's record")
    return [ChainFault(chain.case_id, length, "head", text)]


def _read_anchors(db: Session, points: AnchoredHeads) -> list[ChainFault]:
    """Take in all anchored points, from the table and the file; return the anchors' own faults."""
    faults: list[ChainFault] = []
    # The file first: it was committed before, and where both differ it is believed.
    outside: dict[str, bytes] = {}
    for line in anchor_file.lines():
        if line is None:
            faults.append(
                _anchor_fault("锚点文件有一行无法读取", "a line of the file is unreadable")
            )
            continue
        at = datetime.fromisoformat(line["at"])
        outside[line["hash"]] = anchor_file.content_of(at, line["heads"])
        points.add(line["heads"])
    end = anchor_file.end()
    known = end.hash if end.hash and not end.whole else anchoring.last_written_hash(db)
    faults += _read_table(db, points, outside, known)
    for one in outside:
        text = (f"库内锚点 {one[:12]} 缺失", f"anchor {one[:12]} is missing from the database")
        faults.append(_anchor_fault(*text))
    return faults


def _read_table(
    db: Session, points: AnchoredHeads, outside: dict[str, bytes], known: str
) -> Iterator[ChainFault]:
    """Yield the anchors of the table; takes those out of ``outside`` that stand in both.

    Up to the hash ``known`` each must stand in the file.
    """
    previous, found = GENESIS, False
    lacking: set[str] = set()
    written = bool(known) and anchor_file.path() is not None
    for row in db.scalars(select(Anchor).order_by(Anchor.id).execution_options(yield_per=20)):
        found = True
        if anchoring.hash_of(previous, row.at, row.heads) != row.hash:
            yield _anchor_fault(f"锚点 {row.id} 被改动", f"anchor {row.id} was edited")
        previous = row.hash
        there = outside.pop(row.hash, None)
        if there is None and written:
            lacking.add(row.hash)
        elif there is not None and there != anchor_file.content_of(row.at, row.heads):
            text = (f"锚点文件中 {row.id} 的一行被改动", f"the line of anchor {row.id} was changed")
            yield _anchor_fault(*text)
        points.add(row.heads)
        written = written and row.hash != known
    if lacking:
        # A worker may have written since the file was read.
        lacking -= {line["hash"] for line in anchor_file.lines() if line is not None}
    if lacking:
        count = len(lacking)
        text = (f"锚点文件缺少 {count} 个锚点", f"the anchor file lacks {count} anchors")
        yield _anchor_fault(*text)
    if written:
        yield _anchor_fault(
            "写入文件的最后一个锚点不在库中", "the last anchor written is not there"
        )
    if not found and _must_have_anchors(db):
        yield _anchor_fault("有审计记录而没有任何锚点", "there are events and no anchor at all")


def _must_have_anchors(db: Session) -> bool:
    """Return whether a worker has anchored, or would have long ago: by the clock of the ids
    alone.
    """
    first, last = db.execute(select(func.min(Event.id), func.max(Event.id))).one()
    if first is None:
        return False
    tick = db.get(Tick, "anchor")
    anchored = tick is not None and bool(tick.report.get("anchored"))
    return anchored or last - first > span_of_ids(LONGEST_WITHOUT)


def _anchor_fault(zh: str, en: str) -> ChainFault:
    return ChainFault(ADMIN, 0, "anchor", Text(zh, en))


def _case_of(event: Any) -> int:
    return int(event.case_id)


def _states(db: Session) -> Iterator[Any]:
    """Yield length and head of every chain, as something else than the chain says."""
    tail = audit.administration_tail(db)
    if tail is not None:
        yield ADMIN, *tail
    yield from (
        db.execute(
            select(Case.id, CaseState.audit_length, CaseState.audit_head)
            .outerjoin(CaseState, CaseState.case_id == Case.id)
            .order_by(Case.id)
            .execution_options(yield_per=2000)
        )
    )


def _events(db: Session) -> Iterator[Any]:
    """Yield the chain of administration as case 0, then every event by case and number."""
    for event in db.scalars(select(AdminEvent).order_by(AdminEvent.seq)):
        yield _AsChain(event)
    yield from db.scalars(
        select(Event).order_by(Event.case_id, Event.seq).execution_options(yield_per=2000)
    )


class _AsChain:
    """An administrative event, distinguished from the cases only by its chain's number."""

    case_id = ADMIN

    def __init__(self, event: AdminEvent) -> None:
        self.event = event

    def __getattr__(self, name: str) -> Any:
        return getattr(self.event, name)
