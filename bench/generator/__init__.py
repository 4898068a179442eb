"""A database as a real place would have it, in minutes: `fengqiao generate`.

Some hundreds of cases are played for real in a scratch database (``stage``), through every rule
of the product; each becomes a template (``templates``), which is then written many times with
other places, people, weeks and words (``plan``, ``filling``, ``writing``). The seed decides
everything but the encryption's own dice.
"""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bench.generator import counties, plan, waiting
from bench.generator.counties import Counties
from bench.generator.filling import FillContext, TallyKey
from bench.generator.plan import SHARES, WeekPlan
from bench.generator.scratch import GRID, ScratchPlayer, ScratchSource, stage
from bench.generator.templates import Capture, Template
from bench.generator.writing import writer
from engine import settings
from engine.definitions import versions
from engine.errors import Refusal
from engine.models import Case, CaseNumber, Tally, Way
from engine.models.base import EPOCH_MS
from engine.records import anchoring
from engine.storage import step_counts
from engine.storage.db import db as database_object
from engine.storage.db import insert_into, reading, transaction
from engine.timing.calendars import load_calendar
from feel.text import Text

OPEN_SHARE = 0.04
HISTORY = timedelta(days=300)
# Ids say when they were given, from here on.
FIRST = datetime.fromtimestamp(EPOCH_MS / 1000, UTC) + timedelta(days=3)
BATCH = 400
# A play takes a quarter of a second: as many as the cases are worth.
LEAST_PLAYS, MOST_PLAYS = 8, 300
Progress = Callable[[str, int, int], None]


class NotInProduction(Refusal):
    """Invented cases do not get into the database of a real place."""

    text = Text(
        "生产模式的数据库不能写入生成的数据。",
        "Generated cases are not written into the database of a real place.",
    )


@dataclass
class GeneratorJob:
    """Everything that writing needs, made before the processes part."""

    press: FillContext
    templates: Sequence[Template]
    entries: Sequence[WeekPlan]


def generate(
    number: int,
    seed: int,
    codes: Sequence[str] = counties.DEFAULT,
    *,
    now: datetime,
    open_share: float = OPEN_SHARE,
    busy: str | None = None,
    plays: int | None = None,
    history: timedelta = HISTORY,
    desks: Sequence[waiting.DeskKey] = (),
    shares: Mapping[str, float] = SHARES,
    processes: int = 2,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write ``number`` cases into the database in use; says what and how fast.

    Half of them are from the grids under the unit with the code ``busy``. ``plays`` says how many
    different cases there are, half of them open; as many as ``number`` is worth otherwise. The
    oldest is opened ``history`` ago. ``shares`` says how common each process is. At each of
    ``desks``, a unit's code and a role in the demo county, a case of these days waits if any
    comes by there; a quarter of all at most. Raises NotInProduction, NoCounty, NoPlaces.
    """
    if settings.current().production:
        raise NotInProduction()
    say = progress or (lambda _stage, _done, _total: None)
    since = max(FIRST, now - history)
    with transaction() as db:
        counties.ensure(db, tuple(codes), since)
    began = time.perf_counter()
    wanted = _plays(number, plays, open_share)
    templates = _templates(wanted, seed, now, since, shares, desks[: number // 4], say)
    played = time.perf_counter() - began
    job = _job(number, seed, tuple(codes), busy, templates, now, since, open_share, shares)
    began = time.perf_counter()
    _write(job, processes, say)
    written = time.perf_counter() - began
    _settle(now)
    told = {"cases": number, "seed": seed, "counties": list(codes)}
    return told | _report(job, templates, number, played, written)


def _report(
    job: GeneratorJob, templates: Sequence[Template], number: int, played: float, written: float
) -> dict[str, Any]:
    """Return what was written, and how fast."""
    return {
        "open": sum(len(one.places) for one in job.entries if templates[one.template].is_open),
        "places": len(job.press.counties.places),
        "templates": len(templates),
        "templates_seconds": round(played, 1),
        "seconds": round(written, 1),
        "cases_per_second": round(number / written, 1),
    }


def _plays(number: int, plays: int | None, open_share: float) -> dict[bool, int]:
    """Return how many different cases to play that stay open, and how many that end."""
    if plays is not None:
        return {True: (plays + 1) // 2 if open_share else 0, False: plays // 2 or 1}
    most = min(MOST_PLAYS, max(LEAST_PLAYS, number // 100))
    return {True: max(1, most // 3) if open_share else 0, False: most}


def _templates(
    wanted: dict[bool, int],
    seed: int,
    now: datetime,
    since: datetime,
    shares: Mapping[str, float],
    desks: Sequence[waiting.DeskKey],
    say: Progress,
) -> list[Template]:
    """Play cases until there are enough that ended, enough that are open, and those at desks."""
    files = settings.current().data_dir / "files"
    found: dict[bool, list[Template]] = {True: [], False: []}
    dice = random.Random(f"{seed}:plays")
    with stage(ScratchSource.read(now), since) as here:
        while any(len(found[stand]) < count for stand, count in wanted.items()):
            young = len(found[True]) < wanted[True]
            process = dice.choices(list(shares), list(shares.values()))[0]
            template = _play(here, process, dice, now, since, young)
            if template is not None and len(found[template.is_open]) < wanted[template.is_open]:
                found[template.is_open].append(template)
                say("play", len(found[True]) + len(found[False]), sum(wanted.values()))
        at_desks = waiting.templates(
            here, desks, dice, now, lambda done: say("desk", done, len(desks))
        )
        if (here.folder / "files").is_dir():
            # By content: every case written after a play has the play's photos.
            shutil.copytree(here.folder / "files", files, dirs_exist_ok=True)
    return [*found[True], *found[False], *at_desks]


def _play(
    here: ScratchPlayer,
    process: str,
    dice: random.Random,
    now: datetime,
    since: datetime,
    young: bool,
) -> Template | None:
    age = dice.expovariate(1 / 6) if young else dice.uniform(20, (now - since).days)
    day = (now - timedelta(days=min(age, 60) if young else age)).replace(minute=0)
    at = max(since, day.replace(hour=dice.choice((0, 1, 1, 2, 2, 3, 6, 6, 7, 8, 9, 11))))
    at += timedelta(seconds=dice.randrange(3600), milliseconds=dice.randrange(1000))
    if at >= now:
        return None
    case_id = here.play(process, dice, at, now)
    if case_id is None:
        return None
    with reading() as db:
        return Capture(db, here, case_id).template()


def _job(
    number: int,
    seed: int,
    codes: tuple[str, ...],
    busy: str | None,
    templates: Sequence[Template],
    now: datetime,
    since: datetime,
    open_share: float,
    shares: Mapping[str, float],
) -> GeneratorJob:
    needed = {one for template in templates for one in template.people}
    dice = random.Random(f"{seed}:plan")
    with transaction() as db:
        calendar, found = load_calendar(db), counties.load(db, codes, seed)
        found.places = [one for one in found.places if _has_all(found, one, needed)]
        if busy:
            found.favour(busy)
        weeks = [plan.weeks_of(one, since, now, calendar) for one in templates]
        taken = _last_numbers(db)
        grids = [place.units["grid"].code for place in found.places]
        home = grids.index(GRID) if GRID in grids else 0
        entries = list(
            plan.entries(
                templates, weeks, found.places, number, open_share, shares, taken, dice, home
            )
        )
        _take_numbers(db, taken)
        known = db.scalar(select(func.count()).select_from(Case)) or 0
        press = FillContext(seed, found, _versions(db, now), calendar, serial=known * 61)
    return GeneratorJob(press, templates, entries)


def _has_all(found: Counties, place: counties.PlaceSlots, needed: set[tuple[str, str]]) -> bool:
    return all((place.units[slot].id, role) in found.holders for slot, role in needed)


def _versions(db: Session, now: datetime) -> dict[str, int]:
    current = {one.process: one.id for one in versions.currents(db, now)}
    table = db.scalar(select(versions.table_in_force(now)))
    assert table is not None
    return {**current, versions.ESCALATION: table}


def _last_numbers(db: Session) -> dict[tuple[int, str, int], int]:
    rows = db.scalars(select(CaseNumber))
    return {(row.county_id, row.prefix, row.year): row.last for row in rows}


def _take_numbers(db: Session, taken: dict[tuple[int, str, int], int]) -> None:
    for (county_id, prefix, year), last in taken.items():
        row = CaseNumber(county_id=county_id, prefix=prefix, year=year, last=last)
        db.merge(row)


def _write(job: GeneratorJob, processes: int, say: Progress) -> None:
    """Write all entries, in processes of their own where there are several."""
    url = database_object.engine.url.render_as_string(hide_password=False)
    if database_object.engine.dialect.name != "postgresql":
        processes = 1
    total = sum(len(one.places) for one in job.entries)
    if processes == 1:
        counted: Counter[TallyKey] = Counter()
        done = 0
        for part in _share(job, url, 0, 1):
            counted.update(part[1])
            done += part[0]
            say("write", done, total)
    else:
        database_object.engine.dispose()
        counted = _side_by_side(job, url, processes, say, total)
    with transaction() as db:
        _count(db, counted)
        _count_steps(db, counted, job)


def _side_by_side(
    job: GeneratorJob, url: str, processes: int, say: Progress, total: int
) -> Counter[TallyKey]:
    """Return the entries dealt out to processes that inherit templates and plan by forking."""
    forked = multiprocessing.get_context("fork")
    told: Any = forked.SimpleQueue()
    workers = [
        forked.Process(target=_work, args=(job, url, one, processes, told))
        for one in range(processes)
    ]
    for one in workers:
        one.start()
    counted: Counter[TallyKey] = Counter()
    done, left = 0, processes
    while left:
        part = told.get()
        if part is None:
            left -= 1
            continue
        done += part[0]
        counted.update(part[1])
        say("write", done, total)
    for one in workers:
        one.join()
    if any(one.exitcode for one in workers):
        raise RuntimeError("a process that wrote cases failed")
    return counted


def _work(job: GeneratorJob, url: str, which: int, of: int, told: Any) -> None:
    try:
        for part in _share(job, url, which, of):
            told.put(part)
    finally:
        told.put(None)


def _share(
    job: GeneratorJob, url: str, which: int, of: int
) -> Iterator[tuple[int, Counter[TallyKey]]]:
    """Write every ``of``-th entry from ``which`` on; yields how many cases, and their counts."""
    press = job.press
    press.serial, press.step = press.serial * of + which, of
    lines: dict[str, list[str]] = {}
    counted: Counter[TallyKey] = Counter()
    waiting = 0
    with writer(url) as out:
        for entry in job.entries[which::of]:
            for case in press.cases(job.templates[entry.template], entry, counted):
                for table, mine in case.items():
                    lines.setdefault(table, []).extend(mine)
                waiting += 1
                if waiting == BATCH:
                    out.write(lines)
                    yield waiting, counted
                    lines, waiting = {}, 0
                    counted.clear()
        if waiting:
            out.write(lines)
            yield waiting, counted


def _count(db: Session, counted: Counter[TallyKey]) -> None:
    """Add to the folded counters what the cases would have left in them."""
    names = ("county_id", "unit_id", "process", "measure", "day")
    rows = [
        {**dict(zip(names, key, strict=True)), "amount": one}
        for key, one in counted.items()
        if isinstance(key[3], str)
    ]
    statement = insert_into(db, Tally)
    added = Tally.__table__.c.amount + statement.excluded.amount
    keys = ["unit_id", "process", "measure", "day"]
    if rows:
        db.connection().execute(
            statement.on_conflict_do_update(index_elements=keys, set_={"amount": added}), rows
        )


def _count_steps(db: Session, counted: Counter[TallyKey], job: GeneratorJob) -> None:
    """Add to the folded figures of steps, and remember the ways."""
    sums: dict[tuple[Any, ...], dict[str, int]] = {}
    for (county_id, unit_id, process, counts, day), amount in counted.items():
        if isinstance(counts, str):
            continue
        kind, element, *took = counts
        one = step_counts.StepCount(unit_id, kind, element, day, amount, *took)
        for span in step_counts.spans(day):
            key = (process, span, job.press.versions[process], unit_id, kind, element)
            nothing = {"county_id": county_id, **dict.fromkeys(step_counts.SUMS, 0)}
            found = sums.setdefault(key, nothing)
            for name, many in step_counts.summands(one):
                found[name] += many
    if sums:
        step_counts.put_together(db, sums)
    ways = {one.way["key"]: one.way for one in job.templates if one.way is not None}
    if ways:
        remembered = insert_into(db, Way).on_conflict_do_nothing()
        db.connection().execute(remembered, list(ways.values()))


def _settle(now: datetime) -> None:
    """Anchor the chains, and let the database know what it holds now."""
    with transaction() as db:
        anchoring.anchor(db, now)
    with reading() as db:
        anchoring.write_outside(db)
    with database_object.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
