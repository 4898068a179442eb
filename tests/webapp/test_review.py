"""From a changed limit to a case that follows it: submitted by one, published by another."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.definitions import rollouts, versions
from engine.models import AdminEvent, Case, ProcessDraft, Task, Unit, Version
from engine.storage.db import reading
from tests.webapp.policy_desk import draft, files, save, shown, staff, version_of
from tests.webapp.site import Site, hidden, plain

DIAGRAM = "processes/ticket/ticket.bpmn"
OLD, NEW = 'form="ticket/accept" limit="1"', 'form="ticket/accept" limit="7"'


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    staff(site)


def changed(site: Site, old: str = OLD, new: str = NEW, by: str = "editor") -> int:
    """A draft in which the limit of the acceptance is another."""
    one = draft(site, by)
    text = files(site, one, by)["files"][DIAGRAM]
    assert old in text
    assert save(site, one, 1, {DIAGRAM: text.replace(old, new)}, by).status_code == 200
    return one


def post(site: Site, login: str, one: int, verb: str, **fields: object):  # type: ignore[no-untyped-def]
    """Press a button of the review page; publishing sends what the page shows, unless told."""
    if verb == "publish":
        fields = {**shown(site, one), **fields}
    return site.browser(login).post(f"/policy/drafts/{one}/{verb}", fields)


def submitted(site: Site, by: str = "editor") -> int:
    """The scenarios that expect the old limit are saved with the new one first."""
    one = changed(site, by=by)
    refused = post(site, by, one, "submit", reason="受理更从容")
    assert refused.status_code == 409 and "测试用例" in plain(refused)
    assert post(site, by, one, "scenarios").status_code == 303
    answer = post(site, by, one, "submit", reason="受理更从容")
    assert answer.status_code == 303, plain(answer)
    return one


def unit(site: Site, code: str) -> int:
    with site.app.app_context(), reading() as db:
        return db.scalars(select(Unit.id).where(Unit.code == code)).one()


def followed(site: Site, case_id: int) -> int:
    """The number of the version that a case follows."""
    with site.app.app_context(), reading() as db:
        query = select(Version.number).join(Case, Case.version_id == Version.id)
        return db.scalars(query.where(Case.id == case_id)).one()


def test_it_is_published_by_a_second_person_and_followed_by_new_cases(site: Site) -> None:
    running = site.open()
    one = submitted(site)
    page = site.browser("publisher").get(f"/policy/drafts/{one}/review")
    assert "办理时限由" in plain(page) and "受理更从容" in plain(page)

    answer = post(site, "publisher", one, "publish", where="all")
    assert answer.status_code == 303, plain(answer)

    with site.app.app_context(), reading() as db:
        version = versions.latest(db, "ticket")
        assert version is not None and version.number == 2
        people = (version.author_id, version.publisher_id)
        assert people == (site.world.logins["editor"], site.world.logins["publisher"])
        assert (version.origin, version.reason) == ("browser", "受理更从容")
        assert version.digest == versions.digest_of(versions.files_of(db, version.id))
        ours = AdminEvent.kind.like("draft.%") | AdminEvent.kind.like("version.%")
        kinds = list(db.scalars(select(AdminEvent.kind).where(ours).order_by(AdminEvent.seq)))
        assert kinds[-3:] == ["draft.begun", "draft.submitted", "version.published"]
    fresh = site.open()
    assert (followed(site, running), followed(site, fresh)) == (1, 2)
    with site.app.app_context(), reading() as db:
        limits = select(Task.limit_amount).where(Task.case_id == fresh, Task.node_id == "accept")
        assert db.scalars(limits).one() == 7


def test_it_publishes_only_what_was_seen(site: Site) -> None:
    """Taken back, changed and handed in again while the page was open: told, and not published."""
    one = submitted(site)
    page = site.browser("publisher").get(f"/policy/drafts/{one}/review")
    seen = {name: hidden(page, name) for name in ("digest", "revision", "compared")}
    assert post(site, "editor", one, "send-back").status_code == 303
    text = files(site, one)["files"][DIAGRAM]
    revision = files(site, one)["revision"]
    sly = text.replace('form="ticket/accept" limit="7"', 'form="ticket/accept" limit="9"')
    assert sly != text
    assert save(site, one, revision, {DIAGRAM: sly}).status_code == 200
    assert post(site, "editor", one, "scenarios").status_code == 303
    assert post(site, "editor", one, "submit", reason="受理更从容").status_code == 303

    refused = post(site, "publisher", one, "publish", **{"where": "all", **seen})

    words = plain(refused)
    assert refused.status_code == 409 and "您核对的不是草稿现在的内容" in words
    assert "核对后的改动" in words and "由“7 个工作日”改为“9 个工作日”" in words
    assert version_of(site) == only_version(site)
    # The page that was shown instead is what is decided on next.
    again = {name: hidden(refused, name) for name in ("digest", "revision", "compared")}
    answer = post(site, "publisher", one, "publish", **{"where": "all", **again})
    assert answer.status_code == 303 and version_of(site) != only_first(site)


@pytest.mark.parametrize(
    "lie",
    [{"digest": ""}, {"digest": "0" * 64}, {"digest": "0" * 64, "revision": "-1"}, {"compared": 1}],
)
def test_it_publishes_nothing_for_a_button_that_says_something_else(
    site: Site, lie: dict[str, object]
) -> None:
    answer = post(site, "publisher", submitted(site), "publish", **{"where": "all", **lie})
    assert answer.status_code == 409 and "核对后的改动" not in plain(answer)
    assert version_of(site) == only_version(site)


@pytest.mark.parametrize("login", ["editor", "second_editor"])
def test_it_is_not_published_by_who_is_no_publisher(site: Site, login: str) -> None:
    assert post(site, login, submitted(site), "publish", where="all").status_code == 403


def test_it_is_not_published_by_who_wrote_in_it(site: Site) -> None:
    """Even somebody with both roles: writing one letter is writing."""
    give(site, "editor", "policy_publisher")
    answer = post(site, "editor", submitted(site), "publish", where="all")
    assert answer.status_code == 403
    assert version_of(site) == only_version(site)


def give(site: Site, login: str, role: str) -> None:
    from engine import org
    from engine.models import User
    from engine.storage.db import transaction

    with site.app.app_context(), transaction() as db:
        county = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        user = db.get_one(User, site.world.logins[login])
        org.create_post(db, None, unit=county, role=role, user=user, now=site.world.now)


def only_version(site: Site) -> int:
    with site.app.app_context(), reading() as db:
        return db.scalars(select(Version.id).where(Version.process == "ticket")).one()


def test_it_submits_nothing_with_errors(site: Site) -> None:
    one = changed(site, 'form="ticket/accept"', 'form="ticket/nothing"')
    answer = post(site, "editor", one, "submit", reason="x")
    assert answer.status_code == 409 and "未通过" in plain(answer)


def test_it_submits_nothing_that_changes_nothing(site: Site) -> None:
    one = draft(site)
    page = site.browser("editor").get(f"/policy/drafts/{one}/review")
    assert "内容与最近发布的版本相同" in plain(page)
    answer = post(site, "editor", one, "submit", reason="x")
    assert answer.status_code == 422 and "内容与最近发布的版本相同" in plain(answer)


def test_it_asks_why(site: Site) -> None:
    answer = post(site, "editor", changed(site), "submit", reason="  ")
    assert answer.status_code == 422 and "原因" in plain(answer)


def test_it_freezes_what_is_in_review_until_it_is_sent_back(site: Site) -> None:
    one = submitted(site)
    text = files(site, one)["files"][DIAGRAM]
    assert save(site, one, 3, {DIAGRAM: text + "\n"}).status_code == 409
    back = post(site, "publisher", one, "send-back", body="再想想")
    assert back.status_code == 303
    assert save(site, one, 3, {DIAGRAM: text + "\n"}).status_code == 200
    page = plain(site.browser("editor").get(f"/policy/drafts/{one}/review"))
    assert "再想想" in page and "退回修改" in page


def test_it_lets_people_talk_about_it(site: Site) -> None:
    one = submitted(site)
    assert post(site, "publisher", one, "comment", body="为什么是 7？").status_code == 303
    assert "为什么是 7？" in plain(site.browser("editor").get(f"/policy/drafts/{one}/review"))


def test_it_begins_on_its_day(site: Site) -> None:
    one = submitted(site)
    answer = post(site, "publisher", one, "publish", **{"where": "all", "from": "2026-12-01"})
    assert answer.status_code == 303, plain(answer)
    assert followed(site, site.open()) == 1

    site.world.now = site.world.now.replace(month=12, day=2)
    assert followed(site, site.open()) == 2


def test_it_does_not_begin_in_the_past(site: Site) -> None:
    answer = post(
        site, "publisher", submitted(site), "publish", **{"where": "all", "from": "2026-01-01"}
    )
    assert answer.status_code == 422


def test_it_is_tried_in_one_village_first_and_then_taken_back(site: Site) -> None:
    """G1 lies in V1; another village goes on with the old version."""
    one = submitted(site)
    answer = post(site, "publisher", one, "publish", where="some", units=unit(site, "V1"))
    assert answer.status_code == 303, plain(answer)

    assert followed(site, site.open(place="G1")) == 2
    with site.app.app_context(), reading() as db:
        plan = rollouts.plan(db, "ticket", site.world.now)
        place = db.scalars(select(Unit).where(Unit.code == "V3")).one()
        elsewhere = plan.at(rollouts.around(place))
        old = db.scalars(select(Version.id).where(Version.number == 1, Version.process == "ticket"))
        assert elsewhere == old.one()

    first = only_first(site)
    back = site.browser("publisher").post(
        f"/policy/versions/{first}/use", {"where": "all", "reason": "试用不理想"}
    )
    assert back.status_code == 303, plain(back)
    assert followed(site, site.open(place="G1")) == 1


def only_first(site: Site) -> int:
    with site.app.app_context(), reading() as db:
        query = select(Version.id).where(Version.process == "ticket", Version.number == 1)
        return db.scalars(query).one()


def test_it_tells_when_a_newer_version_was_published_meanwhile(site: Site) -> None:
    late = changed(site, OLD, OLD.replace('"1"', '"6"'))
    post(site, "publisher", submitted(site), "publish", where="all")
    assert post(site, "editor", late, "scenarios").status_code == 303
    assert post(site, "editor", late, "submit", reason="另一处").status_code == 303

    refused = post(site, "publisher", late, "publish", where="all")
    assert refused.status_code == 409 and "又发布过新版本" in plain(refused)
    assert (
        post(site, "publisher", late, "publish", where="all", over_newer="yes").status_code == 303
    )


def test_it_shows_where_the_cases_stand(site: Site) -> None:
    site.open()
    site.open()
    page = plain(site.browser("publisher").get("/policy/processes/ticket"))
    assert "受理 2" in page and "第 1 版" in page


def test_it_discards_a_draft_and_keeps_what_was_saved(site: Site) -> None:
    one = changed(site)
    assert post(site, "editor", one, "discard").status_code == 303
    with site.app.app_context(), reading() as db:
        assert db.get_one(ProcessDraft, one).stage == "discarded"
    older = site.browser("editor").get(f"/policy/drafts/{one}/files?revision=1")
    assert older.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/policy/processes/ticket",
        "/policy/processes/none",
        "/policy/versions/1",
        "/policy/versions/1/diagram.bpmn",
        "/policy/drafts/1/review",
        "/policy/drafts/1/diagram.bpmn",
    ],
)
def test_it_shows_none_of_it_to_others(site: Site, path: str) -> None:
    assert site.browser("county_leader").get(path).status_code == 404
