"""The import itself: batches in transactions of their own, idempotent by source id."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework.case_work import works_in_force
from engine.definitions import versions
from engine.errors import DomainError, Rejected
from engine.intake import table
from engine.intake.history import ImportContext, Past, open_live, open_past
from engine.intake.mapping import Mapping, fill
from engine.intake.places import Places
from engine.intake.reasons import WHY, WHY_ENGLISH, reason_of
from engine.models import Case
from engine.storage.case_numbers import NumberBlock
from engine.storage.db import savepoint, transaction
from feel.text import Text
from forms import Invalid

BATCH = 200
UNREADABLE_DATE = Text("日期无法识别，或有两种读法", "no date, or one that can be read in two ways")
UNREADABLE_POINT = Text("坐标无法识别", "no coordinates on this earth")
UNREADABLE_CELL = Text("日期或金额无法识别", "no date or amount that can be read")
Row = dict[str, str]
Progress = Callable[[int, int], None]


@dataclass
class ImportReport:
    """What an import did; ``rejected`` rows stand in ``rejected_file`` with their reasons."""

    read: int = 0
    added: int = 0
    known: int = 0
    closed: int = 0
    open: int = 0
    overdue: int = 0
    fallback: int = 0
    rejected: int = 0
    rejected_file: str | None = None
    stopped: bool = False
    reasons: dict[Text, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        reasons = [
            {"reason": {"zh_CN": reason.zh, "en": reason.en}, "rows": times}
            for reason, times in self.reasons.items()
        ]
        return {**vars(self), "reasons": reasons}

    def refuse(self, reason: Text) -> None:
        """One more row that was refused for this."""
        self.rejected += 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1

    def as_text(self) -> str:
        """For a terminal."""
        lines = [
            f"读入 {self.read} 行：新增 {self.added} 件，已有 {self.known} 件，"
            f"退回 {self.rejected} 行；",
            f"已办结 {self.closed} 件，在办 {self.open} 件（超期 {self.overdue} 件），"
            f"地点不明、由接收单位接下 {self.fallback} 件。",
            f"{self.read} rows read: {self.added} cases added, {self.known} known already, "
            f"{self.rejected} rejected;",
            f"{self.closed} closed, {self.open} open ({self.overdue} overdue), "
            f"{self.fallback} at the fallback unit.",
        ]
        lines += [f"  {times} × {reason.zh}  {reason.en}" for reason, times in self.reasons.items()]
        if self.rejected_file:
            lines.append(f"退回的行 Rejected rows: {self.rejected_file}")
        if self.stopped:
            lines.append("按要求中途停止，再运行一次即可补完。")
            lines.append("Stopped half-way as asked; another run completes it.")
        return "\n".join(lines)


def import_cases(
    path: Path,
    mapping: Mapping,
    process: str,
    *,
    now: datetime,
    history: bool = False,
    rejected_path: Path | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> ImportReport:
    """Bring a CSV's rows in as cases of ``process``.

    Each batch is a transaction: an interrupted import is completed by running it again, and a
    second run adds nothing. ``stop`` is asked after each whether to end early. With ``history``
    rows keep their own dates: closed ones come in as closed, overdue ones as overdue, and no
    clock fires for what lies in the past. Raises Unreadable, NotFound for an unknown process,
    BadMapping.
    """
    report, total = ImportReport(), table.count(path)
    rejects = _Rejects(rejected_path or Path.cwd() / f"{path.stem}.rejected.csv")
    for batch in _batches(table.rows(path, mapping.columns())):
        with transaction() as db:
            done = _import_batch(db, batch, mapping, process, now, history, report)
        rejects.write(done)
        report.read += len(batch)
        if progress is not None:
            progress(report.read, total)
        if stop is not None and stop() and report.read < total:
            report.stopped = True
            break
    report.rejected_file = rejects.close()
    return report


def _import_batch(
    db: Session,
    batch: list[Row],
    mapping: Mapping,
    process: str,
    now: datetime,
    history: bool,
    report: ImportReport,
) -> list[tuple[Row, Text]]:
    published, places = versions.current(db, process, now), Places.load(db, mapping)
    prefix = published.definition.process.number_prefix or process
    numbers = NumberBlock(db, places.county_id, prefix, BATCH)
    works = works_in_force(db, now)
    scene = ImportContext(mapping, published, places, works, now, history, numbers)
    sources = [f"{mapping.name}:{fill(mapping.source, row)}"[:120] for row in batch]
    known = set(
        db.scalars(
            select(Case.source).where(Case.county_id == places.county_id, Case.source.in_(sources))
        )
    )
    refused: list[tuple[Row, Text]] = []
    for row, source in zip(batch, sources, strict=True):
        if source in known:
            report.known += 1
            continue
        known.add(source)
        try:
            _import_row(db, row, source, scene, report)
        except (Invalid, DomainError, ValueError) as error:
            reason = reason_of(error, published.form(published.opens.form))
            report.refuse(reason)
            refused.append((row, reason))
    numbers.give_back()
    return refused


def _import_row(
    db: Session, row: Row, source: str, scene: ImportContext, report: ImportReport
) -> None:
    mapping, now = scene.mapping, scene.now
    if not fill(mapping.source, row):
        raise Rejected({"source": Text("缺少来源编号", "there is no source id")})
    opened_at, closed_at, due_at = (
        _moment(mapping, name, row) for name in ("opened_at", "closed_at", "due_at")
    )
    if closed_at is not None and not scene.history:
        raise Rejected({"closed_at": Text("已办结的行需加 --history", "closed: needs --history")})
    opened_at = opened_at if scene.history and opened_at is not None else now
    if not opened_at <= (closed_at or now) <= now:
        raise Rejected({"opened_at": Text("时间先后不对", "the dates are out of order")})
    place, is_fallback = scene.places.of(row)
    answers = _answers(mapping, row)
    note, point = fill(mapping.note, row), _point(scene, row)
    past = Past(source, opened_at, closed_at, due_at, note, row, *point)
    if closed_at is not None:
        open_past(db, scene, place, answers, past)
        report.closed += 1
    else:
        # What fails half-way in the engine leaves nothing and does not take its batch along.
        with scene.numbers.attempt(), savepoint(db):
            overdue = open_live(db, scene, place, answers, past)
        report.open += 1
        report.overdue += overdue
    report.added += 1
    report.fallback += is_fallback


def _answers(mapping: Mapping, row: Row) -> dict[str, Any]:
    answers, errors = {}, {}
    for name, answer in mapping.answers.items():
        try:
            answers[name] = answer.of(row)
        except ValueError:
            errors[name] = UNREADABLE_CELL
    if errors:
        raise Rejected(errors)
    return answers


def _moment(mapping: Mapping, name: str, row: Row) -> datetime | None:
    try:
        return mapping.moment(getattr(mapping, name), row)
    except ValueError as error:
        raise Rejected({name: UNREADABLE_DATE}) from error


def _point(scene: ImportContext, row: Row) -> tuple[float | None, float | None]:
    try:
        return scene.places.point(row)
    except ValueError as error:
        raise Rejected({"latitude, longitude": UNREADABLE_POINT}) from error


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


class _Rejects:
    """The file of refused rows; made only if there is one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: Any = None
        self.writer: Any = None

    def write(self, refused: list[tuple[Row, Text]]) -> None:
        for row, reason in refused:
            if self.file is None:
                # The rows as they came, with names and phones in clear: for nobody else's eyes.
                number = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                self.file = open(number, "w", encoding="utf-8-sig", newline="")  # noqa: SIM115
                # A file of refused rows, mended, is read like any other.
                columns = [name for name in row if name not in (WHY, WHY_ENGLISH)]
                columns += [WHY, WHY_ENGLISH]
                self.writer = csv.DictWriter(self.file, columns, extrasaction="ignore")
                self.writer.writeheader()
            self.writer.writerow({**row, WHY: reason.zh, WHY_ENGLISH: reason.en})
        if self.file is not None:
            self.file.flush()

    def close(self) -> str | None:
        if self.file is None:
            return None
        self.file.close()
        return str(self.path)
