"""Played cases as templates: the rows that they left, with gaps for what differs from case to case.

Every row is one line as PostgreSQL's COPY reads it. Ids, units, people, times, numbers, titles
and hashes in it are found by their text and become gaps; all else stays as the case wrote it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from bench.generator import counts
from bench.generator.scratch import ScratchPlayer
from engine.definitions import versions
from engine.models import (
    Case,
    CaseState,
    Demand,
    Event,
    Post,
    Task,
    Unit,
    Version,
)
from engine.models.base import Base, Hex
from engine.records import audit, case_people, vault
from engine.records.bindings import SEALED, SealedColumn

# Parts of a date or time as JSON texts, columns and answers write them.
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:[+-]\d{2}:\d{2})?)?(?!\d)"
)
ID = re.compile(r"(?<![0-9a-f])\d{17,19}(?![0-9a-f])")
SEALED_BY = {f"{column.model.__tablename__}.{column.name}": column for column in SEALED}
ANSWERS, PEOPLE = "vault.payload", "case_person.payload"
TIMES = ("at", "opened_at", "asked_at", "from_at")
Gap = tuple[Any, ...]


@dataclass(frozen=True)
class GapText:
    """A text with gaps: ``text % values`` of the gaps named by their places."""

    text: str
    gaps: tuple[int, ...]

    def fill(self, values: list[str]) -> str:
        """Return the text for one case."""
        return self.text % tuple([values[gap] for gap in self.gaps])


@dataclass(frozen=True)
class SealedCell:
    """A sealed value: the gaps of its payload and digest, and what each copy is bound to."""

    value: Any
    payload: int
    binding: GapText
    digest: int = -1


@dataclass
class Template:
    """One played case, ready to be written many times.

    ``gaps`` says what stands in each gap: ("id", minutes after the opening), ("unit", slot),
    ("user", slot, role, turn), ("moment", text), ... ``links`` are the events in their order,
    with the gap that each one's hash fills.
    """

    process: str
    opened_at: datetime
    last_at: datetime
    is_open: bool
    place: str
    form: Any
    answers: dict[str, Any]
    sealed_answers: list[SealedCell]
    gaps: list[Gap] = field(default_factory=list)
    lines: dict[str, list[GapText]] = field(default_factory=dict)
    links: list[tuple[GapText, int]] = field(default_factory=list)
    deltas: list[counts.SlotCount] = field(default_factory=list)
    # The way that it went through its process, as a row.
    way: dict[str, Any] | None = None
    # The citizen's limit where it is of months, which weeks do not carry over; and the answer.
    due_by_month: tuple[int, str] | None = None
    answered_at: datetime | None = None
    # Whether it is written once, at the place where it was played.
    home: bool = False
    # Ids of attached files, which answers name, and the gaps of their ids.
    files: dict[int, int] = field(default_factory=dict)
    # What is sealed besides answers: names of files, remarks.
    sealed_texts: list[SealedCell] = field(default_factory=list)
    # The people whom the opening form names: each with the field and the place of theirs.
    people_said: list[tuple[SealedCell, str, int]] = field(default_factory=list)

    @cached_property
    def numbers(self) -> list[tuple[int, str, datetime]]:
        """The gaps of numbers, with the prefix and the time: the case's, and its notices'."""
        return [
            (gap, what[1], what[2]) for gap, what in enumerate(self.gaps) if what[0] == "number"
        ]

    @property
    def people(self) -> set[tuple[str, str]]:
        """Slot and role of everybody whom the case names: no place without them will do."""
        found = (self.gaps[gap] for gap in self.used_gaps)
        return {(what[1], what[2]) for what in found if what[0] == "user"}

    @cached_property
    def used_gaps(self) -> frozenset[int]:
        """The gaps that any line has: a county has more offices and people than a case meets."""
        lines = [line for found in self.lines.values() for line in found]
        lines += [line for line, _gap in self.links]
        return frozenset(gap for line in lines for gap in line.gaps)


class Capture:
    """Reads one played case out of the scratch database."""

    def __init__(self, db: Session, stage: ScratchPlayer, case_id: int) -> None:
        self.db, self.stage = db, stage
        self.case = db.get_one(Case, case_id)
        self.version = versions.load(db, self.case.version_id)
        self.prefix = self.case.number.partition("〔")[0]
        self.gap_numbers: dict[str, int] = {}
        self.gaps: list[Gap] = []

    def template(self) -> Template:
        """Return the case as a template."""
        rows = dict(self._rows())
        self._name_ids(rows)
        self._name_places()
        self._name_texts()
        self._name_answers(rows["vault"])
        self._name_payloads(rows)
        hashes = self._name_hashes(rows["event"])
        texts = {table: [_copied(row, table) for row in found] for table, found in rows.items()}
        self._find_gone(texts)
        self._find_moments(texts, rows["event"])
        pattern = self._pattern()
        lines = {
            table: [self._line(pattern, text) for text in found] for table, found in texts.items()
        }
        found = self._template(rows, lines, pattern, hashes)
        found.way = counts.way(self.db, self.case.id)
        return found

    def _template(
        self,
        rows: Mapping[str, list[dict[str, Any]]],
        lines: dict[str, list[GapText]],
        pattern: re.Pattern[str],
        hashes: list[int],
    ) -> Template:
        case = self.case
        events = self.db.scalars(select(Event).where(Event.case_id == case.id).order_by(Event.seq))
        moments = [
            value
            for found in rows.values()
            for row in found
            for value in row.values()
            if isinstance(value, datetime)
        ]
        opens = self.version.form(self.version.opens.form)
        answers = list(self._cells(rows, pattern, ANSWERS))
        return Template(
            process=case.process,
            opened_at=case.opened_at,
            last_at=max(moments),
            is_open=case.closed_at is None,
            place=next(one for one in self.stage.slots() if self.stage.unit(one) == case.place_id),
            form=opens,
            answers=answers[0].value,
            sealed_answers=answers,
            sealed_texts=list(self._cells(rows, pattern, *(SEALED_BY.keys() - {ANSWERS, PEOPLE}))),
            people_said=list(self._people_said(rows, pattern)),
            gaps=self.gaps,
            lines=lines,
            links=[
                (self._line(pattern, audit.content_of(event)), gap)
                for event, gap in zip(events, hashes, strict=True)
            ],
            deltas=list(self._deltas()),
            due_by_month=self._due_by_month(),
            answered_at=case.answered_at,
            files=self._files(rows),
        )

    def _files(self, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[int, int]:
        ids = [row["id"] for row in rows.get("attachment", ())]
        return {one: self.gap_numbers[str(one)] for one in ids}

    def _people_said(
        self, rows: Mapping[str, Sequence[Mapping[str, Any]]], pattern: re.Pattern[str]
    ) -> Iterator[tuple[SealedCell, str, int]]:
        cells = self._cells(rows, pattern, PEOPLE)
        for cell, row in zip(cells, rows.get("case_person", ()), strict=True):
            yield cell, row["field"], row["place"]

    def _gap(self, text: str, *what: Any) -> int:
        if text not in self.gap_numbers:
            self.gap_numbers[text] = len(self.gaps)
            self.gaps.append(what)
        return self.gap_numbers[text]

    def _rows(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        for table in Base.metadata.sorted_tables:
            key = table.c.get("id") if table.name == "case" else table.c.get("case_id")
            if key is None:
                continue
            wanted = select(*table.c).where(key == self.case.id)
            order = table.c.get("seq", table.c.get("id"))
            wanted = wanted.order_by(*(table.primary_key if order is None else [order]))
            found = [dict(row._mapping) for row in self.db.execute(wanted)]
            if found:
                yield table.name, found

    def _name_ids(self, rows: Mapping[str, list[dict[str, Any]]]) -> None:
        """Ids in the order in which they were given; each of them belongs to a time."""
        ids: dict[int, datetime | None] = {self.case.id: self.case.opened_at}
        for found in rows.values():
            for row in found:
                if "id" in row:
                    ids[row["id"]] = next((row[name] for name in TIMES if name in row), None)
        latest = self.case.opened_at
        for number, at in sorted(ids.items()):
            latest = max(latest, at or latest)
            self._gap(str(number), "id", latest)
        versions_used = select(Version.id, Version.process).order_by(Version.id)
        for version_id, process in self.db.execute(versions_used):
            self._gap(str(version_id), "version", process)

    def _name_places(self) -> None:
        """Units by slot: id, code and name; people by slot, role and turn."""
        slots = {self.stage.unit(slot): slot for slot in self.stage.slots()}
        for unit in self.db.scalars(select(Unit).where(Unit.id.in_(slots))):
            slot = slots[unit.id]
            self._gap(str(unit.id), "unit", slot, "id")
            self._gap(unit.code, "unit", slot, "code")
            self._gap(unit.name, "unit", slot, "name")
        posts = select(Post).where(Post.unit_id.in_(slots), Post.user_id.is_not(None))
        turns: dict[tuple[int, str], int] = {}
        for post in self.db.scalars(posts.order_by(Post.id)):
            turn = turns.setdefault((post.unit_id, post.role), 0)
            turns[post.unit_id, post.role] += 1
            self._gap(str(post.user_id), "user", slots[post.unit_id], post.role, turn)

    def _name_texts(self) -> None:
        self._gap(self.case.number, "number", self.prefix, self.case.opened_at)
        demands = select(Demand).where(Demand.case_id == self.case.id).order_by(Demand.id)
        for demand in self.db.scalars(demands):
            self._gap(demand.number, "number", demand.number.partition("〔")[0], demand.at)
        self._gap(self.case.title, "title")
        self._gap(self.case.place_name, "place_name")
        engine_ids = self.db.scalars(select(Task.engine_id).where(Task.case_id == self.case.id))
        state = self.db.get_one(CaseState, self.case.id)
        found = re.findall(r'"([0-9a-f]{16})"', f"{state.state}{state.prior or ''}")
        for number, key in enumerate(dict.fromkeys([*engine_ids, *found])):
            self._gap(key, "token", number)

    def _name_answers(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Digests and blind indexes: rebuilt, since dates and parties in them differ."""
        for number, row in enumerate(rows):
            self._gap(row["digest"], "digest", number)
        opens = self.version.form(self.version.opens.form)
        if opens is not None and rows:
            first = _unsealed(rows[0], SEALED_BY[ANSWERS])
            for number, (kind, value) in enumerate(case_people.indexed_too(opens, first)):
                self._gap(vault.blind(kind, value), "mac", number)

    def _name_payloads(self, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Everything sealed: each copy is sealed to its own row."""
        for place, column in SEALED_BY.items():
            for number, row in enumerate(rows.get(column.model.__tablename__, ())):
                if row[column.name] is not None:
                    self._gap(row[column.name].hex(), "payload", place, number)

    def _cells(
        self,
        rows: Mapping[str, Sequence[Mapping[str, Any]]],
        pattern: re.Pattern[str],
        *places: str,
    ) -> Iterator[SealedCell]:
        for column, row in (
            (SEALED_BY[place], row)
            for place in places
            for row in rows.get(SEALED_BY[place].model.__tablename__, ())
        ):
            if row[column.name] is None:
                continue
            binding = column.binding(SimpleNamespace(**row)).decode()
            yield SealedCell(
                _unsealed(row, column),
                self.gap_numbers[row[column.name].hex()],
                self._line(pattern, binding),
                self.gap_numbers.get(row.get("digest", ""), -1),
            )

    def _name_hashes(self, events: Iterable[Mapping[str, Any]]) -> list[int]:
        return [self._gap(event["hash"], "hash") for event in events]

    def _find_gone(self, texts: Mapping[str, list[str]]) -> None:
        """Ids of rows that are no more, such as clocks that fired: causes still name them."""
        for found in texts.values():
            for text in found:
                for number in ID.findall(text):
                    self._gap(number, "id", self.case.opened_at)

    def _find_moments(
        self, texts: Mapping[str, list[str]], events: Iterable[Mapping[str, Any]]
    ) -> None:
        for found in texts.values():
            for text in found:
                for moment in MOMENT.findall(text):
                    self._gap(moment, "moment", moment)
        for event in events:
            at = event["at"].isoformat()
            self._gap(at, "moment", at)

    def _pattern(self) -> re.Pattern[str]:
        longest = sorted(self.gap_numbers, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest)))

    def _line(self, pattern: re.Pattern[str], text: str) -> GapText:
        gaps = [self.gap_numbers[found] for found in pattern.findall(text)]
        return GapText(
            "%s".join(part.replace("%", "%%") for part in pattern.split(text)), tuple(gaps)
        )

    def _deltas(self) -> Iterator[counts.SlotCount]:
        slots = {self.stage.unit(slot): slot for slot in self.stage.slots()}
        return counts.deltas(self.db, slots)

    def _due_by_month(self) -> tuple[int, str] | None:
        """Return the citizen's limit where it is of months or years, which weeks do not carry
        over.
        """
        case, info = self.case, self.version.definition.process
        amount, unit = case.limit_amount or info.limit, case.limit_unit or info.limit_unit
        return (amount, unit) if amount and unit in ("months", "years") else None


def _unsealed(row: Mapping[str, Any], column: SealedColumn) -> Any:
    return vault.unseal(row[column.name], column.binding(SimpleNamespace(**row)))


def _copied(row: Mapping[str, Any], name: str) -> str:
    table = Base.metadata.tables[name]
    return "\t".join(_cell(table.c[key], value) for key, value in row.items())


def _cell(column: Column[Any], value: Any) -> str:
    """Return one value as COPY's text format writes it."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    if isinstance(column.type, Hex):
        return rf"\\x{value}"
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    text = str(value)
    for plain, escaped in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")):
        text = text.replace(plain, escaped)
    return text


def moved(text: str, by: timedelta) -> str:
    """Return a date or time in a text, moved, written as it was."""
    if len(text) == 10:
        return (datetime.fromisoformat(text) + by).date().isoformat()
    return (datetime.fromisoformat(text) + by).isoformat(sep=text[10], timespec=_precision(text))


def _precision(text: str) -> str:
    clock = text[11:].split("+")[0]
    if "." in clock:
        return "microseconds"
    return "seconds" if clock.count(":") == 2 else "minutes"
