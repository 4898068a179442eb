"""Kept answers as the sheets and parts of a volume, in the order that the plan gives them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from engine import settings
from engine.definitions.versions import PublishedVersion
from engine.models import Attachment
from engine.reading import casefile, redaction, staff
from engine.reading.casefile import CaseFile
from engine.records import attachments
from engine.records.answer_history import AnswerSet
from forms import AnswerText


@dataclass(frozen=True)
class AnswerLine:
    """A question and its answer in words; ``rows`` where the answer is a list."""

    label: str
    words: str
    rows: tuple[tuple[AnswerLine, ...], ...] = ()
    long: bool = False


@dataclass(frozen=True)
class AnswerSheet:
    """The answers of one step, with who gave them when."""

    title: str
    by: str
    at: str
    lines: tuple[AnswerLine, ...]


@dataclass(frozen=True)
class VolumePart:
    """One part of the volume; ``signatures`` are lines to be signed on paper."""

    key: str
    title: str
    sheets: tuple[AnswerSheet, ...]
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerReader:
    """Everything that turns kept answers into words: names for codes and ids."""

    file: CaseFile
    units: Mapping[str, str]
    files: Mapping[str, str]
    staff: Mapping[str, str]

    def sheet(self, one: AnswerSet, plan: Mapping[str, Any]) -> AnswerSheet | None:
        """Return the answers that the plan wants of one step, or None if there are none."""
        chosen = [said for said in self.answer_texts(one) if _belongs(said.name, plan)]
        return self.sheet_of(one, chosen) if chosen else None

    def answer_texts(self, one: AnswerSet) -> tuple[AnswerText, ...]:
        """Return the answers of a step, as far as the volume may hold them."""
        node = self.file.version.node(one.node_id)
        form = self.file.version.form(node.form) if node else None
        answers = form.say(one.answers) if form else ()
        return redaction.answers(answers, self.file.concealment, self.file.sealed_files, "zh_CN")

    def sheet_of(self, one: AnswerSet, chosen: Iterable[AnswerText]) -> AnswerSheet:
        """Return some answers of a step as a sheet, with who gave them."""
        node = self.file.version.node(one.node_id)
        opened = self.file.concealment.hides and one.at == self.file.case.opened_at
        name, by = node.name if node else "", "" if opened else _by(one)
        return AnswerSheet(name, by, local(one.at), tuple(self.line(said) for said in chosen))

    def line(self, said: AnswerText) -> AnswerLine:
        """Return one answer with its question."""
        rows = tuple(tuple(self.line(one) for one in row) for row in said.rows)
        return AnswerLine(said.label, self.words(said), rows, said.kind == "textarea")

    def words(self, said: AnswerText) -> str:
        """Return the answer as people read it."""
        if said.kind in ("place", "unit"):
            return self.units.get(str(said.value), str(said.value))
        if said.kind == "staff":
            return self.staff.get(str(said.value), str(said.value))
        if said.kind == "units":
            return "、".join(self.units.get(str(code), str(code)) for code in said.value)
        if said.kind == "files":
            return "、".join(self.files.get(str(one), "（已失效）") for one in said.value)
        return said.words


def local(moment: datetime) -> str:
    """Return a moment as the county's clocks show it: 2026-11-22 16:00."""
    return f"{moment.astimezone(ZoneInfo(settings.current().timezone)):%Y-%m-%d %H:%M}"


@lru_cache(maxsize=1)
def plans() -> Mapping[str, Any]:
    """Return the parts of a volume by process; a process without a plan has its steps in order."""
    plans: Mapping[str, Any] = json.loads((files(__package__) / "parts.json").read_text("utf-8"))
    return plans


def parts_of(
    plan: Sequence[Mapping[str, Any]], kept: list[AnswerSet], reader: AnswerReader
) -> list[VolumePart]:
    """Return the parts of a volume: those with content, and those that are always there."""
    found: list[VolumePart] = []
    shown: set[str] = set()
    for one in plan:
        chosen = _instead(one, kept)
        shown.update(chosen.get("nodes", ()))
        part = _part(chosen, kept, reader)
        if part.sheets or one.get("always"):
            found.append(part)
    # What no part names is still of the case: nothing that was said gets lost.
    rest = [one for one in kept if one.node_id not in shown]
    sheets = tuple(sheet for one in rest if (sheet := reader.sheet(one, {})) is not None)
    return [*found, VolumePart("other", "其他材料", sheets)] if sheets else found


def _instead(plan: Mapping[str, Any], kept: list[AnswerSet]) -> Mapping[str, Any]:
    """Return the part as planned, or what stands in its place: no agreement, but why there is
    none.
    """
    done = {one.node_id for one in kept}
    if "instead" not in plan or done.intersection(plan["nodes"]):
        return plan
    other = {"key": plan["key"], **plan["instead"]}
    return other if done.intersection(other["nodes"]) else plan


def _part(plan: Mapping[str, Any], kept: list[AnswerSet], reader: AnswerReader) -> VolumePart:
    if "files" in plan:
        sheets = _evidence(plan, kept, reader)
    else:
        sheets = _sheets(plan, plan["nodes"], kept, reader)
    return VolumePart(
        str(plan["key"]), str(plan["title"]), sheets, tuple(plan.get("signatures", ()))
    )


def _sheets(
    plan: Mapping[str, Any], nodes: Iterable[str], kept: list[AnswerSet], reader: AnswerReader
) -> tuple[AnswerSheet, ...]:
    wanted = set(nodes)
    found = (reader.sheet(one, plan) for one in kept if one.node_id in wanted)
    return tuple(sheet for sheet in found if sheet is not None)


def _evidence(
    plan: Mapping[str, Any], kept: list[AnswerSet], reader: AnswerReader
) -> tuple[AnswerSheet, ...]:
    """Return the files that certain steps brought, without their other answers."""
    found = []
    for one in kept:
        if one.node_id not in plan["files"]:
            continue
        chosen = [said for said in reader.answer_texts(one) if said.kind == "files"]
        if chosen:
            found.append(reader.sheet_of(one, chosen))
    return tuple(found)


def _belongs(name: str, plan: Mapping[str, Any]) -> bool:
    return name in plan["only"] if "only" in plan else name not in plan.get("without", ())


def reader_of(
    db: Session,
    file: CaseFile,
    kept: list[AnswerSet],
    attached: list[Attachment],
) -> AnswerReader:
    """Look up the names behind the codes and ids of all answers; a few statements."""
    return AnswerReader(
        file,
        casefile.unit_names(db, _codes(file.version, kept)),
        {str(one.id): attachments.name_of(one) for one in attached},
        staff.names(db, _staff(file.version, kept)),
    )


def _codes(published: PublishedVersion, kept: list[AnswerSet]) -> set[str]:
    found: set[str] = set()
    for one in kept:
        node = published.node(one.node_id)
        form = published.form(node.form) if node else None
        for said in form.say(one.answers) if form else ():
            if said.kind in ("place", "unit"):
                found.add(str(said.value))
            elif said.kind == "units":
                found.update(str(code) for code in said.value)
    return found


def _staff(published: PublishedVersion, kept: list[AnswerSet]) -> set[str]:
    found: set[str] = set()
    for one in kept:
        node = published.node(one.node_id)
        form = published.form(node.form) if node else None
        for field in form.fields if form else ():
            if field.kind == "staff" and one.answers.get(field.name):
                found.add(str(one.answers[field.name]))
    return found


def _by(one: AnswerSet) -> str:
    return "　".join(filter(None, (one.unit, one.by)))
