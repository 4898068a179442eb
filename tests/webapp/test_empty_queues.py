"""The page "nobody sits here", and what urging an empty post says."""

from __future__ import annotations

from sqlalchemy import select

from engine import org
from engine.models import Post, Unit
from engine.storage.db import transaction
from engine.worker import ticks
from tests.engine.casework.world import World
from tests.webapp.site import Site, plain


def deserted(world: World) -> int:
    case_id = world.open()
    with transaction() as db:
        post = db.scalars(
            select(Post).join(Unit).where(Unit.code == "V1", Post.role == "grid_leader")
        ).one()
        org.vacate_post(db, None, post, now=world.now)
    ticks.desert(world.now)
    return world.task(case_id).id


def test_it_lists_posts_that_tasks_wait_for_and_nobody_holds(site: Site) -> None:
    """Unit, role, vacant or no such post, how many wait; nothing for who oversees elsewhere."""
    boss = site.browser("county_supervisor")
    assert "无环节待空缺岗位办理" in plain(boss.get("/supervision/empty"))
    task_id = site.run(deserted)
    page = plain(boss.get("/supervision/empty"))
    assert "南湖村" in page and "岗位空缺" in page and "网格长" in page
    assert "无环节待空缺" in plain(site.browser("sibling").get("/supervision/empty"))
    answer = boss.post(f"/supervision/tasks/{task_id}/urge", follow_redirects=True)
    assert "空缺，已告知上级负责人" in plain(answer)
    boss.post("/language", {"locale": "en"})
    assert "post vacant" in plain(boss.get("/supervision/empty"))
