"""One record a role: names, powers and the table that posts refer to come from it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine.bpmn.labels import ROLES as LABELS
from engine.models import Post, RoleKey, new_id
from engine.roles import ROLES, WIDE, name_of, with_verb
from engine.storage.db import reading, transaction
from tests.engine.org.conftest import NOW
from tests.engine.org.county import make_county


def test_the_database_knows_exactly_the_roles_of_the_registry(database: str) -> None:
    with reading() as db:
        assert set(db.scalars(select(RoleKey.key))) == set(ROLES)


def test_the_database_refuses_a_post_of_another_role(database: str) -> None:
    with pytest.raises(DBAPIError), transaction() as db:
        unit = make_county(db, NOW)["T1"]
        db.add(Post(id=new_id(), unit_id=unit.id, role="emperor", from_at=NOW))


def test_every_role_has_both_names_and_watches_roles_that_exist() -> None:
    for key, role in ROLES.items():
        assert role.name.zh and role.name.en and LABELS[key] == role.name
        assert role.watches <= set(ROLES) - {key}
    assert name_of("emperor").zh == "emperor"


def test_it_finds_the_roles_of_a_verb() -> None:
    assert with_verb("publish") == {"policy_publisher"}
    assert with_verb("assign") == {"leader", "grid_leader", "supervisor"}
    assert with_verb("nothing") == frozenset()
    assert {"admin", "supervisor", "policy_editor", "policy_publisher"} <= WIDE
