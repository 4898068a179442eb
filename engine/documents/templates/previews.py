"""What a template is tried with: made-up answers, or a real case with its people made unreadable.

Whoever keeps templates sees how long a real paper gets, and nothing of what stands in it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.documents.papers import beginnings, facts
from engine.documents.papers.catalogue import PaperKind
from engine.documents.papers.facts import CaseFacts, PaperPerson
from engine.errors import NotFound
from engine.models import Case, Paper
from engine.records import vault
from engine.records.bindings import of_paper
from forms.definition import Field

Words = dict[str, Any]
_WOMAN = PaperPerson(
    "申请人", "张某某", sex="女", nation="汉族", age="46岁", job="务农", phone="130****0000",
    home="某镇某村一社 1 号", role="applicant",
)  # fmt: skip
_FIRM = PaperPerson(
    "被申请人", "某某农产品有限责任公司", firm=True, code="91620000000000000X", boss="王某某",
    boss_post="经理", phone="130****0001", home="某县某镇北街 1 号", role="respondent",
)  # fmt: skip
_LENGTHS = {"textarea": 6, "text": 1}


def made_up(kind: PaperKind, today: date) -> tuple[Words, CaseFacts]:
    """Return words and facts of a case that never was; the same for everybody."""
    known = CaseFacts(
        case_number="某调〔2026〕0001",
        case_title="浇水纠纷",
        category="邻里纠纷",
        unit_id=0,
        unit="某村人民调解委员会",
        letters="某村",
        people=[_WOMAN, _FIRM],
        mediators=["李某某"],
        answers={},
        today=today,
    )
    return {one.name: _example(one, today) for one in kind.words.fields if one.asks}, known


def of_case(
    db: Session, actor: Actor, number: str, kind: PaperKind, today: date
) -> tuple[Words, CaseFacts]:
    """Return those of a real case, its newest paper of the kind, covered. Raises NotFound."""
    case = db.scalar(select(Case).where(Case.number == number.strip()))
    if case is None or case.guarded:
        raise NotFound(number)
    policy.require(db, actor, "see", case)
    known = facts.gather(db, case, kind.key, today)
    mine = select(Paper).where(
        Paper.case_id == case.id, Paper.county_id == case.county_id, Paper.kind == kind.key
    )
    paper = db.scalar(mine.order_by(Paper.id.desc()).limit(1))
    if paper is not None:
        words: Words = vault.unseal(paper.payload, of_paper(paper))
    else:
        words, _wrong = kind.words.tidy(beginnings.begin(kind.key, known), today=today)
    covered = {field.name: _covered(field, words.get(field.name)) for field in kind.words.fields}
    people = [_behind(one) for one in known.people]
    return covered, replace(known, people=people, case_title=cover(known.case_title), answers={})


def cover(text: str) -> str:
    """Return a text of the same length and lines that tells nothing."""
    return "".join(_sign(one) for one in text)


def _sign(one: str) -> str:
    kind = unicodedata.category(one)
    if kind == "Lo":
        return "某"
    if kind[0] == "N":
        return "0"
    return "x" if kind[0] == "L" else one


def _behind(one: PaperPerson) -> PaperPerson:
    """Return a person of whom the side alone is told."""
    plain = ("side", "role", "relation", "scope")
    said: dict[str, Any] = {
        key: cover(value) if isinstance(value, str) and key not in plain else value
        for key, value in vars(one).items()
    }
    return PaperPerson(**{**said, "agents": tuple(_behind(agent) for agent in one.agents)})


def _covered(field: Field, value: Any) -> Any:
    if field.kind == "list":
        return [
            {inner.name: _covered(inner, row.get(inner.name)) for inner in field.fields}
            for row in value or ()
        ]
    return cover(value) if isinstance(value, str) and field.kind in ("text", "textarea") else value


def _example(field: Field, today: date) -> Any:
    if field.kind == "list":
        row = {inner.name: _example(inner, today) for inner in field.fields if inner.asks}
        return [row, row]
    if field.kind in ("date", "datetime"):
        return today.isoformat() + ("T09:30" if field.kind == "datetime" else "")
    if field.kind in ("choice", "choices") and field.choices:
        first = field.choices[0].value
        return [first] if field.kind == "choices" else first
    if field.kind in ("number", "money"):
        return 3
    if field.kind == "yes_no":
        return True
    return f"（{field.label.zh}）" + "某某某某某某，某某某某。" * _LENGTHS.get(field.kind, 0)
