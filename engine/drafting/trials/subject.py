"""What is tried: a definition that no case follows yet, with the clocks of the county."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn.check.findings import ERROR
from engine.bpmn.check.scenarios import BAD_SCENARIO, FAILS
from engine.bpmn.dependencies import read_files
from engine.bpmn.trial import FlowIndex
from engine.definitions import rollouts, versions
from engine.definitions.escalation_table import ESCALATION, RungTable
from engine.definitions.versions import PublishedVersion
from engine.drafting import drafts
from engine.drafting.prepublish_check import DraftProof
from engine.errors import NotFound, Refusal
from engine.models import ProcessDraft
from engine.timing import calendars, config_stamp
from engine.timing.clocks import DeadlineContext
from feel.text import Text

# What a scenario expects is no reason not to try: trying shows why it fails.
_HARMLESS = frozenset({BAD_SCENARIO.id, FAILS.id})


class NotReady(Refusal):
    """The draft has errors, so it cannot run."""

    text = Text(
        "草稿存在错误，修改后方可试运行。", "The draft has errors; fix them before a trial run."
    )


@dataclass(frozen=True)
class TrialSubject:
    """A definition with its forms and picture, and the clockwork that its tasks would have."""

    version: PublishedVersion
    picture: FlowIndex
    works: DeadlineContext


def of_draft(
    db: Session, draft: ProcessDraft, proof: DraftProof, process: str, *, now: datetime
) -> TrialSubject:
    """Return what the newest revision of a draft would run. Raises NotReady, or NotFound.

    ``proof`` is of that revision: what the checking child could not run never runs here. A
    draft of the escalation table is tried on the version in force of a process.
    """
    if draft.process in (versions.STATISTICS, versions.PAPER_TEMPLATES):
        raise NotFound(draft.id)
    files = drafts.files_of(db, draft)
    if not _runs(proof):
        raise NotReady(draft.id)
    if draft.process != ESCALATION:
        published, picture = _parse(draft.process, tuple(sorted(files.items())))
        return TrialSubject(published, picture, _clockwork(db, now, None))
    version_id = rollouts.plan(db, process, now).everywhere
    if version_id is None:
        raise NotFound(process)
    frozen = versions.files_of(db, version_id)
    published, picture = _parse(process, tuple(sorted(frozen.items())))
    (table,) = files.values()
    return TrialSubject(published, picture, _clockwork(db, now, RungTable.load(table, 0, 0)))


def _runs(proof: DraftProof) -> bool:
    findings = (finding for file in proof.report.files for finding in file.findings)
    return not any(one["severity"] == ERROR and one["rule"] not in _HARMLESS for one in findings)


def _clockwork(db: Session, now: datetime, table: RungTable | None) -> DeadlineContext:
    row = db.execute(select(versions.table_in_force(now), config_stamp.in_force())).one()
    rungs = table or versions.rungs(db, row[0])
    return DeadlineContext(calendars.at_stamp(db, row[1]), rungs, partial(versions.rungs, db))


@lru_cache(maxsize=16)
def _parse(
    process: str, files: tuple[tuple[str, bytes], ...]
) -> tuple[PublishedVersion, FlowIndex]:
    content: Mapping[str, bytes] = dict(files)
    diagrams = {path: data for path, data in content.items() if path.endswith(".bpmn")}
    sources, _decisions = read_files(diagrams)
    flows = (flow for source in sources for flow in source.flows.values())
    return versions.unpublished(process, content), FlowIndex.of(flows)
