"""Hostile files: refused for the right reason, stopped in time, and no harm to what follows."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from engine import bpmn
from engine.bpmn.check import check_files
from tests.conftest import ROOT
from tests.engine.bpmn.check import hostile
from tests.engine.bpmn.check.drawing import look, only, simple

REASONS = {
    **dict.fromkeys(
        ("laughs.bpmn", "quadratic.bpmn", "passwd.bpmn", "web.bpmn", "parameter.bpmn",
         "public.bpmn", "doctype.bpmn", "doctype.dmn", "laughs.dmn"), "xml-doctype",
    ),
    **dict.fromkeys(
        ("stylesheet.bpmn", "stylesheet.dmn", "afterwards.bpmn", "inside.bpmn"), "xml-instruction"
    ),
    **dict.fromkeys(hostile.strangers(), "foreign-element"),
    "undefined.bpmn": "xml-broken",
    "xinclude.bpmn": "xml-include",
    "empty.bpmn": "xml-empty",
    "blank.bpmn": "xml-empty",
    **dict.fromkeys(
        ("page.bpmn", "old-page.bpmn", "picture.bpmn", "zip.bpmn", "json.bpmn", "text.bpmn",
         "nul.bpmn", "page.dmn", "unknown.txt"), "xml-not-xml",
    ),
    **dict.fromkeys(
        ("cut.bpmn", "cut-early.bpmn", "two-roots.bpmn", "control.bpmn", "broken.dmn"), "xml-broken"
    ),
    "undeclared-gbk.bpmn": "xml-encoding",
    "lying-utf16.bpmn": "xml-encoding",
    "no-encoding.bpmn": "xml-encoding",
    "other-xml.bpmn": "not-bpmn",
    "bpmn1.bpmn": "not-bpmn",
    "deep.bpmn": "xml-too-deep",
    "large.bpmn": "xml-too-large",
    **dict.fromkeys(
        ("broken.json", "deep.json", "list.json", "nan.json", "picture.json"), "bad-form"
    ),
    "no-process.bpmn": "no-process",
    "nothing.bpmn": "missing-start",
    "no-start.bpmn": "missing-start",
    "only-start.bpmn": "start-goes-nowhere",
    "two-starts.bpmn": "many-starts",
    "dangling.bpmn": "dangling-flow",
    "from-nowhere.bpmn": "dangling-flow",
    "lost-border.bpmn": "missing-host",
    "self-border.bpmn": "boundary-on-wrong-element",
    "traversal.bpmn": "bad-id",
    "long-id.bpmn": "bad-id",
    "long-node.bpmn": "bad-id",
    "no-id.bpmn": "missing-id",
    "twice.bpmn": "duplicate-id",
    "calls-itself.bpmn": "recursive-call",
    "calls-nothing.bpmn": "missing-process",
    "calls-path.bpmn": "missing-process",
    "triggered.bpmn": "event-subprocess-start",
    "link.bpmn": "unsupported-event",
    "zero.bpmn": "bad-timer",
    "cycle-zero.bpmn": "bad-timer",
    "huge-time.bpmn": "bad-timer",
    "million.bpmn": "too-many-instances",
    "action.bpmn": "unknown-action",
    "clash.dmn": "table-overlap",
    "policy.dmn": "bad-decision",
    "self.dmn": "bad-decision",
}  # fmt: skip
QUICK = {**hostile.entities(), **hostile.strangers(), **hostile.not_xml(), **hostile.wrong()}


@pytest.mark.parametrize("name", REASONS)
def test_it_refuses_a_hostile_file_for_the_one_right_reason(name):
    found = look({name: QUICK[name]})

    assert [finding.rule for finding in found if finding.severity == "error"] == [REASONS[name]]
    finding = only(found, REASONS[name])
    assert len(finding.message.zh) < 400
    assert "root:" not in finding.message.zh + finding.remedy.zh


@pytest.mark.parametrize("name", hostile.guests())
def test_it_lets_other_languages_stand_where_the_standards_leave_room(name):
    found = look({name: hostile.guests()[name]})

    assert [finding.rule for finding in found if finding.severity == "error"] == []


@pytest.mark.parametrize("name", hostile.attacks())
def test_it_never_runs_code_from_a_file(name, tmp_path):
    found = look({name: hostile.attacks()[name]})

    rules = {finding.rule for finding in found if finding.severity == "error"}
    assert not Path("/tmp/owned").exists()
    assert rules <= {
        "bad-expression", "bad-decision", "unknown-function", "bad-timer", "expression-too-heavy",
        "not-a-condition",
    }  # fmt: skip


@pytest.mark.parametrize("number", range(len(hostile.ATTACKS)))
def test_it_says_something_about_every_hostile_condition(number):
    found = look(hostile.attacks()[f"condition{number}.bpmn"])

    assert [f for f in found if f.element == "g-a"], hostile.ATTACKS[number][:80]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (hostile.DECLARED.format("UTF-16") + hostile.PLAIN, "utf-16"),
        (hostile.DECLARED.format("GBK") + hostile.PLAIN, "gbk"),
        (hostile.DECLARED.format("GB18030") + hostile.PLAIN, "gb18030"),
        (hostile.DECLARED.format("UTF-8") + hostile.PLAIN, "utf-8-sig"),
        (hostile.PLAIN, "utf-16"),
    ],
)
def test_it_reads_the_encodings_that_xml_declares(data, encoding):
    text = data.replace('"first"', '"受理"').replace("first-end", "受理-end")

    assert [f.rule for f in look(text.encode(encoding)) if f.severity != "info"] == []


def test_it_accepts_a_chain_of_three_thousand_and_a_thousand_branches():
    chain = check_files({"chain.bpmn": hostile.chain(3000)})
    fan = check_files({"fan.bpmn": hostile.fan(1000)})

    assert chain.ok and fan.ok
    assert rules(chain) == {"very-large"}
    assert rules(fan) == {"very-large", "many-branches"}


def rules(report):
    """The rules of a report's findings that are not only informing."""
    return {f["rule"] for file in report.files for f in file.findings if f["severity"] != "info"}


def test_it_stops_a_file_that_takes_too_long_and_checks_the_others():
    files = {"good.bpmn": simple(), "slow.bpmn": hostile.heavy()["processes.bpmn"]}
    files["late.bpmn"] = hostile.attacks()["condition0.bpmn"]

    report = check_files(files, timeout=1.5)

    seen = [[f["rule"] for f in file.findings if f["severity"] != "info"] for file in report.files]
    assert seen[1] == ["too-heavy"]
    assert "too-heavy" not in seen[0] + seen[2]
    assert "bad-expression" in seen[2]


def test_it_gives_the_child_no_more_memory_than_the_limit():
    """The same call that the child begins with, then more than it may have."""
    hog = (
        "from engine.bpmn.check.__main__ import MEMORY\n"
        "from engine.isolation.child import limit_self\n"
        "limit_self(memory=MEMORY, cpu=60)\n"
        "try:\n    bytearray(MEMORY)\n"
        "except MemoryError:\n    print('refused')\n"
        "bytearray(MEMORY // 2)\n"
    )

    run = subprocess.run([sys.executable, "-c", hog], cwd=ROOT, capture_output=True, text=True)

    assert run.stdout.strip() == "refused", run.stderr


def test_it_leaves_no_trace_of_a_refused_file_in_the_next_one():
    """A parser that is used twice hands the first file's lanes to the second."""
    lane = '<lane id="l" name="恶意">{}<flowNodeRef>first</flowNodeRef></lane>'
    lanes = f'<laneSet id="ls">{lane}</laneSet>'
    own = '<extensionElements><gov:lane role="admin" level="province"/></extensionElements>'
    bad = simple(lanes.format(own) + "<complexGateway id='x'/>")
    good = simple(lanes.format(own.replace("admin", "handler").replace("province", "village")))
    good = good.replace(b' role="handler"/><', b"/><", 1)

    alone = check_files({"good.bpmn": good}).as_json()["files"][0]
    after = check_files({"bad.bpmn": bad.replace(b'"p"', b'"q"', 1), "good.bpmn": good})
    look({"bad.bpmn": bad})
    node = bpmn.parse({"good.bpmn": good}, "p").nodes["first"]

    assert not after.files[0].ok
    assert after.as_json()["files"][1]["findings"] == alone["findings"]
    assert (node.level, node.lane.role) == ("village", "handler")


def _memory() -> int:
    """Resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_it_bears_a_hundred_hostile_files_in_a_row():
    files = list({**QUICK, **hostile.attacks()}.items())[:100]
    assert len(files) == 100
    # Starting a child for each of them would take most of the time.
    parts = [dict(files[at : at + 5]) for at in range(0, 100, 5)]
    for part in parts[:4]:
        check_files(part)

    before = _memory()
    for part in parts:
        check_files(part)

    assert _memory() - before < 5_000_000


def _mutilated(data: bytes, chance: random.Random) -> bytes:
    """Remove, rename and mix up a few things, as careless hands and bad tools do."""
    root = etree.fromstring(data)
    elements = [element for element in root.iter() if element is not root]
    for _ in range(chance.randint(1, 4)):
        element, other = chance.choice(elements), chance.choice(elements)
        parent, what = element.getparent(), chance.randrange(4)
        if what == 0 and parent is not None:
            parent.remove(element)
        elif what == 1 and element.attrib:
            element.set(chance.choice(list(element.attrib)), chance.choice(["", "../", "x", "-1"]))
        elif what == 2:
            element.tag = other.tag
        else:
            element.text = chance.choice(["", "R0/P", "${x}", "not(", '"'])
    return etree.tostring(root)


def test_it_has_an_answer_for_every_mutilated_diagram():
    chance = random.Random(20260301)
    data = (ROOT / "processes/ticket/ticket.bpmn").read_bytes()

    for _ in range(60):
        found = look(_mutilated(data, chance))
        assert "engine-refused" not in [finding.rule for finding in found]
