"""What a dossier holds: cover, parts in their order, the record of steps, the list of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.access import confidentiality
from engine.definitions.versions import PublishedVersion
from engine.documents import mediators
from engine.documents.volume.parts import VolumePart, local, parts_of, plans, reader_of
from engine.models import Attachment, Case, CaseState, Task, Unit
from engine.reading import casefile, redaction
from engine.reading.casefile import CaseEvent, CaseFile
from engine.records import answer_history, attachments
from engine.records.answer_history import AnswerSet

STEPS = {
    "case.opened": "登记",
    "task.signed": "签收",
    "task.completed": "办结",
    "task.returned": "退回",
    "message.sent": "提出",
    "case.linked": "转出",
    "case.closed": "结案",
    "escalated": "升级",
}


@dataclass(frozen=True)
class RecordLine:
    """One line of the record: when, at which step, who, what."""

    at: str
    name: str
    who: str
    what: str


@dataclass(frozen=True)
class VolumeFile:
    """One attachment: what it is called, who added it when, and its fingerprint."""

    name: str
    size: str
    at: str
    step: str
    digest: str


@dataclass(frozen=True)
class Volume:
    """A whole dossier, in words."""

    title: str
    number: str
    cover: tuple[tuple[str, str], ...]
    parts: tuple[VolumePart, ...]
    steps: tuple[RecordLine, ...]
    files: tuple[VolumeFile, ...]
    printed_at: str


def gather(db: Session, case: Case, published: PublishedVersion, now: datetime) -> Volume:
    """Read everything that the dossier of a case holds."""
    state = db.get_one(CaseState, case.id)
    # Whoever reported it stands in no paper: the volume is read by many, for decades.
    concealment = confidentiality.CONCEALED if case.guarded else confidentiality.NOTHING_CONCEALED
    sealed = redaction.sealed_files(db, case, concealment)
    file = CaseFile(case, state, published, (), None, concealment, sealed)
    kept = answer_history.of_case(db, case)
    attached = [one for one in attachments.of_case(db, case) if str(one.id) not in sealed]
    tasks = _tasks(db, case)
    reader = reader_of(db, file, kept, attached)
    plan = plans().get(published.process, {"title": "案件卷宗", "parts": []})
    return Volume(
        title=str(plan["title"]),
        number=case.number,
        cover=_cover(db, case, published, kept),
        parts=tuple(parts_of(plan["parts"], kept, reader)),
        steps=tuple(_steps(casefile.story(db, file))),
        files=tuple(_file(one, tasks) for one in attached),
        printed_at=local(now),
    )


def _cover(
    db: Session, case: Case, published: PublishedVersion, kept: list[AnswerSet]
) -> tuple[tuple[str, str], ...]:
    answers = answer_history.newest(kept)
    apply = answers.get("apply", {})
    filing = answers.get("dossier") or answers.get("file_ended", {})
    parties = () if case.guarded else apply.get("parties", ())
    people = [row.get("party_name", "") for row in parties]
    _unit, worked = mediators.of_case(db, case)
    typed = [row.get("mediator_name", "") for row in answers.get("assign", {}).get("mediators", ())]
    end = published.node(case.outcome or "")
    lines = {
        "卷宗号": filing.get("dossier_number"),
        "案件编号": case.number,
        "案由": case.title,
        "类别": case.category,
        "当事人": "、".join(filter(None, people)),
        "办理单位": _last_unit(db, case),
        "调解员": "、".join(worked or filter(None, typed)),
        "发生地": case.place_name,
        "登记日期": local(case.opened_at)[:10],
        "结案日期": local(case.closed_at)[:10] if case.closed_at else None,
        "办理结果": filing.get("outcome") or (end.name if end else None),
        "保管期限": f"{filing['retention_years']} 年" if filing.get("retention_years") else None,
    }
    return tuple((label, str(value)) for label, value in lines.items() if value)


def _last_unit(db: Session, case: Case) -> str:
    """Return the unit that mediated last, by the name it has."""
    done = (
        select(Unit.name)
        .join(Task, Task.unit_id == Unit.id)
        .where(Task.case_id == case.id, Task.county_id == case.county_id)
        .where(Task.role.in_(("mediator", "handler")), Task.done_at.is_not(None))
        .order_by(Task.done_at.desc(), Task.id.desc())
        .limit(1)
    )
    return db.scalar(done) or org.name_at(db, case.unit_id, case.opened_at)


def _steps(happenings: Iterable[CaseEvent]) -> Iterable[RecordLine]:
    for one in happenings:
        if one.kind not in STEPS:
            continue
        name = one.task.name if one.task else str(one.data.get("name", ""))
        what = STEPS[one.kind]
        if one.kind == "case.linked":
            what = f"{what}，新案 {one.data.get('number', '')}"
        unit = one.task.unit.name if one.task else (one.unit or "")
        who = "　".join(filter(None, (unit, one.actor or "系统")))
        yield RecordLine(local(one.at), name, who, what)


def _tasks(db: Session, case: Case) -> dict[int, str]:
    """Name of the step, by task."""
    rows = db.execute(
        select(Task.id, Task.name).where(Task.case_id == case.id, Task.county_id == case.county_id)
    )
    return dict(rows.tuples().all())


def _file(one: Attachment, tasks: Mapping[int, str]) -> VolumeFile:
    step = tasks.get(one.task_id or 0, "")
    size = f"{max(one.size // 1000, 1):,} KB"
    return VolumeFile(attachments.name_of(one), size, local(one.at), step, one.digest[:16])
