"""What is wrong and what is right: the two examples of each rule, and the means to draw them.

Diagrams are written as short as they can be; tests draw with the same means.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from engine.bpmn.check.check_context import CheckContext

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class RuleExamples:
    """A rule's two examples: one that breaks it, and nothing else, and one that breaks none.

    A diagram alone is a file ``p.bpmn``. ``context`` is what exists outside the files, ``also``
    are rules that cannot be kept where this one is broken.
    """

    wrong: bytes | Files
    right: bytes | Files
    context: CheckContext = field(default_factory=CheckContext)
    also: frozenset[str] = frozenset()


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
    """Return a file with one process."""
    process = f"<process id={quoteattr(key)} name={quoteattr(name)} isExecutable='true'>"
    text = f"{HEAD}\n{before}{process}\n{inner}\n</process>{after}{PICTURE}</definitions>"
    return text.encode()


def extended(inner: str) -> str:
    """Our extension elements."""
    return f"<extensionElements>{inner}</extensionElements>"


def node(kind: str, key: str, inner: str = "", **attributes: str) -> str:
    """Return any element."""
    more = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{kind} id={quoteattr(key)} name={quoteattr(key)}{more}>{inner}</{kind}>\n"


def task(key: str, inner: str = "", **gov: str) -> str:
    """Return a user task that nothing is wrong with."""
    own = {"form": "f/x", "role": "handler", **gov}
    text = "".join(f" {name}={quoteattr(value)}" for name, value in own.items() if value)
    return node("userTask", key, extended(f"<gov:task{text}/>") + inner)


def flow(source: str, target: str, condition: str = "", key: str = "") -> str:
    """Return a flow; its id is ``source-target`` unless given."""
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


def simple(
    inner: str = "", *, keys: tuple[str, ...] = (), before: str = "", name: str = ""
) -> bytes:
    """start, first (a good task), whatever is given, end."""
    body = START + task("first") + inner + END + line("start", "first", *keys, "end")
    return diagram(body, before=before, name=name)


def timer(text: str, kind: str = "timeDuration") -> str:
    """Return a timer event definition."""
    return f"<timerEventDefinition><{kind}>{escape(text)}</{kind}></timerEventDefinition>"


def table(rules: str, *, policy: str = "UNIQUE", inputs: str = "", key: str = "t") -> bytes:
    """Return a decision table with one input ``x`` and one output ``y``."""
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
    """Return a row."""
    return (
        f"<rule><inputEntry><text>{escape(test)}</text></inputEntry>"
        f"<outputEntry><text>{escape(output)}</text></outputEntry></rule>"
    )


def form(key: str = "f/x", *names: str, **fields: object) -> bytes:
    """Return a form with number fields, and others as given."""
    asked = [
        {"name": name, "kind": "number", "label": {"zh_CN": name, "en": name}}
        for name in names or ("amount",)
    ]
    asked += [
        {"name": name, "label": {"zh_CN": name, "en": name}, **kind}  # type: ignore[dict-item]
        for name, kind in fields.items()
    ]
    title = {"zh_CN": "表单", "en": "Form"}
    drawn = {"key": key, "title": title, "groups": [{"fields": asked}]}
    return json.dumps(drawn, ensure_ascii=False).encode()


def boundary(key: str, host: str, inner: str, **attributes: str) -> str:
    """Return a boundary event."""
    return node("boundaryEvent", key, inner, attachedToRef=host, **attributes)


def service(action: str, kind: str = "serviceTask", **arguments: str) -> str:
    """Return a service task ``act`` with one of our actions."""
    given = "".join(
        f"<gov:param name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in arguments.items()
    )
    drawn = f"<gov:action name={quoteattr(action)}>{given}</gov:action>"
    return node(kind, "act", extended(drawn))


def decided(attributes: str) -> str:
    """Return a business rule task ``rule``."""
    return node("businessRuleTask", "rule", extended(f"<gov:decision {attributes}/>"))


def each(inner: str) -> str:
    """Return a task ``again`` with many instances."""
    loop = "multiInstanceLoopCharacteristics"
    return task("again", f"<{loop}>{inner}</{loop}>")


def choice(
    condition: str, other: str = "", *, default: str | None = None, **fields: object
) -> dict[str, bytes]:
    """Return a form, then a gateway that leads to ``a`` on a condition, and else to ``b``."""
    chosen = ("" if other else "g-b") if default is None else default
    gateway = node("exclusiveGateway", "g", **({"default": chosen} if chosen else {}))
    body = gateway + task("a") + task("b") + flow("g", "a", condition) + flow("g", "b", other)
    drawn = diagram(
        START + task("first") + body + END + line("start", "first", "g")
        + line("a", "end") + line("b", "end")
    )  # fmt: skip
    return {"p.bpmn": drawn, "f.json": form("f/x", "amount", **fields)}


def split(fork: str, join: str) -> bytes:
    """Return two ways that part at one gateway and meet at another."""
    exclusive = fork == "exclusiveGateway"
    body = node(fork, "g", **({"default": "g-b"} if exclusive else {})) + task("a") + task("b")
    to_a = flow("g", "a", 'case.level = "village"' if exclusive else "")
    ways = to_a + line("g", "b", "j", "end") + line("a", "j")
    return diagram(
        START + task("first") + body + node(join, "j") + END + line("start", "first", "g") + ways
    )


def lane(*listed: str) -> bytes:
    """Return a lane with a role for each element listed."""
    drawn = "".join(
        f'<lane id="lane{number}" name="{number}">'
        + extended('<gov:lane role="handler"/>')
        + f"<flowNodeRef>{key}</flowNodeRef></lane>"
        for number, key in enumerate(listed)
    )
    body = START + task("first") + END + line("start", "first", "end")
    return diagram(f'<laneSet id="lanes">{drawn}</laneSet>{body}')


def rung(after: str, unit: str, levels_up: str, role: str, act: str) -> str:
    """Return a row of the escalation table."""
    cells = "".join(
        f"<outputEntry><text>{escape(one)}</text></outputEntry>"
        for one in (after, unit, levels_up, role, act)
    )
    return f"<rule><inputEntry><text>-</text></inputEntry>{cells}</rule>"


def beside(key: str, row: Mapping[str, str], asks: str = "step") -> str:
    """Return another table beside the ladder, with one row: its cells by the names of the
    outputs.
    """
    names = "".join(f'<output name="{name}"/>' for name in row)
    cells = "".join(f"<outputEntry><text>{one}</text></outputEntry>" for one in row.values())
    return (
        f'<decision id="{key}" name="{key}"><decisionTable id="d{key}" hitPolicy="FIRST">'
        f'<input id="i{key}" label="step"><inputExpression typeRef="string"><text>{asks}</text>'
        f"</inputExpression></input>{names}"
        f"<rule><inputEntry><text>-</text></inputEntry>{cells}</rule></decisionTable></decision>"
    )


def limits(amount: str, unit: str, asks: str = "step") -> str:
    """Return the table of limits."""
    return beside("limits", {"limit": amount, "limit_unit": unit}, asks)


def rhythm(every: str) -> str:
    """Return the table of rhythms."""
    usual = {"every_unit": '"days"', "top_every": "1", "top_every_unit": '"days"'}
    return beside("rhythm", {"every": every, **usual, "role": '"leader"', "rings": '"opening"'})


def ladder(rungs: str, more: str = "") -> bytes:
    """Return an escalation table."""
    asks = (
        '<input id="i" label="step"><inputExpression typeRef="string"><text>step</text>'
        "</inputExpression></input>"
    )
    drawn = table(rungs, policy="COLLECT", inputs=asks).decode()
    names = "".join(f'<output name="{name}"/>' for name in ("unit", "levels_up", "role", "act"))
    drawn = drawn.replace('name="y"/>', f'name="after"/>{names}')
    return drawn.replace("</decision>", f"</decision>{more}", 1).encode()


RUNG = rung("1", '"working_days"', "1", '"leader"', '"notify"')
SCRIPT = node("scriptTask", "set", "<script>n = 1</script>")
MESSAGE, SIGNAL = '<message id="m" name="withdraw"/>', '<signal id="s" name="s"/>'
WITHDRAWN = extended('<gov:message role="handler"/>') + '<messageEventDefinition messageRef="m"/>'
SIGNALLED = '<signalEventDefinition signalRef="s"/>'
# The flow that `simple` draws from its task to its end, where another way is to be drawn.
DIRECT = flow("first", "end").encode()
KIND_OF = {
    "kind": "choice",
    "choices": [
        {"value": value, "label": {"zh_CN": value, "en": value}} for value in ("土地", "水利")
    ],
}


def user_task(key: str, name: str) -> str:
    """Return a user task with a name of its own."""
    return task(key).replace(f'name="{key}"', f'name="{name}"')


def inner(key: str, event: str, **attributes: str) -> str:
    """Return a subprocess ``key`` with one task that ends in an event."""
    work = node("startEvent", "in") + task("work") + node("endEvent", "out", event)
    return node("subProcess", key, work + line("in", "work", "out"), **attributes)


def long(count: int) -> bytes:
    """Return a process with so many tasks one after the other."""
    keys = tuple(f"t{number}" for number in range(count))
    return simple("".join(task(key) for key in keys), keys=keys)


def wide(count: int) -> bytes:
    """Return a process with so many parallel branches."""
    keys = [f"b{number}" for number in range(count)]
    ways = "".join(task(key) + line("g", key, "j") for key in keys)
    fork = node("parallelGateway", "g") + node("parallelGateway", "j")
    return diagram(
        START + task("first") + fork + ways + END + line("start", "first", "g") + line("j", "end")
    )


def two_outputs(one: str, other: str) -> bytes:
    """Return a decision table with one row and two outputs."""
    row = "<rule><inputEntry><text>-</text></inputEntry>"
    row += "<outputEntry><text>1</text></outputEntry>" * 2 + "</rule>"
    names = f'name="{one}"/><output name="{other}"/>'
    return table(row).replace(b'name="y"/>', names.encode())
