"""The page of an application for mediation: without a script, nothing lost, both parties named."""

from __future__ import annotations

import re
from typing import Any

from tests.engine.citizens.test_applications import SENT
from tests.webapp.site import Browser, Site
from tests.webapp.test_citizens import HOME, MINE, cases, follow, keys_of, open_site, token_in
from tests.webapp.test_citizens import publish_also as publish

__all__ = ["open_site"]
FORM = "/c/620725/mediation"


def send(browser: Browser, **changed: Any) -> Any:
    page = browser.get(FORM).text
    once = re.search(r'name="once" value="([0-9a-f]{32})"', page)
    assert once is not None
    typed = {
        name: getattr(SENT, name)
        for name in ("type", "place", "facts", "claim", "amount", "kind", "name", "phone")
    }
    typed |= {name: getattr(SENT, name) for name in ("other_kind", "other_name", "other_phone")}
    return browser.post(FORM, {**typed, "once": once[1], **changed}, token=token_in(page))


def test_a_stranger_applies_and_follows(open_site: Site) -> None:
    publish(open_site, "dispute")
    stranger = open_site.browser()
    assert FORM in stranger.get(HOME).text
    assert follow(stranger, **keys_of(send(stranger))).status_code == 303
    shown = stranger.get(f"{MINE}/matter").text
    assert "正在审查您的申请。" in shown and "钱大有" not in shown


def test_what_is_missing_is_marked_and_nothing_is_lost(open_site: Site) -> None:
    publish(open_site, "dispute")
    page = send(open_site.browser(), other_name="", amount="x")
    assert page.status_code == 422 and cases(open_site) == 0
    assert 'id="other_name-error"' in page.text and 'id="amount-error"' in page.text
    assert "请对方修剪。" in page.text and 'value="赵小满"' in page.text
