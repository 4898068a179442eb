"""Read what events wait for or throw: timers, messages, signals, escalations, errors."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.elements.registry import MESSAGE_KINDS
from engine.bpmn.nodes import EVENTS, UNSUPPORTED_EVENTS, EventDefinition
from engine.bpmn.parsing import extensions, xml
from feel.text import Text

_REFS = {
    "message": "messageRef",
    "signal": "signalRef",
    "escalation": "escalationRef",
    "error": "errorRef",
}
_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


class References:
    """The named messages, signals, escalations and errors of a file, by id."""

    def __init__(self, root: etree._Element) -> None:
        self.targets: dict[str, dict[str, tuple[str, str]]] = {}
        for kind in _REFS:
            code = f"{kind}Code"
            self.targets[kind] = {
                element.get("id", ""): (element.get("name", ""), element.get(code, ""))
                for element in root.iterfind(xml.bpmn(kind))
            }

    @property
    def messages(self) -> dict[str, str]:
        """Names of messages by id."""
        return {key: name for key, (name, _) in self.targets["message"].items()}

    def names(self, kind: str, reference: str) -> tuple[str, str] | None:
        """Return name and code; a qualified reference (``ns:id``) counts as its last part."""
        table = self.targets[kind]
        return table.get(reference) or table.get(reference.rpartition(":")[2])


def read_events(
    element: etree._Element, kind: str, refs: References, reader: extensions.ExtensionReader
) -> tuple[EventDefinition, ...]:
    """Return the event definitions of one element; a receive or send task has its message."""
    events = []
    for child in element:
        name = xml.local(child).removesuffix("EventDefinition")
        if name + "EventDefinition" != xml.local(child):
            continue
        if name in EVENTS or name in UNSUPPORTED_EVENTS:
            events.append(_event(child, element, name, refs, reader))
    if kind in MESSAGE_KINDS and element.get("messageRef") and not events:
        events.append(_event(element, element, "message", refs, reader))
    return tuple(events)


def _event(
    element: etree._Element,
    owner: etree._Element,
    kind: str,
    refs: References,
    reader: extensions.ExtensionReader,
) -> EventDefinition:
    line = extensions.line_of(element)
    if kind == "timer":
        return _timer(element, line)
    if kind not in _REFS:
        return EventDefinition(kind, line=line)
    reference = element.get(_REFS[kind], "")
    if not reference:
        # Without a reference the event's own name is the name, as bpmn.io shows it.
        name = owner.get("name", "") if kind in ("message", "signal") else ""
        return EventDefinition(kind, name, line=line)
    names = refs.names(kind, reference)
    if names is None:
        text = Text(
            f"引用的“{reference[:60]}”不存在。", f"“{reference[:60]}” is referred to but missing."
        )
        reader.fault("missing-reference", element, owner.get("id", ""), text)
        return EventDefinition(kind, reference, reference, line=line)
    name, code = names
    return EventDefinition(kind, name or reference, code or name or reference, line=line)


def _timer(element: etree._Element, line: int | None) -> EventDefinition:
    for child in element:
        kind = _TIMERS.get(xml.local(child))
        if kind is not None:
            return EventDefinition("timer", timer=kind, expression=xml.texts(child), line=line)
    return EventDefinition("timer", line=line)
