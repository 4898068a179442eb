"""One template written many times: the values of its gaps for a week, a place and a case."""

from __future__ import annotations

import hmac
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from bench.generator import answers, stories
from bench.generator.counties import Counties, PlaceSlots
from bench.generator.counts import Counted
from bench.generator.plan import WEEK, WeekPlan
from bench.generator.stories import StoryText
from bench.generator.templates import MOMENT, SealedCell, Template, moved
from engine import settings
from engine.models.base import EPOCH_MS
from engine.records import case_people, vault
from engine.worktime import Calendar, Limit, deadline
from forms import Field

# The low bits of an id, by which those of one millisecond differ.
SERIAL = (1 << 22) - 1
TallyKey = tuple[int, int, str, Counted, str]


@dataclass
class FillContext:
    """What all cases are written with; ``serial`` goes on from case to case."""

    seed: int
    counties: Counties
    versions: Mapping[str, int]
    calendar: Calendar
    serial: int = 0
    step: int = 1

    def cases(
        self, template: Template, entry: WeekPlan, counted: Counter[TallyKey]
    ) -> Iterator[dict[str, list[str]]]:
        """Yield the lines of each case of an entry, by table; counts into ``counted``."""
        by = entry.weeks * WEEK
        week = _Week(self, template, by)
        next_number = dict(entry.first)
        local_day = settings.current().local_day
        series = [(gap, prefix, local_day(at + by).year) for gap, prefix, at in template.numbers]
        for turn, at in enumerate(entry.places):
            place = self.counties.places[at]
            dice = random.Random(f"{self.seed}:{entry.template}:{entry.weeks}:{turn}")
            values = week.values(place, dice)
            for gap, prefix, year in series:
                key = (place.county, prefix, year)
                values[gap] = f"{prefix}〔{year}〕{next_number[key]:04d}"
                next_number[key] += 1
            _link(template, values)
            for slot, measure, day, amount in week.deltas:
                unit_id = place.units[slot].id
                counted[place.county, unit_id, template.process, measure, day] += amount
            yield {
                table: [line.fill(values) for line in lines]
                for table, lines in template.lines.items()
            }

    def ids(self, template: Template, by: timedelta) -> Callable[[], Iterator[str]]:
        """Return a maker of ids for the id gaps of one case after the other.

        Much happens on the stroke of an hour: each entry has milliseconds of its own in the
        minute after, or the low bits would meet.
        """
        aside = timedelta(milliseconds=random.Random(f"{template.opened_at}{by}").randrange(59_000))
        firsts = [
            _milliseconds(what[1] + by + aside) << 22 for what in template.gaps if what[0] == "id"
        ]

        def make() -> Iterator[str]:
            for first in firsts:
                self.serial = (self.serial + self.step) & SERIAL
                yield str(first | self.serial)

        return make


class _Week:
    """A template in one week: what is the same for all its cases, and how to find the rest."""

    def __init__(self, press: FillContext, template: Template, by: timedelta) -> None:
        self.press, self.template, self.by = press, template, by
        self.texts: list[str] = [""] * len(template.gaps)
        self.people: list[tuple[int, tuple[Any, ...]]] = []
        self.here: dict[int, list[tuple[int, str]]] = {}
        self.at: dict[str, list[int]] = {}
        for gap, what in enumerate(template.gaps):
            self._place(gap, what)
        if template.due_by_month is not None:
            self._citizen(*template.due_by_month)
        # Answers that name files differ from case to case, all others are packed once a week.
        self.file_cells: list[tuple[Any, SealedCell]] = []
        self.packed_cells: list[tuple[bytes, SealedCell]] = [
            (vault.packed(cell.value), cell) for cell in template.sealed_texts
        ]
        for cell in template.sealed_answers[1:]:
            told = _moved(cell.value, by)
            if _has_files(told, template.files):
                self.file_cells.append((told, cell))
            else:
                self.packed_cells.append((vault.packed(told), cell))
                self.texts[cell.digest] = vault.digest(told)
        self.ids = press.ids(template, by)
        self.deltas = [
            (slot, measure, moved(day, by) if day else "", amount)
            for slot, measure, day, amount in template.deltas
        ]

    def values(self, place: PlaceSlots, dice: random.Random) -> list[str]:
        """Return the values of all gaps for one case; numbers and hashes are still empty."""
        values = list(self.texts)
        for gap, value in zip(self.at["id"], self.ids(), strict=True):
            values[gap] = value
        for gap, value in self._names(place):
            values[gap] = value
        story = stories.choose(self.template.sealed_answers[0].value, dice)
        story = story._replace(title=f"{_short(place.units['village'].name)}{story.title}")
        self._write(values, "title", story.title)
        above = dict.fromkeys(("town", "village", self.template.place))
        self._write(values, "place_name", "".join(place.units[slot].name for slot in above))
        files = {key: int(values[gap]) for key, gap in self.template.files.items()}
        for content, cell in self.packed_cells:
            values[cell.payload] = _seal(content, cell, values)
        for told, cell in self.file_cells:
            _keep(values, cell, _with_files(told, files))
        self._open(values, place, story, files, dice)
        return values

    def _place(self, gap: int, what: tuple[Any, ...]) -> None:
        kind = what[0]
        self.at.setdefault(kind, []).append(gap)
        if kind in ("unit", "user"):
            if gap in self.template.used_gaps:
                self.people.append((gap, what))
        elif kind == "version":
            self.texts[gap] = str(self.press.versions[what[1]])
        elif kind == "moment":
            self.texts[gap] = moved(what[1], self.by)
        elif kind == "token":
            key = f"{self.press.seed}:{self.template.opened_at}:{what[1]}".encode()
            self.texts[gap] = blake2b(key, digest_size=8).hexdigest()

    def _citizen(self, amount: int, unit: str) -> None:
        template, calendar = self.template, self.press.calendar
        was = deadline(template.opened_at, Limit(amount, unit), calendar).isoformat()
        new = deadline(template.opened_at + self.by, Limit(amount, unit), calendar).isoformat()
        for gap in self.at.get("moment", ()):
            if template.gaps[gap][1] == was:
                self.texts[gap] = new

    def _names(self, place: PlaceSlots) -> list[tuple[int, str]]:
        """Return units and people of a place, looked up once."""
        key = place.units[self.template.place].id
        if key not in self.here:
            self.here[key] = [(gap, self._of_place(place, what)) for gap, what in self.people]
        return self.here[key]

    def _of_place(self, place: PlaceSlots, what: tuple[Any, ...]) -> str:
        if what[0] == "unit":
            return str(getattr(place.units[what[1]], what[2]))
        _, slot, role, turn = what
        held = self.press.counties.holders.get((place.units[slot].id, role), ())
        return str(held[turn % len(held)]) if held else r"\N"

    def _write(self, values: list[str], kind: str, value: str) -> None:
        for gap in self.at.get(kind, ()):
            values[gap] = value

    def _open(
        self,
        values: list[str],
        place: PlaceSlots,
        story: StoryText,
        files: Mapping[int, int],
        dice: random.Random,
    ) -> None:
        """The first answers, with parties, story and files of their own."""
        cell = self.template.sealed_answers[0]
        told, form = _moved(cell.value, self.by), self.template.form
        if form is not None:
            told = stories.with_story(with_parties(form.fields, told, dice), story)
            where = place.units[self.template.place].code
            for column, text in (("title", story.title), ("place", where)):
                if form.sets.get(column) in told:
                    told[form.sets[column]] = text
            macs = [vault.blind(kind, one) for kind, one in case_people.indexed_too(form, told)]
            for gap in self.at.get("mac", ()):
                values[gap] = macs[self.template.gaps[gap][1]]
            people = dict(case_people.people_by_field(form, told))
            for person, name, at in self.template.people_said:
                content = vault.packed(case_people.contents(people[name][at]))
                values[person.payload] = _seal(content, person, values)
        _keep(values, cell, _with_files(told, files))


def _keep(values: list[str], cell: SealedCell, told: Any) -> None:
    values[cell.digest] = vault.digest(told)
    values[cell.payload] = _seal(vault.packed(told), cell, values)


def _seal(content: bytes, cell: SealedCell, values: list[str]) -> str:
    return vault.seal_packed(content, cell.binding.fill(values).encode()).hex()


def _short(name: str) -> str:
    """Return a village's or community's name without that of its committee."""
    return name.removesuffix("村民委员会").removesuffix("居民委员会").removesuffix("居委会")


def _link(template: Template, values: list[str]) -> None:
    """Hash the chain, link by link; the last hash is the head that the state remembers."""
    key, previous = settings.current().audit_key.encode(), "0" * 64
    for line, gap in template.links:
        content = (previous + line.fill(values)).encode()
        previous = values[gap] = hmac.digest(key, content, "sha256").hex()


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000) - EPOCH_MS


def _moved(value: Any, by: timedelta) -> Any:
    """Return answers with their dates moved."""
    if isinstance(value, str):
        return moved(value, by) if MOMENT.fullmatch(value) else value
    if isinstance(value, list):
        return [_moved(one, by) for one in value]
    if isinstance(value, dict):
        return {key: _moved(one, by) for key, one in value.items()}
    return value


def _has_files(value: Any, files: Mapping[int, int]) -> bool:
    if isinstance(value, list):
        return any(_has_files(one, files) for one in value)
    if isinstance(value, dict):
        return any(_has_files(one, files) for one in value.values())
    return isinstance(value, int) and value in files


def _with_files(value: Any, files: Mapping[int, int]) -> Any:
    """Return answers that name this case's copies of the attached files."""
    if isinstance(value, int):
        return files.get(value, value)
    if isinstance(value, list):
        return [_with_files(one, files) for one in value]
    if isinstance(value, dict):
        return {key: _with_files(one, files) for key, one in value.items()}
    return value


PARTIES: dict[str, Callable[[random.Random], str]] = {
    "person": answers.person,
    "phone": answers.phone,
    "resident_id": answers.resident_id,
}


def with_parties(
    fields: Sequence[Field], told: Mapping[str, Any], dice: random.Random
) -> dict[str, Any]:
    """Return the same answers of other people, those in lists too."""
    found = dict(told)
    for field in fields:
        if field.name not in told:
            continue
        if field.kind == "list":
            rows = told[field.name]
            found[field.name] = [with_parties(field.fields, row, dice) for row in rows]
        elif field.name == "party_name":
            found[field.name] = answers.party(told, dice)
        elif field.kind in PARTIES and told[field.name] is not None:
            found[field.name] = PARTIES[field.kind](dice)
    return found
