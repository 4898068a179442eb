"""Cases by the people in them: whom a telephone or identity number names, for who may read it.

The one place that knows where people are found: by the blind index of what forms asked.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select

from engine.access.actors import Actor
from engine.models import BlindIndex, Case, Task
from engine.records import case_people, vault
from engine.roles import with_verb
from forms import phone, resident_id


def named_by(text: str) -> ColumnElement[bool] | None:
    """Return the condition on ``Case``: somebody in it has that very number; None for what is no
    number of a person.

    A confidential case has no row in the index, so nobody learns of one.
    """
    said = text.strip()
    macs = []
    if phone.valid(said):
        macs.append(vault.blind("phone", phone.parse(said)))
    if resident_id.valid(said):
        macs.append(vault.blind("resident_id", resident_id.normal(said)))
    if not macs:
        return None
    found = select(BlindIndex.case_id).where(BlindIndex.mac.in_(macs))
    return Case.id.in_(found)


def of_name(text: str) -> ColumnElement[bool]:
    """Return the condition on ``Case``: somebody in it has exactly that name."""
    return Case.id.in_(case_people.cases_with_name(text.strip()))


def readable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Case``: the actor may read who the people in it are.

    As ``policy.may_unmask`` has it for one case: who works on it now, or took it in. A number that
    somebody guesses is else confirmed by the case that it finds.
    """
    if actor.roles & with_verb("unmask"):
        return ~Case.guarded
    at_work = exists(
        select(Task.id).where(
            Task.case_id == Case.id,
            Task.county_id == Case.county_id,
            Task.done_at.is_(None),
            Task.unit_id.in_(actor.unit_ids),
        )
    )
    return and_(~Case.guarded, or_(Case.unit_id.in_(actor.unit_ids), at_work))
