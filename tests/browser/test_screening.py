"""A grid worker's round with a telephone: a nil report, a dispute found, on to its form."""

from __future__ import annotations

import pytest

from tests.browser.desk import PHONE, Desk

pytestmark = pytest.mark.browser


def test_a_round_is_entered_on_a_telephone_and_a_find_goes_on(desk: Desk) -> None:
    phone = desk.person("worker", **PHONE)
    phone.go("/screenings/new")
    phone.write("走访户数", "32")
    phone.fits()
    phone.look("screening-new")
    phone.press("保存")
    phone.reads("零报告")
    phone.press("登记发现的纠纷")
    phone.write("什么纠纷", "门前排水纠纷")
    phone.write("怎么处理", "登记为纠纷")
    phone.fits()
    phone.press("保存")
    phone.reads("草稿保存于")
    title = phone.page.locator('input[value="门前排水纠纷"]')
    assert title.count() == 1
    phone.go("/screenings/")
    phone.reads("定期排查")
    phone.fits()
    phone.look("screenings")
