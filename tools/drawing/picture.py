"""A drawn diagram as SVG: what bpmn.io shows, in few bytes and the same on every machine."""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from tools.drawing.sheet import BPMN, Rectangle, Sheet, Spot, Way

INK: Final = "#22242a"
FONT: Final = "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"
STYLE: Final = (
    f"rect,circle,polygon,path{{fill:#fff;stroke:{INK};stroke-width:2;stroke-linejoin:round}}"
    f"text{{font-family:{FONT};fill:{INK}}}"
    ".thin{stroke-width:1.5}.mark{stroke-width:1}.line{fill:none}.solid{fill:#22242a}"
    ".dashed{stroke-dasharray:4 3}.s{font-size:11px}.m{font-size:12px}"
)
TASK_MARKS: Final = {
    "userTask": "M7 24v-5c0-3 3-4 6-4s6 1 6 4v5zM13 14a5 5 0 1 1 .1 0z",
    "sendTask": "M6 7h18v12H6zM6 7l9 7 9-7",
    "receiveTask": "M6 7h18v12H6zM6 7l9 7 9-7",
    "businessRuleTask": "M6 7h18v14H6zM6 11h18M6 16h18M12 11v10",
    "scriptTask": "M9 6h13c-5 4 3 10-2 15H7c5-5-3-11 2-15zM10 10h7M10 14h7M10 18h7",
    "serviceTask": (
        "M15 6l2 3 4-1 0 4 3 2-3 2 0 4-4-1-2 3-2-3-4 1 0-4-3-2 3-2 0-4 4 1zM15 11a3 3 0 1 1-.1 0z"
    ),
}
EVENT_MARKS: Final = {
    "messageEventDefinition": "M10 12h16v12H10zM10 12l8 6 8-6",
    "timerEventDefinition": "M18 9a9 9 0 1 1-.1 0zM18 12v6l4 3",
    "escalationEventDefinition": "M18 9l7 16-7-7-7 7z",
    "errorEventDefinition": "M10 25l4-13 5 7 6-10-4 15-5-7z",
    "signalEventDefinition": "M18 10l8 13H10z",
}
GATEWAY_MARKS: Final = {
    "exclusiveGateway": "M19 18l12 14M31 18l-12 14",
    "parallelGateway": "M25 14v22M14 25h22",
    "inclusiveGateway": "M25 15a10 10 0 1 1-.1 0z",
    "eventBasedGateway": "M25 13a12 12 0 1 1-.1 0zM25 19l6 5-2 7h-8l-2-7z",
}


def svg(sheet: Sheet) -> str:
    """Return the picture. Each element carries its id, so that a page can point at it."""
    pools = [b for k, b in sheet.shapes.items() if sheet.kinds[k] == "participant"]
    edge = pools[0].with_margin(5)
    size = f'width="{edge.width:g}" height="{edge.height:g}"'
    view = f'viewBox="{edge.x:g} {edge.y:g} {edge.width:g} {edge.height:g}"'
    marker = (
        '<marker id="tip" viewBox="0 0 20 20" refX="11" refY="10" markerWidth="10" '
        'markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">'
        '<path class="solid mark" d="M1 5L11 10L1 15Z"/></marker>'
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} style="background:#fff">',
        f"<style>{STYLE}</style><defs>{marker}</defs>",
        *(_container(sheet, k) for k in _sorted(sheet, "participant", "lane")),
        *(_scope(sheet, k) for k in _sorted(sheet, "subProcess")),
        *(_line(sheet, key, way) for key, way in sheet.ways.items()),
        *(_node(sheet, key) for key in sheet.nodes() if key not in sheet.hosts),
        *(_node(sheet, key) for key in sheet.nodes() if key in sheet.hosts),
        *(_label(sheet, key, box) for key, box in sheet.labels.items()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _sorted(sheet: Sheet, *kinds: str) -> list[str]:
    return sorted(
        (k for k in sheet.shapes if sheet.kinds[k] in kinds), key=lambda k: sheet.kinds[k] == "lane"
    )


def _group(key: str, inside: str, at: Spot | None = None) -> str:
    place = f' transform="translate({at[0]:g} {at[1]:g})"' if at else ""
    return f"<g data-element-id={quoteattr(key)}{place}>{inside}</g>"


def _container(sheet: Sheet, key: str) -> str:
    box, name = sheet.shapes[key], sheet.names[key]
    band = (
        f'<path class="line thin" d="M30 0V{box.height:g}"/>'
        if sheet.kinds[key] == "participant"
        else ""
    )
    lines = _wrapped(name, box.height - 6, 12.0)
    first = 19.0 - 7.5 * (len(lines) - 1)
    words = "".join(
        f'<text class="m" text-anchor="middle" transform="translate({first + 15 * i:g} '
        f'{box.height / 2:g}) rotate(-90)">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    return _group(key, f'<rect class="thin" {_size(box)}/>{band}{words}', (box.x, box.y))


def _scope(sheet: Sheet, key: str) -> str:
    box, element = sheet.shapes[key], _element(sheet, key)
    dashed = ' class="dashed"' if element.get("triggeredByEvent") == "true" else ""
    words = f'<text class="m" x="14" y="18">{escape(sheet.names[key])}</text>'
    return _group(key, f'<rect rx="10"{dashed} {_size(box)}/>{words}', (box.x, box.y))


def _size(box: Rectangle) -> str:
    return f'width="{box.width:g}" height="{box.height:g}"'


def _line(sheet: Sheet, key: str, way: Way) -> str:
    path = f"M{way[0][0]:g} {way[0][1]:g}" + "".join(
        _corner(a, b, c) for a, b, c in zip(way, way[1:], way[2:], strict=False)
    )
    path += f"L{way[-1][0]:g} {way[-1][1]:g}"
    return _group(key, f'<path class="line" marker-end="url(#tip)" d="{path}"/>')


def _corner(before: Spot, here: Spot, after: Spot) -> str:
    """Return the way to a bend and round it."""
    near, far = _towards(here, before), _towards(here, after)
    return f"L{near[0]:g} {near[1]:g}Q{here[0]:g} {here[1]:g} {far[0]:g} {far[1]:g}"


def _towards(start: Spot, end: Spot) -> Spot:
    span = abs(end[0] - start[0]) + abs(end[1] - start[1])
    part = min(5.0, span / 2) / span if span else 0.0
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _node(sheet: Sheet, key: str) -> str:
    kind, box = sheet.kinds[key], sheet.shapes[key]
    if kind.endswith("Event"):
        inside = _event(_element(sheet, key), kind)
    elif kind.endswith("Gateway"):
        inside = '<polygon points="25,0 50,25 25,50 0,25"/>'
        inside += f'<path class="line" d="{GATEWAY_MARKS[kind]}"/>'
    else:
        inside = _task(_element(sheet, key), kind, box, sheet.names[key])
    return _group(key, inside, (box.x, box.y))


def _element(sheet: Sheet, key: str) -> Any:
    return next(one for one in sheet.root.iter(f"{BPMN}{sheet.kinds[key]}") if one.get("id") == key)


def _task(element: Any, kind: str, box: Rectangle, name: str) -> str:
    marks = f'<path class="line mark" d="{TASK_MARKS[kind]}"/>' if kind in TASK_MARKS else ""
    many = element.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if many is not None:
        marks += f'<path class="line" d="M45 {box.height - 15:g}v11m5-11v11m5-11v11"/>'
    if kind in ("callActivity", "subProcess"):
        at = f"M{box.width / 2 - 7:g} {box.height - 17:g}"
        marks += f'<path class="line mark" d="{at}h14v14h-14zm7 3v8m-4-4h8"/>'
    lines = _wrapped(name, box.width - 14, 12.0)
    first = box.height / 2 + 4.5 - 7.2 * (len(lines) - 1)
    words = "".join(
        f'<text class="m" text-anchor="middle" x="{box.width / 2:g}" y="{first + 14.4 * i:g}">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    return f'<rect rx="10" {_size(box)}/>{marks}{words}'


def _event(element: Any, kind: str) -> str:
    dashed = ' class="dashed"' if element.get("cancelActivity") == "false" else ""
    wide = ' style="stroke-width:4"' if kind == "endEvent" else ""
    inside = f'<circle cx="18" cy="18" r="17"{dashed}{wide}/>'
    if kind in ("intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"):
        inside += f'<circle cx="18" cy="18" r="14"{dashed}/>'
    for name, path in EVENT_MARKS.items():
        if element.find(f"{BPMN}{name}") is not None:
            solid = "solid" if kind in ("endEvent", "intermediateThrowEvent") else "line"
            inside += f'<path class="{solid} mark" d="{path}"/>'
    if element.find(f"{BPMN}terminateEventDefinition") is not None:
        inside += '<circle class="solid" cx="18" cy="18" r="9"/>'
    return inside


def _label(sheet: Sheet, key: str, box: Rectangle) -> str:
    lines = _wrapped(sheet.names[key], max(box.width, 24.0), 11.0)
    words = "".join(
        f'<text class="s" text-anchor="middle" x="{box.width / 2:g}" y="{10 + 13 * i:g}">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    return _group(f"{key}_label", words, (box.x, box.y))


def _wrapped(text: str, width: float, size: float) -> list[str]:
    """Return the text in lines no wider than so many pixels."""
    lines, used = [""], 0.0
    for letter in text:
        wide = size if ord(letter) > 255 else size * 0.55
        if used + wide > width and lines[-1]:
            lines.append("")
            used = 0.0
        lines[-1] += letter
        used += wide
    return [line.strip() for line in lines]
