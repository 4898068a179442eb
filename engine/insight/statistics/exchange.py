"""Records of settled disputes as GB/T 31000-2015 exchanges them; codes come from the county.

The values of the standard's code tables are not ours to ship: an administrator fills in what each
of our words is called there, and a record leaves a code empty where nobody did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.casework import unmask
from engine.definitions.statistics import StatisticTable
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.insight.statistics import facts
from engine.models import (
    Case,
    CasePerson,
    ExchangeCode,
    ReturnRow,
    StatisticReturn,
    Task,
    Unit,
    User,
)
from engine.records import audit, case_people, vault
from feel.text import Text

# The process whose cases are records.
PROCESS = "dispute"
LONGEST_TEXT = 2000
# Of all lines of one table of codes.
LONGEST_CODES = 8000
CATALOGUES: Mapping[str, Text] = {
    "scale": Text("涉事规模", "Scale"),
    "category": Text("事件类别", "Category"),
    "way": Text("化解方式", "Way of settling"),
    "id_type": Text("证件代码（GA/T 517）", "Kind of document (GA/T 517)"),
    "sex": Text("性别（GB/T 2261.1）", "Sex (GB/T 2261.1)"),
    "nation": Text("民族（GB/T 3304）", "Nationality (GB/T 3304)"),
}
COLUMNS = (
    *(
        "事件名称",
        "发生日期",
        "发生地点",
        "涉事规模",
        "事件类别",
        "涉及人数",
        "事件简述",
        "涉及单位",
    ),
    *("证件代码", "证件号码", "姓名", "性别", "民族", "学历", "人员类别", "居住详址"),
    *("化解时限", "化解方式", "化解组织", "化解责任人姓名", "化解责任人联系方式"),
    *("化解是否成功", "化解情况", "考评日期", "考评意见", "经度", "纬度"),
)
# Up to how many parties, as what the scale is looked up.
SCALES = ((10, "10人以下"), (50, "10至49人"), (10**9, "50人以上"))
WAY, RESIDENT_ID, CREDIT_CODE = "人民调解", "居民身份证", "统一社会信用代码"


@dataclass(frozen=True)
class ExchangeRecords:
    """The records of a return, and our words for which there was no code, by table."""

    rows: Sequence[Mapping[str, str]]
    lacking: Mapping[str, Sequence[str]]


def codes(db: Session) -> dict[str, dict[str, str]]:
    """Return all codes, by table and by our word."""
    found: dict[str, dict[str, str]] = {catalogue: {} for catalogue in CATALOGUES}
    for row in db.scalars(select(ExchangeCode).order_by(ExchangeCode.value)):
        found.setdefault(row.catalogue, {})[row.value] = row.code
    return found


def keep_codes(
    db: Session, actor: Actor, told: Mapping[str, str], *, now: datetime
) -> dict[str, dict[str, str]]:
    """Replace the tables by lines of ``word=code``. Raises InvalidInput for a line that is none."""
    read = {name: _lines(name, told.get(name, "")) for name in CATALOGUES}
    db.execute(delete(ExchangeCode))
    for catalogue, pairs in read.items():
        for value, code in pairs.items():
            db.add(ExchangeCode(catalogue=catalogue, value=value, code=code, changed_at=now))
    db.flush()
    audit.record_admin(db, "exchange.codes", actor.user_id, {"codes": read}, at=now)
    return read


def records(
    db: Session, actor: Actor, table: StatisticTable, row: StatisticReturn, *, now: datetime
) -> ExchangeRecords:
    """Return the unit's own cases of a return as records.

    Of a case whose people the actor may know their names and numbers stand in the record, after
    an event that says who took them along; else they are empty. Confidential cases are left out.
    """
    lookup = _Lookup(codes(db))
    found = [_record(db, actor, case, told, lookup, now) for case, told in _cases(db, actor, row)]
    assert table.process == PROCESS
    return ExchangeRecords(found, lookup.lacking)


def lacking(db: Session, actor: Actor, row: StatisticReturn) -> tuple[int, dict[str, list[str]]]:
    """Return how many records there would be, and our words that have no code, by table."""
    lookup = _Lookup(codes(db))
    count = 0
    for _case, told in _cases(db, actor, row):
        count += 1
        _of_facts(told, lookup)
    return count, lookup.lacking


class _Lookup:
    """Looks codes up and notes the words that have none."""

    def __init__(self, codes: Mapping[str, Mapping[str, str]]) -> None:
        self.codes = codes
        self.lacking: dict[str, list[str]] = {}

    def __call__(self, catalogue: str, value: str | None) -> str:
        if not value:
            return ""
        code = self.codes.get(catalogue, {}).get(value)
        words = self.lacking.setdefault(catalogue, []) if code is None else []
        if code is None and value not in words:
            words.append(value)
        return code or ""


def _lines(name: str, told: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, (one.strip() for one in told.splitlines())):
        value, equals, code = (part.strip() for part in line.partition("="))
        if not (value and equals and code) or len(value) > 64 or len(code) > 24:
            wrong = Text(f"“{line[:40]}”应写成“名称=代码”。", f"“{line[:40]}” is not “word=code”.")
            raise InvalidInput({name: wrong})
        found[value] = code
    return found


def _cases(
    db: Session, actor: Actor, row: StatisticReturn
) -> Iterator[tuple[Case, Mapping[str, Any]]]:
    rows = db.execute(
        select(Case, ReturnRow.facts)
        .join(ReturnRow, ReturnRow.case_id == Case.id)
        .where(ReturnRow.return_id == row.id, policy.visible_cases(actor))
        .order_by(Case.number)
    ).all()
    return ((case, told) for case, told in rows if not case.confidential)


def _of_facts(told: Mapping[str, Any], lookup: _Lookup) -> dict[str, str]:
    people = int(told.get("people") or 0)
    scale = next(words for most, words in SCALES if people < most)
    return {
        "涉事规模": lookup("scale", scale),
        "事件类别": lookup("category", told.get("dispute_type")),
        "涉及人数": str(people),
        "化解方式": lookup("way", WAY),
        "化解是否成功": "1" if told.get("agreed") else "0",
    }


def _record(
    db: Session,
    actor: Actor,
    case: Case,
    told: Mapping[str, Any],
    lookup: _Lookup,
    now: datetime,
) -> dict[str, str]:
    open_to = _unmasked(db, actor, case, now)
    said = vault.answers_of(db, case)
    apply, agreement = said.get("apply", {}), said.get("agreement", {})
    checked = said.get("check_dossier", {})
    unit, mediator, checked_on = _doers(db, case)
    due = case.due_at
    found = {
        "事件名称": case.title,
        "发生日期": str(apply.get("occurred_on") or ""),
        "发生地点": case.place_name,
        **_of_facts(told, lookup),
        **_party(db, case, lookup, open_to),
        # Free text may name people.
        "事件简述": str(apply.get("facts") or "")[:LONGEST_TEXT] if open_to else "",
        "化解情况": _terms(apply, agreement)[:LONGEST_TEXT] if open_to else "",
        "化解时限": due.date().isoformat() if due else "",
        "化解组织": unit,
        "化解责任人姓名": mediator,
        "考评日期": f"{checked_on:%Y%m%d}" if checked_on else "",
        "考评意见": str(checked.get("grade") or ""),
        "经度": "" if case.longitude is None else str(case.longitude),
        "纬度": "" if case.latitude is None else str(case.latitude),
    }
    return {column: found.get(column, "") for column in COLUMNS}


def _unmasked(db: Session, actor: Actor, case: Case, now: datetime) -> bool:
    try:
        unmask.people(db, actor, case.id, now=now)
    except (NotAllowed, NotFound):
        return False
    return True


def _terms(apply: Mapping[str, Any], agreement: Mapping[str, Any]) -> str:
    return str(agreement.get("agreed_terms") or apply.get("agreed_terms") or "")


def _party(db: Session, case: Case, lookup: _Lookup, open_to: bool) -> dict[str, str]:
    """Return the first applicant, and the organisations among the parties."""
    people = [one for one in case_people.of_case(db, case) if one.role in facts.PARTIES]
    if not people or not open_to:
        return {}
    first = next((one for one in people if one.role == "applicant"), people[0])
    known = case_people.opened(first)
    number = str(known.get("resident_id") or known.get("credit_code") or "")
    kind = RESIDENT_ID if known.get("resident_id") else CREDIT_CODE if number else None
    return {
        "涉及单位": "、".join(_organisations(people)),
        "证件代码": lookup("id_type", kind),
        "证件号码": number,
        "姓名": str(known.get(case_people.NAME) or ""),
        "性别": lookup("sex", known.get("sex")),
        "民族": lookup("nation", known.get("nation")),
        "居住详址": str(known.get("address") or ""),
    }


def _organisations(people: Iterable[CasePerson]) -> Iterator[str]:
    for one in people:
        if one.kind == "organisation":
            yield str(case_people.opened(one).get(case_people.NAME) or "")


def _doers(db: Session, case: Case) -> tuple[str, str, datetime | None]:
    """Return the unit and the person that mediated last, and when the dossier was checked."""
    rows = db.execute(
        select(Task.role, Task.node_id, Task.done_at, Unit.name, User.name)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(User, User.id == Task.done_by)
        .where(Task.case_id == case.id, Task.county_id == case.county_id)
        .order_by(Task.id)
    ).all()
    done = [row for row in rows if row[0] == facts.MEDIATOR and row[4]]
    checked = [row[2] for row in rows if row[1] == "check_dossier" and row[2]]
    unit, person = (done[-1][3], done[-1][4]) if done else ("", "")
    return unit, person, checked[-1] if checked else None
