"""The QR code of a final paper leads whoever holds it to number, date and hash, and to no more."""

from __future__ import annotations

import re

import pypdfium2

from engine.documents.papers import check_codes
from tests.webapp.site import Site, plain
from tests.webapp.test_papers_page import begun, paper


def test_whoever_holds_a_paper_can_check_it_and_learns_nothing_else(site: Site) -> None:
    _case_id, path = begun(site, "application")
    mediator, anybody = site.browser("worker"), site.browser()
    with site.app.app_context():
        code = check_codes.code_of(paper(site).id)
    # A draft was never printed.
    assert anybody.get(f"/check/{code}").status_code == 404
    assert mediator.post(f"{path}/final").status_code == 303
    row = paper(site)
    page = anybody.get(f"/check/{code}")
    words = plain(page)
    assert page.status_code == 200 and row.digest is not None and row.digest in words
    assert "没有编号" in words and "2026" in words
    for secret in ("欧阳秀兰", "申请书", "桥面破损"):
        assert secret not in words
    assert anybody.get("/").status_code == 303


def test_a_code_that_was_never_printed_tells_nothing(site: Site) -> None:
    _case_id, path = begun(site, "application")
    site.browser("worker").post(f"{path}/final")
    with site.app.app_context():
        code = check_codes.code_of(paper(site).id)
    anybody = site.browser()
    last = "0" if code[-1] != "0" else "1"
    for wrong in (code[:-1] + last, code[:-1], f"1{code}", "x", "9" * 25 + "-" + "0" * 20):
        assert anybody.get(f"/check/{wrong}").status_code == 404, wrong


def test_the_code_is_drawn_on_the_first_page_and_moves_nothing(site: Site) -> None:
    _case_id, path = begun(site, "application")
    mediator = site.browser("worker")
    mediator.post(f"{path}/final")
    file = pypdfium2.PdfDocument(mediator.get(f"/attachments/{paper(site).attachment_id}").data)
    assert len(file) == 1
    drawn = file[0].render(scale=2).to_pil().convert("L")
    corner = drawn.crop((drawn.width - 150, drawn.height - 200, drawn.width, drawn.height))
    assert corner.getextrema()[0] < 60
    assert re.search("申请事项", file[0].get_textpage().get_text_range())
