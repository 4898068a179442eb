"""Registers as tables: a sheet of committees and one of mediators, out and in again.

What is read in is all taken or not at all: each line that is wrong is named with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import DomainError, InvalidInput
from engine.models import Committee, Mediator, Unit, User
from engine.org.reach import Reach, accounts
from engine.registers import committees, mediators
from engine.registers.words import (
    EDUCATIONS,
    KINDS,
    OFFICE_NAMES,
    POLITICS,
    RANKS,
    SEXES,
    YES_NO,
    Choices,
)
from engine.spreadsheets import SheetRow, UnreadableTable, open_spreadsheet
from feel.text import Text

# Headings by the name of the field; what stands only in the file that goes out comes last.
COMMITTEES: Mapping[str, str] = {
    "name": "调委会",
    "kind": "类型",
    "unit": "单位编码",
    "trade": "行业",
    "number": "备案编号",
    "seal": "印章编号",
    "founded_on": "设立日期",
    "ended_on": "撤销日期",
}
MEDIATORS: Mapping[str, str] = {
    "committee": "调委会",
    "name": "姓名",
    "sex": "性别",
    "education": "学历",
    "full_time": "专兼职",
    "office": "职务",
    "rank": "等级",
    "appointed_on": "聘任日期",
    "birth": "出生日期",
    "nation": "民族",
    "politics": "政治面貌",
    "phone": "电话",
    "certificate": "证号",
    "login": "用户名",
    "ended_on": "解聘日期",
}
NEEDED_OF_COMMITTEES = ("调委会", "类型", "单位编码")
NEEDED_OF_MEDIATORS = ("调委会", "姓名", "聘任日期")
CHOICES: Mapping[str, Choices] = {
    "kind": KINDS,
    "sex": SEXES,
    "education": EDUCATIONS,
    "full_time": YES_NO,
    "office": OFFICE_NAMES,
    "rank": RANKS,
    "politics": POLITICS,
}
MOST_FAULTS = 20
LARGEST = 2_000_000


@dataclass
class ImportResult:
    """How many rows were new, and how many said something else than the register."""

    added: int = 0
    changed: int = 0
    same: int = 0
    faults: list[Text] = field(default_factory=list)


def committee_rows(db: Session, reach: Reach) -> Iterator[list[str]]:
    """Yield the headings and the committees within reach."""
    yield list(COMMITTEES.values())
    for one in committees.everything(db, reach):
        values = {name: getattr(one, name, "") for name in COMMITTEES} | {"unit": one.unit.code}
        yield [_cell(name, values[name]) for name in COMMITTEES]


def mediator_rows(db: Session, reach: Reach) -> Iterator[list[str]]:
    """Yield the headings and the mediators within reach, with what is kept sealed of them."""
    yield list(MEDIATORS.values())
    for one in mediators.everybody(db, reach):
        known = {name: getattr(one, name, "") for name in MEDIATORS} | mediators.particulars(one)
        known["committee"] = one.committee.name
        known["full_time"] = "yes" if one.full_time else "no"
        known["login"] = one.user.login if one.user is not None else ""
        yield [_cell(name, known[name]) for name in MEDIATORS]


def take_in(
    db: Session, actor_id: int, reach: Reach, content: bytes, today: date, *, now: datetime
) -> ImportResult:
    """Take in a workbook or a CSV file. Raises InvalidInput with every line that is wrong."""
    result = ImportResult()
    sheets: Sequence[tuple[tuple[str, ...], Mapping[str, str], Callable[..., None]]] = (
        (NEEDED_OF_COMMITTEES, COMMITTEES, _committee),
        (NEEDED_OF_MEDIATORS, MEDIATORS, _mediator),
    )
    found, lack = 0, Text("", "")
    if len(content) > LARGEST:
        raise InvalidInput({"file": Text("文件过大。", "The file is too large.")})
    for needed, headings, take in sheets:
        try:
            sheet = open_spreadsheet(content, needed)
            rows = list(sheet.rows())
        except UnreadableTable as error:
            lack = lack if lack.zh else error.text
            continue
        found += 1
        labels = sheet.labels(headings.values())
        for row in rows:
            typed = {
                name: row.by_heading.get(labels[head], "").strip()
                for name, head in headings.items()
                if head in labels
            }
            line = partial(take, db, actor_id, reach, typed, today, now, result)
            _line(result, row, line)
    if not found:
        raise InvalidInput({"file": lack})
    if result.faults:
        shown = result.faults[:MOST_FAULTS]
        zh, en = "；".join(one.zh for one in shown), "; ".join(one.en for one in shown)
        raise InvalidInput({"file": Text(f"没有导入。{zh}", f"Nothing was imported. {en}")})
    return result


def _line(result: ImportResult, row: SheetRow, take: Callable[[], None]) -> None:
    fault = row.fault
    if fault is None:
        try:
            take()
        except InvalidInput as error:
            zh = "、".join(f"{_heading(name)}：{one.zh}" for name, one in error.errors.items())
            en = ", ".join(f"{_heading(name)}: {one.en}" for name, one in error.errors.items())
            fault = Text(zh, en)
        except DomainError as error:
            fault = error.text
    if fault is not None:
        result.faults.append(Text(f"第 {row.line} 行 {fault.zh}", f"line {row.line}: {fault.en}"))


def _heading(name: str) -> str:
    return MEDIATORS.get(name) or COMMITTEES.get(name) or name


def _committee(
    db: Session,
    actor_id: int,
    reach: Reach,
    typed: Mapping[str, str],
    today: date,
    now: datetime,
    result: ImportResult,
) -> None:
    if typed.get("ended_on"):
        return
    unit = db.scalar(select(Unit).where(Unit.code == typed["unit"], reach.inside()))
    if unit is None:
        no_unit = Text("没有这个单位，或不在管理范围内。", "No such unit within reach.")
        raise InvalidInput({"unit": no_unit})
    known = _committee_named(db, reach, typed["name"])
    if known is None:
        committees.create(db, actor_id, unit, typed, today, now=now)
        result.added += 1
    else:
        # What the file has no column for stays as it is.
        told = {**committees.typed_of(known), **typed}
        _count(result, committees.change(db, actor_id, known, told, today, now=now))


def _mediator(
    db: Session,
    actor_id: int,
    reach: Reach,
    typed: Mapping[str, str],
    today: date,
    now: datetime,
    result: ImportResult,
) -> None:
    if typed.get("ended_on"):
        return
    committee = _committee_named(db, reach, typed["committee"])
    if committee is None:
        no_committee = Text("名册中没有这个调委会。", "The register has no such committee.")
        raise InvalidInput({"committee": no_committee})
    user = _account(db, reach, typed.get("login", ""), now)
    known = db.scalars(
        select(Mediator).where(
            Mediator.committee_id == committee.id,
            Mediator.name == typed["name"],
            Mediator.ended_on.is_(None),
        )
    ).all()
    if not known:
        usual = {"office": "mediator", "full_time": "no"}
        told = {**usual, **{name: said for name, said in typed.items() if said}}
        mediators.appoint(db, actor_id, committee, told, user, today, now=now)
        result.added += 1
        return
    if len(known) > 1:
        twice = Text(
            "名册中有同名的人，请在页面上修改。", "Two people of this name: change them by hand."
        )
        raise InvalidInput({"name": twice})
    account = user if user is not None else known[0].user
    told = {**mediators.typed_of(known[0]), **typed}
    _count(result, mediators.change(db, actor_id, known[0], told, account, today, now=now))


def _account(db: Session, reach: Reach, login: str, now: datetime) -> User | None:
    """Return the account that a line names, if it names one. Raises InvalidInput."""
    if not login:
        return None
    user = db.scalar(select(User).where(User.login == login, accounts(reach, now)))
    if user is None:
        no_user = Text("没有这个用户名，或不在管理范围内。", "No such user within reach.")
        raise InvalidInput({"login": no_user})
    return user


def _count(result: ImportResult, changed: Mapping[str, object]) -> None:
    if changed:
        result.changed += 1
    else:
        result.same += 1


def _committee_named(db: Session, reach: Reach, name: str) -> Committee | None:
    named = (
        select(Committee)
        .join(Unit, Unit.id == Committee.unit_id)
        .where(reach.inside(), Committee.name == name, Committee.ended_on.is_(None))
    )
    return db.scalars(named.limit(1)).first()


def _cell(name: str, value: object) -> str:
    if value is None or value == "":
        return ""
    choices = CHOICES.get(name)
    if choices is not None and str(value) in choices:
        return choices[str(value)].zh
    return value.isoformat() if isinstance(value, date) else str(value)
