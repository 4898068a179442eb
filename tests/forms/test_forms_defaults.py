"""What forms and new rows begin with, rows that nobody touched, dates that begin with today."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict

import forms
from tests.forms.samples import TODAY, definition, field

NOW = datetime(2026, 11, 22, 9, 5, 59, tzinfo=ZoneInfo("Asia/Shanghai"))
KIND = field("kind", "choice", choices=["person", "firm"], default="person", required=True)
PARTY = [
    field("name", "person", required=True),
    KIND,
    field("paper", "text", show_when='kind = "person"'),
    field("minor", "yes_no", show_when='kind = "person"', default=False),
    field("share", "number", default=50),
    field("joined", "date", default="today"),
    field("met", "datetime", default="today"),
]


def parties(**more: Any) -> forms.Form:
    return forms.load(
        definition(
            field("people", "list", fields=PARTY, **more),
            field("several", show_when="count(people) > 0"),
        )
    )


def shown(form: forms.Form, answers: Any = None) -> dict[str, forms.RenderField]:
    model = form.render(answers, {}, today=TODAY, now=NOW)
    return {one.name: one for group in model.groups for one in group.fields}


def posted(rows: tuple[forms.RenderRow, ...]) -> MultiDict[str, str]:
    """What a browser sends of rows as they are shown."""
    found: MultiDict[str, str] = MultiDict()
    for one in (one for row in rows for one in row.fields):
        if one.choices:
            for choice in one.choices:
                if choice.selected:
                    found.add(one.name, choice.value)
        else:
            found.add(one.name, one.value)
    return found


def test_a_new_row_begins_with_its_defaults_and_shows_what_they_ask_for():
    form = parties(required=True, min=2)
    first = shown(form)["people"]
    added = form.reshape(MultiDict([*posted(first.rows).items(multi=True), ("people-add", "1")]))
    again = shown(form, added)["people"]
    assert [len(first.rows), len(again.rows)] == [2, 3]
    for row in (*first.rows, *again.rows, first.blank_row):
        name, kind, paper, minor, share, joined, met = row.fields
        assert [choice.value for choice in kind.choices if choice.selected] == ["person"]
        assert [choice.value for choice in minor.choices if choice.selected] == ["no"]
        assert (name.value, share.value) == ("", "50")
        assert (joined.value, met.value) == ("2026-11-22", "2026-11-22T09:05")
        assert paper.visible and minor.visible
        assert [one.begins for one in row.fields] == [
            (), ("person",), (), ("no",), ("50",), ("2026-11-22",), ("2026-11-22T09:05",),
        ]  # fmt: skip


def test_a_row_that_somebody_emptied_stays_empty():
    typed = {"people": [{"name": "", "share": ""}]}
    assert shown(parties(), typed)["people"].rows[0].fields[4].value == ""


def test_an_untouched_row_is_no_row():
    form = parties(max=1)
    answers = form.from_html(posted(shown(form)["people"].rows))
    assert len(answers["people"][0]) > 4
    assert form.clean(answers, today=TODAY) == {}
    assert not shown(form, answers)["several"].visible
    # Nor does it count against the most, or lose the place of the row behind it.
    second = {"name": "李四", "kind": "firm"}
    both = {"people": [*answers["people"], second], "several": "a"}
    assert form.clean(both, today=TODAY) == {"people": [second], "several": "a"}
    with pytest.raises(forms.InvalidAnswers) as caught:
        form.clean({"people": [*answers["people"], {"kind": "firm"}]}, today=TODAY)
    assert list(caught.value.errors) == ["people-1-name"]


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "firm"},
        {"minor": "yes"},
        {"share": "51"},
        {"joined": "2026-11-21"},
        {"met": "2026-11-21T09:05"},
        {"paper": "a"},
        {"share": "many"},
        {"kind": "nothing"},
    ],
)
def test_a_row_in_which_anything_was_changed_is_one(typed: dict[str, str]):
    form = parties()
    (row,) = form.from_html(posted(shown(form)["people"].rows))["people"]
    assert form.clean({"people": [{**row, "met": "2026-11-22 23:59"}]}, today=TODAY) == {}
    # Nor is it told that there is no row beside what is wrong in it.
    with pytest.raises(forms.InvalidAnswers) as caught:
        parties(required=True).clean({"people": [{**row, **typed}]}, today=TODAY)
    assert "people-0-name" in caught.value.errors
    assert "people" not in caught.value.errors


def test_cleaning_again_gives_the_same_where_only_defaults_are_left():
    """What was typed into a field that is not asked is dropped, and with it the row."""
    hidden = field("firm", show_when='kind = "firm"')
    form = forms.load(definition(field("people", "list", fields=[KIND, hidden])))
    clean = form.clean({"people": [{"kind": "person", "firm": "a"}]}, today=TODAY)
    assert clean.get("people", []) == []
    assert form.clean(clean, today=TODAY).get("people", []) == []


def test_a_list_needs_a_field_without_a_default():
    with pytest.raises(forms.BrokenForm) as caught:
        forms.load(definition(field("people", "list", fields=[KIND, field("n", "note")])))
    (finding,) = caught.value.findings
    assert (finding.rule, finding.where) == ("default", "people")


def test_dates_begin_with_the_day_of_opening():
    form = forms.load(
        definition(
            field("begun", "date", default="today", max="today"),
            field("met", "datetime", default="today", min="today"),
            field("word", default="today"),
        )
    )
    assert form.defaults(today=TODAY, now=NOW) == {
        "begun": "2026-11-22", "met": "2026-11-22T09:05", "word": "today",
    }  # fmt: skip
    assert form.defaults() == {"word": "today"}
    for day in (TODAY, TODAY + timedelta(days=400)):
        begun = form.defaults(today=day)
        assert form.clean(begun, today=day) == begun
    assert shown(form)["begun"].value == "2026-11-22"
    assert shown(form)["met"].value == "2026-11-22T09:05"
    assert shown(form, {"begun": "", "word": "a"})["begun"].value == ""


@pytest.mark.parametrize("default", ["tomorrow", "Today", ""])
def test_no_other_word_is_a_day(default: str):
    with pytest.raises(forms.BrokenForm):
        forms.load(definition(field("begun", "date", default=default)))


def test_a_day_that_is_not_known_is_left_empty():
    form = forms.load(definition(field("begun", "date", default="today")))
    model = form.render(None, {})
    assert model.groups[0].fields[0].value == ""
    assert form.defaults(today=date(2027, 1, 1)) == {"begun": "2027-01-01"}
