"""Forms, roles, lanes, limits, returns, names and ids: each rule broken and kept."""

from __future__ import annotations

import json

import pytest

from engine.bpmn.check.check_context import CheckContext
from tests.engine.bpmn.check.drawing import (
    END,
    START,
    brief,
    diagram,
    extended,
    form,
    line,
    look,
    node,
    only,
    simple,
    task,
)  # fmt: skip


def test_it_warns_of_tasks_without_form_or_role_at_the_task():
    found = look(simple(task("bare", form="", role=""), keys=("bare",)))

    assert brief(found) == [("no-form", "bare"), ("no-role", "bare")]
    assert {f.severity for f in found if f.rule != "form-not-seen"} == {"warning"}


def test_it_says_once_that_a_whole_diagram_has_neither():
    body = START + task("a", form="", role="") + task("b", form="", role="") + END

    found = look(diagram(body + line("start", "a", "b", "end")))

    assert brief(found) == [("no-form", "p"), ("no-role", "p")]


def lanes(role: str, *, inside: str = "<flowNodeRef>first</flowNodeRef>", more: str = "") -> bytes:
    own = extended(f'<gov:lane role="{role}"/>') if role else ""
    lane = f'<laneSet id="ls"><lane id="lane" name="村">{own}{inside}</lane>{more}</laneSet>'
    body = lane + START + task("first", role="") + END + line("start", "first", "end")
    return diagram(body)


def test_it_blames_the_lane_where_the_lane_has_no_role():
    assert brief(look(lanes(""))) == [("no-role", "lane")]
    assert brief(look(lanes("handler"))) == []


def test_it_blames_an_unknown_role_only_once():
    assert brief(look(lanes("mayor"))) == [("unknown-role", "lane")]
    assert brief(look(simple(task("x", role="mayor"), keys=("x",)))) == [("unknown-role", "x")]


def test_it_knows_the_roles_that_a_deployment_has():
    assert brief(look(simple(), CheckContext(roles=frozenset({"leader"})))) == [
        ("unknown-role", "first")
    ]


def test_it_warns_of_lanes_that_list_what_is_not_there():
    found = look(lanes("handler", inside="<flowNodeRef>gone</flowNodeRef>"))

    assert ("lane-missing-element", "lane") in brief(found)


def test_it_warns_of_an_element_in_two_lanes():
    more = '<lane id="other" name="镇"><flowNodeRef>first</flowNodeRef></lane>'

    assert ("two-lanes", "first") in brief(look(lanes("handler", more=more)))


def test_it_names_a_form_that_does_not_exist_where_forms_are_known():
    assert brief(look({"p.bpmn": simple(), "f.json": form("f/other")})) == [
        ("unknown-form", "first")
    ]
    assert brief(look(simple(), CheckContext(forms=frozenset({"f/other"})))) == [
        ("unknown-form", "first")
    ]
    assert brief(look(simple(), CheckContext(forms=frozenset({"f/x"})))) == []
    assert brief(look({"p.bpmn": simple(), "f.json": form()})) == []
    assert brief(look(simple())) == []


def test_it_says_that_forms_and_units_were_compared_with_nothing():
    named = task("t", form="no/such", unit='"NOPE-1"', level="county")
    found = look(simple(named, keys=("t",)))

    assert only(found, "unit-not-seen").element == "t"
    finding = only(found, "form-not-seen")
    assert (finding.severity, finding.element) == ("info", "p")
    assert "no/such" in finding.message.zh
    assert not [
        f for f in look(simple(), CheckContext(forms=frozenset({"f/x"}))) if "seen" in f.rule
    ]


def test_it_does_not_miss_a_form_that_could_not_be_read():
    found = look({"p.bpmn": simple(), "f.json": b"{", "g.json": form("f/other")})

    assert [finding.rule for finding in found if finding.severity == "error"] == ["bad-form"]


@pytest.mark.parametrize(
    ("attributes", "rule"),
    [
        ({"level": "galaxy"}, "unknown-level"),
        ({"limit": "zero"}, "bad-number"),
        ({"limit": "-1", "limitUnit": "days"}, "bad-number"),
        ({"limit": "２", "limitUnit": "days"}, "bad-number"),
        ({"limit": "2", "limitUnit": "fortnights"}, "unknown-limit-unit"),
        ({"limit": "2"}, "limit-without-unit"),
        ({"limit": "2", "limitUnit": "days", "warn": "3"}, "warning-too-early"),
        ({"limit": "9", "limitUnit": "days", "warn": "1 10"}, "warning-too-early"),
        ({"limit": "2", "limitUnit": "days", "warn": "1 x"}, "bad-number"),
        ({"limit": "case"}, "case-limit-never-set"),
        ({"returnTo": "gone"}, "unknown-return"),
        ({"returnTo": "start"}, "unknown-return"),
        ({"returnTo": "later"}, "return-not-back"),
        ({"unit": '"北极局"'}, "unknown-unit"),
    ],
)  # fmt: skip
def test_it_names_what_is_wrong_with_a_task(attributes, rule):
    body = task("work", **attributes) + task("later")

    found = look(simple(body, keys=("work", "later")), CheckContext(units=frozenset({"公安局"})))

    assert brief(found) == [(rule, "work")]


@pytest.mark.parametrize(
    "attributes",
    [
        {"level": "handling"},
        {"limit": "2", "limitUnit": "working_days", "warn": "1"},
        {"limit": "30", "limitUnit": "days", "warn": "10 3"},
        {"returnTo": "first"},
        {"unit": '"公安局"'},
        {"unit": "department"},
    ],
)
def test_it_is_content_with_what_is_right_with_a_task(attributes):
    found = look(
        simple(task("work", **attributes), keys=("work",)),
        CheckContext(units=frozenset({"公安局"})),
    )

    assert brief(found) == []


def test_it_names_tasks_without_a_name_and_names_without_end():
    nameless = simple(keys=("x",)).replace(b"</process>", task("x").encode() + b"</process>")

    assert brief(look(nameless.replace(b'id="x" name="x"', b'id="x"'))) == [("no-name", "x")]
    long = nameless.replace(b'id="x" name="x"', f'id="x" name="{"长" * 121}"'.encode())
    assert brief(look(long)) == [("long-name", "x")]


def test_it_warns_where_no_task_opens_a_case():
    body = START + node("scriptTask", "auto", "<script>n = 1</script>") + task("first") + END

    found = look(diagram(body + line("start", "auto", "first", "end")))

    assert brief(found) == [("no-opening-task", "p")]


def test_it_refuses_an_opening_task_that_is_not_there():
    body = extended('<gov:process opens="gone"/>') + START + task("first") + END

    found = look(diagram(body + line("start", "first", "end")))

    assert brief(found) == [("unknown-opens", "p")]


def test_it_names_actions_and_arguments_that_do_not_exist():
    def acting(inner: str) -> bytes:
        return simple(node("serviceTask", "act", extended(inner) if inner else ""), keys=("act",))

    assert brief(look(acting(""))) == [("missing-action", "act")]
    assert brief(look(acting('<gov:action name="launch"/>'))) == [("unknown-action", "act")]
    assert brief(look(acting('<gov:action name="notify"/>'))) == [("action-arguments", "act")]
    assert brief(look(acting('<gov:action name="hand_up"/>'))) == []


@pytest.mark.parametrize(
    ("key", "rule"),
    [("../../etc/passwd", "bad-id"), ("p" * 5000, "bad-id"), ("p" * 65, "long-id"),
     ("..", "unusable-id"), ("a b", "unusable-id"), ("a\u202eb", "unusable-id"),
     ("", "missing-id")],
)  # fmt: skip
def test_it_refuses_ids_that_nothing_can_be_stored_under(key, rule):
    body = START + task("first") + END + line("start", "first", "end")

    found = look(diagram(body, key=key))

    errors = [finding for finding in found if finding.severity == "error"]
    assert [finding.rule for finding in errors] == [rule]
    assert all(len(finding.message.zh) < 200 for finding in errors)


@pytest.mark.parametrize("key", ["矛盾纠纷", "ticket-2.1", "Process_0x", "流程_1"])
def test_it_takes_chinese_and_ordinary_ids(key):
    body = START + task("受理") + END + line("start", "受理", "end")

    assert brief(look(diagram(body, key=key))) == []


def test_it_names_the_second_use_of_an_id():
    found = look(simple(task("first")))

    assert ("duplicate-id", "first") in brief(found)
    assert len(brief(found)) == 1


def test_it_names_processes_of_one_id_in_two_files_at_the_second():
    found = look({"a.bpmn": simple(), "b.bpmn": simple()})

    assert brief(found) == [("duplicate-process", "p")]
    assert only(found, "duplicate-process").file == "b.bpmn"


ASKED = {"kind": "yes_no"}
AGAINST = {"kind": "unit", "sets": "against"}
PERSON = {"kind": "person"}


def opening(condition: str = "", **fields: object) -> dict[str, bytes]:
    """A process whose opening form asks this, in this order."""
    names = iter(fields.items())
    document = json.loads(form("f/x", **fields))  # type: ignore[arg-type]
    asked = document["groups"][0]["fields"]
    document["groups"][0]["fields"] = [one for one in asked if one["name"] != "amount"]
    assert next(names)
    if condition:
        document["confidential_when"] = condition
    return {"p.bpmn": simple(), "f.json": json.dumps(document).encode()}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (opening(caller=PERSON), "not whether it is confidential"),
        (opening("hide = true", hide=ASKED, caller=PERSON), "not about which unit it is"),
        (opening("hide = true", against=AGAINST, caller=PERSON, hide=ASKED), "“caller” before"),
    ],
)
def test_it_warns_of_an_opening_form_that_does_not_ask_about_confidentiality_first(
    files: dict[str, bytes], said: str
) -> None:
    found = only(look(files), "confidentiality-not-asked")
    assert said in found.message.en and (found.file, found.severity) == ("f.json", "warning")


def test_it_is_content_with_one_that_asks_first_or_asks_for_nobody() -> None:
    asked = opening("hide = true", hide=ASKED, against=AGAINST, caller=PERSON)
    assert brief(look(asked)) == []
    assert brief(look(opening(hide=ASKED))) == []
    # Later forms ask whatever they like.
    later = simple(task("second", form="f/y"), keys=("second",))
    files = {"p.bpmn": later, "f.json": form(), "y.json": form("f/y", caller=PERSON)}
    assert brief(look(files)) == []
