"""A long form on a bad day: a refused post, a closed tab, a lost session lose not a word."""

from __future__ import annotations

import pytest

from tests.browser.registering import PARTIES, VILLAGE
from tests.browser.test_stories import town  # noqa: F401
from tests.browser.town import Town, fill

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FACTS = "王家翻建院墙，李家认为占了自家宅基地，双方多次争吵。"
TYPED = {
    "summary": "李王两家界墙纠纷",
    "dispute_type": "邻里纠纷",
    "place": VILLAGE,
    "facts": FACTS,
    "claim": "要求退还并恢复原状。",
    "parties": PARTIES,
    "violence": "no",
    "self_harm": "no",
    "gathering": "no",
}


def holds(page: object) -> None:
    """Everything that was typed stands in the form, both parties too."""
    for name, value in (
        ("facts", FACTS),
        ("parties-0-party_phone", "13893612345"),
        ("parties-1-party_name", "王建国"),
    ):
        assert page.locator(f'[name="{name}"]').input_value() == value  # type: ignore[attr-defined]


SEEN = """control => {
    const { left, top, width, height } = control.getBoundingClientRect();
    return document.elementFromPoint(left + width / 2, top + height / 2) === control;
}"""


def shows(page: object, name: str) -> bool:
    """Whether a field is in view with nothing over it."""
    return bool(page.locator(f'[name="{name}"]').first.evaluate(SEEN))  # type: ignore[attr-defined]


def test_a_new_party_is_a_person_whose_id_is_asked(town: Town) -> None:  # noqa: F811
    """Its row begins with the form's defaults, and left so it is no party."""
    mediator = town.person("mediator1")
    mediator.go("/cases/new/dispute")
    page = mediator.page
    assert page.locator('[name="applied_on"]').input_value() == town.day()
    page.locator('button[name="parties-add"]').click()
    page.locator('[name^="parties-2-"]').first.wait_for()
    for row in range(3):
        assert page.locator(f'[name="parties-{row}-party_kind"][value="自然人"]').is_checked()
        assert page.locator(f'[name="parties-{row}-party_id"]').is_visible()
    page.locator('[name="parties-2-party_kind"][value="单位"]').check()
    page.locator('[name="parties-2-party_id"]').wait_for(state="hidden")
    page.locator('[name="parties-2-party_kind"][value="自然人"]').check()
    page.locator('[name="parties-2-party_id"]').wait_for(state="visible")

    fill(mediator, {**TYPED, "amount": "3000", "people_count": "2"})
    mediator.press("提交登记")
    mediator.page.locator(".actions").first.wait_for()
    assert "/cases/new" not in page.url


@pytest.mark.parametrize("size", [{"width": 1366, "height": 860}, {"width": 390, "height": 844}])
def test_it_brings_the_field_to_mend_out_from_under_the_bars(
    town: Town,  # noqa: F811
    size: dict[str, int],
) -> None:
    """Where the browser itself refuses, wherever on the page somebody pressed the button."""
    mediator = town.person("mediator1")
    mediator.page.set_viewport_size(size)
    mediator.go("/cases/new/dispute")
    fill(mediator, {**TYPED, "applied_on": "2030-01-01"})
    for at in (0, 9_999):
        mediator.page.evaluate("at => scrollTo(0, at)", at)
        mediator.press("提交登记")
        mediator.page.locator('[name="applied_on"]:focus').wait_for()
        assert shows(mediator.page, "applied_on"), (size, at)


def test_it_keeps_a_big_form_through_refusal_closed_tab_and_lost_session(
    town: Town,  # noqa: F811
) -> None:
    mediator = town.person("mediator1")
    mediator.go("/cases/new/dispute")
    fill(mediator, TYPED)

    # Refused: an answer is missing, and a phone number cannot be one.
    fill(mediator, {"parties-1-party_phone": "123", "applied_on": town.day()})
    mediator.press("提交登记")
    mediator.reads("需要修改")
    holds(mediator.page)
    mediator.look("big-form-refused")

    # The list of faults leads to each field, and no bar lies over it.
    mediator.page.locator('.error-summary a[href*="party_phone"]').click()
    assert shows(mediator.page, "parties-1-party_phone")

    # The tab is closed after the draft was kept; another one has it all.
    with mediator.page.expect_response(lambda answer: answer.url.endswith("/draft")):
        fill(mediator, {"claim": "要求退还，恢复原状，赔礼道歉。"})
    context = mediator.page.context
    mediator.page.close()
    mediator.page = context.new_page()
    mediator.go("/cases/new/dispute")
    mediator.page.locator('a[href*="draft="]').first.click()
    mediator.page.wait_for_url("**draft=**")
    holds(mediator.page)
    claim = mediator.page.locator('[name="claim"]').input_value()
    assert claim == "要求退还，恢复原状，赔礼道歉。"

    # The session is gone: log in again, and the form is still there to be sent.
    fill(mediator, {"parties-1-party_phone": "13993654321"})
    context.clear_cookies()
    mediator.press("提交登记")
    mediator.reads("尚未生效")
    mediator.look("big-form-session-lost")
    mediator.page.locator("#login").fill("mediator1")
    mediator.page.locator("#password").fill("fengqiao-demo")
    mediator.page.locator("#password").press("Enter")
    mediator.reads("请确认提交")
    mediator.press("重新提交")
    mediator.reads("已登记，编号")
    mediator.reads(FACTS)
    mediator.reads("139****4321")
