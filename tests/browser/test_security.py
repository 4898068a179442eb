"""Second factors and proof of work in a real browser, with an authenticator that Chromium plays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.storage.db import transaction
from tests.browser.desk import Desk, Person
from webapp.account import throttle

DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def device_of(person: Person) -> tuple[Any, str]:
    """A device that knows its owner, plugged into that person's browser."""
    wire = person.page.context.new_cdp_session(person.page)
    wire.send("WebAuthn.enable")
    made = wire.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return wire, made["authenticatorId"]


def at_localhost(desk: Desk) -> None:
    """Passkeys belong to a name; an address in digits has none."""
    desk.live.url = desk.live.url.replace("127.0.0.1", "localhost")


def test_it_adds_a_passkey_and_gets_in_with_it(desk: Desk) -> None:
    at_localhost(desk)
    worker = desk.person("worker")
    wire, device = device_of(worker)
    worker.go("/profile/security")
    worker.page.get_by_label("通行密钥名称").fill("办公电脑")
    worker.press("添加通行密钥")
    worker.reads("每个恢复码可以代替一次验证码")
    assert worker.page.locator(".codes li").count() == 10
    worker.look("recovery-codes")
    worker.press("已抄下，继续")
    worker.reads("办公电脑")
    worker.look("security")

    # As the second step, after the password.
    leave(worker)
    worker.page.locator("#login").fill("worker")
    worker.page.locator("#password").fill(desk.password)
    worker.page.locator("#password").press("Enter")
    worker.reads("二次验证")
    worker.look("second-step")
    worker.press("使用通行密钥")
    worker.reads("工作台")

    # By itself: the device has asked for a finger.
    leave(worker)
    worker.press("使用通行密钥登录")
    worker.reads("工作台")

    # Without the finger it is not the owner.
    leave(worker)
    wire.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    worker.press("使用通行密钥登录")
    worker.reads("没有完成")


def leave(person: Person) -> None:
    """Log out, by the menu."""
    person.page.locator("header details.menu summary").click()
    person.press("退出登录")


def test_it_does_the_work_that_is_asked_for_and_gets_in(desk: Desk) -> None:
    def guess(_world: Any) -> None:
        """Wrong guesses of the last minutes, each after the wait that it was told."""
        with transaction() as db:
            for ago in range(throttle.WORK, 0, -1):
                then = datetime.now(UTC) - timedelta(minutes=ago)
                throttle.note_attempt(db, "worker", "127.0.0.1", now=then)
                db.flush()

    desk.live.run(guess)
    stranger = desk.stranger()
    stranger.go("/login")
    stranger.page.locator("#login").fill("worker")
    stranger.page.locator("#password").fill(desk.password)
    stranger.press("登录")
    stranger.reads("验证完成")
    stranger.look("puzzle")
    stranger.page.locator("#password").fill(desk.password)
    stranger.press("登录")
    stranger.reads("工作台")
