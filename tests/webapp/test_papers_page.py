"""The papers of a case in the browser: drafted, edited, seen as a picture, final, downloaded."""

from __future__ import annotations

import re

from sqlalchemy import select

from engine import org
from engine.casework import protection
from engine.casework.case_lock import begin, lock_case
from engine.models import Case, Paper, Task, Unit, User
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World
from tests.processes.desk import Desk
from tests.webapp.site import Site, plain
from tests.webapp.test_people_page import PARTIES, dispute, looks


def begun(site: Site, kind: str) -> tuple[int, str]:
    """A dispute, and the address of a paper that its mediator has begun."""
    case_id = dispute(site)
    mediator = site.browser("worker")
    begun = mediator.post(f"/cases/{case_id}/papers/{kind}")
    assert begun.status_code == 303, begun.text
    return case_id, re.sub(r"^https?://[^/]+", "", begun.location)


def paper(site: Site) -> Paper:
    with site.app.app_context(), reading() as db:
        return db.scalars(select(Paper)).one()


def test_a_mediator_makes_a_paper_without_typing_what_was_said(site: Site) -> None:
    case_id, path = begun(site, "application")
    mediator = site.browser("worker")
    assert "人民调解申请书" in plain(mediator.get(f"/cases/{case_id}/papers"))
    page = mediator.get(path)
    assert "桥面破损，行人不便。" in page.text and "定稿以前还要补正" not in plain(page)

    picture = mediator.get(f"{path}/picture.png")
    assert picture.mimetype == "image/png" and picture.data.startswith(b"\x89PNG")
    assert "no-store" in picture.headers["Cache-Control"]

    assert mediator.post(f"{path}/final").status_code == 303
    row = paper(site)
    assert row.state == "final" and row.attachment_id is not None
    made = mediator.get(f"/attachments/{row.attachment_id}")
    assert made.mimetype == "application/pdf" and made.data.startswith(b"%PDF")
    assert "定稿" in plain(mediator.get(f"/cases/{case_id}/story"))
    assert mediator.post(path, {"facts": "另一份"}).status_code == 422


def test_what_is_missing_is_named_and_nothing_is_final_before(site: Site) -> None:
    _case_id, path = begun(site, "agreement")
    mediator = site.browser("worker")
    refused = mediator.post(f"{path}/final")
    assert refused.status_code == 422
    words = plain(refused)
    assert "缺少：各方当事人的责任" in words and "缺少：协议内容（各方的权利义务）" in words
    assert paper(site).state == "draft"
    # A character that nothing draws is named by its code.
    mediator.post(path, {"facts": "某\ue001地", "liability": "各半", "copies": "3"})
    assert "U+E001" in plain(mediator.post(f"{path}/final"))
    # A row of terms is added without a script, and what was typed stays.
    again = mediator.post(path, {"liability": "三七开", "terms-add": "1"})
    assert "三七开" in again.text and 'name="terms-0-who"' in again.text


def test_others_neither_see_drafts_nor_make_papers(site: Site) -> None:
    case_id, path = begun(site, "application")
    leader, stranger = site.browser("county_leader"), site.browser("handler")
    page = leader.get(f"/cases/{case_id}/papers")
    assert page.status_code == 200 and "文书由正在办理的单位制作" in plain(page)
    assert leader.post(f"/cases/{case_id}/papers/record").status_code == 403
    for browser, status in ((leader, 403), (stranger, 404)):
        assert browser.get(path).status_code == status
        assert browser.get(f"{path}/picture.png").status_code == status
        assert browser.post(f"{path}/final").status_code == status
    assert paper(site).state == "draft"


def test_people_are_told_more_and_their_papers_know_it(site: Site) -> None:
    case_id, path = begun(site, "agreement")
    mediator = site.browser("worker")
    assert "被申请人王建国缺少：住址" in plain(mediator.get(path))
    edit = f"/cases/{case_id}/people/edit"
    assert 'value="王建国"' in mediator.get(edit).text
    told = {
        "parties-0-side": "申请人", "parties-0-party_name": "欧阳秀兰",
        "parties-0-party_kind": "自然人", "parties-0-party_phone": "13893612345",
        "parties-1-side": "被申请人", "parties-1-party_name": "王建国",
        "parties-1-party_kind": "自然人", "parties-1-party_address": "北街 1 号",
    }  # fmt: skip
    assert mediator.post(edit, told).status_code == 303
    assert "被申请人王建国缺少：住址" not in plain(mediator.get(path))
    assert "补充、更正了当事人信息" in plain(mediator.get(f"/cases/{case_id}/story"))
    assert mediator.post(edit, {}).status_code == 422
    assert site.browser("county_leader").get(edit).status_code == 403


def test_who_opens_a_colleagues_paper_is_recorded_once_and_a_final_one_each_time(
    site: Site,
) -> None:
    """The words of a draft name people: whoever holds the case sees them, on the record."""
    case_id, path = begun(site, "application")
    leader = site.browser("grid_leader")
    before = len(looks(site, case_id))
    assert leader.get(path).status_code == 200
    assert leader.get(f"{path}/picture.png").status_code == 200
    assert len(looks(site, case_id)) == before + 1

    assert site.browser("worker").post(f"{path}/final").status_code == 303
    page = leader.get(path)
    assert page.status_code == 200 and "picture.png" not in page.text
    assert leader.get(f"{path}/picture.png").status_code == 404


def test_a_draft_alone_shows_nobody_its_picture_unrecorded(site: Site) -> None:
    case_id, path = begun(site, "application")
    assert site.browser("grid_leader").get(f"{path}/picture.png").status_code == 200
    assert len(looks(site, case_id)) == 2


def test_a_paper_of_a_case_that_became_confidential_is_shown_to_nobody(site: Site) -> None:
    """It was begun while its people were no secret; they are one now."""
    case_id, path = begun(site, "application")

    def conceal(world: World) -> None:
        with transaction() as db:
            actor = world.actor(db, "grid_leader")
            work = begin(db, lock_case(db, case_id), actor, "reclassify", now=world.now)
            protection.protect(db, work)

    site.run(conceal)
    for login in ("worker", "grid_leader"):
        browser = site.browser(login)
        for answer in (
            browser.get(path),
            browser.get(f"{path}/picture.png"),
            browser.post(path, {"facts": "另一份"}),
            browser.post(f"{path}/final"),
        ):
            assert answer.status_code == 403 and "欧阳秀兰" not in answer.text, login


def test_two_committees_of_one_name_each_have_their_first_number(site: Site) -> None:
    words = {"title": "浇水", "begun_on": "2026-11-20", "ended_on": "2026-11-21"}
    words |= {"filed_by": "员工甲", "filed_on": "2026-11-22", "retention": "长期"}
    first, second = dispute(site), site.run(again)
    for unit, case_id in (("V1", first), ("V2", second)):
        site.run(lambda _world, unit=unit, case_id=case_id: of_one_name(unit, case_id))
        mediator = site.browser("worker")
        drafted = mediator.post(f"/cases/{case_id}/papers/cover")
        path = re.sub(r"^https?://[^/]+", "", drafted.location)
        mediator.post(path, words)
        final = mediator.post(f"{path}/final")
        assert final.status_code == 303, plain(final)
    with site.app.app_context(), reading() as db:
        rows = db.execute(select(Paper.number, Paper.unit_id)).all()
    assert len(rows) == 2 and len({row.number for row in rows}) == 1, rows
    assert len({row.unit_id for row in rows}) == 2


def again(world: World) -> int:
    """Open a second dispute; its mediator serves another village, too."""
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == "V2")).one()
        user = db.get_one(User, world.logins["worker"])
        org.create_post(db, None, unit=unit, role="mediator", user=user, now=world.now)
    desk = Desk(world, "dispute")
    desk.open("worker", parties=PARTIES, place="V1", people_count=2, amount=0)
    return desk.case_id


def of_one_name(code: str, case_id: int) -> None:
    """Lay a case at a village, which from now on has the name of another."""
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == code)).one()
        unit.name = "南湖村"
        db.get_one(Case, case_id).unit_id = unit.id
        for task in db.scalars(select(Task).where(Task.case_id == case_id)):
            task.unit_id = unit.id
