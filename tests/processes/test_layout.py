"""The drawings are fit to be looked at: straight lines, nothing on top of anything else."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import pytest
from lxml import etree

from engine.bpmn.elements.registry import GATEWAY_KINDS
from tests.processes.walk import BPMN, PROCESSES, definition, diagram, flows

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
LABEL = f"{DI}BPMNLabel/{DC}Bounds"


@dataclass(frozen=True)
class Box:
    """A rectangle of the drawing, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def over(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        across = self.left < other.right - 1 and other.left < self.right - 1
        return across and self.top < other.bottom - 1 and other.top < self.bottom - 1

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom


Segment = tuple[str, Box]


def box(bounds: Any) -> Box:
    """The rectangle of a ``dc:Bounds``."""
    x, y, w, h = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return Box(x, y, x + w, y + h)


def shapes(key: str) -> dict[str, Box]:
    """The rectangles of all flow nodes; a subprocess is what stands in it, and its border."""
    nodes = definition(key).nodes
    return {
        name: one
        for name, one in drawn(key).items()
        if name in nodes and nodes[name].kind != "subProcess"
    }


def drawn(key: str) -> dict[str, Box]:
    """The rectangles of everything that is a shape."""
    return {
        str(shape.get("bpmnElement")): box(shape.find(f"{DC}Bounds"))
        for shape in diagram(key).iter(f"{DI}BPMNShape")
    }


def labels(key: str) -> dict[str, Box]:
    """The rectangles of the labels beside shapes and lines."""
    return {
        str(one.get("bpmnElement")): box(bounds)
        for one in diagram(key).iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")
        if (bounds := one.find(LABEL)) is not None
    }


def segments(key: str) -> list[Segment]:
    """The straight pieces of every sequence flow."""
    found = []
    for edge in diagram(key).iter(f"{DI}BPMNEdge"):
        points = [(float(p.attrib["x"]), float(p.attrib["y"])) for p in edge.iter(WAYPOINT)]
        for (x1, y1), (x2, y2) in pairwise(points):
            name = str(edge.get("bpmnElement"))
            found.append((name, Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))))
    return found


def touches(segment: Box, area: Box) -> bool:
    """Whether a line runs through the inside of a rectangle."""
    across = segment.left < area.right - 1 and segment.right > area.left + 1
    return across and segment.top < area.bottom - 1 and segment.bottom > area.top + 1


def own(key: str, flow: str) -> set[str]:
    """The shapes that a flow may touch: its ends and what they are attached to."""
    ends = set(flows(key)[flow])
    return ends | {definition(key).nodes[end].attached_to for end in ends}


def crossing(one: Box, other: Box) -> bool:
    """Whether a level and an upright piece cross in their middles."""
    level, upright = (one, other) if one.top == one.bottom else (other, one)
    if level.top != level.bottom or upright.left != upright.right:
        return False
    across = level.left + 1 < upright.left < level.right - 1
    return across and upright.top + 1 < level.top < upright.bottom - 1


@pytest.mark.parametrize("key", PROCESSES)
def test_it_draws_straight_lines_only(key: str) -> None:
    slanted = [
        name for name, one in segments(key) if one.left != one.right and one.top != one.bottom
    ]

    assert slanted == []


@pytest.mark.parametrize("key", PROCESSES)
def test_it_puts_no_shape_upon_another(key: str) -> None:
    found = shapes(key)
    hosts = {(n.id, n.attached_to) for n in definition(key).nodes.values() if n.attached_to}

    upon = [
        (one, other)
        for one, other in combinations(found, 2)
        if found[one].over(found[other]) and not {(one, other), (other, one)} & hosts
    ]

    assert upon == []


@pytest.mark.parametrize("key", PROCESSES)
def test_it_runs_no_line_through_a_shape_or_a_label(key: str) -> None:
    found, words = shapes(key), labels(key)

    through = [
        (flow, name)
        for flow, piece in segments(key)
        for name, area in [*found.items(), *words.items()]
        if touches(piece, area) and not (name in found and name in own(key, flow))
    ]

    assert through == []


@pytest.mark.parametrize("key", PROCESSES)
def test_it_keeps_labels_apart(key: str) -> None:
    words, nodes = labels(key), definition(key).nodes
    # A rhombus leaves the corners of its rectangle free.
    solid = {n: b for n, b in shapes(key).items() if nodes[n].kind not in GATEWAY_KINDS}

    clashes = [pair for pair in combinations(words, 2) if words[pair[0]].over(words[pair[1]])]
    clashes += [
        (name, shape)
        for name, area in words.items()
        for shape, other in solid.items()
        if area.over(other) and nodes[shape].kind != "boundaryEvent"
        and getattr(nodes.get(name), "attached_to", "") != shape
    ]  # fmt: skip

    assert clashes == []


@pytest.mark.parametrize("key", PROCESSES)
def test_it_lets_no_two_lines_cross(key: str) -> None:
    crossed = [
        (one, other)
        for (one, a), (other, b) in combinations(segments(key), 2)
        if one != other and crossing(a, b)
    ]

    assert crossed == []


@pytest.mark.parametrize("key", PROCESSES)
def test_it_keeps_every_step_in_the_lane_of_who_does_it(key: str) -> None:
    found = drawn(key)

    for lane in diagram(key).iter(f"{BPMN}lane"):
        for name in lane.iterfind(f"{BPMN}flowNodeRef"):
            if not definition(key).nodes[str(name.text)].attached_to:
                assert found[str(lane.get("id"))].holds(found[str(name.text)]), name.text


@pytest.mark.parametrize("key", PROCESSES)
def test_it_keeps_every_step_of_a_subprocess_inside_and_the_others_out(key: str) -> None:
    found, nodes = drawn(key), definition(key).nodes

    for scope in (name for name, node in nodes.items() if node.kind == "subProcess"):
        for name, area in shapes(key).items():
            inside = nodes[name].scope == scope
            assert found[scope].holds(area) if inside else not found[scope].over(area), name
        for name, area in labels(key).items():
            if name in nodes:
                assert found[scope].holds(area) == (nodes[name].scope == scope), name


def test_it_would_notice_a_line_through_a_shape() -> None:
    edge = etree.fromstring('<b x="0" y="40" width="100" height="0"/>')

    assert touches(box(edge), Box(40, 0, 80, 80))
    assert not touches(box(edge), Box(40, 40, 80, 80))
