"""A hundred files that mean harm, or were made by accident."""

from __future__ import annotations

import zlib

from tests.engine.bpmn.check.drawing import (
    DMN,
    END,
    HEAD,
    START,
    diagram,
    extended,
    flow,
    line,
    node,
    rule,
    simple,
    table,
    task,
    timer,
)  # fmt: skip

PLAIN = simple().decode()
DECLARED = '<?xml version="1.0" encoding="{}"?>\n'


def entities() -> dict[str, bytes]:
    """What XML can do to those who trust it."""
    body = PLAIN.replace('name="first"', 'name="&e;"')
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return {
        "laughs.bpmn": f'<!DOCTYPE d [<!ENTITY l0 "ha">{laughs}<!ENTITY e "&l9;">]>{body}'.encode(),
        "quadratic.bpmn": f'<!DOCTYPE d [<!ENTITY e "{"x" * 90_000}">]>'.encode()
        + PLAIN.replace('name="first"', f'name="{"&e;" * 5000}"').encode(),
        "passwd.bpmn": f'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>{body}'.encode(),
        "web.bpmn": f'<!DOCTYPE d [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>{body}'.encode(),
        "parameter.bpmn": f'<!DOCTYPE d [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>{body}'.encode(),
        "public.bpmn": f'<!DOCTYPE d PUBLIC "-//x" "http://127.0.0.1:9/x.dtd">{PLAIN}'.encode(),
        "doctype.bpmn": f"<!DOCTYPE definitions>{PLAIN}".encode(),
        "undefined.bpmn": body.encode(),
        "xinclude.bpmn": simple(
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
        ),
        "stylesheet.bpmn": ('<?xml-stylesheet href="http://127.0.0.1:9/x"?>' + PLAIN).encode(),
        "stylesheet.dmn": b'<?xml-stylesheet href="#s"?>' + table(rule("1", "1")),
        "afterwards.bpmn": (PLAIN + '<?xml-stylesheet href="#s"?>').encode(),
        "inside.bpmn": simple("<documentation><?php echo 1 ?></documentation>"),
        "doctype.dmn": b"<!DOCTYPE d>" + table(rule("1", "1")),
        "laughs.dmn": f'<!DOCTYPE d [<!ENTITY l0 "ha">{laughs}]>'.encode() + table(rule("1", "1")),
    }


def strangers() -> dict[str, bytes]:
    """Elements of other languages where neither BPMN nor DMN leaves room for them."""
    script = '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>'
    picture = PLAIN.replace("</definitions>", f"{_drawing(script)}</definitions>")
    return {
        "script.bpmn": simple(script),
        "root.bpmn": PLAIN.replace("</definitions>", f"{script}</definitions>").encode(),
        "annotated.bpmn": simple(f'<textAnnotation id="a"><text>{script}</text></textAnnotation>'),
        "ours-outside.bpmn": simple('<x:task xmlns:x="urn:fengqiao:governance:1" role="admin"/>'),
        "no-namespace.bpmn": simple('<b xmlns=""/>'),
        "extension.bpmn": simple(f"<extension>{script}</extension>"),
        "drawn.bpmn": picture.encode(),
        "script.dmn": table(rule("1", "1")).replace(
            b"</definitions>", f"{script}</definitions>".encode()
        ),
    }


def guests() -> dict[str, bytes]:
    """Other languages where the standards leave room for them."""
    script = '<b xmlns="http://www.w3.org/1999/xhtml">urgent</b>'
    di = 'xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    within = f"<di:extension {di}>{script}</di:extension>"
    extended = f"<extensionElements>{script}</extensionElements>"
    return {
        "extended.bpmn": PLAIN.replace('<process id="p"', f'{extended}<process id="p"', 1).encode(),
        "documented.bpmn": PLAIN.replace(
            "<startEvent", f"<documentation>{script}</documentation><startEvent", 1
        ).encode(),
        "drawn.bpmn": PLAIN.replace("</definitions>", f"{_drawing(within)}</definitions>").encode(),
    }


def _drawing(inner: str) -> str:
    bpmndi = "http://www.omg.org/spec/BPMN/20100524/DI"
    return (
        f'<d:BPMNDiagram xmlns:d="{bpmndi}" id="di"><d:BPMNPlane id="pl" bpmnElement="p">'
        f'<d:BPMNShape id="sh" bpmnElement="first">{inner}</d:BPMNShape>'
        "</d:BPMNPlane></d:BPMNDiagram>"
    )


def not_xml() -> dict[str, bytes]:
    """Files of other kinds, cut off, or in another encoding than they say."""
    chinese = PLAIN.replace('name="first"', 'name="受理"')
    return {
        "empty.bpmn": b"",
        "blank.bpmn": b" \n\t ",
        "page.bpmn": b"<!DOCTYPE html><html><body>404</body></html>",
        "old-page.bpmn": b"<HTML><body><p>404<br></body></HTML>",
        "picture.bpmn": b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(range(256)) * 20,
        "zip.bpmn": b"PK\x03\x04" + zlib.compress(PLAIN.encode()),
        "json.bpmn": b'{"nodes": []}',
        "text.bpmn": "先受理，再调解。".encode(),
        "nul.bpmn": b"\x00" * 4096,
        "cut.bpmn": PLAIN.encode()[: len(PLAIN) // 2],
        "cut-early.bpmn": b"<definitions",
        "undeclared-gbk.bpmn": chinese.encode("gbk"),
        "lying-utf16.bpmn": (DECLARED.format("UTF-16") + chinese).encode(),
        "no-encoding.bpmn": (DECLARED.format("klingon") + PLAIN).encode(),
        "two-roots.bpmn": PLAIN.encode() * 2,
        "control.bpmn": PLAIN.replace('name="first"', 'name="\x07"').encode(),
        "other-xml.bpmn": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "bpmn1.bpmn": b"<definitions xmlns='http://example.org/other'/>",
        "deep.bpmn": simple("<a>" * 5000 + "</a>" * 5000),
        "large.bpmn": simple("<!--" + "x" * 10_000_000 + "-->"),
        "attributes.bpmn": simple("<x " + " ".join(f'a{n}="1"' for n in range(40_000)) + "/>"),
        "broken.dmn": b"<definitions",
        "page.dmn": b"<html></html>",
        "broken.json": b"{",
        "deep.json": b"[" * 100_000,
        "list.json": b"[]",
        "nan.json": b'{"key": NaN}',
        "picture.json": bytes(range(256)),
        "surrogate.json": b'{"key": "\\ud800"}',
        "unknown.txt": b"hello",
    }


def wrong() -> dict[str, bytes]:
    """Diagrams that read well and cannot run."""
    sub = node("startEvent", "in") + task("work") + line("in", "work")
    lost = node("boundaryEvent", "edge", timer("P1D"), attachedToRef="gone")
    link = '<intermediateThrowEvent id="x"><linkEventDefinition name="L"/></intermediateThrowEvent>'
    found = {
        "no-process.bpmn": f"{HEAD}</definitions>".encode(),
        "nothing.bpmn": diagram(""),
        "no-start.bpmn": diagram(task("first") + END + line("first", "end")),
        "only-start.bpmn": diagram(START),
        "two-starts.bpmn": diagram(
            START
            + node("startEvent", "s2")
            + task("first")
            + line("start", "first")
            + line("s2", "first")
        ),
        "dangling.bpmn": simple(flow("first", "gone")),
        "from-nowhere.bpmn": simple(flow("gone", "first")),
        "lost-border.bpmn": simple(lost),
        "self-border.bpmn": simple(node("boundaryEvent", "e", timer("P1D"), attachedToRef="e")),
        "traversal.bpmn": diagram(START, key="../../../../tmp/x"),
        "long-id.bpmn": diagram(START, key="p" * 5000),
        "long-node.bpmn": simple(task("n" * 100_000)),
        "no-id.bpmn": simple("<userTask/>"),
        "twice.bpmn": simple(task("first") * 50),
        "calls-itself.bpmn": simple(node("callActivity", "c", calledElement="p"), keys=("c",)),
        "calls-nothing.bpmn": simple(node("callActivity", "c"), keys=("c",)),
        "calls-path.bpmn": simple(node("callActivity", "c", calledElement="../q"), keys=("c",)),
        "triggered.bpmn": simple(node("subProcess", "s", sub, triggeredByEvent="true")),
        "link.bpmn": simple(link, keys=("x",)),
        "zero.bpmn": simple(node("intermediateCatchEvent", "w", timer("P0D")), keys=("w",)),
        "cycle-zero.bpmn": simple(
            node("intermediateCatchEvent", "w", timer("R0/PT1S", "timeCycle")), keys=("w",)
        ),
        "huge-time.bpmn": simple(
            node("intermediateCatchEvent", "w", timer("P999999999999Y")), keys=("w",)
        ),
        "million.bpmn": simple(
            task("m", "<multiInstanceLoopCharacteristics><loopCardinality>1000000"
                 "</loopCardinality></multiInstanceLoopCharacteristics>"), keys=("m",)
        ),
        "unknown-all.bpmn": simple(
            task("t", role="x", level="x", limitUnit="x", limit="x", returnTo="x"), keys=("t",)
        ),
        "action.bpmn": simple(
            node("serviceTask", "a", extended('<gov:action name="os.system"/>')), keys=("a",)
        ),
        "namespaces.bpmn": simple("<x xmlns='urn:evil' id='first'/>"),
        "empty.dmn": f'<definitions xmlns="{DMN}" id="d" name="d" namespace="t"/>'.encode(),
        "clash.dmn": table(rule("< 5", "1") + rule("< 9", "2")),
        "gap.dmn": table(rule("1", "1") + rule("3", "2")),
        "policy.dmn": table(rule("1", "1"), policy="WHATEVER"),
        "self.dmn": table(rule("1", "1")).replace(
            b"<decisionTable", b'<informationRequirement id="r"><requiredDecision href="#t"/>'
            b"</informationRequirement><decisionTable"
        ),
    }  # fmt: skip
    return found


ATTACKS = (
    "import os",
    "__import__('os').system('touch /tmp/owned')",
    "().__class__.__bases__[0].__subclasses__()",
    "open('/etc/passwd').read()",
    "exec('x')",
    "eval('1')",
    "globals()",
    "${Runtime.getRuntime().exec('id')}",
    "#{''.getClass().forName('java.lang.Runtime')}",
    "{{ 7*7 }}",
    "'; DROP TABLE \"case\"; --",
    "for i in 1..1000000000 return i",
    "10 ** 10 ** 10 ** 10 > 1",
    "matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"(a+)+$\")",
    "(" * 10_000 + "1" + ")" * 10_000,
    "not(" * 2_000 + "true" + ")" * 2_000,
    "1 + " * 100_000 + "1 > 1",
    "\"" + "a" * 200_000 + "\" = x",
    "9" * 100_000 + " > 1",
    "some x in [1..1000000] satisfies (some y in [1..1000000] satisfies x = -y)",
)  # fmt: skip


def attacks() -> dict[str, bytes]:
    """Code where expressions belong: in a condition, a timer, a script, a cell."""
    found = {}
    for number, attack in enumerate(ATTACKS):
        gate = node("exclusiveGateway", "g", default="g-b") + task("a") + task("b")
        flows = flow("g", "a", attack) + flow("g", "b") + line("a", "end") + line("b", "end")
        body = START + task("first") + gate + END + line("start", "first", "g") + flows
        found[f"condition{number}.bpmn"] = diagram(body)
    for number, attack in enumerate(ATTACKS[:12]):
        escaped = attack.replace("&", "&amp;").replace("<", "&lt;")
        wait = node("intermediateCatchEvent", "w", timer(attack))
        script = node("scriptTask", "s", f"<script>x = {escaped}</script>")
        found[f"timer{number}.bpmn"] = simple(wait, keys=("w",))
        found[f"script{number}.bpmn"] = simple(script, keys=("s",))
        found[f"cell{number}.dmn"] = table(rule(attack, attack))
    return found


def chain(count: int) -> bytes:
    """Automatic steps one after the other."""
    keys = [f"n{i}" for i in range(count)]
    nodes = "".join(node("scriptTask", key, "<script>n = 1</script>") for key in keys)
    return simple(nodes, keys=tuple(keys))


def fan(count: int, kind: str = "parallelGateway") -> bytes:
    """Branches side by side, each with a task."""
    body = START + task("first") + node(kind, "fork") + node(kind, "join") + END
    flows = line("start", "first", "fork") + line("join", "end")
    for number in range(count):
        body += task(f"b{number}")
        condition = "true" if kind == "inclusiveGateway" else ""
        flows += flow("fork", f"b{number}", condition) + flow(f"b{number}", "join")
    return diagram(body + flows)


def nested(depth: int) -> bytes:
    """Subprocesses in subprocesses."""
    inner = ""
    for level in range(depth):
        inner = (
            node("startEvent", f"s{level}")
            + node("subProcess", f"x{level}", inner)
            + line(f"s{level}", f"x{level}")
        )
    return simple(node("subProcess", "sub", inner), keys=("sub",))


def heavy() -> dict[str, bytes]:
    """Files at the limit of their size, made to cost more than they weigh."""
    processes = "".join(
        f'<process id="p{i}"><startEvent id="s{i}"/></process>' for i in range(9000)
    )
    calls = "".join(
        f'<process id="q{i}"><startEvent id="t{i}"/>'
        f'<callActivity id="c{i}" calledElement="q{i + 1}"/>'
        f'<sequenceFlow id="f{i}" sourceRef="t{i}" targetRef="c{i}"/></process>'
        for i in range(3000)
    )
    rows = "".join(rule(f"[{n}..{n + 500}]", f"{n}") for n in range(4000))
    wide = "".join(f'<input id="i{n}"><inputExpression><text>v{n}</text></inputExpression></input>'
                   for n in range(40))  # fmt: skip
    cells = "".join(
        "<rule>" + "".join(f"<inputEntry><text>{(r * c) % 7}, {c}</text></inputEntry>"
                           for c in range(40)) + "<outputEntry><text>1</text></outputEntry></rule>"
        for r in range(150)
    )  # fmt: skip
    return {
        "processes.bpmn": f"{HEAD}{processes}</definitions>".encode(),
        "calls.bpmn": f"{HEAD}{calls}</definitions>".encode(),
        "rows.dmn": table(rows),
        "wide.dmn": table(cells, inputs=wide),
        "nested.bpmn": nested(60),
        "inclusive.bpmn": fan(1000, "inclusiveGateway"),
    }


def hostile() -> dict[str, bytes]:
    """All of them."""
    return {**entities(), **not_xml(), **wrong(), **attacks(), **heavy()}
