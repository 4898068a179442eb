"""Upgrades: from the first release's database with running cases, also when killed half-way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from engine.operations import recount
from engine.storage import schema
from tests.engine.casework.world import ACCEPT, DISPATCH, FEEDBACK, HANDLE, RATE, TRACK, World
from tests.faults import first_release
from tests.faults.aftermath import assert_sound, recover
from tests.faults.mortals import Mortals, points
from tests.webapp.site import Site, settings_for
from webapp import create_app

STEPS = (
    ("grid_leader", "accept", ACCEPT),
    ("dispatcher", "dispatch", DISPATCH),
    ("handler", "handle", HANDLE),
    ("worker", "track", TRACK),
    ("worker", "feedback", FEEDBACK),
    ("dispatcher", "rate", RATE),
)
KEPT = ("event", "vault", "task", "notice", "case_access", "attachment", "admin_event")


@pytest.fixture
def old(backend: str, copies: Callable[[str], Any], tmp_path: Path) -> Iterator[str]:
    """The first release's database; gives its URL."""
    url = copies(backend).empty()
    first_release.put(url, tmp_path)
    yield url
    copies(backend).drop(url)


def site_of(url: str, folder: Path) -> Site:
    """This release's application on a database that it did not make, as ``init`` leaves it."""
    logins = {login: int(number) for login, number in first_release.document()["logins"].items()}
    app = create_app(settings_for(url, folder))
    with app.app_context():
        recount.after_upgrade(first_release.now())
    return Site(app, World(logins, first_release.now()))


def counts(url: str) -> dict[str, int]:
    """How many rows there are of what was accepted."""
    engine: Engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in KEPT
        }
    engine.dispose()
    return found


def test_it_goes_on_with_the_cases_of_the_first_release(old: str, tmp_path: Path) -> None:
    before = counts(old)

    schema.upgrade(old)

    assert counts(old) == before
    site = site_of(old, tmp_path)
    assert_sound(site)
    for name, number in first_release.document()["cases"].items():
        site.run(lambda world, number=number: to_the_end(world, int(number)))
        assert_sound(site), name
    recover(site)
    assert_sound(site)
    site.close()


def to_the_end(world: World, case_id: int) -> None:
    """Complete every step that is left of a ticket."""
    for login, node, answers in STEPS:
        if world.open_nodes(case_id) == [node]:
            world.complete(login, case_id, answers)
    assert world.open_nodes(case_id) == []
    assert world.kinds(case_id)[-1] == "case.closed"


@pytest.mark.slow
@pytest.mark.timeout(2 * 3600)
def test_it_stays_as_it_was_when_an_upgrade_is_killed(
    old: str, backend: str, copies: Callable[[str], Any], dying: Mortals, tmp_path: Path
) -> None:
    before, maker = counts(old), copies(backend)
    spare = maker.fresh(old)
    said = dying.die({"act": "migrate", "url": spare}, 0)
    assert said["outcome"] == "done" and schema.is_current(spare)
    maker.drop(spare)

    # The last statement is the commit, and after it comes the death of which nobody is told.
    for point in points(said["statements"], few=3, many=40):
        broken = maker.fresh(old)
        dying.die({"act": "migrate", "url": broken}, point)
        assert schema.current(broken) in (first_release.document()["revision"], schema.head())
        assert counts(broken) == before

        schema.upgrade(broken)

        assert counts(broken) == before
        site = site_of(broken, tmp_path)
        assert_sound(site)
        site.close()
        maker.drop(broken)
