"""Read loop and multi-instance markers: the standard's elements and our ``gov:each``."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.nodes import Loop
from engine.bpmn.parsing import extensions, xml


def read_loop(
    element: etree._Element, owner: str, reader: extensions.ExtensionReader
) -> Loop | None:
    """Return the loop marker of an activity, or None."""
    standard = element.find(xml.bpmn("standardLoopCharacteristics"))
    if standard is not None:
        return Loop(
            "standard",
            condition=xml.texts(standard.find(xml.bpmn("loopCondition"))),
            maximum=reader.number(standard, "loopMaximum", owner),
            test_before=standard.get("testBefore", "false") == "true",
            line=extensions.line_of(standard),
        )
    multi = element.find(xml.bpmn("multiInstanceLoopCharacteristics"))
    return _multi_instance(multi) if multi is not None else None


def _multi_instance(element: etree._Element) -> Loop:
    each = extensions.extension(element, "each")
    own = {str(key): str(value) for key, value in each.attrib.items()} if each is not None else {}
    return Loop(
        "sequential" if element.get("isSequential") == "true" else "parallel",
        items=own.get("in", "").strip() or _text(element, "loopDataInputRef"),
        item=own.get("as", "").strip() or _name(element, "inputDataItem"),
        out=own.get("out", "").strip() or _text(element, "loopDataOutputRef"),
        of=own.get("from", "").strip() or _name(element, "outputDataItem"),
        cardinality=_text(element, "loopCardinality"),
        until=_text(element, "completionCondition"),
        line=extensions.line_of(element),
    )


def _text(element: etree._Element, name: str) -> str:
    return xml.texts(element.find(xml.bpmn(name)))


def _name(element: etree._Element, name: str) -> str:
    child = element.find(xml.bpmn(name))
    return (child.get("name") or child.get("id") or "") if child is not None else ""
