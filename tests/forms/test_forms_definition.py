"""Mistakes in a definition: all told at once, in words that policy staff can act on."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import forms
from tests.forms.samples import EVERY_KIND, TODAY, definition, field, text

SHIPPED = sorted((Path(__file__).resolve().parents[2] / "forms").glob("*/*.json"))


def findings(data: Any) -> list[tuple[str, str]]:
    with pytest.raises(forms.BrokenForm) as caught:
        forms.load(data, source="ticket/report.json")
    assert all(found.message.zh and found.message.en for found in caught.value.findings)
    assert caught.value.source == "ticket/report.json"
    return [(found.rule, found.where) for found in caught.value.findings]


def rule(test: Any, *fields: str) -> dict[str, Any]:
    return {"test": test, "message": text("不对", "wrong"), "fields": list(fields)}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (definition(field("x", "telepathy")), ("unknown-kind", "x.kind")),
        (definition({**field("x"), "kind": ["text"]}), ("unknown-kind", "x.kind")),
        (definition(field("x"), field("x")), ("duplicate", "x")),
        (definition(field("X")), ("name", "X")),
        (definition(field("_x")), ("name", "_x")),
        (definition(field("two words")), ("name", "two words")),
        (definition(field("case")), ("name", "case")),
        (definition(field("typename")), ("name", "typename")),
        (definition(field("if")), ("name", "if")),
        (definition({"kind": "text", "label": text("a")}), ("name", "groups[0].fields[0]")),
        (definition(field("x", lable={})), ("unknown-key", "x.lable")),
        (definition(field("x", "text", rows=3)), ("unknown-key", "x.rows")),
        (definition({**field("x"), "label": {"zh_CN": "标签"}}), ("text", "x.label.en")),
        (definition({**field("x"), "label": {"en": "label"}}), ("text", "x.label.zh_CN")),
        (definition({**field("x"), "label": "标签"}), ("text", "x.label.en")),
        (definition(field("x", help={"zh_CN": "帮助", "en": " "})), ("text", "x.help.en")),
        (definition(field("x", required="yes")), ("shape", "x.required")),
        (definition(field("x", max_length=0)), ("shape", "x.max_length")),
        (definition(field("x", max_length=True)), ("shape", "x.max_length")),
        (definition(field("x", "number", min="1")), ("shape", "x.min")),
        (definition(field("x", "number", min=2, max=1)), ("bounds", "x.min")),
        (definition(field("x", "date", max="2026-02-30")), ("shape", "x.max")),
        (definition(field("x", "choice", choices=[])), ("empty", "x.choices")),
        (definition(field("x", "choice", choices=["a", "a"])), ("duplicate", "x.choices")),
        (definition(field("x", "choice", choices=[1])), ("shape", "x.choices[0]")),
        (definition(field("x", "files", accept="video")), ("shape", "x.accept")),
        (definition(field("x", "list", fields=[])), ("empty", "x")),
        (
            definition(field("x", "list", fields=[field("y", "list", fields=[field("z")])])),
            ("nested", "y"),
        ),
        (
            definition(field("x", "list", fields=[field("y"), field("y")])),
            ("duplicate", "x.y"),
        ),
        (definition(field("y"), field("x", "list", fields=[field("y")])), ("duplicate", "x.y")),
        (definition(field("x", sets="number")), ("sets", "x.sets")),
        (definition(field("x", "person", sets="title")), ("sets", "x.sets")),
        (definition(field("x", "number", sets="title")), ("sets", "x.sets")),
        (definition(field("x", sets="title"), field("y", sets="title")), ("sets", "y.sets")),
        (definition(field("x", show_when="y = 1")), ("unknown-field", "x.show_when")),
        (
            definition(field("x", required_when="case.level = 1")),
            ("unknown-field", "x.required_when"),
        ),
        (definition(field("x", show_when="x = 1")), ("circle", "groups")),
        (
            definition(field("x", show_when="y = 1"), field("y", show_when="x = 1")),
            ("circle", "groups"),
        ),
        (definition(field("x", show_when="((")), ("condition", "x.show_when")),
        (definition(field("x", show_when="zork(1)")), ("unknown-function", "x.show_when")),
        (definition(field("x", show_when=True)), ("condition", "x.show_when")),
        (definition(field("x"), rules=[rule("x = y")]), ("unknown-field", "rules[0].test")),
        (definition(field("x"), rules=[rule("true", "y")]), ("unknown-field", "rules[0].fields")),
        (definition(field("x"), rules=[{"message": text("a")}]), ("condition", "rules[0].test")),
        (definition(field("x"), rules="x"), ("shape", "rules")),
        (definition(field("x", "number", default="many")), ("default", "x.default")),
        (definition(field("x", "choice", default="z")), ("default", "x.default")),
        (definition(field("x"), shows="report"), ("shape", "shows")),
        (definition(field("x"), key="report"), ("key", "key")),
        (definition(field("x"), extra=1), ("unknown-key", "form.extra")),
        (definition(), ("empty", "groups")),
        ({"key": "a/b", "title": text("a"), "groups": [7]}, ("shape", "groups")),
        ({}, ("shape", "groups")),
        (definition(*(field(f"x{n}") for n in range(201))), ("too-many", "groups")),
    ],
)
def test_it_finds_a_mistake_and_names_its_place(data, expected):
    assert expected in findings(data)


def test_it_proposes_the_feel_spelling_for_a_python_condition():
    with pytest.raises(forms.BrokenForm) as caught:
        forms.load(definition(field("x"), field("y", show_when='x == "a"')))
    (found,) = caught.value.findings
    assert found.where == "y.show_when" and "=" in found.message.zh


def test_it_tells_all_mistakes_at_once():
    broken = definition(field("x", "telepathy"), field("Y"), field("z", show_when="q"), key="k")
    assert {rule for rule, _ in findings(broken)} == {
        "unknown-kind",
        "name",
        "unknown-field",
        "key",
    }


def test_it_accepts_a_condition_on_the_fields_of_rows():
    form = forms.load(
        definition(
            field("people", "list", fields=[field("role"), field("age", "number")]),
            field("why", show_when='count(people[role = "witness" and age > 3]) > 0'),
        )
    )
    people = [{"role": "witness", "age": 4}]
    assert form.clean({"people": people, "why": "b"}, today=TODAY)["why"] == "b"
    assert "why" not in form.clean({"people": [], "why": "b"}, today=TODAY)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[]",
        b'{"key": NaN}',
        b'{"key": "a/b", "key": "c/d"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * 600_000,
        "\ud800",
    ],
)
def test_it_refuses_a_file_that_is_no_clean_json(data):
    assert findings(data) == [("json", "")]


def test_it_reads_text_with_a_byte_order_mark():
    data = "\ufeff" + json.dumps(EVERY_KIND, ensure_ascii=False)
    assert forms.load(data.encode()).key == "ticket/report"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the way to every part of a JSON document."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            found.extend(places(inner, (*path, key)))
    return found


PLACES = places(EVERY_KIND)
junk = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([{}]) | st.just({})


@given(st.sampled_from(PLACES), junk)
def test_it_survives_any_part_replaced_by_anything(path, value):
    data = copy.deepcopy(EVERY_KIND)
    target = data
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    try:
        form = forms.load(data)
    except forms.BrokenForm as broken:
        assert broken.findings
    else:
        form.render({}, {}, "en", today=TODAY)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_loads_and_renders_every_form_that_ships(path):
    form = forms.load(path.read_bytes(), source=str(path))
    assert form.key == f"{path.parent.name}/{path.stem}"
    for locale in ("zh_CN", "en"):
        model = form.render(None, {}, locale, today=TODAY)
        assert model.title and all(f.label for group in model.groups for f in group.fields)
    try:
        form.clean({}, today=TODAY)
    except forms.InvalidAnswers as invalid:
        assert invalid.errors


def test_it_tells_when_a_case_is_confidential() -> None:
    """By a condition over the answers; one that names no question is found before it is used."""
    asks = {"name": "hide", "kind": "yes_no", "label": {"zh_CN": "保密", "en": "Hide"}}
    groups = [{"fields": [asks]}]
    title = {"zh_CN": "登记", "en": "Intake"}
    base = {"key": "a/b", "title": title, "groups": groups, "confidential_when": "hide = true"}
    form = forms.load(base)
    assert [form.confidential({"hide": one}, TODAY) for one in (True, False)] == [True, False]
    assert not form.confidential({}, TODAY)
    with pytest.raises(forms.BrokenForm):
        forms.load({**base, "confidential_when": "other = true"})
