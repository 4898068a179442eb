"""The policy desk in a real browser: a draft, its editor, and what the server holds of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import select

from engine.access import actors
from engine.drafting import drafts
from engine.models import Version
from engine.storage.db import reading, transaction
from tests.browser.desk import Desk, Person
from tests.browser.live import Live
from tests.webapp import policy_desk

PICTURE = "processes/ticket/ticket.bpmn"


class Editor:
    """Somebody at the editor of one draft."""

    def __init__(self, person: Person, draft_id: int) -> None:
        self.person, self.page, self.draft_id = person, person.page, draft_id
        self.desk = person.desk

    def open(self) -> Editor:
        """Open the editor and wait until one can work."""
        self.person.go(f"/policy/drafts/{self.draft_id}")
        return self.ready()

    def ready(self) -> Editor:
        """Wait until one can work."""
        self.page.locator("#editor[data-ready]").wait_for()
        return self

    def file(self, path: str = PICTURE) -> str:
        """A file as the server holds it now."""
        with self.desk.live.site.app.app_context(), reading() as db:
            actor = actors.actor_of(db, self.desk.live.site.world.logins["editor"], _now())
            draft = drafts.visible(db, actor, self.draft_id)
            return drafts.files_of(db, draft)[path].decode()

    def form(self, key: str) -> Any:
        """A form of the draft."""
        return json.loads(self.file(f"forms/{key}.json"))

    @contextmanager
    def saving(self) -> Iterator[None]:
        """What is done in the block is on the server at the end of it."""

        def judged(answer: Any) -> bool:
            # A checker that others keep busy is asked again by the editor itself.
            return bool(answer.request.method == "PUT" and answer.status != 503)

        with self.page.expect_response(judged, timeout=60_000) as answer:
            yield
        assert answer.value.ok, answer.value.text()
        expect(self.part("saved")).to_contain_text("自动保存", timeout=20_000)

    def part(self, name: str) -> Any:
        """A part of the page."""
        return self.page.locator(f'[data-part="{name}"]')

    def choose(self, element: str) -> None:
        """Click an element of the diagram."""
        hit = self.page.locator(f'.djs-element[data-element-id="{element}"] .djs-hit').first
        hit.click(force=True)

    def append(self, title: str) -> None:
        """Press an entry of the pad beside the chosen element."""
        self.page.locator(f'.djs-context-pad .entry[title="{title}"]').click()

    def fill(self, label: str, words: str) -> None:
        """Type into a field of the panel and leave it."""
        field = self.page.get_by_label(label, exact=True)
        field.fill(words)
        field.press("Tab")

    def finds(self, words: str) -> Any:
        """The line of the findings that says this."""
        line = self.part("findings").locator("li.finding").filter(has_text=words)
        line.first.wait_for()
        return line.first

    def mend(self, words: str) -> None:
        """Press the fix that a finding offers."""
        fix = self.part("findings").get_by_role("button", name=words)
        fix.first.wait_for(timeout=30_000)
        fix.first.click()

    def passes(self) -> None:
        """Wait until the check has nothing against the draft."""
        self.part("findings").locator(":scope:not([aria-busy])").wait_for(timeout=60_000)
        expect(self.part("findings").locator("li.finding-error")).to_have_count(0)


def begin(live: Live, process: str = "ticket") -> int:
    """Seat the people of the policy desk and begin a draft of the version in force."""
    if "editor" not in live.site.world.logins:
        policy_desk.staff(live.site)
    with live.site.app.app_context():
        with reading() as db:
            query = select(Version.id).where(Version.process == process)
            version = db.scalars(query.order_by(Version.number.desc())).first()
            actor = actors.actor_of(db, live.site.world.logins["editor"], _now())
        assert version is not None
        with transaction() as db:
            return drafts.from_version(db, actor, version, now=_now()).id


def editor_of(desk: Desk, draft_id: int, login: str = "editor") -> Editor:
    """Somebody opens a draft."""
    return Editor(desk.person(login), draft_id).open()


def exported(editor: Editor, act: str, name: str | None = None) -> bytes:
    """Press an entry of the file menu and take what the browser downloads."""
    page = editor.page
    with page.expect_download(lambda one: name in (None, one.suggested_filename)) as download:
        page.locator(".editor-head details.menu > summary").click()
        page.locator(f'[data-act="{act}"]').click()
    return Path(download.value.path()).read_bytes()


def imported(editor: Editor, path: Path) -> str:
    """Choose a file for the draft; gives what the page says of it."""
    said = editor.part("said")
    editor.part("upload").set_input_files(str(path))
    expect(said).to_contain_text("导入", timeout=40_000)
    words = str(said.inner_text())
    said.evaluate("element => { element.textContent = '' }")
    return words


def _now() -> datetime:
    return datetime.now(UTC)
