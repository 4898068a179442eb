"""One press mends a finding: applied to the file, the finding is gone and nothing else came."""

from __future__ import annotations

import pytest

from engine.bpmn.check.fixes import apply
from engine.bpmn.parsing import xml
from tests.engine.bpmn.check.drawing import (
    END,
    START,
    brief,
    diagram,
    flow,
    form,
    line,
    look,
    node,
    only,
    rule,
    simple,
    table,
    task,
)  # fmt: skip

TWO = START + task("first") + node("exclusiveGateway", "gw") + task("a") + task("b") + END
WAYS = line("start", "first", "gw") + line("a", "end") + line("b", "end")
FORM = form("f/x", "amount")
DRAWN = {
    "missing-condition": diagram(TWO + WAYS + flow("gw", "a", "amount > 1") + flow("gw", "b")),
    "no-default-branch": diagram(
        TWO + WAYS + flow("gw", "a", "amount > 1") + flow("gw", "b", "amount < 1")
    ),
    "unknown-default": diagram(
        TWO.replace('id="gw"', 'id="gw" default="nothing"')
        + WAYS
        + flow("gw", "a", "amount > 1")
        + flow("gw", "b")
    ),
    "default-with-condition": diagram(
        TWO.replace('id="gw"', 'id="gw" default="gw-b"')
        + WAYS
        + flow("gw", "a", "amount > 1")
        + flow("gw", "b", "amount < 1")
    ),
    "bad-expression": diagram(
        TWO.replace('id="gw"', 'id="gw" default="gw-b"')
        + WAYS
        + flow("gw", "a", "amount == 1")
        + flow("gw", "b")
    ),
    "variable-never-set": diagram(
        TWO.replace('id="gw"', 'id="gw" default="gw-b"')
        + WAYS
        + flow("gw", "a", "amuont = 1")
        + flow("gw", "b")
    ),
    "condition-ignored": diagram(
        START + task("first") + END + node("parallelGateway", "gw")
        + line("start", "first", "gw") + flow("gw", "end", "amount > 1")
    ),
    "limit-without-unit": simple(task("late", limit="3"), keys=("late",)),
    "warning-too-early": simple(
        task("late", limit="3", limitUnit="working_days", warn="5"), keys=("late",)
    ),
    "unknown-return": simple(task("late", returnTo="first nobody"), keys=("late",)),
    "return-not-back": simple(
        task("late", returnTo="later") + task("later"), keys=("late", "later")
    ),
    "unreachable": simple(task("island") + task("behind") + line("island", "behind", "end")),
}  # fmt: skip


def test_only_the_warning_that_is_too_early_goes() -> None:
    drawn = simple(task("late", limit="9", limitUnit="working_days", warn="10 3 1"), keys=("late",))
    (fix,) = only(look({"p.bpmn": drawn, "f.json": FORM}), "warning-too-early").fixes
    assert [change.values for change in fix.changes] == [(("warn", "3 1"),)]


@pytest.mark.parametrize("name", DRAWN)
def test_it_mends_what_it_finds(name: str) -> None:
    files = {"p.bpmn": DRAWN[name], "f.json": FORM}
    before = look(files)
    fixes = only(before, name).fixes
    assert fixes, "no fix"

    for fix in fixes:
        assert fix.label.zh and fix.label.en
        after = look(apply(files, [change.as_json() for change in fix.changes]))
        assert {(f.rule, f.element) for f in after} < {(f.rule, f.element) for f in before}


def test_it_lets_the_first_rule_decide() -> None:
    files = {"t.dmn": table(rule("> 1", "1") + rule("> 2", "2"))}
    (fix,) = only(look(files), "table-overlap").fixes

    mended = apply(files, [change.as_json() for change in fix.changes])
    assert "table-overlap" not in {finding.rule for finding in look(mended)}


def test_it_leaves_the_rest_of_a_file_alone() -> None:
    """Comments, unknown extensions and the picture are somebody's work."""
    strange = '<camunda:thing x="1"/><!-- 说明 -->'
    drawn = simple(task("late", limit="3") + f"<extensionElements>{strange}</extensionElements>")
    files = {"p.bpmn": drawn}
    (fix,) = only(look(files), "limit-without-unit").fixes

    mended = apply(files, [change.as_json() for change in fix.changes])["p.bpmn"]
    assert "说明".encode() in mended and b"camunda:thing" in mended and b"BPMNPlane" in mended
    assert b'limitUnit="working_days"' in mended
    assert len(list(xml.load(mended).iter())) == len(list(xml.load(drawn).iter()))


def test_it_takes_the_flows_of_a_removed_element_along() -> None:
    files = {"p.bpmn": simple(task("gone"), keys=("gone",))}
    changed = apply(files, [{"op": "remove", "file": "p.bpmn", "element": "gone"}])["p.bpmn"]
    assert b'"gone"' not in changed and b"first-gone" not in changed


def test_it_survives_a_change_of_what_is_not_there() -> None:
    files = {"p.bpmn": simple()}
    changes = [
        {"op": "remove", "file": "p.bpmn", "element": "nobody"},
        {"op": "set", "file": "q.bpmn", "element": "x", "name": "", "values": {}},
    ]
    assert apply(files, changes) == files


def test_a_picture_of_another_program_gets_the_definition_s_key_everywhere():
    picture = (
        '<collaboration id="c"><participant id="pool" processRef="t:Process_1"/></collaboration>'
    )
    drawn = diagram(
        START + task("first") + END + line("start", "first", "end"), before=picture, key="Process_1"
    )
    drawn = drawn.replace(b'bpmnElement="p"', b'bpmnElement="Process_1"')
    path = "processes/two/two.bpmn"
    found = only(look({path: drawn}), "process-of-another-id")
    (fix,) = found.fixes
    mended = apply({path: drawn}, [change.as_json() for change in fix.changes])[path]

    assert (found.severity, found.element) == ("error", "Process_1")
    assert b"Process_1" not in mended
    assert b'processRef="t:two"' in mended and b'bpmnElement="two"' in mended
    assert "process-of-another-id" not in [rule for rule, _ in brief(look({path: mended}))]


def test_a_file_beside_the_definition_s_own_picture_may_hold_any_process():
    main = diagram(START + task("first") + END + line("start", "first", "end"), key="two")
    other = diagram(START + task("first") + END + line("start", "first", "end"), key="helper")
    files = {"processes/two/two.bpmn": main, "processes/two/helper.bpmn": other}

    assert "process-of-another-id" not in [rule for rule, _ in brief(look(files))]
    alone = {"elsewhere/two.bpmn": other}
    assert "process-of-another-id" not in [rule for rule, _ in brief(look(alone))]
