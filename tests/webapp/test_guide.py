"""The guide inside the product: every page has its section, every link of it leads somewhere."""

from __future__ import annotations

import html
import re

import pytest

from tests.page_structure import blocks
from tests.webapp.site import Site
from webapp.guide import contents, library
from webapp.guide.rendering import rendered

LANGUAGES = ("zh_CN", "en")
LINK = re.compile(r'<a href="(/help/[^"#]*)(?:#([^"]*))?"')
# Addresses that show nothing: files, data, parts of pages.
NO_PAGES = {
    "static",
    "health",
    "metrics",
    "api-docs",
    "token",
    "cases",
    "tasks",
    "drafts",
    "guide",
    "open311",
}


@pytest.mark.only("sqlite")
def test_every_page_of_the_product_has_a_section(site: Site) -> None:
    """A new part of the product says what explains it."""
    parts = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in rule.methods}
    for endpoint in parts:
        part = endpoint.partition(".")[0]
        assert part in contents.TOPICS or part in NO_PAGES, f"say what explains {endpoint}"
    gone = {one for one in contents.TOPICS if "." in one} - site.app.view_functions.keys()
    assert not gone
    for told in contents.TOPICS.values():
        name, _, heading = told.partition("#")
        known = {one.name for one in library.headings(name, "zh_CN")}
        assert not heading or heading in known, told


def test_the_contents_name_every_page_once() -> None:
    listed = [name for chapter in contents.CHAPTERS for name in chapter.pages]
    assert sorted(listed) == sorted(library.names())


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_shown_whole_and_every_link_of_it_leads_to_a_heading(
    site: Site, language: str
) -> None:
    """What the reader of Markdown does not take for a table would stand there as a row of bars."""
    with site.app.test_request_context():
        shown = {name: rendered(name, language) for name in library.names()}
    names = {page: {one.name for one in library.headings(page, language)} for page in shown}
    for page, text in shown.items():
        kinds = [block.kind for block in blocks(library.text(page, language))]
        assert text.count("<table") == kinds.count("table"), page
        assert text.count("<pre") == kinds.count("code"), page
        assert ("<ul" in text or "<ol" in text) == ("list" in kinds), page
        for path, heading in LINK.findall(text):
            target = html.unescape(path).removeprefix("/help/")
            assert target in names, (page, target)
            assert not heading or heading in names[target], (page, target, heading)


@pytest.mark.only("sqlite")
def test_it_speaks_the_language_of_the_reader(site: Site) -> None:
    browser = site.browser()
    assert "<h1" in browser.get("/help/boards").text and "督办与统计" in browser.last.text
    browser.post("/language", {"locale": "en"})
    assert "Supervision and figures" in browser.get("/help/boards").text


@pytest.mark.only("sqlite")
def test_a_page_leads_to_its_section_and_says_the_version(site: Site) -> None:
    page = site.browser("county_supervisor").get("/supervision").text
    assert 'href="/help/boards#supervision"' in page
    assert re.search(r'class="page-foot".*\d+\.\d+\.\d+</span></div>', page)
    assert 'href="/help/faq#signing-in"' in site.browser().get("/login").text


@pytest.mark.only("sqlite")
def test_strangers_read_it_and_its_files_alone(site: Site) -> None:
    stranger = site.browser()
    assert stranger.get("/help/").status_code == 200
    picture = stranger.get("/help/pictures/processes/ticket.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    for path in ("nothing", "pictures/../../setup.cfg", "pictures/desk.md", "architecture"):
        assert stranger.get(f"/help/{path}").status_code == 404, path


@pytest.mark.only("sqlite")
def test_it_finds_sections_by_words(site: Site) -> None:
    browser = site.browser()
    found = browser.get("/help/?q=撤销误升级").text
    assert 'href="/help/boards#withdrawing-false-escalations"' in found
    assert "<script>" not in browser.get("/help/?q=<script>").text
    assert "帮助中没有这些词" in browser.get("/help/?q=qwertz").text
