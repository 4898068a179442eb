"""Whose files may be joined to a case: one's own that belong nowhere, and those of the case."""

from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from engine.models import Attachment, Case
from engine.records import attachments
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World


def attach(world: World, login: str, case_id: int, *ids: int) -> dict[str, str]:
    with transaction() as db:
        case, actor = db.get_one(Case, case_id), world.actor(db, login)
        return attachments.attach(db, case, None, ids, actor)


def owner(attachment_id: int) -> int | None:
    with reading() as db:
        return db.get_one(Attachment, attachment_id).case_id


@pytest.fixture(autouse=True)
def with_settings(own_settings: None) -> None:
    """Every test has settings of its own."""


def test_it_joins_ones_own_fresh_files_and_those_of_the_case(world: World) -> None:
    case_id = world.open()
    first, second = int(world.photo("handler")), int(world.photo("handler"))
    with reading() as db:
        digests = {str(one): db.get_one(Attachment, one).digest for one in (first, second)}

    assert attach(world, "handler", case_id, second, first, first) == digests
    assert owner(first) == owner(second) == case_id
    # A form that shows them sends them again, whoever fills it in.
    assert attach(world, "colleague", case_id, first) == {str(first): digests[str(first)]}
    assert attach(world, "handler", case_id) == {}


@pytest.mark.parametrize("which", ["somebody else's", "of another case", "gone"])
def test_it_joins_nothing_that_others_uploaded_or_that_belongs_elsewhere(
    world: World, which: str
) -> None:
    """Not even together with what may be joined."""
    case_id, other = world.open(), world.open()
    good = int(world.photo("handler"))
    strange = int(world.photo("colleague"))
    if which == "of another case":
        attach(world, "colleague", other, strange)
    wanted = 1 if which == "gone" else strange

    with pytest.raises(InvalidInput):
        attach(world, "handler", case_id, good, wanted)

    assert owner(good) is None
    assert owner(strange) == (other if which == "of another case" else None)
