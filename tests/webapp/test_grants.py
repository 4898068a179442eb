"""Powers: nobody gives them to themselves, nor alone where they go beyond a unit."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from engine import org
from engine.models import (
    Case,
    Confidentiality,
    Deputy,
    GrantRequest,
    Notice,
    Post,
    Unit,
    User,
    new_id,
)
from engine.roles import WIDE
from engine.storage.db import reading, transaction
from tests.webapp.site import PASSWORD, Browser, Site, plain
from tests.webapp.test_admin import appoint, path_of, post_of, unit_of, user_of
from webapp import passwords

PERIOD = {"from_at": "2026-11-20", "until_at": "2026-11-22"}


@pytest.fixture
def county(site: Site) -> Site:
    """A county with two administrators, and one of a township."""
    for login, code in (("boss", "620725"), ("second", "620725"), ("t1-boss", "T1")):
        appoint(site, login, code)
    return site


def new_user(site: Site, login: str, code: str | None = "620725") -> User:
    """Somebody without a post, whose account belongs to a unit."""
    unit = unit_of(site, code).id if code is not None else None

    def act(_world: object) -> None:
        with transaction() as db:
            org.create_user(
                db,
                None,
                login=login,
                name=f"新{login}",
                password_hash=passwords.hashed(PASSWORD),
                must_change=False,
                now=site.world.now,
                unit_id=unit,
            )

    site.run(act)
    return user_of(site, login)


def half_of(page: TestResponse) -> str:
    """The half of a password that a page shows."""
    assert page.status_code == 200
    found = re.search(r"<dd><code>([a-z2-9]{4}-[a-z2-9]{4})</code>", page.text)
    assert found is not None
    return found[1]


def posts_of(site: Site, login: str) -> set[tuple[str, str]]:
    """Unit code and role of the posts that somebody holds now."""

    def look(_world: object) -> set[tuple[str, str]]:
        with reading() as db:
            rows = db.execute(
                select(Unit.code, Post.role)
                .join(Unit, Unit.id == Post.unit_id)
                .join(User, User.id == Post.user_id)
                .where(User.login == login, Post.until_at.is_(None))
            )
            return {(code, role) for code, role in rows}

    return site.run(look)


def request_of(site: Site) -> GrantRequest:
    """The newest request."""

    def look(_world: object) -> GrantRequest:
        with reading() as db:
            query = select(GrantRequest).order_by(GrantRequest.id.desc()).limit(1)
            return db.scalars(query).one()

    return site.run(look)


def ask(site: Site, role: str, user: str, by: str = "boss", code: str = "620725") -> GrantRequest:
    """An administrator asks for somebody's appointment."""
    answer = site.browser(by).post(path_of(site, code, "/posts/new"), {"role": role, "user": user})
    assert answer.status_code == 303, plain(answer)
    return request_of(site)


def decide(browser: Browser, request: GrantRequest, decision: str = "confirm") -> int:
    path = f"/admin/grants/{request.id}/decide"
    return browser.post(path, {"decision": decision}).status_code


@pytest.mark.parametrize("role", sorted(WIDE | {"operator", "leader", "dispatcher"}))
@pytest.mark.parametrize("login", ["t1-boss", "boss"])
def test_no_administrator_gives_a_role_to_himself(county: Site, login: str, role: str) -> None:
    code = "T1" if login == "t1-boss" else "620725"
    before = posts_of(county, login)

    page = county.browser(login).post(
        path_of(county, code, "/posts/new"), {"role": role, "user": login}
    )

    assert page.status_code == 422
    assert posts_of(county, login) == before == {(code, "admin")}


@pytest.mark.parametrize("role", sorted(WIDE))
def test_no_township_gives_a_power_that_goes_beyond_it(county: Site, role: str) -> None:
    """Neither in a new post nor in a vacant one, to whomever; it is not even offered."""
    boss = county.browser("t1-boss")
    path = path_of(county, "T1", "/posts/new")
    assert f'value="{role}"' not in boss.get(path).text
    page = boss.post(path, {"role": role, "user": "worker"})
    assert page.status_code == 422 and "县级" in plain(page)

    def vacancy(_world: object) -> int:
        with transaction() as db:
            unit = db.scalars(select(Unit).where(Unit.code == "T1")).one()
            return org.create_post(db, None, unit=unit, role=role, now=county.world.now).id

    post_id = county.run(vacancy)
    page = boss.post(f"/admin/posts/{post_id}/fill", {"user": "worker"})
    assert page.status_code == 422
    assert posts_of(county, "worker") == {("G1", "grid_worker")}


def test_a_second_administrator_confirms_a_wide_power(county: Site) -> None:
    new_user(county, "novice")
    request = ask(county, "policy_publisher", "novice")

    boss, second = county.browser("boss"), county.browser("second")
    assert posts_of(county, "novice") == set()
    assert "novice" not in plain(county.browser("t1-boss").get("/admin/grants"))
    assert "将 山丹县 流程发布 岗位分配给 新novice" in plain(second.get("/admin/grants"))
    assert decide(boss, request) == 403
    assert decide(county.browser("t1-boss"), request) == 404
    assert decide(county.browser("county_leader"), request) == 404
    assert posts_of(county, "novice") == set()

    assert decide(second, request) == 303
    assert posts_of(county, "novice") == {("620725", "policy_publisher")}
    assert decide(second, request) == 409
    post = post_of(county, "620725", "policy_publisher")
    assert post.granted_by == user_of(county, "boss").id
    assert post.confirmed_by == user_of(county, "second").id
    county.run(lambda world: world.work(world.now))
    assert "您的授权申请已确认生效" in plain(boss.get("/notices"))
    assert "请确认或退回授权申请" in plain(second.get("/notices"))
    assert "已向您分配岗位" in plain(county.browser("novice").get("/notices"))


def test_a_refused_or_withdrawn_request_gives_nothing(county: Site) -> None:
    new_user(county, "novice")
    request = ask(county, "supervisor", "novice")
    assert decide(county.browser("second"), request, "refuse") == 303
    request = ask(county, "supervisor", "novice")
    boss = county.browser("boss")
    assert boss.post(f"/admin/grants/{request.id}/withdraw").status_code == 303
    assert decide(county.browser("second"), request) == 409
    assert posts_of(county, "novice") == set()


def test_nobody_confirms_for_whom_they_made(county: Site) -> None:
    """An administrator whom the first one made or appointed lately is no second person."""
    new_user(county, "helper")
    assert decide(county.browser("second"), ask(county, "admin", "helper")) == 303
    new_user(county, "novice")
    request = ask(county, "policy_editor", "novice")
    page = county.browser("helper").get(f"/admin/grants/{request.id}")
    assert "30 天内" in plain(page)
    assert decide(county.browser("helper"), request) in (403, 409, 422)
    assert posts_of(county, "novice") == set()
    # Nor does the one who was to get it.
    request = ask(county, "policy_editor", "second")
    assert decide(county.browser("second"), request) == 403
    county.world.now = county.world.now.replace(month=12, day=25)
    county.browsers.clear()
    request = ask(county, "supervisor", "novice")
    assert decide(county.browser("helper"), request) == 303


def test_the_database_itself_refuses_a_grant_to_oneself(county: Site) -> None:
    boss, second = user_of(county, "boss").id, user_of(county, "second").id
    worker, unit = user_of(county, "worker").id, unit_of(county, "T1").id
    now = county.world.now
    leader = post_of(county, "T1", "leader").id
    post = {"unit_id": unit, "role": "handler", "from_at": now}
    stand_in = {"post_id": leader, "from_at": now, "until_at": now.replace(year=2027)}
    request = {"kind": "post", "unit_id": unit, "role": "admin", "user_id": worker, "at": now}
    decided = {"decided_at": now, "outcome": "confirmed"}
    wrong = (
        Post(id=new_id(), user_id=boss, granted_by=boss, **post),
        Post(id=new_id(), user_id=boss, granted_by=second, confirmed_by=boss, **post),
        Post(id=new_id(), user_id=worker, granted_by=boss, confirmed_by=boss, **post),
        Deputy(id=new_id(), user_id=boss, appointed_by=boss, **stand_in),
        Deputy(id=new_id(), user_id=worker, appointed_by=boss, confirmed_by=boss, **stand_in),
        GrantRequest(id=new_id(), by_id=worker, **request),
        GrantRequest(id=new_id(), by_id=boss, decided_by=boss, **request, **decided),
        GrantRequest(id=new_id(), by_id=boss, decided_by=worker, **request, **decided),
    )
    alone = [
        Post(id=new_id(), user_id=worker, granted_by=boss, **{**post, "role": role})
        for role in sorted(WIDE)
    ]
    for row in (*wrong, *alone):

        def write(_world: object, row: object = row) -> None:
            with transaction() as db:
                db.add(row)

        with pytest.raises(DBAPIError, match="(?i)check|constraint"):
            county.run(write)


def test_no_leader_stands_in_for_those_who_watch(county: Site) -> None:
    """Neither by an arrangement of their own, nor put there by an administrator."""
    supervisor = post_of(county, "T1", "supervisor").id
    leader = county.browser("town_leader")
    assert leader.get(f"/profile/away/posts/{supervisor}").status_code == 404
    assert leader.post(f"/profile/away/posts/{supervisor}", PERIOD).status_code == 404
    # For staff, but not by themselves.
    dispatcher = post_of(county, "T1-ZZ", "dispatcher").id
    page = leader.get(f"/profile/away/posts/{dispatcher}")
    assert page.status_code == 200 and 'value="town_leader"' not in page.text
    page = leader.post(f"/profile/away/posts/{dispatcher}", {"user": "town_leader", **PERIOD})
    assert page.status_code == 422

    page = county.browser("boss").get(f"/admin/posts/{supervisor}/deputy")
    for watched in ("town_leader", "worker", "dispatcher"):
        assert f'value="{watched}"' not in page.text
        answer = county.browser("boss").post(
            f"/admin/posts/{supervisor}/deputy", {"user": watched, **PERIOD}
        )
        assert answer.status_code == 422 and "监督与被监督" in plain(answer)
    assert county.run(lambda _w: _deputies()) == []


def _deputies() -> list[Deputy]:
    with reading() as db:
        return list(db.scalars(select(Deputy)))


def test_a_supervisors_deputy_waits_for_an_administrator(county: Site) -> None:
    """Of the supervisor's own choice, too; one of the same county who is not watched by them."""
    new_user(county, "novice")
    assert decide(county.browser("second"), ask(county, "supervisor", "novice")) == 303
    supervisor = county.browser("town_supervisor")
    sent = supervisor.post("/profile/away/new", {"user": "novice", **PERIOD})
    assert sent.status_code == 303 and county.run(lambda _w: _deputies()) == []
    request = request_of(county)
    assert supervisor.get(f"/admin/grants/{request.id}").status_code == 200
    assert decide(supervisor, request) == 403
    assert decide(county.browser("novice"), request) == 404
    assert decide(county.browser("boss"), request) == 303
    (deputy,) = county.run(lambda _w: _deputies())
    assert deputy.user_id == user_of(county, "novice").id


def test_who_is_watched_does_not_watch(county: Site) -> None:
    """One person is not supervisor of an area and at work in it, whichever comes first."""
    page = county.browser("boss").post(
        path_of(county, "T1", "/posts/new"), {"role": "supervisor", "user": "dispatcher"}
    )
    assert page.status_code == 422 and "监督与被监督" in plain(page)
    page = county.browser("boss").post(
        path_of(county, "V1", "/posts/new"), {"role": "leader", "user": "town_supervisor"}
    )
    assert page.status_code == 422 and "监督与被监督" in plain(page)
    # Elsewhere they may.
    assert ask(county, "supervisor", "dispatcher", code="T2").role == "supervisor"


def test_a_reset_needs_every_post_and_deputyship_in_reach(county: Site) -> None:
    """Somebody of the township who stands in for the county's leader is not the township's."""
    worker = user_of(county, "worker")
    town = county.browser("t1-boss")
    path = f"/admin/users/{worker.id}/password"
    assert town.get(path).status_code == 200

    def stand_in(_world: object) -> None:
        with transaction() as db:
            leader = db.scalars(
                select(Post).join(Unit).where(Unit.code == "620725", Post.role == "leader")
            ).one()
            later = county.world.now.replace(month=12)
            org.create_deputy(
                db,
                None,
                post=leader,
                user=db.get_one(User, worker.id),
                from_at=later,
                until_at=later.replace(day=30),
                now=county.world.now,
            )

    county.run(stand_in)
    assert town.get(path).status_code == 404 and town.post(path).status_code == 404
    assert county.browser("worker").get("/").status_code == 200
    page = county.browser("boss").post(path)
    assert page.status_code == 200 and "初始密码" in plain(page)
    # Told, and out of every session.
    assert county.browser("worker").get("/").status_code == 303
    county.run(lambda world: world.work(world.now))

    def told(_world: object) -> list[str]:
        with reading() as db:
            return list(db.scalars(select(Notice.key).where(Notice.user_id == worker.id)))

    assert "account.reset" in county.run(told)


def test_a_wide_account_is_reset_by_two(county: Site) -> None:
    """Else one administrator would be the other one, or the publisher, with one press."""
    supervisor = user_of(county, "county_supervisor")
    boss, halves = county.browser("boss"), []
    for login in ("county_supervisor", "second"):
        answer = boss.post(f"/admin/users/{user_of(county, login).id}/password")
        halves.append(half_of(answer))
        assert request_of(county).kind == "reset"
    assert county.browser("town_supervisor").get("/").status_code == 200
    assert county.browser("t1-boss").get(f"/admin/users/{supervisor.id}").status_code == 404
    # The one whose password it is does not confirm it.
    assert decide(county.browser("second"), request_of(county)) == 403
    assert boss.post(f"/admin/users/{user_of(county, 'boss').id}/password").status_code == 422

    def first(_world: object) -> GrantRequest:
        with reading() as db:
            return db.scalars(select(GrantRequest).order_by(GrantRequest.id).limit(1)).one()

    before = county.browser("county_supervisor")
    assert before.get("/").status_code == 200
    page = county.browser("second").post(
        f"/admin/grants/{county.run(first).id}/decide", {"decision": "confirm"}
    )
    second = half_of(page)
    assert before.get("/").status_code == 303
    # Neither of the two gets in with what was shown to them.
    for password, status in ((second, 401), (halves[0], 401), (f"{halves[0]}-{second}", 303)):
        form = {"login": "county_supervisor", "password": password}
        assert county.browser().post("/login", form).status_code == status


def test_a_fresh_account_belongs_to_the_unit_that_made_it(county: Site) -> None:
    appoint(county, "t2-boss", "T2")
    made = county.browser("t2-boss").post("/admin/users/new", {"name": "新某", "login": "fresh"})
    assert made.status_code == 200
    fresh = user_of(county, "fresh")
    for login, status in (("t2-boss", 200), ("boss", 200), ("t1-boss", 404)):
        browser = county.browser(login)
        assert browser.get(f"/admin/users/{fresh.id}").status_code == status, login
        assert ("fresh" in browser.get("/admin/users?q=新某").text) == (status == 200), login
    new_post = path_of(county, "T1", "/posts/new")
    taken = county.browser("t1-boss").post(new_post, {"role": "handler", "user": "fresh"})
    assert taken.status_code == 422
    # One that nobody owns is not everybody's.
    nobodys = new_user(county, "nobodys", None)
    assert county.browser("t1-boss").get(f"/admin/users/{nobodys.id}").status_code == 404


def test_who_has_no_post_can_be_given_one_and_comes_first(county: Site) -> None:
    new_user(county, "zz-novice", "T1")
    page = county.browser("t1-boss").get(path_of(county, "T1", "/posts/new"))
    offered = re.findall(r'<option value="([^"]+)">[^<]*（', page.text)
    assert offered[0] == "zz-novice" and "worker" in offered
    answer = county.browser("t1-boss").post(
        path_of(county, "T1", "/posts/new"), {"role": "handler", "user": "zz-novice"}
    )
    assert answer.status_code == 303
    assert posts_of(county, "zz-novice") == {("T1", "handler")}


def test_reach_ends_with_the_tree(county: Site) -> None:
    """An administrator of one province sees nothing of another, an office's only the office."""

    def grow(_world: object) -> None:
        with transaction() as db:
            top = None
            for code, level in (("63", "province"), ("6301", "city"), ("630121", "county")):
                top = org.create_unit(
                    db, None, code=code, name=f"外{code}", level=level, parent=top,
                    now=county.world.now,
                )  # fmt: skip

    county.run(grow)
    for login, code in (("p62", "62"), ("p63", "63"), ("c62", "6207"), ("zjj", "620725-ZJJ")):
        appoint(county, login, code)
    for login, inside, outside in (
        ("p62", ("62", "620725", "V1"), ("63", "6301", "630121")),
        ("p63", ("63", "630121"), ("62", "6207", "620725", "V1")),
        ("c62", ("6207", "V1"), ("62", "630121")),
        ("zjj", ("620725-ZJJ",), ("620725", "620725-SWJ", "T1")),
    ):
        browser = county.browser(login)
        assert browser.get("/admin/", follow_redirects=True).status_code == 200
        for code in inside:
            assert browser.get(path_of(county, code)).status_code == 200, (login, code)
        for code in outside:
            assert browser.get(path_of(county, code)).status_code == 404, (login, code)
    worker = user_of(county, "worker").id
    assert county.browser("p63").get(f"/admin/users/{worker}").status_code == 404
    assert county.browser("p63").get("/incidents/").status_code == 200


@pytest.mark.parametrize("code", ["T1", "620725"])
def test_one_administrator_seats_nobody_who_knows_reporters(county: Site, code: str) -> None:
    """Else an account that he made himself would read who reported what in confidence."""
    by = "t1-boss" if code == "T1" else "boss"
    new_user(county, "puppet", code)
    request = ask(county, "operator", "puppet", by, code)
    assert posts_of(county, "puppet") == set()
    assert decide(county.browser(by), request) in (403, 404)

    def vacancy(_world: object) -> int:
        with transaction() as db:
            unit = db.scalars(select(Unit).where(Unit.code == code)).one()
            return org.create_post(db, None, unit=unit, role="operator", now=county.world.now).id

    new_user(county, "other", code)
    filled = county.browser(by).post(f"/admin/posts/{county.run(vacancy)}/fill", {"user": "other"})
    assert filled.status_code == 303 and posts_of(county, "other") == set()
    assert decide(county.browser("second"), request) == 303
    assert posts_of(county, "puppet") == {(code, "operator")}


def report_of(site: Site) -> None:
    """What the grid worker has taken in turns out to be told in confidence."""
    case_id = site.open()

    def write(_world: object) -> None:
        with transaction() as db:
            case = db.get_one(Case, case_id)
            db.add(Confidentiality(case_id=case.id, county_id=case.county_id, at=case.opened_at))

    site.run(write)


def test_nobody_alone_gets_into_the_account_of_who_knows_a_reporter(county: Site) -> None:
    """An operator, and whoever took such a report in: their passwords are reset by two."""
    appoint(county, "phone", "620725", "operator")
    asked = county.browser("boss").post(f"/admin/users/{user_of(county, 'phone').id}/password")
    assert half_of(asked) and request_of(county).role == "operator"
    worker = user_of(county, "worker")
    report_of(county)
    town = county.browser("t1-boss")
    answer = town.post(f"/admin/users/{worker.id}/password")
    request = request_of(county)
    assert half_of(answer) and (request.kind, request.user_id) == ("reset", worker.id)
    assert county.browser("worker").get("/").status_code == 200
    page = county.browser("second").post(
        f"/admin/grants/{request.id}/decide", {"decision": "confirm"}
    )
    assert half_of(page)
    assert county.browser("worker").get("/").status_code == 303


def test_taking_a_post_away_opens_no_account(county: Site) -> None:
    """Else one administrator takes the post, resets, gives back a post that one alone gives, and
    reads who reported.
    """
    appoint(county, "phone", "620725", "operator")
    report_of(county)
    boss = county.browser("boss")
    for login, code, role in (("phone", "620725", "operator"), ("worker", "G1", "grid_worker")):
        post = post_of(county, code, role)
        assert boss.post(f"/admin/posts/{post.id}/vacate").status_code == 303
        assert posts_of(county, login) == set()
        half_of(boss.post(f"/admin/users/{user_of(county, login).id}/password"))
        assert (request_of(county).kind, request_of(county).role) == ("reset", role)
    # Confirmed, it works without the post as well.
    path = f"/admin/grants/{request_of(county).id}/decide"
    half_of(county.browser("second").post(path, {"decision": "confirm"}))


def test_no_power_ends_unheard(county: Site) -> None:
    """One administrator may end it at once; all who watch hear of it, and whoever had it."""
    for login, role in (
        ("eye", "auditor"),
        ("keeper", "confidential_officer"),
        ("hand", "handler"),
    ):
        appoint(county, login, "620725", role)
    boss = county.browser("boss")

    def told(login: str) -> list[str]:
        county.run(lambda world: world.work(world.now))

        def look(_world: object) -> list[str]:
            with reading() as db:
                mine = Notice.user_id == user_of(county, login).id
                rows = db.scalars(select(Notice).where(mine, Notice.key == "grant.ended"))
                return sorted(str(row.data["text"]) for row in rows)

        return county.run(look)

    keeper = post_of(county, "620725", "confidential_officer")
    assert boss.post(f"/admin/posts/{keeper.id}/vacate").status_code == 303
    for login in ("eye", "keeper", "second"):
        assert ["保密专员" in text for text in told(login)] == [True], login
    # Of whoever watches as well, and of nobody without a power.
    assert boss.post(f"/admin/users/{user_of(county, 'eye').id}/end").status_code == 303
    handler = post_of(county, "620725", "handler")
    assert boss.post(f"/admin/posts/{handler.id}/end").status_code == 303
    assert len(told("second")) == 2 and "审计员" in "".join(told("second"))
    assert told("boss") == told("hand") == []


def test_deputies_learn_of_no_reporter_and_are_reset_by_one(county: Site) -> None:
    appoint(county, "phone", "620725", "operator")
    post = post_of(county, "620725", "operator")

    def stand_in(_world: object) -> None:
        with transaction() as db:
            user = db.scalars(select(User).where(User.login == "handler")).one()
            begin = county.world.now
            end = begin.replace(day=28)
            row = db.get_one(Post, post.id)
            org.create_deputy(db, None, post=row, user=user, from_at=begin, until_at=end, now=begin)

    county.run(stand_in)
    page = county.browser("boss").post(f"/admin/users/{user_of(county, 'handler').id}/password")
    assert page.status_code == 200 and re.search(r"<dd><code>[a-z2-9-]{14}</code>", page.text)
