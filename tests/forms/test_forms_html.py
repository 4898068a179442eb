"""What a browser posts, and what a page gets to show."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

import forms
from feel import Text
from tests.forms.samples import TODAY, definition, field, text


def fields(model: forms.RenderModel) -> dict[str, forms.RenderField]:
    return {field.name: field for group in model.groups for field in group.fields}


def test_it_decodes_a_posted_form_and_leaves_out_what_it_does_not_know(every):
    posted = MultiDict(
        [
            ("csrf_token", "abc"),
            ("summary", " 积水 "),
            ("hurt", "no"),
            ("hurt", "yes"),
            ("signs", ""),
            ("signs", "a"),
            ("signs", "b"),
            ("photos", "17"),
            ("spot-lat", "38.7"),
            ("spot-lon", "101.0"),
            ("people-10-name", "李四"),
            ("people-2-name", "张三"),
            ("people-2-contact", ""),
            ("people-x-name", "nobody"),
            ("others-1-name", "nobody"),
        ]
    )
    assert every.from_html(posted) == {
        "summary": " 积水 ",
        "hurt": "yes",
        "signs": ["a", "b"],
        "photos": ["17"],
        "spot": {"lat": "38.7", "lon": "101.0"},
        "people": [{"name": "张三", "contact": ""}, {"name": "李四"}],
    }


def test_it_reads_plain_mappings_too(every):
    assert every.from_html({"summary": "a", "signs": ["b"]}) == {"summary": "a", "signs": ["b"]}


def test_it_tells_an_emptied_list_from_one_that_was_not_posted(every):
    assert every.from_html(MultiDict([("people", "")])) == {"people": []}
    assert "people" not in every.from_html(MultiDict([("summary", "a")]))


def test_it_takes_an_empty_position_for_none(every):
    posted = MultiDict([("spot-lat", ""), ("spot-lon", ""), ("spot-accuracy", "")])
    assert every.from_html(posted) == {"spot": None}


def test_it_adds_and_removes_rows_without_a_script(every):
    rows = [("people-0-name", "张三"), ("people-1-name", "李四")]
    added = every.reshape(MultiDict([*rows, ("people-add", "1")]))
    assert added["people"] == [{"name": "张三"}, {"name": "李四"}, {}]
    removed = every.reshape(MultiDict([*rows, ("people-remove", "0")]))
    assert removed["people"] == [{"name": "李四"}]
    for place in ("7", "-1", "x", "9" * 5000, "²"):
        kept = every.reshape(MultiDict([*rows, ("people-remove", place)]))
        assert kept["people"] == [{"name": "张三"}, {"name": "李四"}]
    assert every.reshape(MultiDict(rows)) is None


def test_it_begins_a_list_with_as_many_rows_as_must_be_answered():
    """Two parties are two blank rows; what was typed is shown as it is, and an option stays one."""
    for more, given, shown in (
        ({"required": True, "min": 2}, None, 2),
        ({"required": True, "min": 2}, [{"name": "张三"}], 1),
        ({"required": True}, None, 1),
        ({"min": 2}, None, 1),
    ):
        form = forms.load(definition(field("people", "list", fields=[field("name")], **more)))
        people = fields(form.render({"people": given} if given else {}))["people"]
        assert len(people.rows) == shown, more


def test_it_survives_a_post_of_thousands_of_rows(every):
    posted = MultiDict([(f"people-{n}-name", "x") for n in range(30_000)])
    with pytest.raises(forms.InvalidAnswers):
        every.clean(every.from_html(posted), today=TODAY)


def test_it_posts_and_renders_a_whole_round(every):
    answers = every.from_html(
        MultiDict([("summary", "积水"), ("hurt", "yes"), ("people-0-name", ""), ("begun", "soon")])
    )
    with pytest.raises(forms.InvalidAnswers) as caught:
        every.clean(answers, today=TODAY)
    shown = fields(every.render(answers, caught.value.errors, "en", today=TODAY))

    assert shown["summary"].value == "积水" and shown["summary"].errors == ()
    assert [choice.selected for choice in shown["hurt"].choices] == [True, False]
    assert shown["wound"].visible and shown["wound"].mandatory and not shown["wound"].required
    assert shown["wound"].errors == ("please fill in: label wound",)
    assert shown["wound"].show_when == "hurt = true"
    assert not shown["hospital"].visible
    assert shown["begun"].value == "soon"


def test_it_keeps_a_mistyped_date_visible_in_its_control(every):
    right = fields(every.render({"begun": "2026-11-01"}, {}, today=TODAY))["begun"]
    wrong = fields(every.render({"begun": "11月1日"}, {}, today=TODAY))["begun"]
    assert right.attributes["type"] == "date" and right.attributes["max"] == "2026-11-22"
    assert "type" not in wrong.attributes and wrong.value == "11月1日"


def test_it_names_the_row_and_the_question_in_the_summary_of_errors(every):
    answers = {"summary": "a", "people": [{"name": "张三"}, {"contact": "1"}]}
    with pytest.raises(forms.InvalidAnswers) as caught:
        every.clean(answers, today=TODAY)
    model = every.render(answers, caught.value.errors, "zh_CN", today=TODAY)
    assert [(error.target, error.label) for error in model.errors] == [
        ("field-people-1-name", "标签people 2 · 标签name"),
        ("field-people-1-contact", "标签people 2 · 标签contact"),
    ]
    rows = fields(model)["people"].rows
    assert rows[1].fields[1].value == "1" and rows[1].fields[1].errors
    assert rows[1].fields[1].id == "field-people-1-contact"


def test_it_judges_what_a_row_shows_by_the_row(every):
    people = [{"name": "a", "minor": "yes"}, {"name": "b", "minor": "no"}]
    rows = fields(every.render({"people": people}, {}))["people"].rows
    assert [row.fields[3].visible for row in rows] == [True, False]


def test_it_offers_one_empty_row_and_a_pattern_for_more(every):
    people = fields(every.render(None, {}))["people"]
    assert [row.number for row in people.rows] == ["0"]
    assert people.blank_row.fields[0].name == f"people-{forms.BLANK_ROW}-name"


def test_it_begins_with_the_defaults_and_never_brings_them_back(every):
    form = forms.load(
        definition(field("channel", "choice", default="b"), field("copies", "number", default=2))
    )
    fresh = fields(form.render(None, {}))
    assert fresh["copies"].value == "2"
    assert [choice.selected for choice in fresh["channel"].choices] == [False, True, False]
    emptied = fields(form.render({"copies": "", "channel": "a"}, {}))
    assert emptied["copies"].value == ""


def test_it_shows_stored_answers_as_they_would_be_typed(every):
    clean = every.clean(
        {
            "summary": "a",
            "weight": "0.000001",
            "amount": "1200.50",
            "hurt": "no",
            "signs": ["a"],
            "spot": "38.7,101.0,5",
            "photos": ["17"],
            "stars": "3",
            "met": "2026-11-01 09:05",
        },
        today=TODAY,
    )
    shown = fields(every.render(clean, {}, today=TODAY))
    assert shown["weight"].value == "0.000001"
    assert shown["amount"].value == "1200.5"
    assert shown["hurt"].value == "no"
    assert shown["signs"].value == ("a",)
    assert shown["spot"].value == {"lat": "38.7", "lon": "101", "accuracy": "5"}
    assert shown["photos"].value == ("17",)
    assert shown["met"].value == "2026-11-01T09:05"
    assert [choice.value for choice in shown["stars"].choices if choice.selected] == ["3"]


def test_it_speaks_one_language_at_a_time(every):
    errors = {"summary": (Text("太短", "too short"),)}
    english = every.render(None, errors, "en")
    chinese = every.render(None, errors, "zh_CN")
    assert (english.title, chinese.title) == ("Report", "上报")
    assert english.groups[0].title == "Basics"
    assert fields(english)["summary"].errors == ("too short",)
    assert fields(chinese)["summary"].errors == ("太短",)


def test_it_shows_notes_and_bounds_and_hints_for_the_keyboard(every):
    shown = fields(every.render(None, {}, "zh_CN", today=TODAY))
    note = next(field for field in shown.values() if field.kind == "note")
    assert note.label == "请如实填写"
    assert shown["story"].attributes == {"maxlength": "5000", "rows": "8"}
    assert shown["photos"].attributes == {"accept": "image/*"}
    assert shown["phone"].attributes["type"] == "tel"
    assert shown["count"].attributes["min"] == "0"
    assert shown["caller"].attributes["autocomplete"] == "off"


def test_it_hides_a_group_of_which_nothing_is_asked():
    data = definition(field("hurt", "yes_no"))
    data["groups"].append(
        {"title": text("伤情", "Injury"), "fields": [field("wound", show_when="hurt")]}
    )
    form = forms.load(data)
    assert [group.visible for group in form.render({"hurt": "no"}, {}).groups] == [True, False]
    assert [group.visible for group in form.render({"hurt": "yes"}, {}).groups] == [True, True]
