"""The menus of the form editor, the pad of a step and the files, with the mouse."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.desk import Desk
from tests.browser.live import Live
from tests.browser.policydesk import Editor, begin, editor_of
from tests.browser.test_policy_menus import pressed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def question(live: Live, desk: Desk) -> tuple[Editor, Any]:
    """A new question of the opening form, its settings open."""
    editor = editor_of(desk, begin(live))
    page = editor.page
    pressed(page, page.locator('[data-tab="form"]'))
    form = page.locator("#part-form")
    with editor.saving():
        pressed(page, form.get_by_role("button", name="加一题").first)
    return editor, form


def chosen(editor: Editor, menu: Any, words: str) -> None:
    """Open a menu with the mouse; it stays open under the hand, and takes what is chosen in it."""
    pressed(editor.page, menu)
    assert menu.evaluate("element => element === document.activeElement")
    with editor.saving():
        menu.select_option(label=words)


def added(editor: Editor) -> dict[str, Any]:
    """The new question as the server holds it."""
    fields = [one for key in forms_of(editor) for one in fields_of(editor, key)]
    (found,) = [one for one in fields if one["label"]["zh_CN"] == "新的问题"]
    return found


def forms_of(editor: Editor) -> list[str]:
    """The forms that the diagram names."""
    return sorted(set(re.findall(r'form="(ticket/\w+)"', editor.file())))


def fields_of(editor: Editor, key: str) -> list[dict[str, Any]]:
    """The questions of a form."""
    return [one for group in editor.form(key)["groups"] for one in group["fields"]]


@pytest.mark.parametrize(("words", "kind"), [("时长", "duration"), ("时间", "time")])
def test_the_kind_of_a_question_is_chosen_with_the_mouse(
    live: Live, desk: Desk, words: str, kind: str
) -> None:
    editor, form = question(live, desk)
    chosen(editor, form.get_by_label("种类", exact=True).first, words)
    assert added(editor)["kind"] == kind
    chosen(editor, form.get_by_label("必填", exact=True).first, "必填")
    assert added(editor)["required"] is True


def test_each_entry_of_the_file_menu_is_reached_with_the_mouse(live: Live, desk: Desk) -> None:
    """It stays open until one of them is pressed; each export comes."""
    editor = editor_of(desk, begin(live))
    page = editor.page
    menu = page.locator(".editor-head details.menu")
    for act in ("xml", "dmn", "svg", "png"):
        pressed(page, menu.locator("summary"))
        entry = menu.locator(f'[data-act="{act}"]')
        with page.expect_download():
            pressed(page, entry)
    pressed(page, menu.locator("summary"))
    with page.expect_file_chooser():
        pressed(page, menu.locator('[data-act="import"]'))


def test_a_step_is_appended_from_the_pad_with_the_mouse(live: Live, desk: Desk) -> None:
    editor = editor_of(desk, begin(live))
    page = editor.page
    end = re.search(r'<(?:\w+:)?userTask id="(\w+)"', editor.file())
    assert end is not None
    before = len(re.findall(r"exclusiveGateway id=", editor.file()))
    editor.choose(end[1])
    with editor.saving():
        pressed(page, page.locator('.djs-context-pad .entry[data-action="append.gateway"]'))

    assert len(re.findall(r"exclusiveGateway id=", editor.file())) == before + 1
