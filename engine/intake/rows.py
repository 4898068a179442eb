"""One row of an import: what is wrong with it, and the case that it becomes."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.intake.cells import UnreadableCell
from engine.intake.history import CaseHistory, ImportContext, open_live, open_past
from engine.intake.mapping import Mapping, fill
from engine.intake.row_outcomes import RowOutcome
from engine.intake.survey import ImportRow
from engine.storage.db import savepoint
from feel.text import Text

# What the column of a case keeps of its id outside, the mapping's name before it.
LONGEST_SOURCE = 120
UNREADABLE_POINT = Text("坐标无法识别", "no coordinates on this earth")


def source_key(mapping: Mapping, source: str) -> str:
    """Return the id under which a case is known: no two ledgers share their numbers."""
    return f"{mapping.name}:{source}"


def objection(mapping: Mapping, entry: ImportRow) -> Text | None:
    """Return what is wrong with the shape of a row or with its id, or None."""
    if entry.row.fault is not None:
        return entry.row.fault
    if not entry.source:
        return Text("来源编号：缺少来源编号", "source: there is no source id")
    room = LONGEST_SOURCE - len(source_key(mapping, ""))
    if len(entry.source) > room:
        return Text(
            f"来源编号：超过 {room} 个字，无法完整保存",
            f"source: longer than the {room} characters that are kept",
        )
    if not entry.source.isprintable():
        return Text("来源编号：含有控制字符", "source: there are control characters in it")
    return None


def bring_in(db: Session, entry: ImportRow, source: str, scene: ImportContext) -> RowOutcome:
    """Make the case; raises InvalidInput, InvalidAnswers or what the process refuses."""
    mapping, cells = scene.mapping, entry.cells
    opened_at, closed_at, due_at = _dates(entry, scene)
    place, is_fallback = scene.places.of(db, cells)
    answers = _answers(mapping, cells)
    note, point = fill(mapping.note, cells), _point(scene, cells)
    past = CaseHistory(source, opened_at, closed_at, due_at, note, entry.original_cells, *point)
    if closed_at is not None:
        with scene.numbers.attempt():
            open_past(db, scene, place, answers, past)
        kind = "closed"
    else:
        # What fails half-way in the engine leaves nothing and does not take its batch along.
        with scene.numbers.attempt(), savepoint(db):
            kind = "overdue" if open_live(db, scene, place, answers, past) else "open"
    return RowOutcome(entry.row.line, entry.source, kind, fallback=is_fallback)


def _dates(
    entry: ImportRow, scene: ImportContext
) -> tuple[datetime, datetime | None, datetime | None]:
    """Return when a row was opened, closed and due. Raises InvalidInput for what cannot be."""
    mapping, now = scene.mapping, scene.now
    opened, closed, due = (
        _moments(mapping, name, entry.cells) for name in ("opened_at", "closed_at", "due_at")
    )
    if closed and not scene.history:
        raise InvalidInput(
            {"closed_at": Text("已办结的行需加 --history", "closed: needs --history")}
        )
    if closed and not opened:
        words = Text("已办结的行缺少登记时间", "closed, but there is no date of opening")
        raise InvalidInput({"opened_at": words})
    # Where the clocks were put back an hour has two readings; one of them is in order.
    pairs = list(product(opened or (now,), closed or (now,)))
    begun, ended = next(((one, two) for one, two in pairs if one <= two), pairs[0])
    if opened and begun > now:
        raise InvalidInput({"opened_at": Text("登记时间在将来", "the date of opening is ahead")})
    if closed and ended > now:
        raise InvalidInput({"closed_at": Text("办结时间在将来", "the date of closing is ahead")})
    if begun > ended:
        words = Text("办结时间早于登记时间", "closed before it was opened")
        raise InvalidInput({"closed_at": words})
    due_at = due[0] if due else None
    return begun if scene.history else now, ended if closed else None, due_at


def _answers(mapping: Mapping, cells: dict[str, str]) -> dict[str, Any]:
    answers, errors = {}, {}
    for name, answer in mapping.answers.items():
        try:
            answers[name] = answer.of(cells)
        except UnreadableCell as error:
            errors[name] = error.text
    if errors:
        raise InvalidInput(errors)
    return answers


def _moments(mapping: Mapping, name: str, cells: dict[str, str]) -> tuple[datetime, ...]:
    try:
        return mapping.moments(getattr(mapping, name), cells)
    except UnreadableCell as error:
        raise InvalidInput({name: error.text}) from error


def _point(scene: ImportContext, cells: dict[str, str]) -> tuple[float | None, float | None]:
    try:
        return scene.places.point(cells)
    except ValueError as error:
        raise InvalidInput({"latitude, longitude": UNREADABLE_POINT}) from error
