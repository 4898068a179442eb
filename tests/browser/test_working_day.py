"""A working day of each role, at a desk and on a phone: one county, from the report to the urge.

Every page that somebody opens is held against axe, must fit its screen, load nothing from
outside, and its scripts must stay small.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser import registering
from tests.browser.conftest import database_of_story
from tests.browser.desk import PHONE, Person
from tests.browser.town import Town, fill, town_at
from tests.webapp.site import settings_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
MOST_SCRIPT = 150 * 1024
SCRIPTS = """() => performance.getEntriesByType("resource")
    .map(({ name }) => name).filter((name) => new URL(name).pathname.endsWith(".js"))"""


@pytest.fixture(params=[{}, PHONE], ids=["desk", "phone"])
def town(
    browser: Any,
    browser_context_args: dict[str, Any],
    copies: Callable[[str], Any],
    demo_of_monday: Callable[[str], str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Town]:
    """The demo county on Monday morning, at one of the two widths."""
    backend = database_of_story(request)
    maker = copies(backend)
    url = maker.fresh(like=demo_of_monday(backend))
    options = {**browser_context_args, **request.param}
    width = "phone" if request.param else "desk"
    with town_at(settings_for(url, tmp_path), browser, options, f"day-{width}") as made:
        yield made
    maker.drop(url)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo that says where it was taken."""
    path = tmp_path / "现场照片.jpg"
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (38.0, 47.0, 2.4), 3: "E", 4: (101.0, 5.0, 18.6)}
    Image.new("RGB", (640, 480), (120, 140, 110)).save(path, exif=exif)
    return path


def visit(town: Town, person: Person, path: str, name: str) -> None:
    """Open a page as somebody does many times a day, and judge it."""
    sent: list[str] = []
    person.page.on("request", lambda request: sent.append(request.url))
    person.go(path)
    person.page.wait_for_load_state("networkidle")
    person.look(f"{town.pictures}-{name}")
    person.fits()
    own = (town.desk.live.url, "data:", "blob:")
    assert [url for url in sent if not url.startswith(own)] == []
    scripts = set(person.page.evaluate(SCRIPTS))
    weight = sum(len(gzip.compress(person.page.request.get(url).body())) for url in scripts)
    assert 0 < weight < MOST_SCRIPT, f"{path}: {weight} bytes of scripts"


def report(town: Town, photo: Path) -> None:
    """The grid worker finds something, reports it with a photo, and sees it on its way."""
    worker = town.person("grid1")
    visit(town, worker, "/", "worker-bench")
    town.register(
        "grid1",
        "ticket",
        summary="南湖小区三单元楼道灯不亮",
        category="住房物业",
        setting="住宅小区",
        details="楼道灯坏了一周，老人晚上出行不便。",
        danger="no",
        place=registering.GRID,
        channel="巡查发现",
        has_reporter="no",
        settled="no",
        photos=photo,
    )
    worker = town.person("grid1")
    visit(town, worker, town.case, "worker-case")


def dispatch(town: Town) -> None:
    """The grid leader passes it on; the dispatcher finds it by its class, and sends it out."""
    town.step(
        "gridleader1",
        "accept",
        "后续环节：分流派单",
        checked_by="到场查看",
        check_note="情况属实。",
        acceptance="上报分流",
        hand_up_reason="村里没有维修资金。",
    )
    dispatcher = town.person("dispatcher1")
    visit(town, dispatcher, "/?queue=to_sign", "dispatcher-bench")
    visit(town, dispatcher, "/cases?q=楼道灯", "dispatcher-search")
    town.step(
        "dispatcher1",
        "dispatch",
        "后续环节：处置",
        dispatch_mode="单位承办",
        unit_choice="按分流表",
        requirement="三日内修复并答复。",
    )


def talk(town: Town, handler: Person) -> None:
    """A remark to the dispatcher, whose name is completed while one types."""
    visit(town, handler, f"{town.case}/remarks", "handler-remarks")
    area = handler.page.locator("#remark-text")
    area.press_sequentially("灯具今天到货 @冯")
    handler.page.locator(".mention-list li").first.wait_for()
    handler.judge("mentions")
    area.press("Enter")
    assert area.input_value() == "灯具今天到货 @冯丽萍 "
    handler.press("发送")
    handler.reads("已发送，并通知 冯丽萍")


def upload(town: Town, handler: Person, photo: Path) -> None:
    """A photo goes up by itself, and its place becomes that of the case."""
    visit(town, handler, f"{town.case}/materials", "handler-materials")
    handler.page.locator("#file").set_input_files(str(photo))
    handler.reads("已上传")
    offer = handler.page.get_by_role("button", name="设为事项位置")
    offer.first.wait_for()
    handler.look(f"{town.pictures}-handler-uploaded")
    offer.first.click()
    handler.reads("已设为事项位置")


def handle(town: Town, photo: Path) -> None:
    """The handler signs, talks, uploads, does the work and answers."""
    handler = town.person("handler2")
    visit(town, handler, "/?queue=to_sign", "handler-bench")
    handler.page.locator(f'a.row-link[href^="{town.case}"]').first.click()
    handler.press("签收")
    handler.reads("已签收")
    talk(town, handler)
    upload(town, handler, photo)
    visit(town, handler, town.case, "handler-case")
    handler.page.locator(".actions details.menu > summary").click()
    handler.reads("转办")
    handler.judge("menu")
    answers = {
        "handle_result": "已处置",
        "handle_measures": "更换灯具两盏，恢复照明。",
        "started_on": town.day(),
        "done_on": town.day(),
        "public_answer": "楼道灯已修好。",
        "handle_photos": photo,
    }
    handler.page.keyboard.press("Escape")
    fill(handler, answers)
    handler.page.locator(".picked img").first.wait_for()
    handler.press("提交")
    handler.reads("已提交，后续环节：跟踪")


def take_a_call(town: Town) -> None:
    """The operator registers a call and sees what waits for a call back."""
    operator = town.person("operator1")
    visit(town, operator, "/", "operator-bench")
    registering.call(town)
    operator = town.person("operator1")
    visit(town, operator, town.case, "operator-case")
    visit(town, operator, f"{town.case}/story", "operator-story")


def mediate(town: Town) -> None:
    """The mediator takes an application, and arranges who acts for him next week."""
    registering.quarrel(town)
    mediator = town.person("mediator1")
    visit(town, mediator, town.case, "mediator-case")
    visit(town, mediator, f"{town.case}/diagram", "mediator-diagram")
    visit(town, mediator, "/profile/away/new", "mediator-away")
    mediator.page.locator("#user").select_option(index=1)
    fill(mediator, {"from_at": town.day(7), "until_at": town.day(9), "reason": "培训"})
    mediator.press("设置代理")
    mediator.reads("已设置代理")
    mediator.judge("away")


def supervise(town: Town, ticket: str) -> None:
    """Days pass; the supervisor reads what is late, and urges."""
    town.later(days=9)
    supervisor = town.person("supervisor1")
    visit(town, supervisor, "/supervision", "supervisor-board")
    supervisor.page.locator(".board-acts summary").first.click()
    supervisor.press("催办")
    supervisor.reads("已催办")
    visit(town, supervisor, "/notices", "supervisor-notices")
    visit(town, supervisor, f"{ticket}/story", "supervisor-story")
    supervisor.reads("办理时限已过")
    dispatcher = town.person("dispatcher1")
    dispatcher.go("/notices")
    dispatcher.reads("留言中提到您")


def test_it_carries_everybody_through_the_day(town: Town, photo: Path) -> None:
    """Grid worker, grid leader, dispatcher, handler, operator, mediator, supervisor."""
    report(town, photo)
    ticket = town.case
    dispatch(town)
    handle(town, photo)
    take_a_call(town)
    mediate(town)
    supervise(town, ticket)
