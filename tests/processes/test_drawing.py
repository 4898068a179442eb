"""A changed diagram is drawn to its end: lines around everything, labels where nothing is."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from lxml import etree

from tools.drawing import finishing, picture, sheet
from tools.drawing.sheet import Rectangle, Sheet

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><collaboration id="c">'
    '<participant id="pool" name="试行" processRef="p"/></collaboration><process id="p">'
    '<laneSet id="l"><lane id="lane" name="村"/></laneSet><startEvent id="start" name="开始"/>'
    '<userTask id="one" name="受理"/><exclusiveGateway id="gate" name="受理吗？"/>'
    '<userTask id="two" name="办理"/><endEvent id="end" name="办结"/>'
)
LINES = (
    ("start", "one", ""),
    ("one", "gate", ""),
    ("gate", "two", "受理"),
    ("gate", "one", "补正"),
    ("gate", "end", "不受理"),
    ("two", "end", ""),
)
PLACES = {
    "pool": (0, 0, 800, 300),
    "lane": (30, 0, 770, 300),
    "start": (60, 132, 36, 36),
    "one": (160, 110, 100, 80),
    "gate": (340, 125, 50, 50),
    "two": (470, 110, 100, 80),
    "end": (660, 132, 36, 36),
}


def drawing() -> Sheet:
    """A small diagram whose shapes have places; nothing else is drawn."""
    flows = "".join(
        f'<sequenceFlow id="{a}_{b}" name="{name}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b, name in LINES
    )
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{k}_di" bpmnElement="{k}">'
        f'<dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/></bpmndi:BPMNShape>'
        for k, (x, y, w, h) in PLACES.items()
    )
    plane = f'<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="c">{shapes}</bpmndi:BPMNPlane>'
    text = f"{HEAD}{flows}</process>{plane}</bpmndi:BPMNDiagram></definitions>"
    return sheet.of(etree.fromstring(text))


def lines(found: Sheet) -> list[tuple[str, Rectangle]]:
    """The straight pieces of all lines."""
    return [
        (flow, Rectangle(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)))
        for flow in found.ways
        for (x1, y1), (x2, y2) in found.pieces(flow)
    ]


def test_it_draws_what_lacks_around_everything_else() -> None:
    found = drawing()

    finishing.finish(found)

    assert found.ways.keys() == {f"{a}_{b}" for a, b, _ in LINES}
    assert found.labels.keys() >= {"gate", "start", "end", "gate_two", "gate_one", "gate_end"}
    for flow, piece in lines(found):
        others = [box for key, box in found.nodes().items() if key not in found.ends[flow]]
        assert not any(piece.with_margin(1).over(box) for box in [*others, *found.labels.values()])
        assert piece.width == 0 or piece.height == 0
    for one, other in combinations(found.labels.values(), 2):
        assert not one.over(other)


def test_it_leaves_what_is_drawn_as_it_is() -> None:
    found = drawing()
    finishing.finish(found)
    before = (dict(found.ways), dict(found.labels))

    assert finishing.finish(found) == []
    assert (found.ways, found.labels) == before


def test_it_draws_a_line_anew_when_its_shape_has_moved() -> None:
    found = drawing()
    finishing.finish(found)
    end = found.shapes["end"]
    found.shapes["end"] = Rectangle(end.x, end.y + 90, end.width, end.height)

    made = finishing.finish(found)

    assert set(made) >= {"gate_end", "two_end"} and "start_one" not in made


def test_it_makes_room_and_keeps_lines_whole() -> None:
    found = drawing()
    finishing.finish(found)

    finishing.stretch(found, 465, 200)

    assert found.shapes["two"].x == 670 and found.shapes["one"].x == 160
    assert found.shapes["pool"].width == 1000
    assert finishing.finish(found) == []


def test_it_says_what_it_cannot_draw() -> None:
    found = drawing()
    found.shapes["end"] = found.shapes["one"]

    with pytest.raises(LookupError, match="one_gate|gate_end|two_end|start_one"):
        finishing.finish(found)


def test_it_writes_what_it_reads(tmp_path: Path) -> None:
    found = drawing()
    finishing.finish(found)
    sheet.write(found, tmp_path / "p.bpmn")

    again = sheet.parse(tmp_path / "p.bpmn")

    assert (again.shapes, again.ways, again.labels) == (found.shapes, found.ways, found.labels)
    assert picture.svg(again) == picture.svg(found)
