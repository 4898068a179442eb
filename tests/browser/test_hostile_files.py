"""A diagram that would turn itself into a page with scripts: a browser keeps it as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Error

from engine.drafting import drafts
from engine.models import DraftFile, ProcessDraft
from engine.storage.db import reading, transaction
from tests.browser.desk import Desk, Person
from tests.browser.live import Live
from tests.browser.policydesk import PICTURE, begin
from tests.webapp.policy_desk import version_of

SHEET = """<bpmn:extensionElements><xsl:stylesheet id="s" version="1.0"
 xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><html><body>
<h1>owned</h1><script>document.title = 'owned'</script></body></html></xsl:template>
</xsl:stylesheet></bpmn:extensionElements>"""


def hostile(diagram: bytes) -> bytes:
    """The diagram with a style sheet in it that a browser would apply."""
    head, _, body = diagram.decode().partition("?>")
    opened, _, rest = body.partition("<bpmn:process ")
    sheet = '<?xml-stylesheet type="text/xsl" href="#s"?>'
    return f"{head}?>{sheet}{opened}{SHEET}<bpmn:process {rest}".encode()


@pytest.fixture
def addresses(live: Live) -> list[str]:
    """Where the hostile diagram is sent from: of a draft, a version and a case."""
    draft_id, site = begin(live), live.site
    version_id, case_id = version_of(site), site.open()
    with site.app.app_context(), transaction() as db:
        draft = db.get_one(ProcessDraft, draft_id)
        row = db.query(DraftFile).filter_by(draft_id=draft_id, path=PICTURE).one()
        row.content = hostile(row.content or b"")
        assert drafts.files_of(db, draft)[PICTURE] == row.content
    return [
        f"/policy/drafts/{draft_id}/diagram.bpmn",
        f"/policy/versions/{version_id}/diagram.bpmn",
        f"/cases/{case_id}/diagram.bpmn",
    ]


def taken(person: Person, path: str) -> bytes:
    """Open an address and return the file that the browser was made to keep."""
    with person.page.expect_download() as download, pytest.raises(Error, match="Download"):
        person.go(path)
    return Path(download.value.path()).read_bytes()


def test_it_is_kept_as_a_file_and_shown_by_our_viewer(
    live: Live, desk: Desk, addresses: list[str]
) -> None:
    publisher, worker = desk.person("publisher"), desk.person("worker")
    people = [publisher, publisher, worker]
    for person, path in zip(people, addresses, strict=True):
        before = person.page.url
        content = taken(person, path)
        assert content.startswith(b"<?xml")
        assert (person.page.url, person.page.title() == "owned") == (before, False)
    assert b"xml-stylesheet" in taken(publisher, addresses[0])

    worker.go(addresses[2].removesuffix(".bpmn"))
    worker.page.locator("[data-diagram][data-ready]").wait_for()


def test_it_leaves_the_draft_unpublished(live: Live, desk: Desk, addresses: list[str]) -> None:
    """What the published proof did: the address opened by who may publish."""
    taken(desk.person("publisher"), addresses[0])
    with live.site.app.app_context(), reading() as db:
        stages = [draft.stage for draft in db.query(ProcessDraft)]
    assert stages == ["editing"]
