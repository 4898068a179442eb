"""Running cases go to a newer version by question, or stay, each for a reason that is said."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from engine.casework import migration
from engine.casework.migration import CaseNotInVersion, VersionChange
from engine.definitions import versions
from engine.definitions.versions import ReleaseTerms
from engine.models import Case, CaseState, Recalculation, Task, Version
from engine.operations import doctor
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT
from tests.webapp.policy_desk import staff
from tests.webapp.site import Site, plain

DIAGRAM = "processes/ticket/ticket.bpmn"
LIMIT = ('form="ticket/accept" limit="1"', 'form="ticket/accept" limit="7"')
NAME = ('name="受理"', 'name="受理核实"')
# The village's task goes to somebody else, or is gone.
ROLE = ('form="ticket/accept" limit="1"', 'role="leader" form="ticket/accept" limit="1"')


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    staff(site)


def published(site: Site, *changes: tuple[str, str]) -> int:
    """Publish the newest ticket with texts replaced; returns the version's id."""
    with site.app.app_context(), transaction() as db:
        last = versions.latest(db, "ticket")
        assert last is not None
        files = versions.files_of(db, last.id)
        text = files[DIAGRAM].decode()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        files[DIAGRAM] = text.encode()
        terms = ReleaseTerms(origin="browser", publisher_id=site.world.logins["publisher"])
        return versions.publish(db, "ticket", files, now=site.world.now, terms=terms).id


def first(site: Site) -> int:
    with site.app.app_context(), reading() as db:
        query = select(Version.id).where(Version.process == "ticket", Version.number == 1)
        return db.scalars(query).one()


def moved(site: Site, target: int, **fields: str) -> str:
    """Press the button; returns the page that follows."""
    browser = site.browser("publisher")
    form = {"to": target, "reason": "新规定", **fields}
    answer = browser.post(f"/policy/versions/{first(site)}/cases", form)
    assert answer.status_code == 303, plain(answer)
    return plain(browser.get(answer.headers["Location"]))


def followed(site: Site, case_id: int) -> int:
    with site.app.app_context(), reading() as db:
        return db.get_one(Case, case_id).version_id


def healthy(site: Site) -> None:
    """The doctor finds state, rows, chain and counters in agreement."""
    with site.app.app_context(), reading(snapshot=True) as db:
        assert doctor.examine(db, site.world.now).findings == []


def test_it_takes_a_case_to_the_new_version_and_on(site: Site) -> None:
    case_id = site.open()
    with site.app.app_context():
        before = site.world.task(case_id)
    target = published(site, NAME, LIMIT)

    page = plain(site.browser("publisher").get(f"/policy/versions/{first(site)}/cases"))
    assert "可切换至第 2 版：1 件" in page and "受理 1" in page
    assert "已将 1 件切换至第 2 版，0 件保持原版本" in moved(site, target)

    assert followed(site, case_id) == target
    with site.app.app_context():
        task = site.world.task(case_id)
        assert (task.id, task.engine_id) == (before.id, before.engine_id)
        assert task.name == "受理核实"
        # Its limit stays as it was counted.
        assert (task.limit_amount, task.due_at) == (before.limit_amount, before.due_at)
        site.world.complete("grid_leader", case_id, ACCEPT)
        assert site.world.open_nodes(case_id) == ["dispatch"]
        (event,) = site.world.events(case_id, "case.migrated")
        assert json.loads(event.data)["version"] == 2
    healthy(site)
    told = plain(site.browser("grid_leader").get(f"/cases/{case_id}/story"))
    assert "将事项从第 1 版切换至第 2 版" in told


def test_it_counts_limits_anew_where_asked(site: Site) -> None:
    case_id = site.open()
    target = published(site, LIMIT)
    moved(site, target, limits="anew")
    with site.app.app_context():
        task = site.world.task(case_id)
        (event,) = site.world.events(case_id, "clock.recounted")
    assert task.limit_amount == 7
    assert json.loads(event.data)["reason"] == "version"
    healthy(site)


def test_it_keeps_a_case_whose_task_goes_to_others(site: Site) -> None:
    case_id = site.open()
    target = published(site, ROLE)
    page = plain(site.browser("publisher").get(f"/policy/versions/{first(site)}/cases"))
    assert "可切换至第 2 版：0 件" in page and "新版本换了由谁办" in page
    assert "已将 0 件切换至第 2 版，1 件保持原版本" in moved(site, target)
    assert followed(site, case_id) == first(site)
    with site.app.app_context():
        assert site.world.events(case_id, "case.migrated") == []
    healthy(site)


def test_it_keeps_a_case_at_a_step_that_is_gone(site: Site) -> None:
    """One case is at the step, the other has not come there: only that one goes."""
    there, before = site.open(), site.open()
    site.run(lambda world: world.complete("grid_leader", there, ACCEPT))
    renamed = (('"dispatch"', '"sorting"'), (">dispatch<", ">sorting<"))
    target = published(site, *renamed)
    page = moved(site, target)
    assert followed(site, before) == target and followed(site, there) == first(site)
    assert "新版本没有这个环节" in page


def test_it_keeps_a_case_whose_answers_would_be_lost(site: Site) -> None:
    """The village has answered; its form is another one in the new version."""
    case_id = site.open()
    site.run(lambda world: world.complete("grid_leader", case_id, ACCEPT))
    target = published(site, ('form="ticket/accept"', 'form="ticket/withdraw"'))
    assert "填过的表单在新版本中没有" in moved(site, target)
    assert followed(site, case_id) == first(site)


def test_a_case_moves_once_and_not_after_its_end(site: Site) -> None:
    case_id = site.open()
    target = published(site, NAME)
    change = VersionChange(first(site), target, "x")
    with site.app.app_context(), transaction() as db:
        publisher = site.world.actor(db, "publisher")
        migration.change_over(db, publisher, case_id, change, now=site.world.now)
    with site.app.app_context(), pytest.raises(CaseNotInVersion), transaction() as db:
        migration.change_over(db, publisher, case_id, change, now=site.world.now)


def test_nothing_of_before_is_recalled_afterwards(site: Site) -> None:
    """The state that a recall restores belongs to the old version."""
    case_id = site.open()
    site.run(lambda world: world.complete("grid_leader", case_id, ACCEPT))
    moved(site, published(site, NAME))
    with site.app.app_context(), reading() as db:
        state = db.get_one(CaseState, case_id)
        assert (state.prior, state.undo) == (None, None)


def test_the_page_costs_the_same_for_one_case_and_for_many(site: Site) -> None:
    site.open()
    published(site, NAME)
    browser, path = site.browser("publisher"), f"/policy/versions/{first(site)}/cases"
    browser.get(path)
    with site.statements() as one:
        browser.get(path)
    with site.app.app_context(), transaction() as db:
        db.get_one(Version, first(site))
    site.run(lambda world: [world.open() for _ in range(5)])
    with site.statements() as many:
        browser.get(path)
    assert len(many) == len(one)


def test_it_asks_why_and_where(site: Site) -> None:
    site.open()
    target = published(site, NAME)
    path = f"/policy/versions/{first(site)}/cases"
    for fields, words in (({"to": target, "reason": " "}, "原因"), ({"reason": "x"}, "目标版本")):
        answer = site.browser("publisher").post(path, fields)
        assert answer.status_code == 422 and words in plain(answer)


def test_it_is_done_by_publishers_alone(site: Site) -> None:
    case_id = site.open()
    target = published(site, NAME)
    path = f"/policy/versions/{first(site)}/cases"
    assert site.browser("editor").get(path).status_code == 200
    assert site.browser("editor").post(path, {"to": target, "reason": "x"}).status_code == 403
    assert site.browser("town_leader").get(path).status_code == 404
    assert site.browser("town_leader").post(path, {"to": target, "reason": "x"}).status_code == 404
    assert followed(site, case_id) == first(site)


def test_it_says_that_there_is_nowhere_to_go(site: Site) -> None:
    site.open()
    page = plain(site.browser("publisher").get(f"/policy/versions/{first(site)}/cases"))
    assert "无可切换版本" in page
    listed = site.browser("publisher").get("/policy/processes/ticket")
    assert f"/policy/versions/{first(site)}/cases" in listed.text


@pytest.mark.parametrize(("answer", "asked"), [("anew", 1), ("keep", 0), ("", 0)])
def test_a_new_escalation_table_asks_about_open_clocks(site: Site, answer: str, asked: int) -> None:
    with site.app.app_context(), reading() as db:
        table = versions.latest(db, versions.ESCALATION)
        assert table is not None
    publisher = site.browser("publisher")
    page = plain(publisher.get(f"/policy/versions/{table.id}"))
    assert "仍按开始计时时的升级表" in page
    done = publisher.post(
        f"/policy/versions/{table.id}/use", {"where": "all", "reason": "x", "open": answer}
    )
    assert done.status_code == 303
    with site.app.app_context(), reading() as db:
        assert len(db.scalars(select(Recalculation.id)).all()) == asked


def test_a_task_row_keeps_who_signed_for_it(site: Site) -> None:
    case_id = site.open()
    with site.app.app_context(), transaction() as db:
        from engine.casework import cases

        leader = site.world.actor(db, "grid_leader")
        cases.sign(db, leader, site.world.task(case_id).id, now=site.world.now)
    moved(site, published(site, NAME))
    with site.app.app_context(), reading() as db:
        task = db.scalars(select(Task).where(Task.case_id == case_id, Task.done_at.is_(None))).one()
        assert task.assignee_id == site.world.logins["grid_leader"]
