"""kill -9 at every statement: what was begun is done whole, or it was never begun."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.faults.aftermath import assert_sound, likeness, recover
from tests.faults.deeds import DEEDS, Deed, Told
from tests.faults.mortals import Mortals, points
from tests.webapp.site import Site

LATER = timedelta(minutes=1)
ACCEPTED = {"303", "done"}


@pytest.mark.slow
@pytest.mark.timeout(2 * 3600)
@pytest.mark.parametrize("deed", DEEDS, ids=str)
def test_it_survives_a_death_at_any_statement(
    site: Site, again: Callable[[], Site], dying: Mortals, deed: Deed
) -> None:
    told = deed.prepare(site)
    whole = again()
    said = dying.die({**told, **of(whole)}, 0)
    assert said["outcome"] in ACCEPTED
    recover(whole, LATER)
    expected = likeness(whole)

    for point in points(said["statements"], deed.few):
        broken = again()
        dying.die({**told, **of(broken)}, point)
        # Even before anything recovered, nothing is half done.
        assert_sound(broken)
        recover(broken)
        repeat(broken, told)
        recover(broken, LATER)
        assert_sound(broken)
        assert likeness(broken) == expected, f"died at statement {point} of {said['statements']}"


def of(site: Site) -> dict[str, Any]:
    """Where a process finds the county."""
    return {"url": site.url, "folder": str(site.app.config["FENGQIAO"].data_dir)}


def repeat(site: Site, told: Told) -> None:
    """Whoever got no answer sends the form again; a second effect would show."""
    if told["act"] != "request":
        return
    answer = site.fresh(told["login"]).post(told["path"], told["fields"])
    assert answer.status_code in (303, 404, 409, 403, 422), answer.text
