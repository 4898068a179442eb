"""People at their browsers: log in, work, look, and let axe judge what they see."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import TimeoutError

from tests.browser.live import Live
from tests.webapp.site import PASSWORD

SCREENS = Path(__file__).resolve().parents[2] / "test-results/screens"
# Set, it keeps pictures of what the tests look at in test-results/screens.
PICTURES = "FENGQIAO_TEST_PICTURES"
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
# Says who looks, faintly, behind every word of a confidential case; nobody is meant to read it.
DECORATION = [[".watermark"]]
# Long enough for a machine that others keep busy; what works takes a fraction of it.
PATIENCE_MS = 60_000
# An answer that refuses is no fault of the page; the console names its status all the same.
EXPECTED = tuple(f"status of {status}" for status in (400, 401, 403, 404, 409, 422, 429))
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
# bpmn-js says this of itself.
EXPECTED += ("ContextPad#getPad is deprecated",)


@dataclass
class Person:
    """Somebody at a browser."""

    desk: Desk
    page: Any

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.desk.live.url + path)

    def press(self, words: str) -> None:
        """Press the button, or follow the link, that says this and nothing else."""
        # It waits for its page: whoever looks only once may look at the page before.
        exactly = re.compile(rf"^\W*{re.escape(words)}\W*$")
        button = self.page.get_by_role("button", name=exactly)
        either = button.or_(self.page.get_by_role("link", name=exactly))
        either.filter(visible=True).first.click()
        self.page.wait_for_load_state()

    def choose(self, question: str, answer: str) -> None:
        """Choose a radio or checkbox of a question."""
        # By the legend's text: the red star is part of the name that a reader hears.
        group = self.page.locator(f'fieldset.field:has(> legend:text-is("{question}"))')
        group.get_by_label(answer, exact=True).check()

    def write(self, question: str, answer: str) -> None:
        """Fill in a text, or select from a list."""
        field = self.page.locator(f'.field:has(> label:text-is("{question}"))')
        picker = field.get_by_role("combobox").and_(field.locator("input"))
        if picker.count():
            picker.fill(answer)
            field.get_by_role("option", name=answer).first.click()
            return
        control = field.locator(".form-control").or_(field.locator(".form-select"))
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(label=answer)
        else:
            control.fill(answer)

    def attach(self, question: str, *paths: Path) -> None:
        """Choose files from the disk."""
        field = self.page.locator(f'.field:has(> label:text-is("{question}"))')
        field.locator('input[type="file"]').set_input_files([str(path) for path in paths])

    def reads(self, words: str) -> None:
        """Wait until the page says this; what it said instead is told with the failure."""
        try:
            self.page.get_by_text(words).first.wait_for()
        except TimeoutError as error:
            error.add_note(f"{self.page.url} says:\n{self.page.inner_text('body')[:3000]}")
            raise

    def look(self, name: str, *, whole: bool = True) -> None:
        """Hold the page against the rules of accessibility; keep a picture if one is asked for."""
        self.judge(name)
        # A picture costs as much as the judgement, and most runs are looked at by nobody.
        if not os.environ.get(PICTURES):
            return
        self.page.evaluate("window.scrollTo(0, 0)")
        path = SCREENS / f"{name}.png"
        self.page.screenshot(path=path, full_page=whole, animations="disabled")

    def judge(self, name: str) -> None:
        """Nothing serious or critical may be found by axe."""
        # Evaluated by the test, so the page's own policy stays as strict as it is.
        self.page.evaluate(self.desk.axe)
        found = self.page.evaluate(
            "([rules, without]) => axe.run({exclude: without},"
            " {runOnly: rules, resultTypes: ['violations']})",
            [WCAG, DECORATION],
        )
        serious = [
            f"{name}: {one['id']} {node['html'][:160]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
        assert not serious, "\n".join(serious)

    def fits(self) -> None:
        """Nothing sticks out to the side."""
        wide = self.page.evaluate(
            "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        )
        assert wide <= 0, f"the page is {wide} px too wide"


@dataclass
class Desk:
    """Browsers for the people of one county."""

    live: Live
    browser: Any
    arguments: dict[str, Any]
    axe: str
    password: str = PASSWORD
    problems: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def stranger(self, **options: Any) -> Person:
        """A browser that nobody has logged in with."""
        context = self.browser.new_context(**{"locale": "zh-CN", **self.arguments, **options})
        self.contexts.append(context)
        return self._open(context)

    def person(self, login: str, **options: Any) -> Person:
        """Somebody of the county, logged in, on the page that they come to."""
        return self._admit(self.stranger(**options), login)

    def after_another(self, login: str) -> Person:
        """The same at the machine that somebody else has left: it has our scripts already."""
        if not self.contexts:
            return self.person(login)
        context = self.contexts[-1]
        for page in context.pages:
            page.close()
        context.clear_cookies()
        return self._admit(self._open(context), login)

    def _open(self, context: Any) -> Person:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._hear)
        return Person(self, page)

    def _admit(self, somebody: Person, login: str) -> Person:
        # The page of the log-in has tests of its own; before each of these it would take a third
        # of the time.
        url, app = self.live.url, self.live.site.app
        client = app.test_client()
        token = TOKEN.search(client.get("/login", base_url=url).text)
        assert token is not None
        fields = {"csrf_token": token[1], "login": login, "password": self.password}
        told = {"User-Agent": AGENT, "Sec-Fetch-Site": "same-origin"}
        answer = client.post("/login", data=fields, base_url=url, headers=told)
        assert answer.status_code == 303, answer.text
        name = app.config["SESSION_COOKIE_NAME"]
        cookie = client.get_cookie(name, domain=urlsplit(url).hostname or "")
        assert cookie is not None
        somebody.page.context.add_cookies([{"name": name, "value": cookie.value, "url": url}])
        somebody.go("/")
        return somebody

    def close(self) -> None:
        """Close every browser."""
        for context in self.contexts:
            context.close()

    def _hear(self, message: Any) -> None:
        expected = any(words in message.text for words in EXPECTED)
        # A checker that others keep busy refuses; that is no fault of the page.
        busy = "status of 503" in message.text and "/policy/" in message.location.get("url", "")
        expected = expected or busy
        if message.type in ("error", "warning") and not expected:
            self.problems.append(message.text)
