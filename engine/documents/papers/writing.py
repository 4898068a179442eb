"""Use cases: begin a paper, change its words, make it final. Whoever holds the case may.

A final paper is a file of the case; its number is taken and its hash recorded in the same
transaction, after the page was set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import settings
from engine.access import policy
from engine.access.actors import Actor
from engine.casework import unmask
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork
from engine.documents.papers import beginnings, facts, gaps, glyphs, printing
from engine.documents.papers.catalogue import KINDS, PaperKind
from engine.documents.papers.facts import CaseFacts
from engine.documents.papers.printing import PaperPrint
from engine.documents.signing import signature_page, signers
from engine.documents.templates import filling, in_force
from engine.documents.templates.in_force import PaperTemplate
from engine.errors import Conflict, NotAllowed, NotFound
from engine.models import Case, Paper, PaperSeries, new_id
from engine.records import attachments, vault
from engine.records.bindings import of_paper
from feel.text import Text

FINAL = Text("文书已经定稿，不能再改；可以另做一份。", "It is final; make another one instead.")
CHANGED = Text("内容刚刚有改动，请核对后再定稿。", "Its words have just changed; look them over.")
PDF = "application/pdf"


@dataclass(frozen=True)
class PaperFile:
    """A paper with what its case says now, and what it still lacks."""

    paper: Paper
    kind: PaperKind
    words: Mapping[str, Any]
    facts: CaseFacts
    gaps: Sequence[Text]
    template: PaperTemplate | None = None

    @property
    def sheet(self) -> str:
        """The hash of what it is set with: staff's template, or the sheet that ships."""
        return self.template.digest if self.template else printing.sheet_digest(self.kind)

    def html(self, number: str = "", made: str = "", mark: str = "") -> str:
        """Return the paper as HTML; a template of staff's is filled in a child process.

        ``mark`` is a picture in the corner of the first page: SVG that we drew.

        Call it outside of any transaction. Raises InvalidInput.
        """
        if self.template is not None:
            data, words = self.template.data, self.words
            page = filling.fill(self.kind, data, words, self.facts, number, made).html
            sheet = printing.as_html(self.kind, words, self.facts, number, made)
            page = signature_page.add(page, sheet, self.facts, words)
        else:
            page = printing.as_html(self.kind, self.words, self.facts, number, made)
        return printing.with_mark(page, mark) if mark else page


def of_case(db: Session, case: Case) -> list[Paper]:
    """Return the papers of a case, the oldest first."""
    mine = select(Paper).where(Paper.case_id == case.id, Paper.county_id == case.county_id)
    return list(db.scalars(mine.order_by(Paper.id)))


def draft(db: Session, actor: Actor, case_id: int, key: str, *, now: datetime) -> Paper:
    """Begin a paper with what the case says, or return the draft that is there.

    That its people are seen is recorded as for the page of them. Raises NotFound, NotAllowed.
    """
    kind = KINDS.get(key)
    if kind is None:
        raise NotFound(key)
    if not unmask.people(db, actor, case_id, now=now):
        raise NotAllowed("paper", case_id)
    work = begin(db, lock_case(db, case_id), actor, "paper", now=now)
    known = next(
        (one for one in of_case(db, work.case) if (one.kind, one.state) == (key, "draft")), None
    )
    if known is not None:
        return known
    said = facts.gather(db, work.case, key, settings.current().local_day(now))
    words, _wrong = kind.words.tidy(beginnings.begin(key, said), today=said.today)
    row = Paper(
        id=new_id(),
        county_id=work.case.county_id,
        case_id=case_id,
        kind=key,
        state="draft",
        made_by=actor.user_id,
        made_at=now,
        changed_at=now,
    )
    row.payload = vault.seal(words, of_paper(row))
    db.add(row)
    work.record(db, "paper.drafted", paper=str(row.id), document=key, name=kind.title.zh)
    return row


def opened(db: Session, actor: Actor, paper_id: int, *, now: datetime) -> PaperFile:
    """Return a paper to whoever holds its case. Raises NotFound, NotAllowed."""
    row = db.get(Paper, paper_id)
    if row is None:
        raise NotFound(paper_id)
    case = db.get_one(Case, row.case_id)
    policy.require(db, actor, "see", case)
    if not unmask.holds(db, actor, case):
        raise NotAllowed("paper", paper_id)
    return _file(db, row, case, now)


def final(db: Session, actor: Actor, paper_id: int) -> Paper:
    """Return a final paper to whoever sees its case; nobody's words are told by it.

    Raises NotFound.
    """
    row = db.get(Paper, paper_id)
    if row is None or row.state != "final":
        raise NotFound(paper_id)
    policy.require(db, actor, "see", db.get_one(Case, row.case_id))
    return row


def look(db: Session, actor: Actor, paper_id: int, *, now: datetime) -> PaperFile:
    """Return a paper, having recorded that whoever opens it sees the people in it.

    Raises NotFound, NotAllowed.
    """
    file = opened(db, actor, paper_id, now=now)
    unmask.people(db, actor, file.paper.case_id, now=now)
    return file


def write(
    db: Session, actor: Actor, paper_id: int, words: Mapping[str, Any], *, now: datetime
) -> Paper:
    """Change the words of a draft. Raises NotFound, NotAllowed, Conflict, forms.InvalidAnswers."""
    work, row = _begin(db, actor, paper_id, now)
    clean = KINDS[row.kind].words.clean(words, today=settings.current().local_day(now))
    row.payload, row.changed_at = vault.seal(clean, of_paper(row)), now
    return row


def discard(db: Session, actor: Actor, paper_id: int, *, now: datetime) -> int:
    """Throw a draft away; return its case. Raises NotFound, NotAllowed, Conflict."""
    work, row = _begin(db, actor, paper_id, now)
    db.delete(row)
    work.record(db, "paper.discarded", paper=str(row.id), document=row.kind, name=_name(row))
    return work.case.id


def lacks(file: PaperFile) -> list[Text]:
    """Return why a paper cannot be final: what is missing, and characters without a glyph."""
    found = list(file.gaps)
    for one in glyphs.missing(file.html()):
        code = f"U+{ord(one):04X}"
        found.append(
            Text(
                f"没有字体能印出“{one}”（{code}），请换字、加注音或者请管理员安装字体",
                f"No font can print “{one}” ({code}); write it otherwise or have a font installed",
            )
        )
    return found


def finish(
    db: Session, actor: Actor, file: PaperFile, made: PaperPrint, number: str, *, now: datetime
) -> Paper:
    """Make a draft final as it was set; it becomes a file of the case, and waits for whoever signs.

    Raises NotFound, NotAllowed, Conflict where it is final, or changed since it was set.
    """
    work, row = _begin(db, actor, file.paper.id, now)
    fresh = _file(db, row, work.case, now)
    if (fresh.words, fresh.facts, fresh.sheet) != (file.words, file.facts, file.sheet):
        raise Conflict(row.id, text=CHANGED)
    if file.kind.numbered and number != _take(db, work, file, now):
        raise Conflict(row.id, text=CHANGED)
    proof = {"document": f"paper.{row.kind}", "paper": str(row.id), "received_at": now.isoformat()}
    name = f"{file.kind.title.zh}{f' {number}' if number else ''}.pdf"
    filed = attachments.file_away(db, work.case, made.pdf, name, PDF, proof, now=now)
    db.flush()
    row.state, row.number, row.attachment_id = "final", number or None, filed.id
    row.unit_id = file.facts.unit_id
    row.digest, row.sheet = filed.digest, file.sheet
    row.final_by, row.final_at, row.changed_at = actor.user_id, now, now
    signers.expect(db, row, file.facts, file.words, made.places)
    work.record(
        db,
        "paper.final",
        paper=str(row.id),
        document=row.kind,
        name=file.kind.title.zh,
        number=number,
        attachment=str(filed.id),
        digest=filed.digest,
    )
    return row


def next_number(db: Session, file: PaperFile, now: datetime) -> str:
    """Return the number that the paper gets if it is made final now; none is taken."""
    if not file.kind.numbered:
        return ""
    year = settings.current().local_day(now).year
    county = PaperSeries.county_id == file.paper.county_id
    mine = (county, PaperSeries.unit_id == file.facts.unit_id)
    last = db.scalar(
        select(PaperSeries.last).where(
            *mine, PaperSeries.kind == file.kind.series, PaperSeries.year == year
        )
    )
    return _number_text(year, file, (last or 0) + 1)


def _take(db: Session, work: CaseWork, file: PaperFile, now: datetime) -> str:
    """Take the next number of the unit that mediates; a rollback gives it back."""
    year = settings.current().local_day(now).year
    insert = (postgresql if db.get_bind().dialect.name == "postgresql" else sqlite).insert
    first = insert(PaperSeries).values(
        county_id=work.case.county_id,
        unit_id=file.facts.unit_id,
        kind=file.kind.series,
        year=year,
        last=1,
    )
    last = db.scalar(
        first.on_conflict_do_update(
            index_elements=["county_id", "unit_id", "kind", "year"],
            set_={"last": PaperSeries.last + 1},
        ).returning(PaperSeries.last)
    )
    assert last is not None
    return _number_text(year, file, last)


def _number_text(year: int, file: PaperFile, number: int) -> str:
    return f"（{year}）{file.facts.letters}{file.kind.letters}字第{number}号"


def _begin(db: Session, actor: Actor, paper_id: int, now: datetime) -> tuple[CaseWork, Paper]:
    of_paper_row = select(Paper.case_id).where(Paper.id == paper_id).scalar_subquery()
    work = begin(db, lock_case(db, of_paper_row), actor, "paper", now=now)
    policy.require(db, actor, "see", work.case)
    row = db.get(Paper, paper_id, populate_existing=True)
    if row is None:
        raise NotFound(paper_id)
    if not unmask.holds(db, actor, work.case):
        raise NotAllowed("paper", paper_id)
    if row.state != "draft":
        raise Conflict(paper_id, text=FINAL)
    return work, row


def _file(db: Session, row: Paper, case: Case, now: datetime) -> PaperFile:
    said = facts.gather(db, case, row.kind, settings.current().local_day(now))
    words = vault.unseal(row.payload, of_paper(row))
    lacking = gaps.of_paper(row.kind, words, said)
    template = in_force.of_kind(db, row.kind, now)
    return PaperFile(row, KINDS[row.kind], words, said, lacking, template)


def _name(row: Paper) -> str:
    return KINDS[row.kind].title.zh
