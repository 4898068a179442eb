"""Administration in the browser: units, posts, deputies and users, each within reach."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from engine import org
from engine.access import actors
from engine.models import Deputy, Post, Task, Unit, User
from engine.org.reach import reach_of
from engine.storage.db import reading, transaction
from tests.webapp.site import PASSWORD, Browser, Site, plain
from webapp import passwords


@pytest.fixture
def admin(site: Site) -> Browser:
    """The county's administrator."""
    appoint(site, "boss", "620725")
    return site.browser("boss")


def appoint(site: Site, login: str, code: str, role: str = "admin") -> None:
    """Give a new user a post in the unit with this code, an administrator's if nothing is said."""

    def act(_world: object) -> None:
        with transaction() as db:
            user = org.create_user(
                db,
                None,
                login=login,
                name="管某",
                password_hash=passwords.hashed(PASSWORD),
                must_change=False,
                now=site.world.now,
            )
            unit = db.scalars(select(Unit).where(Unit.code == code)).one()
            org.create_post(db, None, unit=unit, role=role, user=user, now=site.world.now)

    site.run(act)


def unit_of(site: Site, code: str) -> Unit:
    def look(_world: object) -> Unit:
        with reading() as db:
            return db.scalars(select(Unit).where(Unit.code == code)).one()

    return site.run(look)


def post_of(site: Site, code: str, role: str) -> Post:
    def look(_world: object) -> Post:
        with reading() as db:
            return db.scalars(
                select(Post)
                .join(Unit)
                .where(Unit.code == code, Post.role == role, Post.until_at.is_(None))
            ).one()

    return site.run(look)


def user_of(site: Site, login: str) -> User:
    def look(_world: object) -> User:
        with reading() as db:
            return db.scalars(select(User).where(User.login == login)).one()

    return site.run(look)


def path_of(site: Site, code: str, rest: str = "") -> str:
    return f"/admin/units/{unit_of(site, code).id}{rest}"


def every_page(site: Site) -> list[str]:
    unit, post = unit_of(site, "V1").id, post_of(site, "V1", "grid_leader").id
    user = user_of(site, "sibling").id
    units = [f"/admin/units/{unit}{rest}" for rest in ("", "/new", "/rename", "/move", "/end")]
    posts = [f"/admin/posts/{post}/{rest}" for rest in ("vacate", "end", "deputy")]
    users = [f"/admin/users/{user}{rest}" for rest in ("", "/rename", "/password", "/end")]
    more = [f"/admin/units/{unit}/posts/new", "/admin/users", "/admin/users/new"]
    return [*units, *posts, *users, *more, "/admin/units?q=V"]


def test_it_begins_at_the_top_of_ones_own_reach(site: Site, admin: Browser) -> None:
    page = admin.get("/admin/", follow_redirects=True)

    assert page.status_code == 200
    assert "<h1>山丹县</h1>" in page.text
    assert "清泉镇" in plain(page)
    # The city above is not theirs, so it is not offered as a way up.
    assert "张掖市" not in plain(page)


@pytest.mark.parametrize("login", ["county_leader", "worker", None])
def test_it_does_not_exist_for_others(site: Site, login: str | None) -> None:
    stranger = site.browser(login)
    for path in every_page(site):
        answers = [stranger.get(path), stranger.post(path.split("?")[0])]
        statuses = [answer.status_code for answer in answers]
        assert statuses in (([404, 404], [404, 405]) if login else ([303, 400], [303, 405])), path
        assert "单位与岗位" not in "".join(answer.text for answer in answers)


def test_it_opens_every_page_for_the_administrator(site: Site, admin: Browser) -> None:
    for path in every_page(site):
        page = admin.get(path)
        assert page.status_code == 200, (path, plain(page))
        # Every field has its label.
        fields = re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page.text)
        assert [one for one in fields if f'for="{one}"' not in page.text] == []


def test_it_stays_within_the_reach_of_the_post(site: Site) -> None:
    appoint(site, "t2-boss", "T2")
    admin = site.browser("t2-boss")

    assert "霍城镇" in plain(admin.get("/admin/", follow_redirects=True))
    outside = [path_of(site, code) for code in ("T1", "V1", "620725", "620725-ZJJ")]
    outside += [f"/admin/posts/{post_of(site, 'V1', 'grid_leader').id}/vacate"]
    outside += [f"/admin/users/{user_of(site, 'grid_leader').id}"]
    assert [admin.get(path).status_code for path in outside] == [404] * len(outside)
    assert admin.post(path_of(site, "T1", "/end")).status_code == 404
    assert "南湖村" not in admin.get("/admin/units?q=V").text
    assert "grid_leader" not in admin.get("/admin/users").text
    # Nor may one hang one's own village on another township, or seat a stranger in it.
    answer = admin.post(path_of(site, "V3", "/move"), {"parent": "T1"})
    assert answer.status_code == 422
    assert unit_of(site, "V3").at_township == unit_of(site, "T2").id
    new_post = path_of(site, "V3", "/posts/new")
    assert admin.post(new_post, {"role": "leader", "user": "worker"}).status_code == 422


def test_it_adds_a_unit(site: Site, admin: Browser) -> None:
    given = {"name": "新兴村", "code": "V7", "kind": "area", "level": "village"}

    answer = admin.post(path_of(site, "T1", "/new"), given)

    assert answer.status_code == 303
    assert unit_of(site, "V7").at_township == unit_of(site, "T1").id
    page = admin.get(answer.headers["Location"])
    assert "已新增“新兴村”" in plain(page)
    assert "管某" in plain(page)  # who did it, in the history


def test_it_shows_what_is_wrong_beside_what_was_typed(site: Site, admin: Browser) -> None:
    given = {"name": "<b>村</b>", "code": "V1", "kind": "area", "level": "county"}

    page = admin.post(path_of(site, "T1", "/new"), given)

    assert page.status_code == 422
    assert "编码已被使用" in plain(page)
    assert "层级更高的区域" in plain(page)
    assert 'value="&lt;b&gt;村&lt;/b&gt;"' in page.text
    assert "<b>村</b>" not in page.text


def test_it_renames_and_tells_the_history(site: Site, admin: Browser) -> None:
    admin.post(path_of(site, "V1", "/rename"), {"name": "南湖社区"})

    page = plain(admin.get(path_of(site, "V1")))
    assert "由“南湖村”更名为“南湖社区”" in page


def test_it_moves_a_village_with_its_cases(site: Site, admin: Browser) -> None:
    case_id = site.open()
    leader = site.browser("town_leader")
    assert leader.get(f"/cases/{case_id}").status_code == 200

    answer = admin.post(path_of(site, "V1", "/move"), {"parent": "T2"})

    assert answer.status_code == 303
    assert "上级由“清泉镇”改为“霍城镇”" in plain(admin.get(path_of(site, "V1")))
    assert leader.get(f"/cases/{case_id}").status_code == 404
    assert site.browser("county_leader").get(f"/cases/{case_id}").status_code == 200


@pytest.mark.parametrize("parent", ["", "nowhere", "G1", "V1"])
def test_it_refuses_a_move_that_makes_no_sense(site: Site, admin: Browser, parent: str) -> None:
    page = admin.post(path_of(site, "V1", "/move"), {"parent": parent})

    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text


def test_it_ends_a_unit_only_when_somebody_takes_over(site: Site, admin: Browser) -> None:
    site.open()
    asked = plain(admin.get(path_of(site, "V1", "/end")))
    assert "未办结环节 1 个" in asked
    assert "下级单位 1 个" in asked

    refused = admin.post(path_of(site, "V1", "/end"), {"heir": ""})
    assert refused.status_code == 422
    assert "请先指定接收单位" in plain(refused)

    assert admin.post(path_of(site, "V1", "/end"), {"heir": "V2"}).status_code == 303
    page = plain(admin.get(path_of(site, "V1")))
    assert "停用，由“北滩村”接收" in page
    assert "环节 0 个" in page
    assert unit_of(site, "G1").at_village == unit_of(site, "V2").id

    assert admin.post(path_of(site, "V1", "/revive")).status_code == 303
    assert "恢复使用" in plain(admin.get(path_of(site, "V1")))


def test_it_vacates_and_fills_a_post(site: Site, admin: Browser) -> None:
    case_id = site.open()
    task = site.run(lambda world: world.task(case_id))
    site.browser("grid_leader").post(f"/tasks/{task.id}/sign")
    post = post_of(site, "V1", "grid_leader")
    assert "环节 1 个退回待签收" in plain(admin.get(f"/admin/posts/{post.id}/vacate"))

    assert admin.post(f"/admin/posts/{post.id}/vacate").status_code == 303

    again = site.run(lambda world: world.task(case_id))
    assert again.assignee_id is None
    assert "空缺" in plain(admin.get(path_of(site, "V1")))
    assert admin.post(f"/admin/posts/{post.id}/vacate").status_code == 404  # a second click
    vacant = post_of(site, "V1", "grid_leader")
    assert admin.post(f"/admin/posts/{vacant.id}/fill", {"user": "SIBLING"}).status_code == 303
    assert site.browser("sibling").get(f"/cases/{case_id}").status_code == 200


def test_it_appoints_a_deputy_for_whole_days(site: Site, admin: Browser) -> None:
    post = post_of(site, "T1", "leader")
    period = {"from_at": "2026-11-20", "until_at": "2026-11-22", "reason": "出差"}

    answer = admin.post(f"/admin/posts/{post.id}/deputy", {"user": "worker", **period})

    assert answer.status_code == 303
    assert "2026-11-20 – 2026-11-22" in plain(admin.get(path_of(site, "T1")))

    def look(world: object) -> Deputy:
        with reading() as db:
            return db.scalars(select(Deputy)).one()

    deputy = site.run(look)
    assert deputy.until_at.isoformat() == "2026-11-22T16:00:00+00:00"  # midnight in Shanghai
    site.run(lambda world: world.work(world.now))
    assert "请您代理岗位：" in plain(site.browser("worker").get("/notices"))
    assert admin.post(f"/admin/deputies/{deputy.id}/end").status_code == 303
    assert admin.get(f"/admin/deputies/{deputy.id}/end").status_code == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"user": "worker", "from_at": "x", "until_at": "2026-11-22"}, "from_at"),
        ({"user": "worker", "from_at": "2026-11-20", "until_at": "9999-12-31"}, "until_at"),
        ({"user": "nobody", "from_at": "2026-11-20", "until_at": "2026-11-22"}, "user"),
        ({"user": "worker", "from_at": "2026-11-20", "until_at": "2026-11-01"}, "until_at"),
    ],
)
def test_it_refuses_a_deputyship_without_sense(
    site: Site, admin: Browser, given: dict[str, str], field: str
) -> None:
    post = post_of(site, "T1", "leader")

    page = admin.post(f"/admin/posts/{post.id}/deputy", given)

    assert page.status_code == 422
    assert f'id="{field}-note"' in page.text


def test_it_keeps_the_last_administrator(site: Site, admin: Browser) -> None:
    post = post_of(site, "620725", "admin")

    page = admin.post(f"/admin/posts/{post.id}/end")

    assert page.status_code == 422
    assert "最后一名管理员" in plain(page)


def password_on(page: TestResponse) -> str:
    found = re.search(r"<dd><code>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</code>", page.text)
    assert found is not None, plain(page)
    return html.unescape(found[1])


def test_it_adds_a_user_whose_first_password_must_be_changed(site: Site, admin: Browser) -> None:
    page = admin.post("/admin/users/new", {"name": "新某", "login": "newcomer"})
    assert page.status_code == 200

    fresh = site.browser()
    answer = fresh.post("/login", {"login": "newcomer", "password": password_on(page)})
    assert answer.status_code == 303
    assert fresh.get("/").headers["Location"] == "/profile"
    assert "newcomer" in plain(admin.get("/admin/users?q=新某"))


def test_it_resets_a_password_and_ends_every_session(site: Site, admin: Browser) -> None:
    worker = site.browser("worker")
    assert worker.get("/").status_code == 200

    page = admin.post(f"/admin/users/{user_of(site, 'worker').id}/password")

    assert worker.get("/").status_code == 303
    fresh = site.browser()
    assert fresh.post("/login", {"login": "worker", "password": PASSWORD}).status_code != 303
    answer = fresh.post("/login", {"login": "worker", "password": password_on(page)})
    assert answer.status_code == 303


def test_it_ends_a_user_at_once(site: Site, admin: Browser) -> None:
    worker = site.browser("worker")
    user = user_of(site, "worker")
    assert "岗位 1 个转为空缺" in plain(admin.get(f"/admin/users/{user.id}/end"))

    assert admin.post(f"/admin/users/{user.id}/end").status_code == 303

    assert worker.get("/").status_code == 303
    assert "已停用" in plain(admin.get(f"/admin/users/{user.id}"))

    def open_tasks(_world: object) -> int | None:
        with reading() as db:
            mine = select(func.count()).select_from(Task).where(Task.assignee_id == user.id)
            return db.scalar(mine.where(Task.done_at.is_(None)))

    assert site.run(open_tasks) == 0


def test_it_pages_through_many_users_by_key(site: Site, admin: Browser) -> None:
    county = unit_of(site, "620725").id

    def fill(world: object) -> None:
        with transaction() as db:
            for number in range(60):
                org.create_user(
                    db,
                    None,
                    login=f"extra{number:02d}",
                    name="多某",
                    password_hash="x",
                    now=site.world.now,
                    unit_id=county,
                )

    site.run(fill)
    first = admin.get("/admin/users?q=extra")
    assert "extra00" in first.text
    assert "extra59" not in first.text
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    second = admin.get(html.unescape(following[1]))
    assert "extra59" in second.text
    assert "extra00" not in second.text


@pytest.mark.parametrize(
    "path", ["/admin/units?q=%25", "/admin/users?q=%25", "/admin/units?q=%F0%9F"]
)
def test_it_takes_wildcards_as_letters(site: Site, admin: Browser, path: str) -> None:
    page = admin.get(path)

    assert page.status_code == 200
    assert "未找到" in plain(page)


def test_it_needs_the_forms_token(site: Site, admin: Browser) -> None:
    answer = admin.post(path_of(site, "V1", "/rename"), {"name": "别名"}, token="wrong")

    assert answer.status_code != 303
    assert unit_of(site, "V1").name == "南湖村"


def test_it_asks_as_many_statements_for_a_large_unit_as_for_a_small_one(
    site: Site, admin: Browser
) -> None:
    counts = []
    for code in ("T2", "620725", "T1"):
        path = path_of(site, code)
        admin.get(path)
        with site.statements() as seen:
            admin.get(path)
        counts.append(len(seen))

    assert max(counts) <= 20
    assert counts[1] - counts[0] <= 2  # the way up is longer for nobody


def test_it_gives_reach_by_the_post_alone(site: Site) -> None:
    appoint(site, "boss", "620725")

    def areas(_world: object) -> tuple[tuple[str, int], ...]:
        with reading() as db:
            user = db.scalars(select(User).where(User.login == "boss")).one()
            return reach_of(actors.actor_of(db, user.id, site.world.now)).areas

    assert site.run(areas) == (("at_county", unit_of(site, "620725").id),)
