"""The page of absences: I am away from..to, somebody acts for me; a leader arranges for staff."""

from __future__ import annotations

import re

from tests.webapp.site import Site, plain
from tests.webapp.test_case_page import at_handling

PERIOD = {"from_at": "2026-11-20", "until_at": "2026-11-22", "reason": "培训"}


def test_it_lets_somebody_act_for_me_while_i_am_away(site: Site) -> None:
    case_id, task_id = at_handling(site)
    handler, deputy = site.browser("handler"), site.browser("water_handler")
    handler.post(f"/tasks/{task_id}/sign")
    assert deputy.get(f"/cases/{case_id}").status_code == 404

    assert "未设置代理" in plain(handler.get("/profile/away"))
    sent = handler.post("/profile/away/new", {"user": "water_handler", **PERIOD})
    assert sent.status_code == 303
    page = plain(handler.get("/profile/away"))
    assert "已设置代理" in page and "员工water_handler 2026-11-20 – 2026-11-22 · 培训" in page
    assert "我代理的岗位 住房和城乡建设局 承办人" in plain(deputy.get("/profile/away"))
    assert deputy.get(f"/cases/{case_id}").status_code == 200
    site.run(lambda world: world.work(world.now))
    notices = deputy.get("/notices")
    assert "请您代理岗位：住房和城乡建设局" in plain(notices)
    link = re.search(r'href="(/notices/\d+)"', notices.text)
    assert link is not None and deputy.get(link[1]).headers["Location"] == "/profile/away"


def test_it_says_why_it_refuses(site: Site) -> None:
    """An overlap names who stands in already; a period without sense is said at its field."""
    handler = site.browser("handler")
    handler.post("/profile/away/new", {"user": "water_handler", **PERIOD})
    again = handler.post("/profile/away/new", {"user": "colleague", **PERIOD})
    assert again.status_code == 422
    assert "2026-11-20 至 2026-11-22 已由员工water_handler代理该岗位" in plain(again)
    for wrong, words in (
        ({"until_at": "2026-11-18"}, "结束时间须晚于开始和现在"),
        ({"from_at": "x"}, "请填写日期"),
        ({"user": "handler"}, "请从名单中选择代理人"),
    ):
        page = handler.post("/profile/away/new", {"user": "colleague", **PERIOD, **wrong})
        assert page.status_code == 422 and words in plain(page), wrong


def test_it_lets_a_leader_arrange_for_staff_and_end_it(site: Site) -> None:
    leader, handler = site.browser("department_leader"), site.browser("handler")
    page = leader.get("/profile/away")
    post = re.search(r'/profile/away/posts/(\d+)" aria-label="设置代理：员工handler"', page.text)
    assert post is not None
    address = f"/profile/away/posts/{post[1]}"
    assert leader.post(address, {"user": "colleague", **PERIOD}).status_code == 303
    for login in ("water_handler", "sibling", "colleague"):
        assert site.browser(login).get(address).status_code == 404, login

    ends = re.search(r"/profile/away/deputies/\d+/end", handler.get("/profile/away").text)
    assert ends is not None
    assert site.browser("sibling").post(ends[0]).status_code == 404
    assert handler.post(ends[0]).status_code == 303
    assert leader.post(ends[0]).status_code == 404
