"""What somebody reads who may not do something: what it takes, who has it, whom to ask."""

from __future__ import annotations

import pytest

from engine.errors import NotAllowed
from engine.roles import ROLES
from tests.engine.casework.world import ACCEPT
from tests.webapp.site import Site, plain
from tests.webapp.test_statements import appoint


def test_it_says_whose_page_it_is_and_who_administers(site: Site) -> None:
    appoint(site, "county_leader", "admin")
    handler = site.browser("handler")
    page = handler.get("/reports")

    assert page.status_code == 403
    said = plain(page)
    assert "无访问权限：“统计”仅限负责人、督办员使用。" in said
    assert "请联系管理员：员工county_leader（山丹县）" in said
    handler.post("/language", {"locale": "en"})
    english = plain(handler.get("/reports"))
    assert "leader" in english and "administrator" in english and "无访问权限" not in english


def test_it_says_who_has_the_task(site: Site) -> None:
    """For whoever sees the case; nobody has to be asked for a post then."""
    case_id = site.open()
    task_id = site.run(lambda world: world.task(case_id).id)
    worker = site.browser("worker")
    refused = worker.post(f"/tasks/{task_id}/complete", ACCEPT)
    assert refused.status_code == 403
    assert "的网格长办理。" in plain(refused) and "系统管理员" not in plain(refused)
    site.browser("grid_leader").post(f"/tasks/{task_id}/sign")
    assert "的员工grid_leader签收办理。" in plain(worker.post(f"/tasks/{task_id}/complete", ACCEPT))


def test_it_says_who_may_make_a_move(site: Site) -> None:
    case_id = site.open()
    task_id = site.run(lambda world: world.task(case_id).id)
    page = plain(
        site.browser("worker").get(f"/tasks/{task_id}/moves/assign", follow_redirects=True)
    )
    assert "您的岗位无此操作权限。可办理人员：" in page


def test_it_names_nobody_where_nobody_administers(site: Site) -> None:
    assert "请联系本单位管理员。" in plain(site.browser("handler").get("/reports"))


@pytest.mark.parametrize("path", ["/admin/", "/incidents", "/policy", "/audit"])
def test_every_section_says_for_whom_it_is(site: Site, path: str) -> None:
    page = site.browser("worker").get(path, follow_redirects=True)
    if page.status_code == 403:
        said = plain(page)
        assert any(role.name.zh in said for role in ROLES.values()), said
    else:
        # As if it were not there.
        assert page.status_code == 404


def test_a_program_hears_the_refusal_alone(site: Site) -> None:
    page = site.browser("handler").get("/reports", headers={"Accept": "application/json"})
    assert page.status_code == 403 and page.json["message"] == NotAllowed.text.zh
