"""What an opening form proposes for its choice of many: learned of the county's closed cases.

Rebuilt by the worker once a day from the newest closed cases, tried on cases that were held
back, and off where it is not right often enough. It proposes; a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions import versions
from engine.hotline import bayes
from engine.hotline.bayes import BayesModel, Example, Proposal
from engine.models import Case, CaseNumber, SuggestionModel, VaultRow
from engine.records import vault
from engine.records.bindings import of_answers
from forms import Field, Form

# A choice of fewer is seen at a glance.
MANY = 8
# So many of the newest closed cases are learned from; of fewer than the least, nothing.
NEWEST, FEWEST = 5000, 200
# Every so manieth case is held back.
HELD_BACK = 5
# Right among three in at least so many, or nothing is proposed.
LEAST_RIGHT = 0.8
DAILY = timedelta(hours=20)
LONG = frozenset({"text", "textarea"})


@dataclass(frozen=True)
class Suggestions:
    """What is proposed for a field, and how often the first proposal, or one of three, is right."""

    field: str
    proposals: tuple[Proposal, ...]
    first: float
    among_three: float


def choice_of(form: Form) -> Field | None:
    """Return the choice with the most options among those one must make, if it has many.

    A field with a default is answered before anybody looks for a proposal.
    """
    choices = [
        field
        for field in form.fields
        if field.kind == "choice"
        and field.required
        and field.default is None
        and field.sets != "channel"
    ]
    found = max(choices, key=lambda field: len(field.choices), default=None)
    return found if found is not None and len(found.choices) > MANY else None


def text_of(form: Form, answers: Mapping[str, object]) -> str:
    """Return what is said of the matter: the long and the short texts, and nothing personal."""
    fields = (one for one in form.fields if one.kind in LONG and not one.personal)
    return "\n".join(str(answers.get(one.name) or "") for one in fields)


def suggest(db: Session, county_id: int, process: str, form: Form, text: str) -> Suggestions | None:
    """Return what is likely of a text; None where nothing is known well enough."""
    key = (SuggestionModel.county_id == county_id, SuggestionModel.process == process)
    made_at = db.scalar(select(SuggestionModel.made_at).where(*key))
    choice = choice_of(form)
    if made_at is None or choice is None or len(text.strip()) < MANY:
        return None
    kept = _cached(county_id, process, made_at) or _load(db, county_id, process, made_at)
    row, model = kept
    if row.among_three < LEAST_RIGHT or row.field != choice.name:
        return None
    offered = {one.value for one in choice.choices}
    found = tuple(one for one in model.proposals(text) if one.label in offered)
    return Suggestions(choice.name, found, row.first, row.among_three) if found else None


def stale(db: Session, now: datetime) -> list[tuple[int, str]]:
    """Return counties with cases, and processes in force, whose model is a day old or missing."""
    known = {
        (row.county_id, row.process): row.made_at
        for row in db.execute(
            select(SuggestionModel.county_id, SuggestionModel.process, SuggestionModel.made_at)
        )
    }
    counties = db.scalars(select(CaseNumber.county_id).distinct()).all()
    processes = [version.process for version in versions.currents(db, now)]
    found = [(county_id, process) for county_id in counties for process in processes]
    return [one for one in found if one not in known or now - known[one] >= DAILY]


def learn(db: Session, county_id: int, process: str, now: datetime) -> SuggestionModel | None:
    """Return the model of one process rebuilt, to be kept; None while there is too little.

    Takes seconds, and only reads: nobody waits for it.
    """
    published = versions.current(db, process, now)
    form = published.form(published.opens.form)
    choice = choice_of(form) if form is not None else None
    if form is None or choice is None:
        return None
    ids = db.scalars(
        select(Case.id)
        .where(
            Case.county_id == county_id,
            Case.process == process,
            Case.closed_at.is_not(None),
            ~Case.guarded,
        )
        .order_by(Case.id.desc())
        .limit(NEWEST)
    ).all()
    examples = list(_examples(db, county_id, ids, form, choice, published.opens.id))
    if len(examples) < FEWEST:
        return None
    held = examples[::HELD_BACK]
    rest = [one for at, one in enumerate(examples) if at % HELD_BACK]
    first, three, number = bayes.shares(bayes.train(lambda: rest), held)
    return SuggestionModel(
        county_id=county_id,
        process=process,
        field=choice.name,
        made_at=now,
        learned=len(examples),
        held_back=number,
        first=round(first, 4),
        among_three=round(three, 4),
        # What was held back is learned from in the end.
        model=bayes.train(lambda: examples).dump(),
    )


def _examples(
    db: Session, county_id: int, ids: Iterable[int], form: Form, choice: Field, node: str
) -> Iterator[Example]:
    chosen = list(ids)
    for at in range(0, len(chosen), 500):
        rows = db.scalars(
            select(VaultRow).where(
                VaultRow.case_id.in_(chosen[at : at + 500]),
                VaultRow.county_id == county_id,
                VaultRow.node_id == node,
                VaultRow.payload.is_not(None),
            )
        )
        for row in rows:
            assert row.payload is not None
            answers = vault.unseal(row.payload, of_answers(row))
            label, text = answers.get(choice.name), text_of(form, answers)
            if label and text.strip():
                yield text, str(label)
        db.expire_all()


_CACHE: dict[tuple[int, str], tuple[datetime, SuggestionModel, BayesModel]] = {}


def _cached(
    county_id: int, process: str, made_at: datetime
) -> tuple[SuggestionModel, BayesModel] | None:
    found = _CACHE.get((county_id, process))
    return found[1:] if found is not None and found[0] == made_at else None


def _load(
    db: Session, county_id: int, process: str, made_at: datetime
) -> tuple[SuggestionModel, BayesModel]:
    row = db.get_one(SuggestionModel, (county_id, process))
    model = BayesModel.load(row.model)
    db.expunge(row)
    _CACHE[county_id, process] = made_at, row, model
    return row, model
