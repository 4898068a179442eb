"""Small diagrams for tests, written as short as they can be, and a look at their findings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from engine.bpmn.check.findings import Finding
from engine.bpmn.check.inspection import gather, inspect
from engine.bpmn.check.reading import read_file
from engine.bpmn.check.subject import CheckSubject, Known

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:gov="urn:fengqiao:governance:1" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" id="d" targetNamespace="t">'
)
PICTURE = '<di:BPMNDiagram id="di"><di:BPMNPlane id="plane" bpmnElement="p"/></di:BPMNDiagram>'
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def diagram(
    inner: str, *, before: str = "", after: str = "", key: str = "p", name: str = ""
) -> bytes:
    """A file with one process."""
    process = f"<process id={quoteattr(key)} name={quoteattr(name)} isExecutable='true'>"
    text = f"{HEAD}\n{before}{process}\n{inner}\n</process>{after}{PICTURE}</definitions>"
    return text.encode()


def extended(inner: str) -> str:
    """Our extension elements."""
    return f"<extensionElements>{inner}</extensionElements>"


def node(kind: str, key: str, inner: str = "", **attributes: str) -> str:
    """Any element."""
    more = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{kind} id={quoteattr(key)} name={quoteattr(key)}{more}>{inner}</{kind}>\n"


def task(key: str, inner: str = "", **gov: str) -> str:
    """A user task that nothing is wrong with."""
    own = {"form": "f/x", "role": "handler", **gov}
    text = "".join(f" {name}={quoteattr(value)}" for name, value in own.items() if value)
    return node("userTask", key, extended(f"<gov:task{text}/>") + inner)


def flow(source: str, target: str, condition: str = "", key: str = "") -> str:
    """A flow; its id is ``source-target`` unless given."""
    inner = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
    key = key or f"{source}-{target}"
    return (
        f"<sequenceFlow id={quoteattr(key)} sourceRef={quoteattr(source)} "
        f"targetRef={quoteattr(target)}>{inner}</sequenceFlow>\n"
    )


def line(*keys: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(a, b) for a, b in zip(keys, keys[1:], strict=False))


START, END = node("startEvent", "start"), node("endEvent", "end")


def simple(inner: str = "", *, keys: tuple[str, ...] = ()) -> bytes:
    """start, first (a good task), whatever is given, end."""
    return diagram(START + task("first") + inner + END + line("start", "first", *keys, "end"))


def timer(text: str, kind: str = "timeDuration") -> str:
    """A timer event definition."""
    return f"<timerEventDefinition><{kind}>{escape(text)}</{kind}></timerEventDefinition>"


def table(rules: str, *, policy: str = "UNIQUE", inputs: str = "", key: str = "t") -> bytes:
    """A decision table with one input ``x`` and one output ``y``."""
    inputs = inputs or (
        '<input id="i" label="x"><inputExpression typeRef="number"><text>x</text></inputExpression>'
        "</input>"
    )
    return (
        f'<definitions xmlns="{DMN}" id="d" name="d" namespace="t">'
        f'<decision id="{key}" name="{key}">'
        f'<decisionTable id="dt" hitPolicy="{policy}">{inputs}<output id="o" name="y"/>{rules}'
        "</decisionTable></decision></definitions>"
    ).encode()


def rule(test: str, output: str) -> str:
    """A row."""
    return (
        f"<rule><inputEntry><text>{escape(test)}</text></inputEntry>"
        f"<outputEntry><text>{escape(output)}</text></outputEntry></rule>"
    )


def form(key: str = "f/x", *names: str, **fields: object) -> bytes:
    """A form with number fields, and others as given."""
    asked = [
        {"name": name, "kind": "number", "label": {"zh_CN": name, "en": name}}
        for name in names or ("amount",)
    ]
    asked += [
        {"name": name, "label": {"zh_CN": name, "en": name}, **kind}  # type: ignore[dict-item]
        for name, kind in fields.items()
    ]
    title = {"zh_CN": "表单", "en": "Form"}
    return json.dumps({"key": key, "title": title, "groups": [{"fields": asked}]}).encode()


Found = list[Finding]


def look(files: bytes | Mapping[str, bytes], known: Known | None = None) -> Found:
    """Give all findings, without a child process."""
    if isinstance(files, bytes):
        files = {"p.bpmn": files}
    reads = [read_file(name, data) for name, data in files.items()]
    scene = CheckSubject(gather(reads, files), known or Known())
    return [finding for seen in inspect(scene, lambda file: None) for finding in seen.findings]


def brief(findings: Found, *, quiet: tuple[str, ...] = ("info",)) -> list[tuple[str, str | None]]:
    """Rule and element of each finding that is not only informing."""
    return sorted((f.rule, f.element or "") for f in findings if f.severity not in quiet)


def only(findings: Found, rule: str) -> Finding:
    """The one finding of a rule."""
    found = [finding for finding in findings if finding.rule == rule]
    assert len(found) == 1, [(f.rule, f.element, f.message.en) for f in findings]
    return found[0]
