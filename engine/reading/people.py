"""The people of a case as its pages show them: roles in words, particulars masked or whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.models import CasePerson
from engine.reading.casefile import CaseFile
from engine.records import case_people, masking
from feel.text import Text
from forms import people as roles

# Particulars in the order in which papers have them, and how each is masked: by the kind of the
# answer; None is shown to whoever sees the case.
PARTICULARS: Mapping[str, tuple[Text, str | None]] = {
    "sex": (Text("性别", "Sex"), None),
    "birth": (Text("出生日期", "Born on"), "date"),
    "nation": (Text("民族", "Ethnicity"), None),
    "job": (Text("职业或者职务", "Occupation"), None),
    "resident_id": (Text("身份证号码", "Resident ID"), "resident_id"),
    "credit_code": (Text("统一社会信用代码", "Credit code"), None),
    "representative": (Text("法定代表人", "Legal representative"), "person"),
    "representative_post": (Text("法定代表人职务", "Their post"), None),
    "phone": (Text("联系电话", "Phone"), "phone"),
    "address": (Text("住址", "Address"), "address"),
    "relation": (Text("与被代理人的关系", "Relation to the party"), None),
    "scope": (Text("代理权限", "Mandate"), None),
    "care": (Text("需要照顾的情形", "Needs care"), None),
}


@dataclass(frozen=True)
class PersonView:
    """One person: name and particulars as the reader may see them; their agents stand beside."""

    code: str
    role: Text
    kind: str
    name: str
    # Key, label and words of each particular that is known.
    lines: tuple[tuple[str, Text, str], ...]
    minor: bool = False
    beside: tuple[PersonView, ...] = ()


def of_case(
    db: Session, file: CaseFile, *, whole: bool, today: date, locale: object
) -> list[PersonView]:
    """Return the people of a case, in one statement; masked unless ``whole``.

    Where the reporter is concealed nobody: how many they are, and as what, tells who they are.
    """
    if file.concealment.hides:
        return []
    rows = case_people.of_case(db, file.case)
    shown = {row.id: _view(row, whole, today, locale) for row in rows}
    beside: dict[int, list[PersonView]] = {}
    for row in rows:
        if row.agent_of is not None:
            beside.setdefault(row.agent_of, []).append(shown[row.id])
    return [
        PersonView(**{**vars(shown[row.id]), "beside": tuple(beside.get(row.id, ()))})
        for row in rows
        if row.agent_of is None
    ]


def _view(row: CasePerson, whole: bool, today: date, locale: object) -> PersonView:
    known = case_people.opened(row)

    def say(kind: str | None, value: Any) -> str:
        words = Text("、", ", ").to(locale).join(value) if isinstance(value, list) else str(value)
        return words if whole or kind is None else masking.mask(kind, words)

    lines = [
        (key, label, say(kind, known[key]))
        for key, (label, kind) in PARTICULARS.items()
        if key in known
    ]
    years = roles.age(known.get("birth"), today)
    if years is not None:
        lines.insert(0, ("age", Text("年龄", "Age"), str(years)))
    minor = bool(known.get("minor")) or (years is not None and years < 18)
    firm = row.kind == "organisation"
    return PersonView(
        code=row.role,
        role=roles.words(row.role),
        kind=row.kind,
        # An organisation's name is no secret of anybody's.
        name=say(None if firm else "person", known.get(case_people.NAME, "")),
        lines=tuple(lines),
        minor=minor,
    )
