"""The import itself: batches in transactions of their own, idempotent by source id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from engine import settings
from engine.casework.clockwork import works_in_force
from engine.definitions import versions
from engine.errors import DomainError
from engine.intake.history import ImportContext
from engine.intake.mapping import Mapping
from engine.intake.places import MappedUnits
from engine.intake.reasons import reason_of
from engine.intake.rejected_file import RejectedFile
from engine.intake.row_outcomes import ImportReport, RowOutcome
from engine.intake.rows import bring_in, objection, source_key
from engine.intake.survey import FileSurvey, ImportRow
from engine.models import Case
from engine.spreadsheets import open_spreadsheet
from engine.storage import pending_rows
from engine.storage.case_numbers import NumberBlock
from engine.storage.db import reading, transaction
from feel.text import Text
from forms import InvalidAnswers

BATCH = 200
Progress = Callable[[int, int], None]
Outcome = tuple[ImportRow, RowOutcome]


@dataclass(frozen=True)
class ImportOptions:
    """How an import goes about it.

    With ``history`` rows keep their own dates: closed ones come in as closed, overdue ones as
    overdue, and no clock fires for what lies in the past. With ``dry_run`` nothing is written
    and the report lists the outcome of every row. ``stop`` is asked after each batch whether to
    end early; ``sheet`` names a sheet of a workbook.
    """

    history: bool = False
    dry_run: bool = False
    rejected_path: Path | None = None
    sheet: str | None = None
    # Files besides the table that the refused rows must not be written over.
    inputs: Sequence[Path] = ()
    progress: Progress | None = None
    stop: Callable[[], bool] | None = None


DEFAULTS = ImportOptions()


class _ImportRollback(Exception):
    """What was done on trial is rolled back."""


def import_cases(
    path: Path,
    mapping: Mapping,
    process: str,
    *,
    now: datetime,
    options: ImportOptions = DEFAULTS,
) -> ImportReport:
    """Import the rows of a table as cases of ``process``.

    The file is read to its end before its first row goes in. Each batch is a transaction: an
    interrupted import is completed by running it again, and a second run adds nothing. What
    ends it before its end is told in the report, beside what was done until then. Raises
    Unreadable, NotFound for an unknown process, NoFallback, SameFile.
    """
    sheet = open_spreadsheet(path, mapping.columns(), sheet=options.sheet)
    survey = FileSurvey.of(sheet, mapping)
    with reading() as db:
        versions.current(db, process, now)
        MappedUnits.load(db, mapping)
    where = options.rejected_path or _rejected_folder() / f"{path.stem}.rejected.csv"
    rejects = RejectedFile(where, sheet.headings.labels, [path, *options.inputs])
    report = ImportReport(dry_run=options.dry_run, notes=list(sheet.notes))
    report.rows = [] if options.dry_run else None
    try:
        _run(_Importing(mapping, process, now, options), survey, report, rejects)
    except DomainError as error:
        report.broken_off = error.text
    except (DBAPIError, OSError) as error:
        # Their words may repeat what a row holds.
        kind = type(error).__name__
        report.broken_off = Text(f"数据库或磁盘出错（{kind}）", f"database or disk failed ({kind})")
    finally:
        report.rejected_file = rejects.close()
    return report


def _rejected_folder() -> Path:
    """Return where refused rows go unless somebody says: beside the database, for nobody else."""
    folder = settings.current().data_dir / "rejected"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _run(run: _Importing, survey: FileSurvey, report: ImportReport, rejects: RejectedFile) -> None:
    options = run.options
    for batch in _batches(survey.entries()):
        outcomes = run.batch(batch)
        for _entry, outcome in outcomes:
            report.count(outcome)
        if not options.dry_run:
            rejects.write(
                (entry.row, outcome.reason)
                for entry, outcome in outcomes
                if outcome.kind == "rejected" and outcome.reason is not None
            )
        if options.progress is not None:
            options.progress(report.read, survey.total)
        if options.stop is not None and options.stop() and report.read < survey.total:
            report.stopped = True
            return


@dataclass(frozen=True)
class _Importing:
    """One import at work; the same for every batch."""

    mapping: Mapping
    process: str
    now: datetime
    options: ImportOptions

    def batch(self, batch: Sequence[ImportRow]) -> list[Outcome]:
        """Import a batch; if a row fails for an unknown reason, import each row by itself."""
        try:
            return self._together(batch)
        except (DomainError, OSError):
            # Nothing that is a row's fault.
            raise
        except Exception as error:
            if len(batch) == 1:
                if isinstance(error, OperationalError) and not _refused_by_rule(error):
                    raise
                # A fault of ours with this row; the others must not wait until it is fixed.
                kind = type(error).__name__
                reason = Text(f"程序出错（{kind}）", f"a fault of the program ({kind})")
                return [(batch[0], _refused(batch[0], reason))]
        return [outcome for entry in batch for outcome in self.batch([entry])]

    def _together(self, batch: Sequence[ImportRow]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        try:
            with transaction() as db:
                outcomes = self._import(db, batch)
                if self.options.dry_run:
                    # As far as the database's own rules go, and back.
                    db.flush()
                    pending_rows.write(db)
                    raise _ImportRollback
        except _ImportRollback:
            pass
        return outcomes

    def _import(self, db: Session, batch: Sequence[ImportRow]) -> list[Outcome]:
        published, places = (
            versions.current(db, self.process, self.now),
            MappedUnits.load(db, self.mapping),
        )
        prefix = published.definition.process.number_prefix or self.process
        numbers = NumberBlock(db, places.county_id, self.process, prefix, len(batch))
        works = works_in_force(db, self.now)
        scene = ImportContext(
            self.mapping, published, places, works, self.now, self.options.history, numbers
        )
        known = _imported_sources(
            db, places, [source_key(self.mapping, entry.source) for entry in batch]
        )
        outcomes = [(entry, _outcome(db, scene, entry, known)) for entry in batch]
        numbers.give_back()
        return outcomes


def _outcome(db: Session, scene: ImportContext, entry: ImportRow, known: set[str]) -> RowOutcome:
    mapping, row = scene.mapping, entry.row
    reason = objection(mapping, entry)
    if reason is not None:
        return _refused(entry, reason)
    source = source_key(mapping, entry.source)
    if entry.double is not None and entry.double.same:
        return RowOutcome(row.line, entry.source, "repeated")
    if entry.double is None and source in known:
        return RowOutcome(row.line, entry.source, "known")
    if entry.double is not None:
        first = entry.double.first
        return _refused(
            entry,
            Text(f"与第 {first} 行编号相同而内容不同", f"the id of line {first}, other content"),
        )
    try:
        return bring_in(db, entry, source, scene)
    except (InvalidAnswers, DomainError, ValueError) as error:
        form = scene.version.form(scene.version.opens.form)
        return _refused(entry, reason_of(error, form))


def _refused_by_rule(error: OperationalError) -> bool:
    """Return whether PostgreSQL refused a row and only then what was sent behind it."""
    return isinstance(error.orig, psycopg.errors.PipelineAborted)


def _refused(entry: ImportRow, reason: Text) -> RowOutcome:
    return RowOutcome(entry.row.line, entry.source[:120], "rejected", reason)


def _imported_sources(db: Session, places: MappedUnits, sources: Iterable[str]) -> set[str]:
    wanted = select(Case.source).where(
        Case.county_id == places.county_id, Case.source.in_(sorted(set(sources)))
    )
    return {source for source in db.scalars(wanted) if source is not None}


def _batches(entries: Iterable[ImportRow]) -> Iterator[list[ImportRow]]:
    iterator = iter(entries)
    while batch := list(islice(iterator, BATCH)):
        yield batch
