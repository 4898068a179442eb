"""The page and the picture of each process agree with what the process really does."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from engine.bpmn.nodes import CASE_LIMIT, Node
from tests.processes.walk import BPMN, PROCESSES, ROOT, definition, diagram
from tools import process_pages

UNITS = {
    "hours": "小时",
    "working_hours": "个工作小时",
    "working_days": "个工作日",
    "days": "天",
}


def page(key: str) -> str:
    """The page of a process, in Chinese."""
    return (ROOT / "docs/processes" / f"{key}.zh-CN.md").read_text(encoding="utf-8")


def limit_text(amount: int | str | None, unit: str) -> str:
    """A limit as the page words it."""
    return "按时限表" if amount == CASE_LIMIT else f"{amount} {UNITS[unit]}"


def row(node: Node) -> str:
    """How the table of a page tells the limits of a task."""
    handling = limit_text(node.limit, node.limit_unit)
    return f"{handling} | {limit_text(node.sign_limit, node.sign_limit_unit)} |"


@pytest.mark.parametrize("key", PROCESSES)
def test_it_tells_the_limits_that_the_diagram_sets(key: str) -> None:
    text = page(key)

    for node in definition(key).nodes.values():
        if node.kind == "userTask":
            rows = [line for line in text.splitlines() if line.startswith(f"| {node.name} |")]
            assert len(rows) == 1 and row(node) in rows[0], node.id
            assert node.documentation in rows[0], node.id


@pytest.mark.parametrize("key", PROCESSES)
def test_it_names_every_button(key: str) -> None:
    caught = [
        node
        for node in definition(key).nodes.values()
        if node.event and node.event.kind == "message" and node.form
    ]

    assert caught
    assert [node.id for node in caught if f"| {node.name} |" not in page(key)] == []


@pytest.mark.parametrize("key", PROCESSES)
def test_its_picture_shows_the_diagram_as_it_is(key: str) -> None:
    assert f"]({key}.svg)" in page(key)
    picture = (ROOT / "docs/processes" / f"{key}.svg").read_text(encoding="utf-8")
    drawn = {
        name.removesuffix("_label") for name in re.findall(r'data-element-id="(\w+)"', picture)
    }

    elements = diagram(key).iter(f"{BPMN}participant", f"{BPMN}lane", f"{BPMN}sequenceFlow")
    wanted = {str(one.get("id")) for one in elements} | set(definition(key).nodes)

    assert drawn == wanted


@pytest.mark.parametrize("key", PROCESSES)
def test_it_was_drawn_and_told_after_the_last_change(key: str) -> None:
    picture = (ROOT / "docs/processes" / f"{key}.svg").read_text(encoding="utf-8")

    assert picture == process_pages.picture_of(key), "run python tools/process_pages.py"
    assert page(key) == process_pages.page_text(key, page(key)), "run python tools/process_pages.py"


def test_it_tells_every_process_that_ships() -> None:
    assert process_pages.keys() == sorted(PROCESSES)


NAMESPACE = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"


def rules(decision: str) -> list[tuple[list[str], str]]:
    """What each row of a decision of the escalation table answers, and its description."""
    root = etree.parse(ROOT / "processes/escalation.dmn").getroot()
    (found,) = [one for one in root.iter(f"{NAMESPACE}decision") if one.get("id") == decision]
    return [
        (
            [
                str(entry.findtext(f"{NAMESPACE}text")).strip('"')
                for entry in rule.findall(f"{NAMESPACE}outputEntry")
            ],
            str(rule.findtext(f"{NAMESPACE}description")),
        )
        for rule in found.iter(f"{NAMESPACE}rule")
    ]


def test_it_tells_every_rung_of_the_escalation_table() -> None:
    text = page("escalation").splitlines()

    for number, ((after, unit, *_), said) in enumerate(rules("escalation"), start=1):
        (line,) = [one for one in text if one.startswith(f"| {number} |")]
        wanted = "到期时" if after == "0" else f"{after} {UNITS[unit]}后"
        assert wanted in line
        assert said in line


def test_it_tells_every_row_of_the_rhythm() -> None:
    text = page("escalation").splitlines()
    found = rules("rhythm")

    assert found
    for (every, unit, at_top, top_unit, _role, rings), said in found:
        (line,) = [one for one in text if said in one]
        assert f"| {every} {UNITS[unit]} | {at_top} {UNITS[top_unit]} |" in line
        assert {"opening": "等到上班", "at_once": "到点就响"}[rings] in line
