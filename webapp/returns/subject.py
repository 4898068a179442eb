"""Which return a page is about, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.statistics import StatisticTable
from engine.insight.statistics import definitions, listing, returns, rights, sums
from engine.insight.statistics.returns import Subject
from engine.insight.statistics.sums import ReturnNumber
from engine.models import ReturnRefusal, StatisticReturn, Unit, User
from webapp.account.people import current_actor


@dataclass(frozen=True)
class UnitNumbers:
    """The numbers of one unit within a return; ``row`` is what it sent, none where it did not."""

    unit: Unit
    row: StatisticReturn | None
    numbers: list[ReturnNumber]
    own: bool = False


@dataclass(frozen=True)
class ReturnPage:
    """Everything that a page or a workbook of a return shows."""

    about: Subject
    table: StatisticTable
    versions: list[StatisticReturn]
    row: StatisticReturn | None
    numbers: list[ReturnNumber]
    units: list[UnitNumbers]
    gaps: dict[str, int]
    people: dict[int, str]
    digest: str = ""
    holds: bool = True
    # By version: why the unit above sent it back, where it did.
    refusals: Mapping[int, str] = field(default_factory=dict)

    @property
    def newer(self) -> list[UnitNumbers]:
        """The units that have sent something since this return was filled."""
        added = set() if self.row is None else self.part_ids
        return [one for one in self.units if one.row is not None and one.row.id not in added]

    @property
    def part_ids(self) -> set[int]:
        """The returns that this one adds up."""
        return {one.row.id for one in self.units if one.row is not None and one.numbers}


def return_page(db: Session, key: str, unit_id: int, period: str) -> ReturnPage:
    """Return what there is of a return, in the version asked for or the newest."""
    actor = current_actor()
    about = returns.subject(db, actor, key, unit_id, period)
    versions = returns.versions_of(db, about)
    asked = request.args.get("version", "")
    chosen = [row for row in versions if str(row.number) == asked]
    row = next(iter(chosen or versions), None)
    if row is None:
        sent = [UnitNumbers(unit, part, []) for unit, part in returns.below(db, about)]
        return ReturnPage(about, about.table, [], None, [], sent, {}, {})
    # What was signed is read by the table that it was made with.
    table = definitions.of_version(db, row.version_id).table(key)
    told = sums.of(db, row) if row.sums is None else row.sums
    signed = row.state == "signed"
    return ReturnPage(
        about,
        table,
        versions,
        row,
        sums.numbers(table, told),
        _units(db, about, table, row),
        listing.gaps(told),
        _names(db, versions),
        digest=returns.digest_of(db, row, about) if not signed else row.digest or "",
        holds=not signed or returns.holds(db, row, about),
        refusals=_refusals(db, versions),
    )


def may_send_back(db: Session, page: ReturnPage) -> bool:
    """Return whether the reader may send back what this unit sent: whoever signs above it."""
    about = page.about
    sent = next((one for one in page.versions if one.sent_at is not None), None)
    if sent is None or sent.number in page.refusals or about.unit.parent_id is None:
        return False
    return rights.may_sign(current_actor(), db.get_one(Unit, about.unit.parent_id))


def _refusals(db: Session, versions: list[StatisticReturn]) -> dict[int, str]:
    numbers = {row.id: row.number for row in versions}
    rows = db.scalars(select(ReturnRefusal).where(ReturnRefusal.return_id.in_(numbers)))
    return {numbers[row.return_id]: row.reason for row in rows}


def _units(
    db: Session, about: Subject, table: StatisticTable, row: StatisticReturn
) -> list[UnitNumbers]:
    added = {part.unit_id: part for part in returns.parts_of(db, row)}
    found = [UnitNumbers(about.unit, row, sums.numbers(table, sums.own(db, row)), own=True)]
    for unit, sent in returns.below(db, about):
        part = added.pop(unit.id, None)
        told = sums.numbers(table, part.sums or {}) if part is not None else []
        # What was sent since is told beside what was added up.
        if part is not None and sent is not None and sent.id != part.id:
            found += [UnitNumbers(unit, part, told), UnitNumbers(unit, sent, [])]
        else:
            found.append(UnitNumbers(unit, part or sent, told))
    return found


def _names(db: Session, rows: list[StatisticReturn]) -> dict[int, str]:
    ids = {one for row in rows for one in (row.filled_by, row.signed_by, row.sent_by) if one}
    known = db.execute(select(User.id, User.name).where(User.id.in_(sorted(ids))))
    return {row[0]: row[1] for row in known}
