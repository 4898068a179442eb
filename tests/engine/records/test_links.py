"""A link of the audit chain ties every column of its row, and nothing else may be beside it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from engine import settings
from engine.models import AdminEvent, Event
from engine.models.base import Base
from engine.records import audit

NOW = datetime(2026, 11, 20, 1, 2, 3, 4, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "county_id": 1,
    "case_id": 2,
    "seq": 3,
    "at": NOW,
    "kind": "task.completed",
    "actor_id": 4,
    "task_id": 5,
    "data": '{"unit":6}',
}
ADMIN: dict[str, Any] = {name: EVENT[name] for name in ("seq", "at", "kind", "actor_id", "data")}
OTHER: dict[str, list[Any]] = {
    "county_id": [9],
    "case_id": [9],
    "seq": [2, 4],
    "at": [NOW + timedelta(microseconds=1), NOW - timedelta(microseconds=1), NOW.replace(year=1)],
    "kind": ["task.complete", "Task.completed", ""],
    "actor_id": [9, None],
    "task_id": [9, None],
    "data": ['{"unit":7}', "{}", '{"unit": 6}'],
}
# What an event is known by in messages, and the link itself.
NOT_TIED = {"id", "hash"}


@pytest.fixture(autouse=True)
def secrets(own_settings: None) -> None:
    """A key of the test's own."""


def columns(model: type[Base]) -> set[str]:
    return {column.name for column in model.__table__.c} - NOT_TIED


def test_every_column_is_written_down_here() -> None:
    """A column that is added is tied too, or said not to be."""
    assert columns(Event) == set(EVENT) == set(OTHER)
    assert columns(AdminEvent) == set(ADMIN)


@pytest.mark.parametrize(("model", "row"), [(Event, EVENT), (AdminEvent, ADMIN)])
@pytest.mark.parametrize("column", sorted(OTHER))
def test_another_value_in_any_column_is_another_link(
    model: Any, row: dict[str, Any], column: str
) -> None:
    if column not in row:
        return
    links = [audit.link("head", model(**row))]
    links += [audit.link("head", model(**{**row, column: value})) for value in OTHER[column]]
    assert len(set(links)) == len(links)


def test_it_ties_the_link_before_and_needs_the_key() -> None:
    event = Event(**EVENT)
    assert audit.link("head", event) != audit.link("heae", event)
    key = settings.current().audit_key.encode()
    content = audit.content_of(event)
    assert content == (
        '{"actor":4,"at":"2026-11-20T01:02:03.000004+00:00","case":2,"county":1,'
        '"data":"{\\"unit\\":6}","kind":"task.completed","seq":3,"task":5}'
    )
    told = f"head{content}".encode()
    assert audit.link("head", event) == hmac.new(key, told, hashlib.sha256).hexdigest()


def test_the_same_moment_is_the_same_link_in_any_zone() -> None:
    beijing = NOW.astimezone(timezone(timedelta(hours=8)))
    assert audit.link("", Event(**EVENT)) == audit.link("", Event(**{**EVENT, "at": beijing}))
