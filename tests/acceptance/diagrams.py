"""Whole small processes in a few lines: the diagram, its forms and its decision tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape

from tests.engine.bpmn.diagrams import HEAD, flows

MESSAGES = '<message id="m" name="withdraw"/><message id="n" name="answer"/>'
SIGNALS = '<signal id="sig" name="storm"/>'
ERRORS = '<error id="err" errorCode="E1"/>'
ESCALATIONS = '<escalation id="esc" escalationCode="overdue"/>'
NAMED = MESSAGES + SIGNALS + ERRORS + ESCALATIONS
VILLAGE = {"role": "grid_leader", "level": "village"}


def build(
    body: str,
    lines: str,
    ask: Mapping[str, str] | None = None,
    *,
    beside: str = "",
    tables: Mapping[str, bytes] | None = None,
    limit: str = "",
) -> dict[str, bytes]:
    """The files of process ``p``: a start, the task ``open`` that opening completes, ``lines``.

    ``ask`` gives a task's questions as ``amount:number ok:yes_no``; ``beside`` is further
    processes of the file.
    """
    opening = user("open", role="grid_worker", level="grid")
    main = (
        f'<process id="p" name="试行" isExecutable="true"><extensionElements>'
        f'<gov:process caseType="ticket" numberPrefix="试" {limit}/></extensionElements>'
        f'<startEvent id="s"/>{flows("s > open > " + lines.strip())}{opening}{body}</process>'
    )
    diagram = HEAD + NAMED + main + beside + "</definitions>"
    asked = {"open": "", **(ask or {})}
    names = [*re.findall(r'form="p/(\w+)"', diagram)]
    forms = {f"forms/p/{name}.json": form(name, asked.get(name, "")) for name in names}
    return {"processes/p/p.bpmn": diagram.encode(), **forms, **(tables or {})}


def form(name: str, fields: str) -> bytes:
    """A form that asks a remark and ``fields``, nothing required."""
    pairs = [pair.split(":") for pair in ("note:text " + fields).split()]
    asked = [{"name": key, "kind": kind, "label": _words(key)} for key, kind in pairs]
    whole = {
        "key": f"p/{name}",
        "title": _words(name),
        "groups": [{"title": _words(name), "fields": asked}],
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def _words(text: str) -> dict[str, str]:
    return {"zh_CN": f"填{text}", "en": text}


def user(name: str, inner: str = "", kind: str = "userTask", **gov: str) -> str:
    """A task for a person: the village's grid leader, unless said otherwise."""
    said = {"form": f"p/{name}", **VILLAGE, **gov}
    attributes = " ".join(f'{key}="{escape(value)}"' for key, value in said.items())
    extension = f"<extensionElements><gov:task {attributes}/></extensionElements>"
    return f'<{kind} id="{name}" name="{name}">{extension}{inner}</{kind}>'


def users(names: str, **gov: str) -> str:
    """Several of them."""
    return "".join(user(name, **gov) for name in names.split())


def gateway(name: str, kind: str = "exclusive", default: str = "") -> str:
    """A gateway; ``default`` is the target of its default flow."""
    way = f' default="{name}_{default}"' if default else ""
    return f'<{kind}Gateway id="{name}"{way}/>'


def script(name: str, lines: str) -> str:
    """A script task."""
    return f'<scriptTask id="{name}" name="{name}"><script>{escape(lines)}</script></scriptTask>'


def action(name: str, called: str, kind: str = "serviceTask", **arguments: str) -> str:
    """A service or send task with a named action; arguments are FEEL."""
    params = "".join(
        f'<gov:param name="{key}" value="{escape(value)}"/>' for key, value in arguments.items()
    )
    call = f'<gov:action name="{called}">{params}</gov:action>'
    inside = f"<extensionElements>{call}</extensionElements>"
    return f'<{kind} id="{name}" name="{name}">{inside}</{kind}>'


def sub(name: str, body: str, lines: str, marker: str = "") -> str:
    """An embedded subprocess."""
    inner = f'<startEvent id="{name}_s"/>{flows(f"{name}_s > " + lines)}{body}'
    return f'<subProcess id="{name}" name="{name}">{marker}{inner}</subProcess>'


def event_sub(name: str, definition: str, body: str, lines: str, interrupting: bool = True) -> str:
    """An event subprocess that begins with ``definition``."""
    start = (
        f'<startEvent id="{name}_s" name="{name}" isInterrupting="{str(interrupting).lower()}">'
        f"{button()}{definition}</startEvent>"
    )
    inner = f"{start}{flows(f'{name}_s > ' + lines)}{body}"
    return f'<subProcess id="{name}" triggeredByEvent="true">{inner}</subProcess>'


def border(name: str, host: str, definition: str, interrupting: bool = True) -> str:
    """An event on the border of an activity."""
    return (
        f'<boundaryEvent id="{name}" name="{name}" attachedToRef="{host}" '
        f'cancelActivity="{str(interrupting).lower()}">{button()}{definition}</boundaryEvent>'
    )


def catch(name: str, definition: str) -> str:
    """An intermediate event that waits."""
    inner = f"{button()}{definition}"
    return f'<intermediateCatchEvent id="{name}" name="{name}">{inner}</intermediateCatchEvent>'


def throw(name: str, definition: str) -> str:
    """An intermediate event that throws."""
    return f'<intermediateThrowEvent id="{name}">{definition}</intermediateThrowEvent>'


def end(name: str, definition: str = "") -> str:
    """An end event."""
    return f'<endEvent id="{name}" name="{name}">{definition}</endEvent>'


def button(asks: str = "") -> str:
    """Who may send the message: the village's grid leader; ``asks`` names its form."""
    form_of = f'form="p/{asks}" ' if asks else ""
    message = f'<gov:message {form_of}role="grid_leader" level="village"/>'
    return f"<extensionElements>{message}</extensionElements>"


def timer(text: str, kind: str = "timeDuration") -> str:
    """A timer; also ``timeDate`` and ``timeCycle``."""
    return f"<timerEventDefinition><{kind}>{escape(text)}</{kind}></timerEventDefinition>"


def message(reference: str = "m") -> str:
    """``m`` is withdraw, ``n`` is answer."""
    return f'<messageEventDefinition messageRef="{reference}"/>'


def signal() -> str:
    """The signal ``storm``."""
    return '<signalEventDefinition signalRef="sig"/>'


def error() -> str:
    """The error ``E1``."""
    return '<errorEventDefinition errorRef="err"/>'


def escalation() -> str:
    """The escalation ``overdue``."""
    return '<escalationEventDefinition escalationRef="esc"/>'


def terminate() -> str:
    """Ends everything in its scope."""
    return "<terminateEventDefinition/>"


def each(sequential: bool = False, more: str = "", **attributes: str) -> str:
    """A multi-instance marker; ``in_`` is the FEEL list, ``as_`` an instance's variable."""
    said = " ".join(f'{key.rstrip("_")}="{escape(text)}"' for key, text in attributes.items())
    every = f"<extensionElements><gov:each {said}/></extensionElements>" if said else ""
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"{every}{more}</multiInstanceLoopCharacteristics>"
    )


def loop(condition: str, more: str = "") -> str:
    """A standard loop, repeated while ``condition`` holds."""
    return (
        f"<standardLoopCharacteristics {more}><loopCondition>{escape(condition)}</loopCondition>"
        "</standardLoopCharacteristics>"
    )


def process(key: str, body: str, lines: str) -> str:
    """Another process of the file, for a call activity."""
    inner = f'<startEvent id="{key}_s"/>{flows(f"{key}_s > " + lines)}{body}'
    return f'<process id="{key}" isExecutable="true">{inner}</process>'


def table(name: str, rules: Mapping[str, str], output: str, reads: str) -> bytes:
    """A decision table of one input and one output: ``{"> 5": '"high"'}``."""
    rows = "".join(
        f"<rule><inputEntry><text>{escape(test)}</text></inputEntry>"
        f"<outputEntry><text>{escape(result)}</text></outputEntry></rule>"
        for test, result in rules.items()
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="t" '
        f'namespace="urn:t"><decision id="{name}" name="{name}">'
        f'<decisionTable hitPolicy="FIRST"><input><inputExpression><text>{reads}</text>'
        f'</inputExpression></input><output name="{output}"/>{rows}</decisionTable>'
        "</decision></definitions>"
    ).encode()
