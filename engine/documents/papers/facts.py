"""What a case says to its papers: the people whole, the unit, the mediators, earlier answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.documents import mediators, offices
from engine.models import Case, CasePerson, Paper, Unit
from engine.records import answer_history, case_people
from engine.registers import committees
from forms import people as roles

NOT_SAID = "—"
# What the numbers of a unit leave out of its name, one after the other.
ENDINGS = (
    "人民调解委员会",
    "调委会",
    "村民委员会",
    "居民委员会",
    "委员会",
    "社区",
    "街道",
    "村",
    "镇",
    "乡",
)


@dataclass(frozen=True)
class PaperPerson:
    """A party, or who acts for one, as papers name them; empty strings for what nobody said."""

    side: str
    name: str
    firm: bool = False
    sex: str = ""
    nation: str = ""
    age: str = ""
    job: str = ""
    phone: str = ""
    home: str = ""
    code: str = ""
    boss: str = ""
    boss_post: str = ""
    relation: str = ""
    scope: str = ""
    resident_id: str = ""
    minor: bool = False
    role: str = ""
    agents: tuple[PaperPerson, ...] = ()

    def printed_values(self) -> dict[str, Any]:
        """Return what a sheet prints, with a dash for what nobody said."""
        plain = {name: value or NOT_SAID for name, value in vars(self).items() if name != "agents"}
        agents = [one.printed_values() for one in self.agents]
        return {**plain, "firm": self.firm, "scope": self.scope, "agents": agents}


@dataclass(frozen=True)
class CaseFacts:
    """Everything that papers take from a case."""

    case_number: str
    case_title: str
    category: str
    unit_id: int
    unit: str
    letters: str
    people: Sequence[PaperPerson]
    mediators: Sequence[str]
    answers: Mapping[str, Mapping[str, Any]]
    today: date
    days: Mapping[str, date] = field(default_factory=dict)
    # Who else is at work, and the final papers: the number of the newest of each kind.
    at_work: Sequence[str] = ()
    finals: Mapping[str, str] = field(default_factory=dict)

    def any(self, *names: str) -> Any:
        """Return the newest answer to a question that is called one of these, in their order."""
        for name in names:
            for said in reversed(tuple(self.answers.values())):
                if said.get(name) not in (None, "", []):
                    return said[name]
        return None

    @property
    def parties(self) -> list[PaperPerson]:
        """The people who stand on a side, in the order in which they were told."""
        sides = ("applicant", "respondent", "third_party")
        return [one for one in self.people if one.role in sides]


def gather(db: Session, case: Case, kind: str, today: date) -> CaseFacts:
    """Read what a paper of a case needs; a handful of statements."""
    kept = answer_history.standing(db, case)
    office, others = offices.of_paper(db, case, kind)
    unit, doers = mediators.of_case(db, case)
    people = _people(db, case, today)
    local = settings.current().local_day
    days = {one.node_id: local(one.at) for one in kept.sets if one.is_form}
    return CaseFacts(
        case_number=case.number,
        case_title=case.title,
        category=case.category or "",
        unit_id=(unit or office).id,
        unit=_committee_of(db, unit) if unit else office.name,
        letters=letters_of((unit or office).name),
        people=people,
        mediators=doers,
        answers=answer_history.newest(kept.sets),
        today=today,
        days=days,
        at_work=others,
        finals=_finals(db, case),
    )


def _finals(db: Session, case: Case) -> dict[str, str]:
    mine = select(Paper.kind, Paper.number).where(
        Paper.case_id == case.id, Paper.county_id == case.county_id, Paper.state == "final"
    )
    return {kind: number or "" for kind, number in db.execute(mine.order_by(Paper.final_at))}


def _people(db: Session, case: Case, today: date) -> list[PaperPerson]:
    rows = case_people.of_case(db, case)
    found = [_person(row, today) for row in rows]
    by_id = dict(zip((row.id for row in rows), found, strict=True))
    people = []
    for row, one in zip(rows, found, strict=True):
        if row.agent_of is None:
            beside = tuple(by_id[other.id] for other in rows if other.agent_of == row.id)
            people.append(PaperPerson(**{**vars(one), "agents": beside}))
    return people


def _committee_of(db: Session, unit: Unit) -> str:
    """Return the name of a unit's committee: as the register has it, else after the unit."""
    registered = committees.of_unit(db, unit.id)
    return registered.name if registered is not None else committee(unit.name)


def committee(name: str) -> str:
    """Return a unit's name as that of its committee, where the unit itself is the village."""
    return name if "调解" in name or "调委会" in name else f"{name}人民调解委员会"


def letters_of(name: str) -> str:
    """Return what stands for a unit in the numbers of its papers: 南湖 of 南湖村人民调解委员会."""
    for ending in ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            name = name.removesuffix(ending)
    return name


def _person(row: CasePerson, today: date) -> PaperPerson:
    known = case_people.opened(row)
    years = roles.age(known.get("birth"), today)

    def say(key: str) -> str:
        return str(known.get(key) or "")

    return PaperPerson(
        side=roles.words(row.role).zh,
        role=row.role,
        name=say(case_people.NAME),
        firm=row.kind == "organisation",
        sex=say("sex"),
        nation=say("nation"),
        age="" if years is None else f"{years}岁",
        job=say("job"),
        phone=say("phone"),
        home=say("address"),
        code=say("credit_code"),
        boss=say("representative"),
        boss_post=say("representative_post"),
        relation=say("relation"),
        scope=say("scope"),
        resident_id=say("resident_id"),
        minor=bool(known.get("minor")) or (years is not None and years < 18),
    )
