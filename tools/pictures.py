"""Takes pictures of every role's pages: two languages, desk and phone, light and dark.

``make pictures`` starts a demo county of its own on another port, takes them into ``pictures/``
and ends it; ``ARGS='--address http://127.0.0.1:8000 --only supervisor2'`` looks at one that runs.
The names say what is seen: ``supervisor2-board-en-phone-dark.png``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PORT = 8131
# A login a role, and the pages that somebody in it lives in; {case} and {task} are of a first one.
PAGES: dict[str, dict[str, str]] = {
    "grid1": {"workbench": "/", "register": "/cases/new/ticket", "case": "{case}"},
    "gridleader1": {"workbench": "/", "unit": "/?queue=unit"},
    "mediator1": {"workbench": "/", "case": "{case}", "story": "{case}/story"},
    "dispatcher1": {"workbench": "/", "board": "/supervision"},
    "operator1": {"workbench": "/", "register": "/cases/new/hotline", "notifications": "/notices"},
    "handler2": {"workbench": "/", "case": "{case}", "deadlines": "{case}/clocks"},
    "leader3": {"home": "/", "figures": "/reports", "cases": "/cases"},
    "supervisor2": {"board": "/supervision", "orders": "/demands", "cases": "/cases"},
    "editor1": {"processes": "/policy/processes"},
    "publisher1": {"processes": "/policy/processes"},
    "admin1": {"units": "/admin", "operations": "/admin/operations"},
    "confidential1": {"waiting": "/confidential"},
    "auditor1": {"trail": "/audit/"},
    "security1": {"grants": "/admin/grants"},
}
SIZES: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1366, "height": 768}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    },
}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LANGUAGES = {"zh": "zh_CN", "en": "en"}
PATIENCE_MS = 20_000
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Take all pictures; return 0 when every page has answered."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--address", help="a county that runs already")
    asked.add_argument("--into", type=Path, default=ROOT / "pictures")
    asked.add_argument("--only", default="", help="logins, languages, sizes, themes; with commas")
    given = asked.parse_args()
    only = frozenset(filter(None, given.only.split(",")))
    given.into.mkdir(parents=True, exist_ok=True)
    with running(given.address) as address, sync_playwright() as playwright:
        # The system's Chromium, as the tests take it; Playwright's own is never downloaded.
        program = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        failed = [name for name in take(browser, address, given.into, only) if name]
    print(f"{len(list(given.into.glob('*.png')))} pictures in {given.into}")
    for name in failed:
        print(f"not answered: {name}", file=sys.stderr)
    return 1 if failed else 0


@contextmanager
def running(address: str | None) -> Iterator[str]:
    """Yield the address of a county that is served, one's own where none is given."""
    if address:
        yield address
        return
    with tempfile.TemporaryDirectory() as folder:
        settings = {"FENGQIAO_DATA_DIR": folder, "FENGQIAO_PORT": str(PORT)}
        served = subprocess.Popen(
            [Path(sys.executable).parent / "fengqiao", "run"], env={**os.environ, **settings}
        )
        try:
            yield answered(f"http://127.0.0.1:{PORT}", served)
        finally:
            served.terminate()
            served.wait()


def answered(address: str, served: subprocess.Popen[bytes]) -> str:
    """Return the address once it answers; raise SystemExit where the server has ended."""
    while served.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/readyz", timeout=2).close()  # noqa: S310
            return address
        except OSError:
            time.sleep(1)
    raise SystemExit("the demo county could not be served")


def take(browser: Browser, address: str, into: Path, only: frozenset[str]) -> Iterator[str]:
    """Take every picture that is wanted; yield the names of those that failed."""
    for size, options in SIZES.items():
        for language, locale in LANGUAGES.items():
            for login, pages in {"stranger": {"login": "/login"}, **PAGES}.items():
                for theme in THEMES:
                    parts = (login, language, size, theme)
                    if not is_selected(only, parts):
                        continue
                    context = browser.new_context(
                        color_scheme=theme, locale=locale.replace("_", "-"), **options
                    )
                    page = enter(context.new_page(), address, login, locale)
                    for name, path in pages.items():
                        file = into / f"{login}-{name}-{language}-{size}-{theme}.png"
                        yield "" if picture(page, address, path, file) else file.name
                    context.close()


def is_selected(only: frozenset[str], parts: tuple[str, ...]) -> bool:
    """Return whether these are asked for: of each kind that is named at all, one that is."""
    kinds: tuple[set[str], ...] = ({"stranger", *PAGES}, set(LANGUAGES), set(SIZES), set(THEMES))
    return all(not (only & kind) or part in only for part, kind in zip(parts, kinds, strict=True))


def enter(page: Page, address: str, login: str, locale: str) -> Page:
    """Log in by the button of the demo's list, in a language."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/login")
    page.locator(f'.languages button[value="{locale}"]').first.click()
    page.wait_for_load_state()
    if login != "stranger":
        # Those of a role's second login stand folded.
        page.evaluate(
            "document.querySelectorAll('.demo-more').forEach((more) => { more.open = true; })"
        )
        page.locator(".demo-login", has_text=login).filter(
            has=page.locator("code", has_text=login)
        ).first.click()
        page.wait_for_load_state()
    return page


def picture(page: Page, address: str, path: str, file: Path) -> bool:
    """Take one; a page of a case is that of the first row of the workbench."""
    if path.startswith("{case}"):
        page.goto(f"{address}/")
        first = page.locator(".row-link").first
        if not first.count():
            return True
        link = (first.get_attribute("href") or "/").split("?")[0]
        path = path.replace("{case}", link)
    answer: Any = page.goto(f"{address}{path}")
    page.wait_for_timeout(300)
    page.screenshot(path=file)
    return bool(answer and answer.ok)


if __name__ == "__main__":
    sys.exit(main())
