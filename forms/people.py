"""People of a case as a form asks for them: rows with the same questions everywhere.

A field of the kind ``people`` says which roles it asks for and which particulars; the questions
come from here, so that whoever draws a form does not write them and every process means the same.
For expressions, pages and imports such a field is a list, each row of it a person or an
organisation, with its agent or guardian beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from feel import Text
from forms.resident_id import birth_date

PERSON, ORGANISATION = "自然人", "单位"
AGENT, GUARDIAN = "agent", "guardian"
ROLES: Mapping[str, Text] = MappingProxyType(
    {
        "applicant": Text("申请人", "Applicant"),
        "respondent": Text("被申请人", "Respondent"),
        "third_party": Text("第三人", "Third party"),
        "caller": Text("来电人", "Caller"),
        "reporter": Text("反映人", "Reporter"),
        "reported": Text("被反映人", "Reported"),
        "witness": Text("证人", "Witness"),
        "firm": Text("有关单位", "Firm concerned"),
    }
)
"""What somebody may be in a case; the Chinese is the answer that is kept."""
BESIDE: Mapping[str, Text] = MappingProxyType(
    {
        AGENT: Text("委托代理人", "Agent"),
        GUARDIAN: Text("法定代理人", "Legal guardian"),
    }
)
"""Who stands beside somebody: asked in the row of whom they act for."""
# Whoever brings the case in can be called back.
REACHABLE = ("applicant", "caller")

_OF_PERSON = f'party_kind = "{PERSON}"'
_OF_FIRM = f'party_kind = "{ORGANISATION}"'
_HAS_AGENT = "agent_name != null"
Question = dict[str, Any]


def _question(
    name: str, kind: str, zh: str, en: str, help_: tuple[str, str] = ("", ""), **more: Any
) -> Question:
    told: Question = {"name": name, "kind": kind, "label": {"zh_CN": zh, "en": en}, **more}
    if help_[0]:
        told["help"] = {"zh_CN": help_[0], "en": help_[1]}
    return told


def _choices(*pairs: tuple[str, str]) -> list[Question]:
    return [{"value": zh, "label": {"zh_CN": zh, "en": en}} for zh, en in pairs]


_UNKNOWN = f"{_OF_PERSON} and party_id = null"
_OF_MINOR = "minor = true"
PARTICULARS: Mapping[str, tuple[Question, ...]] = MappingProxyType(
    {
        "resident_id": (
            _question("party_id", "resident_id", "身份证号码", "Resident ID",
                   ("居民身份证或者港澳台居民居住证。填了号码的不再问性别、出生日期。",
                    "Identity card or residence permit; sex and birth are read from it."),
                   show_when=_OF_PERSON),
        ),
        "birth": (
            _question("party_sex", "choice", "性别", "Sex", show_when=_UNKNOWN,
                   choices=_choices(("男", "Male"), ("女", "Female"))),
            _question("party_birth", "date", "出生日期", "Born on", show_when=_UNKNOWN, max="today",
                   personal=True),
        ),
        "credit_code": (
            _question("credit_code", "text", "统一社会信用代码", "Credit code", show_when=_OF_FIRM,
                   max_length=18),
        ),
        "representative": (
            _question("legal_representative", "person", "法定代表人", "Legal representative",
                   show_when=_OF_FIRM),
            _question("representative_post", "text", "法定代表人职务", "Their post",
                   show_when=f"{_OF_FIRM} and legal_representative != null", max_length=40),
        ),
        "phone": (
            _question("party_phone", "phone", "联系电话", "Phone",
                   ("申请人必填；不知道对方电话的可以不填。",
                    "Needed from the applicant; leave empty what is not known of the others.")),
        ),
        "address": (_question("party_address", "address", "住址", "Address", max_length=200),),
        "nation": (
            _question("party_nation", "text", "民族", "Ethnicity", show_when=_OF_PERSON,
                   max_length=20),
        ),
        "job": (
            _question("party_job", "text", "职业或者职务", "Occupation", show_when=_OF_PERSON,
                   max_length=60),
        ),
        "minor": (
            _question("minor", "yes_no", "是否未成年人", "A minor?", show_when=_OF_PERSON,
                   default=False),
            _question("guardian_agrees", "yes_no", "监护人同意登记其信息",
                   "Does the guardian agree?",
                   ("不满 14 周岁的，先取得监护人同意。",
                    "Under fourteen the guardian has to agree first."),
                   show_when=_OF_MINOR, required_when=_OF_MINOR),
        ),
        "care": (
            _question("care", "choices", "需要照顾的情形", "Needs care", show_when=_OF_PERSON,
                   choices=_choices(("老年人", "Elderly"), ("残疾人", "Disabled"),
                                    ("不识字", "Cannot read"),
                                    ("需要翻译", "Needs an interpreter"))),
        ),
        "agent": (
            _question("agent_name", "person", "代理人姓名", "Agent",
                   ("未成年人填监护人。", "Of a minor the guardian."), max_length=40),
            _question("agent_kind", "choice", "代理人类别", "Kind of agent", show_when=_HAS_AGENT,
                   choices=_choices((BESIDE[AGENT].zh, BESIDE[AGENT].en),
                                    (BESIDE[GUARDIAN].zh, BESIDE[GUARDIAN].en))),
            _question("agent_id", "resident_id", "代理人身份证号码", "Agent's resident ID",
                   show_when=_HAS_AGENT),
            _question("agent_phone", "phone", "代理人电话", "Agent's phone", show_when=_HAS_AGENT),
            _question("agent_relation", "text", "与被代理人的关系", "Relation to the party",
                   show_when=_HAS_AGENT, max_length=40),
            _question("agent_scope", "choice", "代理权限", "Mandate",
                   ("特别授权：承认、放弃、变更请求，和解，签收。",
                    "Special: to admit, waive or change claims, to settle, to receive."),
                   show_when=f'{_HAS_AGENT} and agent_kind = "{BESIDE[AGENT].zh}"',
                   choices=_choices(("一般授权", "General"), ("特别授权", "Special"))),
        ),
    }
)  # fmt: skip
"""What may be asked of each person, in the order of the questions."""


@dataclass(frozen=True)
class PeopleRows:
    """What a field of people asks: roles, and keys of ``PARTICULARS``."""

    roles: tuple[str, ...]
    asks: tuple[str, ...]


def questions(rows: PeopleRows) -> list[Question]:
    """Return the definitions of the questions of a row."""
    found = [
        _question("party_name", "person", "姓名或者名称", "Name", required=True),
        _question("party_kind", "choice", "类型", "Type", required=True, default=PERSON,
               choices=_choices((PERSON, "Person"), (ORGANISATION, "Organisation"))),
    ]  # fmt: skip
    if len(rows.roles) > 1:
        sides = [(ROLES[role].zh, ROLES[role].en) for role in rows.roles]
        found.insert(
            0, _question("side", "choice", "身份", "Role", required=True, choices=_choices(*sides))
        )
    for key in PARTICULARS:
        if key in rows.asks:
            found += [_fitted(one, rows) for one in PARTICULARS[key]]
    return found


def _fitted(question: Question, rows: PeopleRows) -> Question:
    told = dict(question)
    if "party_id" in told.get("show_when", "") and "resident_id" not in rows.asks:
        told["show_when"] = _OF_PERSON
    if told["name"] == "agent_name" and "minor" in rows.asks:
        # A minor does not speak alone.
        told["required_when"] = _OF_MINOR
    if told["name"] == "party_phone":
        reachable = [ROLES[role].zh for role in REACHABLE if role in rows.roles]
        if reachable and len(rows.roles) > 1:
            told["required_when"] = " or ".join(f'side = "{one}"' for one in reachable)
        if not reachable:
            del told["help"]
    return told


@dataclass(frozen=True)
class PersonAnswer:
    """One person as a form tells of them; ``agent_of`` is the place of whom they act for.

    ``values`` are particulars by key: resident_id, phone, address, sex, birth, nation, job,
    credit_code, representative, representative_post, minor, care, relation, scope.
    """

    role: str
    kind: str
    name: str
    values: Mapping[str, Any]
    side: str = ""
    agent_of: int | None = None


_KEPT = {
    "party_id": "resident_id",
    "party_phone": "phone",
    "party_address": "address",
    "party_nation": "nation",
    "party_job": "job",
    "credit_code": "credit_code",
    "legal_representative": "representative",
    "representative_post": "representative_post",
    "minor": "minor",
    "care": "care",
}
_OF_AGENT = {
    "agent_id": "resident_id",
    "agent_phone": "phone",
    "agent_relation": "relation",
    "agent_scope": "scope",
}


def people_of(rows: PeopleRows, answers: Iterable[Mapping[str, Any]]) -> list[PersonAnswer]:
    """Return the people of clean answers, everybody's agent right after them."""
    found: list[PersonAnswer] = []
    for row in answers:
        role = _role(rows.roles, row.get("side"))
        firm = row.get("party_kind") == ORGANISATION
        values = {key: row[name] for name, key in _KEPT.items() if row.get(name) not in (None, "")}
        sex, born = row.get("party_sex"), row.get("party_birth")
        if number := values.get("resident_id"):
            sex, born = sex_of(str(number)), _iso(birth_date(str(number)))
        values |= {key: one for key, one in (("sex", sex), ("birth", born)) if one}
        kind = "organisation" if firm else "person"
        found.append(PersonAnswer(role, kind, str(row.get("party_name", "")), values))
        if row.get("agent_name"):
            found.append(_agent(row, role, len(found) - 1))
    return found


def _agent(row: Mapping[str, Any], side: str, principal: int) -> PersonAnswer:
    guardian = row.get("agent_kind") == BESIDE[GUARDIAN].zh or (
        not row.get("agent_kind") and row.get("minor") is True
    )
    values = {key: row[name] for name, key in _OF_AGENT.items() if row.get(name)}
    if number := values.get("resident_id"):
        values["sex"], values["birth"] = sex_of(str(number)), _iso(birth_date(str(number)))
    role = GUARDIAN if guardian else AGENT
    return PersonAnswer(role, "person", str(row["agent_name"]), values, side, principal)


def _role(roles: Sequence[str], side: Any) -> str:
    return next((role for role in roles if ROLES[role].zh == side), roles[0])


def sex_of(number: str) -> str:
    """Return 男 or 女 as a resident ID says it: the seventeenth digit is odd for men."""
    return "男" if int(number[16]) % 2 else "女"


def age(born: str | None, today: date) -> int | None:
    """Return full years of life on a day; None where the birth is not known."""
    if not born:
        return None
    day = date.fromisoformat(born)
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def words(role: str) -> Text:
    """Return a role of ``ROLES`` or ``BESIDE`` as screens say it."""
    return ROLES.get(role) or BESIDE[role]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
