"""Duties that are kept apart: of those who draw and publish, of counties, of administrators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import org, settings
from engine.casework import migration
from engine.casework.migration import VersionChange
from engine.errors import NotAllowed
from engine.models import AccountAct, Deputy, Post, Rollout, Unit, User, new_id
from engine.storage.db import reading, transaction
from tests.webapp.policy_desk import files, save, staff, version_of
from tests.webapp.site import Site, plain
from tests.webapp.test_admin import appoint, post_of, unit_of, user_of
from tests.webapp.test_changeovers import NAME, first, followed, published
from tests.webapp.test_grants import ask, decide, new_user, posts_of, request_of
from tests.webapp.test_review import only_version, post, submitted

TIED = "30 天内有建号、重置密码或岗位分配关系"
ACTS = ("made", "reset", "appointed")


@pytest.fixture
def desk(site: Site) -> Site:
    """A county with its editors and its publisher."""
    staff(site)
    return site


def act(site: Site, by: str, user: str, kind: str, days: int = 0) -> None:
    """Somebody made, reset or appointed somebody else so many days ago."""

    def write(_world: object) -> None:
        with transaction() as db:
            logins, at = site.world.logins, site.world.now - timedelta(days=days)
            row = AccountAct(id=new_id(), by_id=logins[by], user_id=logins[user], kind=kind, at=at)
            db.add(row)

    site.run(write)


def stand_in(site: Site, holder: str, role: str, deputy: str, code: str = "620725") -> None:
    """Somebody stands in for the holder of a post for ten days from now on."""

    def write(_world: object) -> None:
        with transaction() as db:
            user = db.scalars(select(User).where(User.login == deputy)).one()
            replaced = select(User.id).where(User.login == holder).scalar_subquery()
            row = db.scalars(
                select(Post)
                .join(Unit)
                .where(Unit.code == code, Post.role == role, Post.user_id == replaced)
            ).one()
            begin = site.world.now
            end = begin + timedelta(days=10)
            org.create_deputy(db, None, post=row, user=user, from_at=begin, until_at=end, now=begin)

    site.run(write)


@pytest.mark.parametrize("kind", ACTS)
@pytest.mark.parametrize(("by", "user"), [("editor", "publisher"), ("publisher", "editor")])
def test_nobody_publishes_for_whom_they_made_reset_or_appointed(
    desk: Site, by: str, user: str, kind: str
) -> None:
    """Nor the other way round; thirty days later they may."""
    act(desk, by, user, kind, days=29)
    draft = submitted(desk)
    refused = post(desk, "publisher", draft, "publish", where="all")
    assert refused.status_code == 422 and TIED in plain(refused)
    assert version_of(desk) == only_version(desk)

    desk.world.now += timedelta(days=1)
    desk.browsers.clear()
    assert post(desk, "publisher", draft, "publish", where="all").status_code == 303


def test_what_administrators_do_is_what_ties_the_two(desk: Site) -> None:
    """Through the pages: who resets the password of an editor does not publish the draft."""
    appoint(desk, "boss", "620725")
    appoint(desk, "second", "620725")
    draft = submitted(desk)
    new_user(desk, "chief")

    def publisher(_world: object) -> None:
        with transaction() as db:
            unit = db.scalars(select(Unit).where(Unit.code == "620725")).one()
            for login in ("boss", "chief"):
                user = db.scalars(select(User).where(User.login == login)).one()
                org.create_post(
                    db, None, unit=unit, role="policy_publisher", user=user, now=desk.world.now
                )

    desk.run(publisher)
    editor = user_of(desk, "editor").id
    asked = desk.browser("boss").post(f"/admin/users/{editor}/password")
    assert asked.status_code == 200
    assert decide(desk.browser("second"), request_of(desk)) == 200

    refused = post(desk, "boss", draft, "publish", where="all")
    assert refused.status_code == 422 and TIED in plain(refused)
    assert post(desk, "chief", draft, "publish", where="all").status_code == 303


def test_one_of_several_editors_is_enough(desk: Site) -> None:
    """Whoever wrote in it counts, not only who handed it in; so does who published before."""
    act(desk, "publisher", "second_editor", "appointed")
    draft = submitted(desk)
    assert post(desk, "editor", draft, "send-back").status_code == 303
    found = files(desk, draft, "second_editor")
    text = found["files"]["processes/ticket/ticket.bpmn"]
    changed = {"processes/ticket/ticket.bpmn": text + "\n"}
    assert save(desk, draft, found["revision"], changed, "second_editor").status_code == 200
    assert post(desk, "editor", draft, "submit", reason="受理更从容").status_code == 303
    refused = post(desk, "publisher", draft, "publish", where="all")
    assert refused.status_code == 422 and TIED in plain(refused)


def test_an_older_version_of_theirs_is_not_used_again(desk: Site) -> None:
    assert post(desk, "publisher", submitted(desk), "publish", where="all").status_code == 303
    act(desk, "editor", "publisher", "reset")
    path = f"/policy/versions/{version_of(desk)}/use"
    refused = desk.browser("publisher").post(path, {"where": "all", "reason": "再用"})
    assert refused.status_code == 422 and TIED in plain(refused)


def test_a_stand_in_publishes_no_more_than_whom_they_stand_in_for(desk: Site) -> None:
    """Who depends on the editor does not have another press the button."""
    new_user(desk, "keeper")
    stand_in(desk, "publisher", "policy_publisher", "keeper")
    act(desk, "editor", "publisher", "made")
    draft = submitted(desk)
    refused = post(desk, "keeper", draft, "publish", where="all")
    assert refused.status_code == 422 and TIED in plain(refused)


def test_nobody_confirms_for_whom_they_stand_in(site: Site) -> None:
    """An administrator's request is not confirmed by the same power in other hands."""
    for login in ("boss", "second"):
        appoint(site, login, "620725")
    for login in ("keeper", "novice"):
        new_user(site, login)
    stand_in(site, "boss", "admin", "keeper")
    request = ask(site, "policy_editor", "novice")
    assert decide(site.browser("keeper"), request) == 403
    assert posts_of(site, "novice") == set()
    # The other administrator has a power of their own, whomever they stand in for.
    stand_in(site, "second", "admin", "keeper")
    assert decide(site.browser("keeper"), request) == 403
    assert decide(site.browser("second"), request) == 303


def neighbour(site: Site) -> None:
    """Another county of the same city, with a village, a grid and people at work."""

    def grow(_world: object) -> None:
        now = site.world.now
        with transaction() as db:
            above = db.scalars(select(Unit).where(Unit.code == "6207")).one()
            for code, level in (
                ("620723", "county"),
                ("X1", "township"),
                ("Y1", "village"),
                ("Z1", "grid"),
            ):
                above = org.create_unit(
                    db, None, code=code, name=f"外{code}", level=level, parent=above, now=now
                )
            for login, code, role in (
                ("outer", "Z1", "grid_worker"),
                ("elder", "Y1", "grid_leader"),
            ):
                unit = db.scalars(select(Unit).where(Unit.code == code)).one()
                user = org.create_user(
                    db, None, login=login, name=login, password_hash="x", now=now
                )
                org.create_post(db, None, unit=unit, role=role, user=user, now=now)
                site.world.logins[login] = user.id

    site.run(grow)


def used_in(site: Site, version_id: int) -> set[str | None]:
    """The units for which a version was decided on; None stands for everywhere."""
    with site.app.app_context(), reading() as db:
        query = select(Unit.code).select_from(Rollout).outerjoin(Unit, Unit.id == Rollout.unit_id)
        return set(db.scalars(query.where(Rollout.version_id == version_id)))


def test_a_publisher_publishes_in_the_own_county_alone(desk: Site) -> None:
    neighbour(desk)
    draft = submitted(desk)
    outside = post(desk, "publisher", draft, "publish", where="some", units=unit_of(desk, "X1").id)
    assert outside.status_code == 422 and "辖区内" in plain(outside)
    assert post(desk, "publisher", draft, "publish", where="all").status_code == 303
    assert used_in(desk, version_of(desk)) == {"620725"}
    assert followed(desk, desk.open()) == version_of(desk)
    assert followed(desk, desk.open("outer", place="Z1")) == first(desk)


def test_a_version_is_used_again_in_the_own_county_alone(desk: Site) -> None:
    neighbour(desk)
    published(desk, NAME)
    path = f"/policy/versions/{first(desk)}/use"
    sent = {"where": "all", "reason": "试用不理想"}
    foreign = {**sent, "where": "some", "units": unit_of(desk, "620723").id}
    assert desk.browser("publisher").post(path, foreign).status_code == 422
    assert desk.browser("publisher").post(path, sent).status_code == 303
    assert used_in(desk, first(desk)) >= {"620725"}
    assert followed(desk, desk.open()) == first(desk)
    assert followed(desk, desk.open("outer", place="Z1")) == version_of(desk)
    # What is in force everywhere is no matter of one county.
    table = version_of(desk, "escalation")
    page = desk.browser("publisher").post(f"/policy/versions/{table}/use", sent)
    assert page.status_code == 422 and "全县启用" in plain(page)


@pytest.mark.parametrize(
    ("code", "where"),
    [("T1", {"T1"}), ("6207", {"6207"}), ("62", {"6207"}), ("620725-ZJJ", set())],
)
def test_no_post_publishes_everywhere_for_want_of_an_area(
    desk: Site, code: str, where: set[str]
) -> None:
    """A province stands above the levels that cases carry, an office stands for no area."""

    def elsewhere(_world: object) -> None:
        with transaction() as db:
            top = None
            for one, level in (("63", "province"), ("6301", "city"), ("630121", "county")):
                top = org.create_unit(
                    db, None, code=one, name=one, level=level, parent=top, now=desk.world.now
                )

    desk.run(elsewhere)
    appoint(desk, "novice", code, "policy_publisher")
    appoint(desk, "drawer", code, "policy_editor")
    before = version_of(desk)
    answer = post(desk, "novice", submitted(desk, "drawer"), "publish", where="all")
    if where:
        assert answer.status_code == 303 and used_in(desk, version_of(desk)) == where
    else:
        assert answer.status_code == 422 and version_of(desk) == before


def test_cases_of_another_county_are_not_taken_to_a_version(desk: Site) -> None:
    """Neither shown nor counted nor moved; those of the own county go all the same."""
    neighbour(desk)
    foreign = desk.open("outer", place="Z1")
    own = desk.open()
    target = published(desk, NAME)
    path = f"/policy/versions/{first(desk)}/cases"
    for login in ("publisher", "editor"):
        assert "可切换至第 2 版：1 件" in plain(desk.browser(login).get(path))
    sent = desk.browser("publisher").post(path, {"to": target, "reason": "新规定"})
    assert sent.status_code == 303
    assert (followed(desk, own), followed(desk, foreign)) == (target, first(desk))

    change = VersionChange(first(desk), target, "新规定")
    with desk.app.app_context(), pytest.raises(NotAllowed), transaction() as db:
        publisher = desk.world.actor(db, "publisher")
        migration.change_over(db, publisher, foreign, change, now=desk.world.now)


@pytest.fixture
def apart(site: Site) -> Iterator[Site]:
    """A county in which system, security and audit administrators are different people."""
    before = settings.current()
    site.configure(separate_admins=True)
    settings.use(replace(before, separate_admins=True))
    for login, role in (
        ("boss", "admin"),
        ("second", "admin"),
        ("guard", "security_admin"),
        ("reader", "auditor"),
    ):
        appoint(site, login, "620725", role)
    yield site
    settings.use(before)


@pytest.mark.parametrize(
    ("login", "role"),
    [
        ("boss", "security_admin"),
        ("boss", "auditor"),
        ("guard", "admin"),
        ("guard", "auditor"),
        ("reader", "admin"),
        ("reader", "security_admin"),
    ],
)
def test_the_three_administrators_are_three_people(apart: Site, login: str, role: str) -> None:
    """Whatever the place: no other post makes two of them one."""
    held = posts_of(apart, login)
    by = apart.browser("second")
    for code in ("620725", "T2"):
        path = f"/admin/units/{unit_of(apart, code).id}/posts/new"
        assert by.post(path, {"role": role, "user": login}).status_code == 422, code
    assert posts_of(apart, login) == held


def test_no_administrator_stands_in_for_another_kind(apart: Site) -> None:
    days = {"from_at": "2026-11-20", "until_at": "2026-11-22"}
    guard = post_of(apart, "620725", "security_admin").id
    page = apart.browser("boss").post(f"/admin/posts/{guard}/deputy", {"user": "second", **days})
    assert page.status_code == 422 and "须由不同的人担任" in plain(page)
    reader = post_of(apart, "620725", "auditor").id
    page = apart.browser("boss").post(f"/admin/posts/{reader}/deputy", {"user": "guard", **days})
    assert page.status_code == 422
    with apart.app.app_context(), reading() as db:
        assert db.scalars(select(Deputy)).all() == []


def test_security_administrators_confirm_and_system_administrators_do_not(apart: Site) -> None:
    new_user(apart, "novice")
    request = ask(apart, "policy_editor", "novice")
    assert decide(apart.browser("second"), request) == 404
    assert decide(apart.browser("reader"), request) == 404
    assert posts_of(apart, "novice") == set()
    listed = plain(apart.browser("guard").get("/admin/grants"))
    assert "将 山丹县 流程编辑 岗位分配给 新novice" in listed
    assert decide(apart.browser("guard"), request) == 303
    assert posts_of(apart, "novice") == {("620725", "policy_editor")}
    # And look after nobody themselves.
    assert apart.browser("guard").get("/admin/units").status_code == 404


def test_without_the_switch_they_may_be_one_and_administrators_confirm(site: Site) -> None:
    for login in ("boss", "second", "guard"):
        appoint(site, login, "620725", "security_admin" if login == "guard" else "admin")
    request = ask(site, "security_admin", "second")
    assert decide(site.browser("guard"), request) == 404
    third = ask(site, "policy_editor", "worker")
    assert decide(site.browser("second"), third) == 303


def test_the_switch_is_read_from_the_environment() -> None:
    for environ, said in (({}, False), ({"FENGQIAO_SEPARATE_ADMINS": "1"}, True)):
        assert settings.Settings.from_environment(environ).separate_admins is said
