"""A load that can be counted afterwards: forms that complete steps, each exactly once."""

from __future__ import annotations

from sqlalchemy import func, select

from engine.casework import cases
from engine.models import Event
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT, World
from tests.faults.serving import Crowd
from tests.webapp.site import Site


def crowd(site: Site, port: int, size: int) -> Crowd:
    """Clients of a grid leader who has signed for so many tickets and now completes them."""
    browser = site.browser("grid_leader")
    token, cookie = browser.token(), browser.client.get_cookie("fengqiao")
    assert cookie is not None
    made = Crowd(port, cookie.value, {"csrf_token": token, **ACCEPT})
    for path in site.run(lambda world: [signed(world) for _number in range(size)]):
        made.paths.put(path)
    return made


def signed(world: World) -> str:
    """One ticket more that waits for its form; the form's address."""
    task = world.task(world.open())
    with transaction() as db:
        cases.sign(db, world.actor(db, "grid_leader"), task.id, now=world.now)
    return f"/tasks/{task.id}/complete"


def assert_each_once(site: Site, accepted: list[str]) -> None:
    """Every accepted form is in the chains, exactly once."""
    wanted = sorted(int(path.split("/")[2]) for path in accepted)
    assert len(set(wanted)) == len(wanted)

    def completed(_world: object) -> dict[int, int]:
        query = select(Event.task_id, func.count()).where(
            Event.kind == "task.completed", Event.task_id.in_(wanted)
        )
        with reading() as db:
            return dict(db.execute(query.group_by(Event.task_id)).tuples().all())  # type: ignore[arg-type]

    assert site.run(completed) == dict.fromkeys(wanted, 1)
