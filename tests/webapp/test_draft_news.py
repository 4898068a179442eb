"""Who hears of a draft: its publishers, its authors, nobody else, and each once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.models import Notice, User
from engine.storage.db import reading
from engine.worker import ticks
from tests.webapp.policy_desk import draft, files, save, staff
from tests.webapp.site import Site, plain
from tests.webapp.test_review import changed, give, post, submitted

WAITING = "份流程草稿待您审批"


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    staff(site)


def delivered(site: Site) -> dict[str, list[str]]:
    """What everybody was told about drafts since the beginning, after the worker has been."""
    with site.app.app_context():
        ticks.deliver(site.world.now)
        with reading() as db:
            rows = db.execute(
                select(User.login, Notice.key)
                .join(Notice, Notice.user_id == User.id)
                .where(Notice.key.startswith("draft."))
                .order_by(Notice.id)
            ).all()
    told: dict[str, list[str]] = {}
    for login, key in rows:
        told.setdefault(login, []).append(key.removeprefix("draft."))
    return told


def waits_for(site: Site, login: str) -> bool:
    """Whether somebody's workbench and rail say that a draft waits for them."""
    page = site.browser(login).get("/")
    said = WAITING in plain(page)
    assert said == ("待您审批" in page.text)
    return said


def test_publishers_are_told_and_reminded_until_it_is_decided(site: Site) -> None:
    give(site, "second_editor", "policy_publisher")
    one = submitted(site)
    # The second editor is a publisher, too, and did not write in it.
    assert delivered(site) == {"publisher": ["submitted"], "second_editor": ["submitted"]}
    assert waits_for(site, "publisher") and waits_for(site, "second_editor")
    assert not waits_for(site, "editor")
    page = site.browser("publisher").get("/notices")
    assert "请审批流程草稿：" in plain(page)
    with site.app.app_context(), reading() as db:
        mine = Notice.user_id == site.world.logins["publisher"]
        notice = db.scalars(select(Notice).where(mine)).one()
    followed = site.browser("publisher").get(f"/notices/{notice.id}")
    assert followed.headers["Location"] == f"/policy/drafts/{one}/review"

    assert post(site, "publisher", one, "publish", where="all").status_code == 303
    assert not waits_for(site, "publisher") and not waits_for(site, "second_editor")
    assert delivered(site)["editor"] == ["published"]


def test_who_wrote_in_it_is_not_asked_to_approve_it(site: Site) -> None:
    give(site, "second_editor", "policy_publisher")
    one = changed(site)
    text = files(site, one)["files"]["forms/ticket/rate.json"]
    answer = save(site, one, 2, {"forms/ticket/rate.json": f"{text} "}, "second_editor")
    assert answer.status_code == 200
    assert post(site, "editor", one, "scenarios").status_code == 303
    assert post(site, "editor", one, "submit", reason="x").status_code == 303
    assert delivered(site) == {"publisher": ["submitted"]}
    assert not waits_for(site, "second_editor")


def test_its_authors_hear_what_becomes_of_it(site: Site) -> None:
    one = submitted(site)
    post(site, "publisher", one, "comment", body="为什么是七天？")
    post(site, "editor", one, "comment", body="村里人手少。")
    post(site, "publisher", one, "send-back", body="请改为五天")
    told = delivered(site)
    assert told["editor"] == ["comment", "sent_back"]
    assert told["publisher"] == ["submitted", "comment"]
    assert not waits_for(site, "publisher")
    # Handed in again: told again.
    assert post(site, "editor", one, "submit", reason="x").status_code == 303
    assert delivered(site)["publisher"] == ["submitted", "comment", "submitted"]
    # Who takes their own draft back has decided nothing.
    assert post(site, "editor", one, "send-back").status_code == 303
    assert delivered(site)["editor"] == ["comment", "sent_back"]


def test_a_colleague_hears_that_it_was_discarded(site: Site) -> None:
    one = draft(site)
    assert post(site, "second_editor", one, "discard").status_code == 303
    assert delivered(site) == {"editor": ["discarded"]}


def test_it_names_nothing_of_what_is_in_it(site: Site) -> None:
    submitted(site)
    delivered(site)
    with site.app.app_context(), reading() as db:
        (data,) = db.scalars(select(Notice.data).where(Notice.key == "draft.submitted"))
    assert set(data) == {"text", "draft", "task"} and "受理更从容" not in str(data)
