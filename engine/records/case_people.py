"""The people of a case, as forms tell of them: rows sealed one by one, found by keyed digests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from engine.models import Case, CasePerson, VaultRow, new_id
from engine.records import vault
from engine.records.answer_fields import indexed
from engine.records.bindings import of_person
from engine.storage import pending_rows
from forms import Form
from forms.people import PersonAnswer, people_of

NAME = "name"
# What is said of people later is kept beside the answers of the step, under its name and this.
AMENDED = ":people"


def people_by_field(
    form: Form, clean: Mapping[str, Any]
) -> Iterator[tuple[str, list[PersonAnswer]]]:
    """Yield each field of people with those whom its answers name."""
    for field in form.fields:
        if field.people is not None:
            yield field.name, people_of(field.people, clean.get(field.name) or ())


def keep(
    db: Session, case: Case, kept: VaultRow, form: Form | None, clean: Mapping[str, Any]
) -> None:
    """Write the people of answers that were just put into the vault.

    Those whom the same step told of before are ended; a new case has none.
    """
    fields = dict(people_by_field(form, clean)) if form is not None else {}
    if not fields:
        return
    if kept.at != case.opened_at or kept.node_id.endswith(AMENDED):
        _end(db, case, kept)
    for name, people in fields.items():
        rows: list[CasePerson] = []
        for place, one in enumerate(people):
            rows.append(_row(case, kept, name, place, one, rows))
            pending_rows.add(db, rows[-1])


def contents(one: PersonAnswer) -> dict[str, Any]:
    """Return what is sealed of a person."""
    return {NAME: one.name, **one.values}


def macs(one: PersonAnswer) -> dict[str, str]:
    """Return the digests by which a person is found, by column."""
    values = {**one.values, NAME: one.name}
    sought = (("id_mac", "resident_id"), ("phone_mac", "phone"), ("name_mac", NAME))
    return {
        column: vault.blind(kind, str(values[kind])) for column, kind in sought if values.get(kind)
    }


def indexed_too(form: Form, clean: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return kind and value of everything that answers are found by: numbers, then names."""
    people = [one for _, found in people_by_field(form, clean) for one in found]
    return [*indexed(form, clean), *((NAME, one.name) for one in people)]


def _row(
    case: Case,
    kept: VaultRow,
    name: str,
    place: int,
    one: PersonAnswer,
    before: list[CasePerson],
) -> CasePerson:
    secret = case.confidential
    row = CasePerson(
        id=new_id(),
        county_id=case.county_id,
        case_id=case.id,
        vault_id=kept.id,
        node_id=kept.node_id,
        field=name,
        place=place,
        role=one.role,
        side=one.side or None,
        kind=one.kind,
        agent_of=before[one.agent_of].id if one.agent_of is not None else None,
        confidential=secret,
        at=kept.at,
        **({} if secret else macs(one)),
    )
    row.payload = vault.seal(contents(one), of_person(row))
    return row


def _end(db: Session, case: Case, kept: VaultRow) -> None:
    node = kept.node_id.removesuffix(AMENDED)
    db.execute(
        update(CasePerson)
        .where(
            CasePerson.case_id == case.id,
            CasePerson.county_id == case.county_id,
            CasePerson.node_id.in_((node, f"{node}{AMENDED}")),
            CasePerson.ended_at.is_(None),
        )
        .values(ended_at=kept.at)
        .execution_options(synchronize_session=False)
    )


def hide(db: Session, case: Case) -> None:
    """Take back what finds the people of a case that has become confidential."""
    db.execute(
        update(CasePerson)
        .where(CasePerson.case_id == case.id, CasePerson.county_id == case.county_id)
        .values(confidential=True, id_mac=None, phone_mac=None, name_mac=None)
        .execution_options(synchronize_session=False)
    )


def of_case(db: Session, case: Case) -> list[CasePerson]:
    """Return the people of a case as it stands, everybody's agent right after them."""
    mine = select(CasePerson).where(
        CasePerson.case_id == case.id,
        CasePerson.county_id == case.county_id,
        CasePerson.ended_at.is_(None),
    )
    return list(db.scalars(mine.order_by(CasePerson.id)))


def opened(row: CasePerson) -> dict[str, Any]:
    """Return what is sealed of a person; nothing where retention erased it."""
    if row.payload is None:
        return {}
    known: dict[str, Any] = vault.unseal(row.payload, of_person(row))
    return known


def cases_with_name(text: str) -> Select[Any]:
    """Return the ids of cases with somebody of exactly that name."""
    return select(CasePerson.case_id).where(CasePerson.name_mac == vault.blind(NAME, text))
