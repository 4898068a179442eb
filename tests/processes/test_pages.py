"""The pages and the picture of each process agree with what the process really does."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from engine.bpmn.nodes import CASE_LIMIT, Node
from tests.processes.walk import BPMN, PROCESSES, ROOT, definition, diagram
from tools import process_pages

UNITS = {
    "zh_CN": {
        "hours": "小时",
        "working_hours": "个工作小时",
        "working_days": "个工作日",
        "days": "天",
    },
    "en": {
        "hours": "hour",
        "working_hours": "working hour",
        "working_days": "working day",
        "days": "day",
    },
}
BY_TABLE = {"zh_CN": "按时限表", "en": "by the table of limits"}
languages = pytest.mark.parametrize("language", UNITS)


def page(key: str, language: str = "zh_CN") -> str:
    """The page of a process."""
    return process_pages.page_of(key, language).read_text(encoding="utf-8")


def limit_text(amount: int | str | None, unit: str, language: str) -> str:
    """A limit as the page words it."""
    if amount == CASE_LIMIT:
        return BY_TABLE[language]
    many = "s" if language == "en" and amount != 1 else ""
    return f"{amount} {UNITS[language][unit]}{many}"


def row(node: Node, language: str) -> str:
    """How the table of a page tells the limits of a task."""
    handling = limit_text(node.limit, node.limit_unit, language)
    return f"| {handling} | {limit_text(node.sign_limit, node.sign_limit_unit, language)} |"


@languages
@pytest.mark.parametrize("key", PROCESSES)
def test_it_tells_the_limits_that_the_diagram_sets(key: str, language: str) -> None:
    text = page(key, language)

    for node in definition(key).nodes.values():
        if node.kind == "userTask":
            name = node.name if language == "zh_CN" else node.name_en
            rows = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
            assert len(rows) == 1 and row(node, language) in rows[0], node.id
            assert language == "en" or node.documentation in rows[0], node.id


@pytest.mark.parametrize("key", PROCESSES)
def test_it_says_in_english_what_each_step_and_button_is_for(key: str) -> None:
    """Diagrams describe themselves in Chinese, so a new row waits for its English."""
    waiting = [line for line in page(key, "en").splitlines() if line.endswith("|  |")]
    assert not waiting


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
    assert f"]({key}.svg)" in page(key, "en")
    picture = (ROOT / "docs/processes" / f"{key}.svg").read_text(encoding="utf-8")
    drawn = {
        name.removesuffix("_label") for name in re.findall(r'data-element-id="(\w+)"', picture)
    }

    elements = diagram(key).iter(f"{BPMN}participant", f"{BPMN}lane", f"{BPMN}sequenceFlow")
    wanted = {str(one.get("id")) for one in elements} | set(definition(key).nodes)

    assert drawn == wanted


@languages
@pytest.mark.parametrize("key", PROCESSES)
def test_it_was_drawn_and_told_after_the_last_change(key: str, language: str) -> None:
    picture = (ROOT / "docs/processes" / f"{key}.svg").read_text(encoding="utf-8")
    told = page(key, language)

    assert picture == process_pages.picture_of(key), "run python tools/process_pages.py"
    wanted = process_pages.page_text(key, told, language)
    assert told == wanted, "run python tools/process_pages.py"


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
    text, english = (page("escalation", one).splitlines() for one in UNITS)

    for number, ((after, unit, *_), said) in enumerate(rules("escalation"), start=1):
        (line,) = [one for one in text if one.startswith(f"| {number} |")]
        wanted = "到期时" if after == "0" else f"{after} {UNITS['zh_CN'][unit]}后"
        assert wanted in line
        assert said in line
        (told,) = [one for one in english if one.startswith(f"| {number} |")]
        expired = limit_text(int(after), unit, "en") + " later"
        assert ("on expiry" if after == "0" else expired) in told


def test_it_tells_every_row_of_the_rhythm() -> None:
    text, units = page("escalation").splitlines(), UNITS["zh_CN"]
    found = rules("rhythm")

    assert found
    for (every, unit, at_top, top_unit, _role, rings), said in found:
        (line,) = [one for one in text if said in one]
        assert f"| {every} {units[unit]} | {at_top} {units[top_unit]} |" in line
        assert {"opening": "等到上班", "at_once": "到点就响"}[rings] in line
