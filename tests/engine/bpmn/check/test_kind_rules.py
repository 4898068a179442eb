"""Comparisons that can never be, and fields that are asked in two kinds."""

from __future__ import annotations

import json

import pytest

from engine.bpmn.check.fixes import apply
from tests.engine.bpmn.check.drawing import (
    END,
    START,
    brief,
    diagram,
    extended,
    flow,
    line,
    look,
    node,
    only,
    simple,
    table,
    task,
    timer,
)  # fmt: skip

FIELDS = {
    "begun": "date", "at": "datetime", "amount": "number", "note": "text", "urgent": "yes_no",
    "tags": "units",
}  # fmt: skip


def asking(key: str = "f/x", **kinds: str) -> bytes:
    fields = [
        {"name": name, "kind": kind, "label": {"zh_CN": name, "en": name}}
        for name, kind in (kinds or FIELDS).items()
    ]
    title = {"zh_CN": "表", "en": "form"}
    groups = [{"title": title, "fields": fields}]
    return json.dumps({"key": key, "title": title, "groups": groups}).encode()


def chosen(condition: str) -> bytes:
    gate = node("exclusiveGateway", "g", default="g-end") + task("more")
    return diagram(
        START + task("first") + gate + END + line("start", "first", "g") + flow("g", "end")
        + flow("g", "more", condition) + line("more", "end")
    )  # fmt: skip


def judged(drawn: bytes, **files: bytes):
    return look({"p.bpmn": drawn, "f/x.json": asking(), **files})


@pytest.mark.parametrize(
    "condition",
    [
        'begun < "2026-12-01"', 'begun = "2026-12-01"', "begun > at", "begun < 5", "note > 5",
        "note.month = 11", 'amount = "5"', "urgent > false", 'day of week(note) = "Monday"',
        'begun in ("a", "b")', "begun + 1 > begun", "amount and urgent",
    ],
)  # fmt: skip
def test_it_refuses_what_can_never_be(condition):
    found = only(judged(chosen(condition)), "kinds-never-fit")

    assert (found.severity, found.element) == ("error", "g-more")
    assert "永远没有结果" in found.message.zh and "never has a result" in found.message.en


@pytest.mark.parametrize(
    "condition",
    [
        'begun < @"2026-12-01"', 'begun + duration("P1M") <= date("2026-12-31")',
        "date(at) = begun",
        "begun.month = 11", 'day of week(begun) = "Monday"', "begun = null", "amount > 5",
        'note = "5"', "urgent", 'list contains(tags, "620725")', "case.limit > 5",
        'case.level = "village"',
    ],
)  # fmt: skip
def test_it_says_nothing_about_what_fits(condition):
    assert "kinds-never-fit" not in [rule for rule, _ in brief(judged(chosen(condition)))]


def test_a_text_beside_a_date_is_written_as_a_date_by_one_press():
    files = {"d.bpmn": chosen('begun < "2026-12-01" and amount > 5')}
    found = only(judged(files["d.bpmn"]), "kinds-never-fit")
    (fix,) = found.fixes
    changes = [{**change.as_json(), "file": "d.bpmn"} for change in fix.changes]
    mended = apply(files, changes)["d.bpmn"]

    assert '@"2026-12-01"' in fix.label.zh
    assert "kinds-never-fit" not in [rule for rule, _ in brief(judged(mended))]


@pytest.mark.parametrize("condition", ["begun", "amount + 1", 'note + "x"', "begun.year"])
def test_a_condition_that_comes_to_another_kind_is_none(condition):
    assert only(judged(chosen(condition)), "not-a-condition").element == "g-more"


def test_scripts_timers_and_collections_are_looked_at():
    script = node("scriptTask", "x", "<script>until = begun + 3</script>")
    assert only(judged(simple(script, keys=("x",))), "kinds-never-fit").element == "x"

    script = node("scriptTask", "x", "<script>n = amount\nlate = begun &lt; n</script>")
    assert only(judged(simple(script, keys=("x",))), "kinds-never-fit").element == "x"

    wait = node("intermediateCatchEvent", "x", timer("amount", "timeDate"))
    assert only(judged(simple(wait, keys=("x",))), "kinds-never-fit").element == "x"

    wait = node("intermediateCatchEvent", "x", timer("working days(amount)"))
    assert "kinds-never-fit" not in [r for r, _ in brief(judged(simple(wait, keys=("x",))))]

    each = extended('<gov:each in="begun" as="day"/>')
    many = task("x", f"<multiInstanceLoopCharacteristics>{each}</multiInstanceLoopCharacteristics>")
    assert only(judged(simple(many, keys=("x",))), "kinds-never-fit").element == "x"


@pytest.mark.parametrize(
    ("cell", "fits"),
    [("&lt; @\"2026-12-01\"", True), ("&gt; 5", False), ('"2026-12-01"', False), ("-", True),
     ("begun", True), ("amount", False), ("? &gt; at", False)],
)  # fmt: skip
def test_cells_of_tables_are_looked_at_with_what_the_process_knows(cell, fits):
    column = (
        '<input id="i" label="begun"><inputExpression><text>begun</text></inputExpression></input>'
    )
    rows = (
        f"<rule id='r'><inputEntry><text>{cell}</text></inputEntry>"
        "<outputEntry><text>1</text></outputEntry></rule>"
    )
    ask = node("businessRuleTask", "x", extended('<gov:decision ref="t" result="y"/>'))
    dmn = table(rows, inputs=column, policy="FIRST")
    found = [rule for rule, _ in brief(judged(simple(ask, keys=("x",)), **{"t.dmn": dmn}))]

    assert ("kinds-never-fit" not in found) is fits


def test_a_field_asked_as_a_date_and_as_a_text_is_an_error():
    second = task("second", form="f/y")
    files = {"f/y.json": asking("f/y", begun="text")}
    found = only(judged(simple(second, keys=("second",)), **files), "field-asked-differently")

    assert found.severity == "error"


def test_conditions_of_forms_are_looked_at():
    fields = [
        {"name": "begun", "kind": "date", "label": {"zh_CN": "日", "en": "day"}},
        {
            "name": "why", "kind": "text", "label": {"zh_CN": "由", "en": "why"},
            "show_when": "begun > 5",
        },
    ]  # fmt: skip
    title = {"zh_CN": "表", "en": "form"}
    form = {"key": "f/x", "title": title, "groups": [{"title": title, "fields": fields}]}
    found = only(
        look({"p.bpmn": simple(), "f/x.json": json.dumps(form).encode()}), "kinds-never-fit"
    )

    assert found.element == "why"


def test_where_a_form_is_not_known_nothing_is_said():
    drawn = chosen('begun < "2026-12-01"')

    assert "kinds-never-fit" not in [rule for rule, _ in brief(look(drawn))]
