"""No page offers somebody a link that does not open for them."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from engine.definitions import versions
from engine.roles import ROLES
from engine.storage.db import transaction
from tests.engine.casework.world import ROOT
from tests.webapp.seats import seat
from tests.webapp.site import Site

LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
# What ends the walk or changes what it sees.
APART = ("/logout", "/static/", "/language", "/help/")
PAGES = 60
SEATS = {"grid_worker": "G1", "grid_leader": "V1", "mediator": "V1"}


def furnish(world: Any, role: str) -> None:
    """Publish everything that ships, open a ticket, and seat somebody in the role."""
    with transaction() as db:
        for process, files in versions.read_directory(ROOT).items():
            if process not in ("ticket", versions.ESCALATION):
                versions.publish(db, process, files, now=world.now)
    world.open()
    seat(world, "walker", SEATS.get(role, "620725"), role)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_link_opens_for_whoever_sees_it(site: Site, role: str) -> None:
    site.run(lambda world: furnish(world, role))
    browser, seen, todo, closed = site.browser("walker"), set(), ["/"], []
    while todo and len(seen) < PAGES:
        path = todo.pop(0)
        shape = re.sub(r"\d+", "N", path.partition("?")[0])
        if shape in seen or path.startswith(APART):
            continue
        seen.add(shape)
        answer = browser.get(path)
        if answer.status_code >= 400:
            closed.append((path, answer.status_code))
        elif answer.mimetype == "text/html":
            todo += [html.unescape(one) for one in LINK.findall(answer.text)]
    assert closed == []
    assert len(seen) > 3
