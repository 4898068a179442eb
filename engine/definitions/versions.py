"""Published definitions: publish, load, cache. A version freezes its files and never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from engine import bpmn
from engine.access.actors import Actor
from engine.bpmn.nodes import Node
from engine.definitions import rollouts
from engine.definitions.citizen_choices import CITIZENS, CITIZENS_PATH
from engine.definitions.citizen_choices import NAMES as CITIZEN_NAMES
from engine.definitions.citizen_choices import load as load_choices
from engine.definitions.escalation_table import ESCALATION, RungTable
from engine.definitions.paper_templates import NAMES as TEMPLATE_NAMES
from engine.definitions.paper_templates import PAPER_TEMPLATES
from engine.definitions.rollouts import Moment, RolloutPlan
from engine.definitions.statistic_files import tables as statistic_tables
from engine.definitions.statistics import NAMES as STATISTIC_NAMES
from engine.definitions.statistics import STATISTICS
from engine.errors import NotAllowed, NotFound
from engine.models import Unit, Version, VersionFile, new_id
from engine.records import audit
from engine.storage.db import one_at_a_time
from forms import Form
from forms import load as load_form

# What is published like a process, but opens no case.
TABLES = frozenset({CITIZENS, ESCALATION, STATISTICS, PAPER_TEMPLATES})
# Key of the lock under which version numbers are taken.
PUBLISHING = 620_727
# The action of a diagram that tells citizens.
TELL = "notify_citizen"


@dataclass(frozen=True)
class PublishedVersion:
    """A version ready to run: parsed once a process, shared by threads, never changed."""

    id: int
    process: str
    number: int
    definition: bpmn.ProcessDefinition
    forms: Mapping[str, Form] = field(default_factory=dict)

    @property
    def opens(self) -> Node:
        """The task that opening a case completes. Raises NotFound where a diagram has none."""
        if self.definition.opens is None:
            raise NotFound(self.process)
        return self.definition.opens

    @cached_property
    def asks_people(self) -> bool:
        """Whether a form asks for people."""
        return any(field.people for form in self.forms.values() for field in form.fields)

    @cached_property
    def field_names(self) -> frozenset[str]:
        """The names of all answers that its forms ask for."""
        return frozenset(name for form in self.forms.values() for name in form.names)

    @cached_property
    def names_papers(self) -> bool:
        """Whether a step of the diagram names papers."""
        return any(node.papers for node in self.definition.nodes.values())

    @cached_property
    def tells_citizens(self) -> bool:
        """Whether a step of the diagram tells the citizens of a case where it stands."""
        nodes = self.definition.nodes.values()
        return any(node.action is not None and node.action.name == TELL for node in nodes)

    def form(self, key: str | None) -> Form | None:
        """Return the frozen form of that key; a task without a form has none."""
        return self.forms.get(key) if key else None

    def node(self, node_id: str) -> Node | None:
        """Return the node of that id, as it was when this version was published."""
        return self.definition.nodes.get(node_id)

    def variables(self, form: Form | None, clean: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers that the version's expressions refer to; the engine gets no others."""
        answers = form.variables(clean) if form is not None else clean
        wanted = self.definition.variables
        return {name: value for name, value in answers.items() if name in wanted}


@dataclass(frozen=True)
class ReleaseTerms:
    """Who answers for a version and why, what it was made from, where and from when it is used."""

    origin: str = "disk"
    author_id: int | None = None
    publisher_id: int | None = None
    reason: str = ""
    base_id: int | None = None
    from_at: datetime | None = None
    units: Collection[int] = ()


def publish(
    db: Session,
    process: str,
    files: Mapping[str, bytes],
    *,
    now: datetime,
    terms: ReleaseTerms = ReleaseTerms(),
) -> Version:
    """Freeze ``files`` as the next version of ``process``, for new cases from now or later on.

    Raises whatever parsing raises: a definition that does not load is never published.
    """
    name, name_en = _names(process, files)
    one_at_a_time(db, PUBLISHING)
    last = db.scalar(select(func.max(Version.number)).where(Version.process == process)) or 0
    version = Version(
        id=new_id(),
        process=process,
        number=last + 1,
        name=name,
        name_en=name_en,
        digest=digest_of(files),
        kinds=_kinds(process, files),
        origin=terms.origin,
        reason=terms.reason,
        author_id=terms.author_id,
        publisher_id=terms.publisher_id,
        base_id=terms.base_id,
        published_at=now,
        effective_at=terms.from_at or now,
    )
    db.add(version)
    db.flush()
    db.add_all(_frozen(version.id, path, files[path]) for path in sorted(files))
    _use(db, version, terms, now)
    return version


def _use(db: Session, version: Version, terms: ReleaseTerms, now: datetime) -> None:
    rollouts.start(
        db,
        version,
        from_at=version.effective_at,
        units=terms.units,
        decided_by=terms.publisher_id,
        reason=terms.reason,
        now=now,
    )
    data = {"process": version.process, "number": version.number, "digest": version.digest}
    audit.record_admin(db, "version.published", terms.publisher_id, data, at=now)


def _frozen(version_id: int, path: str, content: bytes) -> VersionFile:
    digest = hashlib.sha256(content).hexdigest()
    return VersionFile(version_id=version_id, path=path, digest=digest, content=content)


def current(
    db: Session, process: str, now: datetime, place: Unit | None = None
) -> PublishedVersion:
    """Return the version that a case opened now, at this place, would follow. Raises NotFound."""
    plan = rollouts.plan(db, process, now)
    version_id = plan.everywhere if place is None else plan.at(rollouts.around(place))
    if version_id is None:
        raise NotFound(process)
    return load(db, version_id)


def latest(db: Session, process: str) -> Version | None:
    """Return the version of a process that was published last, wherever it is in use."""
    query = select(Version).where(Version.process == process)
    return db.scalar(query.order_by(Version.number.desc()).limit(1))


def lasting(db: Session, process: str) -> Version | None:
    """Return the version for all once everything decided so far has begun; else the latest."""
    decided = rollouts.last_for_all(db, process)
    return latest(db, process) if decided is None else db.get_one(Version, decided.version_id)


def was_published(db: Session, process: str, files: Mapping[str, bytes]) -> bool:
    """Return whether exactly these files were ever published."""
    query = select(Version.id).where(Version.process == process)
    return db.scalar(query.where(Version.digest == digest_of(files)).limit(1)) is not None


def before(db: Session, version: Version) -> Version | None:
    """Return the version that this one changed: its base, else the one published before it."""
    if version.base_id is not None:
        return db.get(Version, version.base_id)
    query = select(Version).where(
        Version.process == version.process, Version.number < version.number
    )
    return db.scalar(query.order_by(Version.number.desc()).limit(1))


def offered(db: Session, plan: RolloutPlan, actor: Actor) -> PublishedVersion:
    """Return the version whose opening form the actor gets, by the seat that may open it.

    Raises NotFound where nothing is in force for any seat, NotAllowed where none may open it.
    """
    found = [plan.at((seat.unit_id, *seat.stamps)) for seat in actor.seats]
    if not any(found):
        raise NotFound(plan.process)
    for seat, version_id in zip(actor.seats, found, strict=True):
        if version_id is not None:
            published = load(db, version_id)
            if seat.role == (published.opens.role or "dispatcher"):
                return published
    raise NotAllowed("open", plan.process)


def in_force(db: Session, now: datetime) -> list[Version]:
    """Return the version of every process that opens most cases: for all, else of the latest
    decision.
    """
    found = []
    for plan, named in rollouts.plans(db, now):
        found.append(named[plan.everywhere or plan.rules[0][1]])
    return found


def currents(db: Session, now: datetime) -> list[Version]:
    """Return the same, with what opens no case left out."""
    return [version for version in in_force(db, now) if version.process not in TABLES]


def load(db: Session, version_id: int) -> PublishedVersion:
    """Return a version by id, parsed at most once in this process. Raises NotFound."""
    cached = _cache.get(version_id)
    if cached is not None:
        return cached
    row = db.get(Version, version_id)
    if row is None:
        raise NotFound(version_id)
    published = _parsed(row, files_of(db, version_id))
    _cache.setdefault(version_id, published)
    return published


def unpublished(process: str, files: Mapping[str, bytes]) -> PublishedVersion:
    """Return a definition that no case follows yet, to be tried. Raises whatever parsing raises."""
    definition = _definition(digest_of(files), process, tuple(sorted(files.items())))
    return PublishedVersion(0, process, 0, definition, _forms(files))


def files_of(db: Session, version_id: int) -> dict[str, bytes]:
    """Return the frozen files of a version, byte for byte."""
    rows = db.scalars(select(VersionFile).where(VersionFile.version_id == version_id))
    return {row.path: row.content for row in rows}


def table_in_force(now: Moment) -> ScalarSelect[int]:
    """Return the id of the escalation table in force, as a subquery for a caller's own
    statement.
    """
    return rollouts.everywhere(ESCALATION, now)


def rungs(db: Session, table_id: int | None) -> RungTable:
    """Return an escalation table by its version's id. Raises NotFound where none was ever
    published.
    """
    if table_id is None:
        raise NotFound(ESCALATION)
    if table_id not in _tables:
        (content,) = files_of(db, table_id).values()
        number = db.get_one(Version, table_id).number
        _tables.setdefault(table_id, RungTable.load(content, table_id, number))
    return _tables[table_id]


def read_directory(root: Path) -> dict[str, dict[str, bytes]]:
    """Return the definitions under ``root``: each process's diagrams, tables and forms by path."""
    found: dict[str, dict[str, bytes]] = {}
    processes = root / "processes"
    folders = processes.iterdir() if processes.is_dir() else ()
    for folder in sorted(path for path in folders if path.is_dir()):
        files = [*folder.glob("*.bpmn"), *folder.glob("*.dmn")]
        files += (root / "forms" / folder.name).glob("*.json")
        files += (folder / "scenarios").glob("*.json")
        if any(path.suffix == ".bpmn" for path in files):
            found[folder.name] = {str(path.relative_to(root)): path.read_bytes() for path in files}
    table = root / "processes" / "escalation.dmn"
    if table.exists():
        found[ESCALATION] = {str(table.relative_to(root)): table.read_bytes()}
    choices = root / CITIZENS_PATH
    if choices.exists():
        found[CITIZENS] = {CITIZENS_PATH: choices.read_bytes()}
    returns = [*(root / STATISTICS).glob("*.json"), *(root / STATISTICS).glob("*.xlsx")]
    if returns:
        found[STATISTICS] = {str(path.relative_to(root)): path.read_bytes() for path in returns}
    papers = list((root / PAPER_TEMPLATES).glob("*.docx"))
    if papers:
        found[PAPER_TEMPLATES] = {str(one.relative_to(root)): one.read_bytes() for one in papers}
    return found


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return one digest over a set of files, whatever their order."""
    lines = (f"{path} {hashlib.sha256(files[path]).hexdigest()}" for path in sorted(files))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _names(process: str, files: Mapping[str, bytes]) -> tuple[str, str]:
    if process == ESCALATION:
        (content,) = files.values()
        RungTable.load(content, 0, 0)
        return "超期升级表", "Escalation table"
    if process == CITIZENS:
        (content,) = files.values()
        load_choices(content)
        return CITIZEN_NAMES.zh, CITIZEN_NAMES.en
    if process == STATISTICS:
        statistic_tables(files)
        return STATISTIC_NAMES.zh, STATISTIC_NAMES.en
    if process == PAPER_TEMPLATES:
        return TEMPLATE_NAMES.zh, TEMPLATE_NAMES.en
    info = _definition(digest_of(files), process, tuple(sorted(files.items()))).process
    return info.name, info.name_en


def _kinds(process: str, files: Mapping[str, bytes]) -> dict[str, str] | None:
    """Return what the variables of a version to be published are; a table has none."""
    if process in TABLES:
        return None
    definition = _definition(digest_of(files), process, tuple(sorted(files.items())))
    return dict(definition.kinds)


def _parsed(row: Version, files: Mapping[str, bytes]) -> PublishedVersion:
    frozen = tuple(sorted(files.items()))
    # A version keeps what its variables were found to be when it was published, the oldest
    # nothing at all: its cases go on as they began.
    definition = None if row.kinds is None else _definition(row.digest, row.process, frozen)
    if definition is None or definition.kinds != row.kinds:
        kept = tuple(sorted((row.kinds or {}).items()))
        definition = _definition(row.digest, row.process, frozen, kept)
    return PublishedVersion(row.id, row.process, row.number, definition, _forms(files))


def _forms(files: Mapping[str, bytes]) -> dict[str, Form]:
    loaded = (
        load_form(content, source=path)
        for path, content in files.items()
        if path.startswith("forms/")
    )
    return {form.key: form for form in loaded}


@lru_cache(maxsize=64)
def _definition(
    digest: str,
    process: str,
    files: tuple[tuple[str, bytes], ...],
    kept: tuple[tuple[str, str], ...] | None = None,
) -> bpmn.ProcessDefinition:
    """Parse once for a set of bytes, however many versions or tests share it."""
    diagrams = {path: content for path, content in files if path.endswith((".bpmn", ".dmn"))}
    asked = {key: form.kinds for key, form in _forms(dict(files)).items()}
    return bpmn.parse(diagrams, process, asked=asked, kept=None if kept is None else dict(kept))


_cache: dict[int, PublishedVersion] = {}
_tables: dict[int, RungTable] = {}
