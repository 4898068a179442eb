"""What the database refuses because somebody was quicker is told as that; the rest is a fault."""

from __future__ import annotations

from functools import wraps
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.models import Committee, Unit, new_id
from engine.storage.db import transaction
from tests.webapp.site import Site, plain


@pytest.mark.parametrize(
    ("second", "status", "words"),
    [({}, 409, "刚刚有人做了同样的改动"), ({"name": ""}, 500, "请将以下编号告知管理员")],
)
def test_a_row_that_is_there_already_is_no_fault(
    site: Site, second: dict[str, Any], status: int, words: str
) -> None:
    @wraps(site.app.view_functions["health.healthz"])
    def enter() -> str:
        for more in ({}, second):
            with transaction() as db:
                unit = db.scalars(select(Unit).where(Unit.code == "V1")).one()
                row = {"county_id": unit.at_county, "unit_id": unit.id, "name": "南湖", **more}
                db.add(Committee(id=new_id(), kind="village", changed_at=site.world.now, **row))
        raise AssertionError

    site.app.view_functions["health.healthz"] = enter
    answer = site.browser().get("/healthz")
    assert answer.status_code == status and words in plain(answer)
    with pytest.raises(IntegrityError), site.app.app_context():
        enter()
