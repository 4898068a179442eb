"""Who signs a final paper: one row a place that its sheet leaves for a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.documents.papers.facts import CaseFacts
from engine.models import Paper, PaperSignature, new_id
from engine.records import vault
from engine.records.bindings import of_signer
from feel.text import Text
from forms import people as roles

SEAL = "seal"
# Places that are no party's, agent's or mediator's, and the answer that names who signs there.
OTHERS: Mapping[str, tuple[Text, str]] = {
    "recorder": (Text("记录人", "Recorder"), "recorder"),
    "registrar": (Text("登记人", "Registrar"), ""),
    "subject": (Text("被调查人", "Person heard"), "person"),
    "investigator": (Text("调查人", "Investigator"), "investigator"),
    "principal": (Text("委托人", "Principal"), "principal"),
    "delegate": (Text("受委托人", "Agent"), "agent"),
    "payee": (Text("收款（物）人", "Payee"), "payee"),
    "visited": (Text("被回访人", "Person visited"), ""),
    "visitor": (Text("回访人", "Visitor"), "visitor"),
    "reporter": (Text("报告人", "Reporting person"), "reporter"),
}
MEDIATOR = Text("人民调解员", "Mediator")


@dataclass(frozen=True)
class Signer:
    """A place with who signs there; ``name`` and ``phone`` are empty where nobody said them."""

    row: PaperSignature
    side: Text
    name: str
    phone: str

    @property
    def signed(self) -> bool:
        """Whether the signature is there."""
        return self.row.signed_at is not None


def expect(
    db: Session,
    paper: Paper,
    facts: CaseFacts,
    words: Mapping[str, object],
    places: Mapping[str, Sequence[float]],
) -> None:
    """Keep a row for every place of a paper that has just been set.

    Where a guardian signs for a minor, the minor's own place stays empty.
    """
    for key, (page, left, bottom, right, top) in places.items():
        known = describe(key, facts, words)
        if known is None:
            continue
        row = PaperSignature(
            id=new_id(),
            county_id=paper.county_id,
            case_id=paper.case_id,
            paper_id=paper.id,
            key=key,
            page=int(page),
            left=left,
            bottom=bottom,
            right=right,
            top=top,
        )
        row.payload = vault.seal(known, of_signer(row))
        db.add(row)


def of_paper(db: Session, paper: Paper) -> list[Signer]:
    """Return who signs a paper, as its sheet names them; the seal's place is not among them."""
    return [signer(row) for row in rows(db, paper) if row.key != SEAL]


def rows(db: Session, paper: Paper) -> list[PaperSignature]:
    """Return all places of a paper, that of the seal among them."""
    mine = select(PaperSignature).where(
        PaperSignature.paper_id == paper.id, PaperSignature.county_id == paper.county_id
    )
    return list(db.scalars(mine.order_by(PaperSignature.page, PaperSignature.top.desc())))


def signer(row: PaperSignature) -> Signer:
    """Return who signs at a place."""
    known = vault.unseal(row.payload, of_signer(row))
    return Signer(row, Text(*known["side"]), known["name"], known["phone"])


def describe(key: str, facts: CaseFacts, words: Mapping[str, object]) -> dict[str, Any] | None:
    """Return who signs at a place: side in two languages, name, telephone; None for nobody."""
    what, *at = key.split("-")
    if what in ("party", "agent"):
        person = facts.parties[int(at[0])]
        if what == "party" and person.minor and person.agents:
            return None
        person = person.agents[int(at[1])] if what == "agent" else person
        side = roles.words(person.role)
        return {"side": [side.zh, side.en], "name": person.name, "phone": person.phone}
    side, name = Text("印章", "Seal"), facts.unit
    if what == "mediator":
        side = MEDIATOR
        name = facts.mediators[int(at[0])] if facts.mediators else ""
    elif what in OTHERS:
        side, answer = OTHERS[what]
        name = str(words.get(answer) or "") if answer else ""
    return {"side": [side.zh, side.en], "name": name, "phone": ""}
