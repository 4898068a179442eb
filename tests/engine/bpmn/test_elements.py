"""Each element has a file with its parser, checks and behaviour, and a line in the registry."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

from engine.bpmn import elements
from engine.bpmn.elements.element import Element
from engine.bpmn.elements.registry import ACTIVITY_KINDS, ELEMENTS
from tests.test_architecture import ROOT


def test_it_registers_the_element_of_every_file():
    files = [
        import_module(f"{elements.__name__}.{one.name}") for one in iter_modules(elements.__path__)
    ]
    registered = set(map(id, ELEMENTS.values()))

    for file in files:
        for element in vars(file).values():
            # An event subprocess is drawn as a subprocess, and named by nothing of its own.
            if isinstance(element, Element) and element.names:
                assert id(element) in registered, file.__name__


def test_only_events_and_tasks_for_messages_hold_events():
    holding = {kind for kind, element in ELEMENTS.items() if element.events}

    assert {kind for kind in holding if not kind.endswith("Event")} == {"receiveTask", "sendTask"}
    assert not holding & (ACTIVITY_KINDS - {"receiveTask", "sendTask"})


# An element that BPMN has and the engine has not: its own file, and nothing else of the program.
TOY = '''
from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.element import Element, Trait
from engine.bpmn.labels import called_name
from engine.bpmn.parsing import xml
from feel.text import Text


class Echo(NodeLife, defaults.ScriptTask):
    """Copies the variable that it names into ``echo``."""

    def _run_hook(self, token):
        if self.formula is not None:
            echo = self.formula.value(token.data, token.top.context)
            token.top.keep(token, {"echo": echo})
        return True


def read(element):
    return {"script": xml.texts(element.find(xml.bpmn("echo")))}


def doubts(node):
    if not node.script:
        yield "empty-script", Text(f"{called_name(node)}没有回声", f"{called_name(node)} is silent")


def complete(made, node, builder):
    made.formula = builder.compiler.formula(node, Text("回声", "echo"), node.script)
    builder.kept_names.add("echo")


ELEMENT = Element(
    {"transaction": Text("回声任务", "echo task")},
    Echo,
    traits=frozenset({Trait.ACTIVITY}),
    read=read,
    doubts=doubts,
    options=lambda _node: {"script": ""},
    complete=complete,
)
'''
DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
<process id="p" isExecutable="true"><startEvent id="s"/><transaction id="toy" name="Say">%s
</transaction><userTask id="u" name="Do"/><endEvent id="e"/>
<sequenceFlow id="f" sourceRef="s" targetRef="toy"/>
<sequenceFlow id="g" sourceRef="toy" targetRef="u"/>
<sequenceFlow id="h" sourceRef="u" targetRef="e"/></process></definitions>"""
USE = """
import json, sys
from datetime import UTC, datetime
from engine import bpmn
from engine.bpmn.check import check_files
from engine.definitions.differences.elements import kind_of

def findings(text):
    report = check_files({"p.bpmn": text.encode()})
    return [one for file in report.files for one in file.findings if one["element"] == "toy"]

loud, silent = json.loads(sys.argv[1])
definition = bpmn.parse({"p.bpmn": loud.encode()}, "p")
context = bpmn.Context(now=datetime(2026, 3, 2, tzinfo=UTC), level="county")
step = bpmn.start(definition, {"said": "hello"}, context)
print(json.dumps({
    "open": [task.node_id for task in step.opened_tasks],
    "passed": step.passed_nodes,
    "echo": step.variables["echo"],
    "loud": [one["rule"] for one in findings(loud)],
    "silent": [(one["rule"], one["message"]["en"]) for one in findings(silent)],
    "kind": kind_of(definition.nodes["toy"]).en,
}))
"""


def test_a_new_element_takes_its_own_file_and_one_line(tmp_path):
    for part in ("engine", "feel", "forms"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path / "engine/bpmn/elements"
    (folder / "echo.py").write_text(TOY, encoding="utf-8")
    registry = (folder / "registry.py").read_text(encoding="utf-8")
    line = '    "user_task",\n'
    assert registry.count(line) == 1
    (folder / "registry.py").write_text(registry.replace(line, f'{line}    "echo",\n'), "utf-8")
    diagrams = json.dumps([DIAGRAM % "<echo>said</echo>", DIAGRAM % ""])

    done = subprocess.run(
        [sys.executable, "-c", USE, diagrams], cwd=tmp_path, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == {
        "open": ["u"],
        "passed": ["s", "toy"],
        "echo": "hello",
        "loud": [],
        "silent": [["empty-script", "Say is silent"]],
        "kind": "echo task",
    }
