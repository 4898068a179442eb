"""The table's own menu and the menus of its cells, each entry with the mouse."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from tests.browser.desk import Desk
from tests.browser.live import Live
from tests.browser.policydesk import Editor
from tests.browser.test_policy_menus import TABLE, pressed, table_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# Entry after entry of the menu of a rule, and of the heads of columns, and what each changes.
RULE = (
    ("add-rule-above", {"rule": 1}),
    ("add-rule-below", {"rule": 1}),
    ("remove-rule", {"rule": -1}),
    ("copy-rule", {}),
    ("paste-rule-below", {"rule": 1}),
    ("cut-rule", {"rule": -1}),
    ("paste-rule-above", {"rule": 1}),
)
INPUT = (
    ("add-input-left", {"input": 1}),
    ("remove-input", {"input": -1}),
    ("add-input-right", {"input": 1}),
    ("copy-input", {}),
    ("paste-input-right", {"input": 1}),
    ("cut-input", {"input": -1}),
    ("paste-input-left", {"input": 1}),
)
OUTPUT = (
    ("add-output-left", {"output": 1}),
    ("add-output-right", {"output": 1}),
    ("copy-output", {}),
    ("paste-output-left", {"output": 1}),
    ("cut-output", {"output": -1}),
    ("paste-output-right", {"output": 1}),
    ("remove-output", {"output": -1}),
)
PLACES = {"rule": "tbody tr", "input": "thead th.input-cell", "output": "thead th.output-cell"}


def parts(editor: Editor) -> Counter[str]:
    """Rules and columns on the page."""
    table = editor.page.locator(".tjs-table")
    return Counter({name: table.locator(place).count() for name, place in PLACES.items()})


def counted(text: str) -> Counter[str]:
    """Rules and columns of the first table of a file."""
    return Counter(
        re.findall(r"<(?:\w+:)?(rule|input|output) ", text.partition("</decisionTable>")[0])
    )


def brings(answer: Any, want: Counter[str]) -> bool:
    """Whether the server answers to a table of that many rules and columns."""
    request = answer.request
    if request.method != "PUT":
        return False
    return counted(request.post_data_json["files"].get(TABLE) or "") == want


def chosen(editor: Editor, cell: Any, entry: str) -> None:
    """Open the menu of a cell with the right button and press an entry, as a hand does."""
    cell.click(button="right")
    place = editor.page.locator(f".context-menu .context-menu-entry-{entry}").first
    pressed(editor.page, place)
    editor.page.locator(".context-menu").wait_for(state="detached")


@pytest.mark.parametrize(
    ("place", "steps"),
    [("td.input-cell", RULE), ("th.input-cell", INPUT), ("th.output-cell", OUTPUT)],
    ids=["rules", "inputs", "outputs"],
)
def test_each_entry_of_the_menu_does_what_it_says(
    live: Live, desk: Desk, place: str, steps: tuple[tuple[str, dict[str, int]], ...]
) -> None:
    editor = table_of(live, desk)
    want, file = parts(editor), counted(editor.file(TABLE))
    for entry, changes in steps:
        chosen(editor, editor.page.locator(f".tjs-container {place}").first, entry)
        want.update(changes)
        file.update(changes)
        assert parts(editor) == want, entry
    file.update(rule=1)
    with editor.page.expect_response(lambda answer: brings(answer, file)) as answer:
        chosen(editor, editor.page.locator(".tjs-container td.input-cell").first, "add-rule-above")
    assert answer.value.ok
    assert counted(editor.file(TABLE)) == file


def test_a_cell_is_filled_in_by_its_menu(live: Live, desk: Desk) -> None:
    """Without knowing how FEEL is written: another one of the choices, and none of them."""
    editor = table_of(live, desk)
    page = editor.page
    before = editor.file(TABLE).count("not(")
    text = page.locator(".tjs-container td.input-cell").filter(has_text='"').first
    pressed(page, text)
    pressed(page, page.locator(".simple-mode-button"))
    menu = page.locator(".simple-string-edit")
    pressed(page, menu.locator(".dms-input").first)
    with editor.saving():
        pressed(page, page.locator(".dms-select-options .option").nth(1))

    assert editor.file(TABLE).count("not(") == before + 1
