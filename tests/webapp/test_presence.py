"""Two people on one case: they see each other, and nobody overwrites what another has done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.models import Presence
from engine.storage.db import reading
from tests.engine.casework.world import HANDLE, WITHDRAW
from tests.webapp.site import Browser, Site, hidden, plain
from tests.webapp.test_case_page import at_handling

# Who it is, their posts, the case with its open tasks, who is here.
QUIET_SIGN = 5
ANSWERS = {**HANDLE, "handle_measures": "更换了三只灯具"}


@pytest.fixture
def handling(site: Site) -> tuple[int, int]:
    """A ticket that a handler of the housing bureau has signed for."""
    case_id, task_id = at_handling(site)
    assert site.browser("handler").post(f"/tasks/{task_id}/sign").status_code == 303
    return case_id, task_id


def known(browser: Browser, case_id: int) -> dict[str, str]:
    """What an open page sends along: its task and how far it has read."""
    page = browser.get(f"/cases/{case_id}")
    return {name: hidden(page, name) for name in ("seen", "task")}


def alive(browser: Browser, case_id: int, **said: Any) -> Any:
    """The sign of life of an open page."""
    return browser.post(f"/cases/{case_id}/here", said)


def reclassify(site: Site, case_id: int) -> None:
    """The county changes what the case is, while others have it open."""
    answers = {"category": "住房物业", "risk": "", "priority": "紧急", "reason": "群众反映强烈"}
    leader = site.browser("county_leader")
    assert leader.post(f"/cases/{case_id}/moves/reclassify", answers).status_code == 303


def test_it_shows_who_else_is_here_and_who_is_typing(site: Site, handling: tuple[int, int]) -> None:
    """Each sees the other, nobody themselves; who has gone is gone within a minute."""
    case_id, _task_id = handling
    handler, leader = site.browser("handler"), site.browser("department_leader")
    assert "员工" not in plain(alive(handler, case_id, writing="1"))
    seen = alive(leader, case_id)
    assert "员工handler 正在填写" in plain(seen) and "department_leader" not in plain(seen)
    assert "员工department_leader 正在查看" in plain(alive(handler, case_id))

    assert leader.post(f"/cases/{case_id}/gone").status_code == 204
    assert "员工" not in plain(alive(handler, case_id))
    assert "员工handler" in plain(alive(leader, case_id))
    site.world.now += timedelta(seconds=50)
    assert "员工" not in plain(alive(leader, case_id))
    site.world.now += timedelta(minutes=6)
    alive(leader, case_id)
    with site.app.app_context(), reading() as db:
        assert db.scalar(select(func.count()).select_from(Presence)) == 1


def test_it_hears_a_page_say_goodbye_after_the_next_one_came(
    site: Site, handling: tuple[int, int]
) -> None:
    """The old page's last word may arrive late, and other windows are none of its business."""
    case_id, _task_id = handling
    handler, leader = site.browser("handler"), site.browser("department_leader")
    alive(handler, case_id, page="before")
    alive(handler, case_id, page="after")
    handler.post(f"/cases/{case_id}/gone", {"page": "before"})
    assert "员工handler" in plain(alive(leader, case_id))

    assert alive(leader, case_id, page="\0" * 20).status_code == 200
    handler.post(f"/cases/{case_id}/gone", {"page": "after"})
    assert "员工handler" not in plain(alive(leader, case_id))


def test_it_answers_nothing_while_nothing_is_new(site: Site, handling: tuple[int, int]) -> None:
    case_id, _task_id = handling
    handler = site.browser("handler")
    page = known(handler, case_id)
    mark = hidden(alive(handler, case_id, **page), "mark")
    token = handler.token()
    with site.statements() as asked:
        again = handler.post(f"/cases/{case_id}/here", {**page, "mark": mark}, token=token)
    assert (again.status_code, again.data) == (204, b"")
    assert len(asked) <= QUIET_SIGN, "\n\n".join(asked)

    alive(site.browser("department_leader"), case_id)
    assert alive(handler, case_id, **page, mark=mark).status_code == 200


def test_it_tells_an_open_page_what_others_have_changed(
    site: Site, handling: tuple[int, int]
) -> None:
    case_id, _task_id = handling
    handler = site.browser("handler")
    page = known(handler, case_id)
    assert "有新变化" not in plain(alive(handler, case_id, **page))
    reclassify(site, case_id)
    assert "有新变化：员工county_leader 重新定性（" in plain(alive(handler, case_id, **page))
    assert "有新变化" not in plain(alive(site.browser("county_leader"), case_id, **page))
    assert site.browser("sibling").post(f"/cases/{case_id}/here", page).status_code == 404


def test_it_refuses_a_form_that_is_older_than_others_changes(
    site: Site, handling: tuple[int, int]
) -> None:
    """It says what has changed, keeps what was typed, and takes the form once that was seen."""
    case_id, task_id = handling
    handler, photo = site.browser("handler"), site.run(lambda world: world.photo("handler"))
    answers = {**ANSWERS, "handle_photos": photo, "seen": known(handler, case_id)["seen"]}
    reclassify(site, case_id)

    # A form that is only reshaped does not hide the news from its next attempt.
    shaped = handler.post(f"/tasks/{task_id}/complete", {**answers, "refresh": "1"})
    assert shaped.status_code == 200 and hidden(shaped, "seen") == answers["seen"]
    stale = handler.post(f"/tasks/{task_id}/complete", answers)
    assert stale.status_code == 409
    assert "此事项已有变化：员工county_leader 重新定性（" in plain(stale)
    assert "更换了三只灯具" in stale.text and photo in stale.text

    fresh = {**answers, "seen": hidden(stale, "seen")}
    assert handler.post(f"/tasks/{task_id}/complete", fresh).status_code == 303


def test_it_refuses_a_return_in_the_same_way(site: Site, handling: tuple[int, int]) -> None:
    case_id, task_id = handling
    handler, back = site.browser("handler"), f"/tasks/{task_id}/return"
    sent = {"target": "dispatch", "reason": "不属本部门", "seen": hidden(handler.get(back), "seen")}
    reclassify(site, case_id)

    stale = handler.post(back, sent)
    assert stale.status_code == 409 and "重新定性（" in plain(stale) and "不属本部门" in stale.text
    assert handler.post(back, {**sent, "seen": hidden(stale, "seen")}).status_code == 303


def test_it_refuses_a_button_of_the_diagram_in_the_same_way(site: Site) -> None:
    case_id = site.open()
    worker, withdraw = site.browser("worker"), f"/cases/{case_id}/messages/withdraw"
    sent = {**WITHDRAW, "seen": hidden(worker.get(withdraw), "seen")}
    reclassify(site, case_id)

    stale = worker.post(withdraw, sent)
    assert stale.status_code == 409 and "重新定性（" in plain(stale) and "不再反映" in stale.text
    assert worker.post(withdraw, {**sent, "seen": hidden(stale, "seen")}).status_code == 303


def test_it_does_not_trouble_anybody_with_what_they_did_themselves(
    site: Site, handling: tuple[int, int]
) -> None:
    """Own moves, comments and a colleague's look do not make a form stale."""
    case_id, task_id = handling
    handler, photo = site.browser("handler"), site.run(lambda world: world.photo("handler"))
    seen = known(handler, case_id)["seen"]
    handler.post(f"/tasks/{task_id}/moves/suspend", {"reason": "party", "note": "等人"})
    handler.post(f"/tasks/{task_id}/moves/resume")
    site.browser("colleague").post(f"/cases/{case_id}/remarks", {"text": "辛苦了"})
    answers = {**ANSWERS, "handle_photos": photo, "seen": seen}
    assert handler.post(f"/tasks/{task_id}/complete", answers).status_code == 303
