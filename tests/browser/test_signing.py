"""Signing in real browsers: a pad at the desk, a link on a telephone, and the sealed file."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from sqlalchemy import select

from engine.models import Attachment, Paper
from engine.records import attachments
from engine.storage.db import reading
from tests.browser.desk import PHONE, Desk, Person
from tests.browser.live import Live
from tests.webapp.test_people_page import PARTIES, dispute
from tests.webapp.test_signing import finish_agreement, rich

pytestmark = pytest.mark.browser


def write_name(somebody: Person) -> None:
    """Draw two strokes on the pad, as a finger or mouse does."""
    pad = somebody.page.locator("canvas.signature-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    mouse = somebody.page.mouse
    for turn in (0, 40):
        mouse.move(box["x"] + 30 + turn, box["y"] + 40)
        mouse.down()
        for step in range(1, 8):
            mouse.move(box["x"] + 30 + turn + 20 * step, box["y"] + 40 + (60 if step % 2 else 10))
        mouse.up()


def sealed_ink(live: Live) -> int:
    """Dark points in the places of the names, on the pages as a reader shows them."""
    with live.site.app.app_context(), reading() as db:
        row = db.scalars(select(Paper)).one()
        data = attachments.path_of(db.get_one(Attachment, row.sealed_id)).read_bytes()
        plain = attachments.path_of(db.get_one(Attachment, row.attachment_id)).read_bytes()
    return sum(_dark(data)) - sum(_dark(plain))


def _dark(pdf: bytes) -> list[int]:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    document.init_forms()
    return [sum(page.render(scale=1).to_pil().convert("L").histogram()[:100]) for page in document]


def test_two_parties_sign_one_at_the_desk_one_on_a_telephone_and_it_is_sealed(desk: Desk) -> None:
    live = desk.live
    live.run(lambda _world: None)
    case_id = dispute(live.site, rich(PARTIES))
    paper_id = finish_agreement(live.site.browser("worker"), case_id)
    mediator = desk.person("worker")
    mediator.go(f"/cases/{case_id}/papers")
    mediator.page.get_by_role("link", name="人民调解协议书 签名盖章").press("Enter")
    mediator.reads("未签")
    mediator.look("signing")
    mediator.page.get_by_role("link", name="申请人：在本机签", exact=True).click()
    mediator.look("signing-pad")
    mediator.press("确认签名")
    mediator.reads("请重签")
    write_name(mediator)
    mediator.press("清空重签")
    write_name(mediator)
    mediator.press("确认签名")
    mediator.reads("已签名。")

    mediator.page.get_by_role("button", name="被申请人：用手机签", exact=True).click()
    link = mediator.page.get_by_label("签名链接").input_value()
    mediator.look("signing-link")
    party = desk.stranger(**PHONE)
    party.page.goto(live.url + link[link.index("/sign") :])
    party.reads("请先看清文书内容")
    assert "#" not in party.page.url
    party.fits()
    party.look("signing-phone")
    write_name(party)
    party.press("确认签名")
    party.reads("您已在《人民调解协议书》上签名")
    party.look("signing-done")
    party.page.goto(live.url + link[link.index("/sign") :])
    party.reads("链接无效、已经用过或者过期")

    mediator.page.reload()
    for who in ("人民调解员", "记录人"):
        mediator.go(f"/papers/{paper_id}/signing")
        mediator.page.get_by_role("link", name=f"{who}：在本机签", exact=True).click()
        write_name(mediator)
        mediator.press("确认签名")
        mediator.reads("已签名。")
    leader = desk.person("grid_leader")
    leader.go(f"/papers/{paper_id}/signing")
    leader.press("盖章")
    leader.reads("已盖章")
    leader.look("signing-sealed")
    assert sealed_ink(live) > 200
    assert desk.problems == []
