"""What every shipped definition owes to the people who look at it and work with it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from lxml import etree

import forms
from engine.bpmn.elements.registry import ACTIVITY_KINDS, GATEWAY_KINDS
from engine.bpmn.nodes import Node
from tests.processes.walk import BPMN, PROCESSES, ROOT, definition, diagram, flows

GOV = "{urn:fengqiao:governance:1}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
NODES = {f"{BPMN}{kind}" for kind in ACTIVITY_KINDS | GATEWAY_KINDS} | {
    f"{BPMN}{kind}"
    for kind in ("startEvent", "endEvent", "intermediateCatchEvent", "boundaryEvent")
}
GATEWAYS = {f"{BPMN}{kind}" for kind in GATEWAY_KINDS}
HAN = re.compile(r"[\u4e00-\u9fff]")


@cache
def shipped_forms(key: str) -> dict[str, forms.Form]:
    """All forms of a process, loaded as the product loads them."""
    files = sorted((ROOT / "forms" / key).glob("*.json"))
    return {f"{key}/{one.stem}": forms.load(one.read_bytes(), source=one.name) for one in files}


def english(element: etree._Element) -> str:
    """The English name that an element carries."""
    labels = element.findall(f"{BPMN}extensionElements/{GOV}label")
    return (labels[0].text or "") if labels else ""


def is_merge(gateway: etree._Element) -> bool:
    """A gateway with one way out asks nothing and needs no name."""
    return len(gateway.findall(f"{BPMN}outgoing")) == 1


def node_of(key: str, name: str) -> etree._Element:
    """An element of a diagram by its id."""
    return next(one for one in diagram(key).iter(*NODES) if one.get("id") == name)


def people_work(node: Node) -> bool:
    return node.kind == "userTask"


@pytest.mark.parametrize("key", PROCESSES)
def test_it_is_named_in_both_languages(key: str) -> None:
    named = [
        element
        for element in diagram(key).iter(*NODES, f"{BPMN}lane", f"{BPMN}process")
        if not (element.tag in GATEWAYS and (is_merge(element) or "parallel" in element.tag))
    ]

    assert [one.get("id") for one in named if not HAN.search(one.get("name") or "")] == []
    assert [one.get("id") for one in named if not english(one).strip()] == []
    assert [one.get("id") for one in named if HAN.search(english(one))] == []


@pytest.mark.parametrize("key", PROCESSES)
def test_it_labels_every_branch(key: str) -> None:
    nodes = definition(key).nodes
    bare = [
        flow.get("id")
        for flow in diagram(key).iter(f"{BPMN}sequenceFlow")
        if nodes[str(flow.get("sourceRef"))].kind == "exclusiveGateway"
        and not is_merge(node_of(key, str(flow.get("sourceRef"))))
        and not (flow.get("name") and english(flow))
    ]

    assert bare == []


@pytest.mark.parametrize("key", PROCESSES)
def test_it_never_gets_stuck_at_a_gateway(key: str) -> None:
    splits = [
        gateway for gateway in diagram(key).iter(f"{BPMN}exclusiveGateway") if not is_merge(gateway)
    ]

    assert [one.get("id") for one in splits if not one.get("default")] == []


@pytest.mark.parametrize("key", PROCESSES)
def test_it_either_splits_or_merges_at_a_gateway(key: str) -> None:
    mixed = [
        gateway.get("id")
        for gateway in diagram(key).iter(*GATEWAYS)
        if len(gateway.findall(f"{BPMN}incoming")) > 1 and not is_merge(gateway)
    ]

    assert mixed == []


@pytest.mark.parametrize("key", PROCESSES)
def test_it_tells_of_each_task_what_is_done_and_within_which_limit(key: str) -> None:
    activities = [n for n in definition(key).nodes.values() if n.kind in ACTIVITY_KINDS]

    assert [n.id for n in activities if not n.documentation] == []
    for node in filter(people_work, activities):
        assert len(node.documentation) >= 25, node.id
        assert node.limit and node.sign_limit and node.sign_limit_unit, node.id
        assert node.limit == "case" or node.limit_unit, node.id
        assert node.role and node.level and node.form, node.id


@pytest.mark.parametrize("key", PROCESSES)
def test_it_is_drawn_whole(key: str) -> None:
    root = diagram(key)
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")}
    wanted = {one.get("id") for one in root.iter(*NODES, f"{BPMN}lane", f"{BPMN}sequenceFlow")}

    assert wanted - drawn == set()
    for flow in root.iter(f"{BPMN}sequenceFlow"):
        edge = root.find(f".//{DI}BPMNEdge[@bpmnElement='{flow.get('id')}']")
        has_label = edge is not None and edge.find(f"{DI}BPMNLabel/{DC}Bounds") is not None
        assert has_label == bool(flow.get("name")), flow.get("id")


@pytest.mark.parametrize("key", PROCESSES)
def test_it_agrees_with_itself_about_its_flows(key: str) -> None:
    ends: dict[str, dict[str, list[str]]] = {"incoming": {}, "outgoing": {}}
    for node in diagram(key).iter(*NODES):
        for way, found in ends.items():
            for flow in node.findall(f"{BPMN}{way}"):
                found.setdefault(str(flow.text), []).append(str(node.get("id")))

    for name, (source, target) in flows(key).items():
        assert ends["outgoing"][name] == [source]
        assert ends["incoming"][name] == [target]


@pytest.mark.parametrize("key", PROCESSES)
def test_it_has_a_form_for_every_step_and_no_other(key: str) -> None:
    used = {node.form for node in definition(key).nodes.values() if node.form}

    assert used == set(shipped_forms(key))


@pytest.mark.parametrize("key", PROCESSES)
def test_its_forms_show_only_earlier_answers_that_exist(key: str) -> None:
    loaded = shipped_forms(key)
    asked = {
        f"{node.id}.{field.name}"
        for node in definition(key).nodes.values()
        if node.form
        for field in loaded[node.form].fields
    }

    for name, form in loaded.items():
        assert set(form.definition.shows) - asked == set(), name


@pytest.mark.parametrize("key", PROCESSES)
def test_its_forms_are_complete_in_both_languages(key: str) -> None:
    for name, form in shipped_forms(key).items():
        texts = [form.title, form.definition.help]
        for field in form.definition.every_field():
            texts += [field.label, field.help, *(choice.label for choice in field.choices)]
        for text in filter(None, texts):
            assert HAN.search(text.zh) or text.zh.strip(), name
            assert text.en.strip() and not HAN.search(text.en), f"{name}: {text.zh}"


@pytest.mark.parametrize("key", PROCESSES)
def test_it_decides_by_nothing_personal(key: str) -> None:
    personal = {name for form in shipped_forms(key).values() for name in form.personal}

    assert definition(key).variables & personal == set()


@pytest.mark.parametrize("key", PROCESSES)
def test_its_conditions_name_only_choices_that_a_form_offers(key: str) -> None:
    offered: dict[str, set[str]] = {}
    for form in shipped_forms(key).values():
        for field in form.fields:
            if field.choices:
                offered.setdefault(field.name, set()).update(c.value for c in field.choices)
    compared = [
        pair
        for condition in diagram(key).iter(f"{BPMN}conditionExpression")
        for pair in re.findall(r'(\w+) = "([^"]+)"', str(condition.text))
    ]

    assert compared
    for name, value in compared:
        if name in offered:
            assert value in offered[name], f"{name} = {value}"


def choices_of(key: str, form: str, field: str) -> list[Any]:
    """The values that a form offers for a field."""
    (found,) = [one for one in shipped_forms(key)[form].fields if one.name == field]
    return [choice.value for choice in found.choices]


@pytest.mark.parametrize("key", PROCESSES)
def test_opening_asks_first_whether_the_case_is_confidential_and_about_whom(key: str) -> None:
    opens = definition(key).opens
    assert opens is not None and opens.form
    form = shipped_forms(key)[opens.form]
    condition = form.definition.confidential_when
    assert condition is not None
    first = {field.name for field in form.definition.groups[0].fields}
    assert set(condition.expression.variables) <= first
    assert {form.sets["against"], "against_person"} <= first
