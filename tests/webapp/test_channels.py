"""Administration of channels, texts, dead letters and hours; and everybody's own settings."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select, update

from engine.models import Channel, Contact, Delivery, Subscription
from engine.notices.channels import health, threads
from engine.storage.db import reading, transaction
from tests.engine.notices.channels.servers import Receiver, web_server
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_admin import appoint

ROBOT = {
    "name": "值班群",
    "method": "POST",
    "headers": "Content-Type: application/json\nX-Key: {{ secrets.key }}",
    "body": '{"content": {{ text|json }}}',
    "secrets": "key=geheim-9",
    "success_path": "errcode",
    "success_value": "0",
    "kinds": ["task.opened"],
    "seconds": "5",
}
PAGES = ("", "/channels/new", "/channels/new/mail", "/texts", "/letters", "/hours")


@pytest.fixture
def admin(site: Site) -> Browser:
    """The county's administrator."""
    appoint(site, "boss", "620725")
    return site.browser("boss")


@pytest.fixture
def receiver():  # type: ignore[no-untyped-def]
    """A robot's server."""
    with web_server() as made:
        yield made


def add_robot(site: Site, admin: Browser, receiver: Receiver, **more: object) -> int:
    """Set a robot up in the browser and switch it on; returns its id."""
    url = {"url": f"{receiver.url}/robot"}
    answer = admin.post("/admin/notices/channels/new/wecom", {**ROBOT, **url, **more})
    assert answer.status_code == 303, plain(answer)
    channel_id = int(answer.headers["Location"].rpartition("/")[2])
    assert admin.post(f"/admin/notices/channels/{channel_id}/switch").status_code == 303
    return channel_id


def work(site: Site) -> None:
    site.run(lambda world: (world.work(world.now), threads.finish(20)))


def test_it_exists_for_administrators_of_everything_alone(site: Site, admin: Browser) -> None:
    appoint(site, "t2-boss", "T2")
    for path in PAGES:
        assert admin.get(f"/admin/notices{path}").status_code == 200, path
        for login in ("t2-boss", "county_leader", "worker"):
            assert site.browser(login).get(f"/admin/notices{path}").status_code == 404, path
        assert site.browser().get(f"/admin/notices{path}").status_code == 303
    assert "/admin/notices" not in site.browser("t2-boss").get("/admin/users").text
    assert "/admin/notices" in admin.get("/admin/users").text


def test_it_hides_channels_from_others_by_every_address(
    site: Site, admin: Browser, receiver: Receiver
) -> None:
    channel_id = add_robot(site, admin, receiver)
    paths = [f"/channels/{channel_id}{rest}" for rest in ("", "/edit", "/secret", "/drop")]
    posts = [f"/channels/{channel_id}{rest}" for rest in ("/switch", "/trial", "/edit", "/drop")]
    posts += ["/letters/resend", "/hours", "/texts/task.opened/text/zh_CN"]
    posts += ["/texts/task.opened/text/zh_CN/restore"]
    stranger = site.browser("county_supervisor")
    assert {stranger.get(f"/admin/notices{path}").status_code for path in paths} == {404}
    assert {stranger.post(f"/admin/notices{path}").status_code for path in posts} == {404}


def test_it_sets_up_a_robot_that_sends(site: Site, admin: Browser, receiver: Receiver) -> None:
    channel_id = add_robot(site, admin, receiver)
    site.open()
    work(site)

    assert receiver.requests[0].json["content"].startswith("新任务：")
    assert receiver.requests[0].headers["x-key"] == "geheim-9"
    page = admin.get(f"/admin/notices/channels/{channel_id}")
    assert "已发出" in plain(page) and "已设置：key" in plain(page)
    assert "正常" in plain(admin.get("/admin/notices"))


def test_it_never_shows_a_secret_again(site: Site, admin: Browser, receiver: Receiver) -> None:
    channel_id = add_robot(site, admin, receiver)
    path = f"/admin/notices/channels/{channel_id}"
    assert "geheim" not in admin.get(path).text + admin.get(f"{path}/edit").text

    changed = {**ROBOT, "url": f"{receiver.url}/other", "secrets": ""}
    assert admin.post(f"{path}/edit", changed).status_code == 303
    site.open()
    work(site)
    assert (receiver.requests[0].path, receiver.requests[0].headers["x-key"]) == (
        "/other",
        "geheim-9",
    )


def test_it_says_what_is_wrong_with_a_channel(site: Site, admin: Browser) -> None:
    wrong = {"name": "", "url": "http://{{ x }}/", "body": "{{ text", "seconds": "99"}
    page = admin.post("/admin/notices/channels/new/wecom", wrong)

    assert page.status_code == 422
    for field in ("name", "url", "body", "seconds"):
        assert f'id="{field}-note"' in page.text, field
    assert "{{ text</textarea>" in page.text


def test_it_shows_a_webhooks_secret_once(site: Site, admin: Browser, receiver: Receiver) -> None:
    given = {"name": "平台", "url": f"{receiver.url}/hook", "kinds": ["task.opened"]}
    page = admin.post("/admin/notices/channels/new/webhook", given)
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", html.unescape(page.text))
    assert page.status_code == 200 and found

    with site.app.app_context(), reading() as db:
        channel_id = db.scalars(select(Channel.id)).one()
    path = f"/admin/notices/channels/{channel_id}"
    assert "whsec_" not in admin.get(path).text
    renewed = html.unescape(admin.post(f"{path}/secret").text)
    assert "whsec_" in renewed and found[0] not in renewed


def test_it_sends_a_trial_to_the_administrator(
    site: Site, admin: Browser, receiver: Receiver
) -> None:
    channel_id = add_robot(site, admin, receiver)
    admin.post(f"/admin/notices/channels/{channel_id}/trial")
    work(site)

    assert receiver.requests[0].json["content"].startswith("这是一条测试")


def test_it_warns_administrators_on_every_page(
    site: Site, admin: Browser, receiver: Receiver
) -> None:
    add_robot(site, admin, receiver)
    with site.app.app_context(), transaction() as db:
        db.execute(update(Channel).values(failing_since=site.world.now - health.PATIENCE))

    assert "通知渠道发送失败：值班群" in plain(admin.get("/admin/users"))
    assert "发送失败超过一小时" in plain(admin.get("/admin/notices"))
    assert "发送失败" not in plain(site.browser("worker").get("/"))
    assert site.browser().get("/readyz").json["checks"].keys() == {
        "database",
        "migrations",
        "worker",
    }


def test_it_sends_dead_letters_again(site: Site, admin: Browser, receiver: Receiver) -> None:
    receiver.status = 500
    add_robot(site, admin, receiver)
    for _number in range(3):
        site.open()
    work(site)
    with site.app.app_context(), transaction() as db:
        db.execute(update(Delivery).values(dead_at=site.world.now))
        ids = list(db.scalars(select(Delivery.id)))
    page = admin.get("/admin/notices/letters")
    assert page.text.count('name="letter"') == 3
    receiver.status, receiver.requests[:] = 200, []

    admin.post("/admin/notices/letters/resend", {"side": "outside", "letter": [ids[0], "x"]})
    work(site)
    assert len(receiver.requests) == 1
    admin.post("/admin/notices/letters/resend", {"side": "outside", "all": "1"})
    work(site)
    assert len(receiver.requests) == 3
    assert "无未送达消息" in plain(admin.get("/admin/notices/letters"))


def test_it_edits_previews_and_restores_a_text(site: Site, admin: Browser) -> None:
    site.open()
    path = "/admin/notices/texts/task.opened/text/zh_CN"
    own = {"source": "请尽快办理：{{ title }}"}

    shown = admin.post(path, {**own, "preview": "1"})
    assert "请尽快办理：南湖小区楼道灯不亮" in plain(shown)
    wrong = admin.post(path, {"source": "{{ title|attr('x') }}"})
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.text
    assert admin.post(path, own).status_code == 303
    work(site)
    assert "请尽快办理：南湖小区楼道灯不亮" in plain(site.browser("grid_leader").get("/notices"))

    assert admin.post(f"{path}/restore").status_code == 303
    assert "新任务：" in plain(site.browser("grid_leader").get("/notices"))
    assert admin.get("/admin/notices/texts/no.such/text/zh_CN").status_code == 404


def test_it_opens_every_text(site: Site, admin: Browser) -> None:
    links = re.findall(
        r'href="(/admin/notices/texts/[^"]+)"', admin.get("/admin/notices/texts").text
    )
    assert len(links) > 40
    for link in links[::7]:
        assert admin.get(link).status_code == 200, link


def test_it_sets_the_countys_hours(site: Site, admin: Browser) -> None:
    given = {"quiet_from": "21:00", "quiet_until": "06:30", "daily": "09:00"}
    assert admin.post("/admin/notices/hours", {**given, "daily": "x"}).status_code == 422
    assert admin.post("/admin/notices/hours", given).status_code == 303

    assert "21:00 至 06:30" in plain(site.browser("worker").get("/profile/notices"))


def test_it_keeps_what_somebody_wants(site: Site, admin: Browser, receiver: Receiver) -> None:
    sms = {**ROBOT, "name": "短信", "url": f"{receiver.url}/sms", "body": "{{ phone }}"}
    answer = admin.post("/admin/notices/channels/new/sms", sms)
    channel_id = int(answer.headers["Location"].rpartition("/")[2])
    admin.post(f"/admin/notices/channels/{channel_id}/switch")
    leader = site.browser("grid_leader")
    assert "短信" in plain(leader.get("/profile/notices"))

    given = {
        "phone": "13893600009",
        f"kinds-{channel_id}": ["task.overdue", "x"],
        f"digest-{channel_id}": "daily",
    }
    assert leader.post("/profile/notices", {**given, "phone": "12"}).status_code == 422
    assert leader.post("/profile/notices", given).status_code == 303
    with site.app.app_context(), reading() as db:
        row = db.scalars(select(Subscription)).one()
        assert (row.kinds, row.digest) == (["task.overdue"], "daily")
        assert db.scalars(select(Contact.has_phone)).one() is True
    page = leader.get("/profile/notices")
    assert 'value="13893600009"' in page.text
    # Nobody else sees it.
    assert "13893600009" not in site.browser("worker").get("/profile/notices").text
