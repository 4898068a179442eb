"""Whole forms: what is asked, what is missing, what fits together."""

from __future__ import annotations

import pytest

import forms
from tests.forms.samples import TODAY, definition, field, text


def errors(form: forms.Form, answers: dict) -> dict[str, list[str]]:
    with pytest.raises(forms.InvalidAnswers) as caught:
        form.clean(answers, today=TODAY)
    assert caught.value.typed_answers is answers
    return {path: [said.en for said in texts] for path, texts in caught.value.errors.items()}


def test_it_cleans_a_whole_form_and_leaves_out_what_was_not_answered(every):
    clean = every.clean(
        {
            "summary": " 道路积水 ",
            "amount": "１２，000元",
            "begun": "2026年11月1日",
            "ended": "2026/11/2",
            "hurt": "no",
            "story": "",
            "people": [{"name": "张 三", "contact": "138 1234 5678"}, {"name": "", "contact": " "}],
            "csrf_token": "not ours",
        },
        today=TODAY,
    )
    assert clean == {
        "summary": "道路积水",
        "amount": 12000,
        "begun": "2026-11-01",
        "ended": "2026-11-02",
        "hurt": False,
        "people": [{"name": "张三", "contact": "13812345678"}],
    }


def test_it_names_every_missing_and_wrong_answer_at_once(every):
    found = errors(every, {"amount": "many", "begun": "2026-11-23", "phone": "1"})
    assert found == {
        "summary": ["please fill in: label summary"],
        "amount": ["please give a number, such as 20000 or 3.5"],
        "begun": ["not after 2026-11-22"],
        "phone": ["a mobile number has 11 digits and begins with 13 to 19 (this has 1)"],
    }


def test_it_drops_the_answer_of_a_field_that_is_not_asked_even_a_wrong_one():
    form = forms.load(
        definition(field("hurt", "yes_no"), field("doses", "number", show_when="hurt"))
    )
    assert form.clean({"hurt": "no", "doses": "many"}, today=TODAY) == {"hurt": False}
    assert "doses" in errors(form, {"hurt": "yes", "doses": "many"})


def test_it_hides_what_hangs_on_a_hidden_answer_in_whatever_order_they_stand():
    form = forms.load(
        definition(
            field("third", show_when='second = "yes"', required=True),
            field("second", show_when="first = true"),
            field("first", "yes_no"),
        )
    )
    answers = {"first": "no", "second": "yes", "third": "secret"}
    assert form.clean(answers, today=TODAY) == {"first": False}
    assert form.clean({**answers, "first": "yes"}, today=TODAY) == {
        "third": "secret",
        "second": "yes",
        "first": True,
    }


def test_it_requires_an_answer_when_its_condition_says_so_and_only_then():
    form = forms.load(
        definition(
            field("result", "choice", choices=["done", "refused"]),
            field("reason", "textarea", required_when='result = "refused"'),
        )
    )
    assert form.clean({"result": "done"}, today=TODAY) == {"result": "done"}
    assert errors(form, {"result": "refused"}) == {"reason": ["please fill in: label reason"]}


def test_it_does_not_ask_for_a_required_answer_it_does_not_show(every):
    assert every.clean({"summary": "a"}, today=TODAY) == {"summary": "a"}
    assert "wound" in errors(every, {"summary": "a", "hurt": "yes"})


def test_it_judges_the_conditions_of_a_row_by_the_row_and_the_form_around_it(every):
    row = {"name": "李四", "minor": "yes"}
    assert every.clean({"summary": "a", "people": [row]}, today=TODAY)["people"] == [
        {"name": "李四", "minor": True}
    ]
    hurt = {"summary": "a", "hurt": "yes", "wound": "擦伤"}
    assert errors(every, {**hurt, "people": [{"name": "王五"}, row]}) == {
        "people-1-guardian": ["please fill in: label guardian"]
    }
    grown = {"name": "李四", "minor": "no", "guardian": "不该有"}
    assert every.clean({**hurt, "people": [grown]}, today=TODAY)["people"] == [
        {"name": "李四", "minor": False}
    ]


def test_it_counts_rows_without_the_empty_ones_and_keeps_their_typed_places(every):
    blank = {"name": "", "contact": ""}
    three = [{"name": f"人{n}"} for n in "甲乙丙"]
    assert len(every.clean({"summary": "a", "people": [blank, *three]}, today=TODAY)["people"]) == 3
    assert errors(every, {"summary": "a", "people": [*three, {"name": "丁"}]}) == {
        "people": ["at most 3"]
    }
    assert errors(every, {"summary": "a", "people": [blank, {"contact": "1"}]}).keys() == {
        "people-1-name",
        "people-1-contact",
    }
    assert errors(every, {"summary": "a", "people": "张三"}) == {
        "people": ["this should be a list"]
    }
    assert errors(every, {"summary": "a", "people": ["张三"]}) == {
        "people-0": ["this row cannot be read"]
    }


def test_it_requires_at_least_one_row_of_a_required_list():
    form = forms.load(definition(field("people", "list", required=True, fields=[field("name")])))
    wanted = {"people": ["please add at least one of: label people"]}
    assert errors(form, {}) == wanted
    assert errors(form, {"people": [{"name": " "}, {}]}) == wanted


def test_it_says_at_once_how_many_rows_a_list_wants():
    """Whoever has none is not asked for one and then, having added it, for two."""
    pairs = field("people", "list", required=True, min=2, fields=[field("name")])
    form = forms.load(definition(pairs))
    assert errors(form, {}) == {"people": ["please add at least 2: label people"]}
    assert errors(form, {"people": [{"name": "张三"}]}) == {"people": ["at least 2 needed"]}


def test_it_holds_dates_in_order_and_says_so_at_the_field_that_the_rule_names(every):
    answers = {"summary": "a", "begun": "2026-11-02", "ended": "2026-11-01"}
    assert errors(every, answers) == {"ended": ["the end comes before the beginning"]}
    # A missing answer breaks no rule, and a wrong one is complained about once.
    assert every.clean({"summary": "a", "ended": "2026-11-01"}, today=TODAY)
    assert errors(every, {**answers, "begun": "soon"}).keys() == {"begun"}
    assert errors(every, {**answers, "begun": "2026-11-23"}) == {"begun": ["not after 2026-11-22"]}


def test_it_compares_numbers_and_lists_in_rules_as_what_they_are():
    rule = {"message": text("不对", "does not add up"), "fields": []}
    form = forms.load(
        definition(
            field("paid", "money"),
            field("owed", "money"),
            field("people", "list", fields=[field("role", "choice"), field("share", "number")]),
            rules=[
                {**rule, "test": "paid <= owed"},
                {**rule, "test": "sum(people.share) <= 1"},
                {**rule, "test": 'count(people[role = "a"]) <= 1'},
            ],
        )
    )
    shares = [{"role": "a", "share": "0.1"}, {"role": "b", "share": "0.2"}]
    assert form.clean({"paid": "9.9", "owed": "10", "people": shares}, today=TODAY)
    wrong = {"": ["does not add up"]}
    assert errors(form, {"paid": "10.10", "owed": "10.09"}) == wrong
    assert errors(form, {"people": [*shares, {"role": "b", "share": 0.71}]}) == wrong
    assert errors(form, {"people": [*shares, {"role": "a"}]}) == wrong


def test_it_knows_what_day_it_is_only_from_its_caller():
    form = forms.load(
        definition(
            field("born", "date"),
            rules=[
                {
                    "test": "born <= today and born <= today()",
                    "message": text("在将来", "in the future"),
                    "fields": ["born"],
                }
            ],
        )
    )
    assert form.clean({"born": "2026-11-22"}, today=TODAY)
    assert errors(form, {"born": "2026-11-23"}) == {"born": ["in the future"]}


def test_it_refuses_answers_that_a_rule_cannot_judge():
    form = forms.load(
        definition(
            field("x", "textarea", max_length=20000),
            field("n", "number"),
            rules=[
                {
                    "test": "count(for i in 1..n return i) > 0",
                    "message": text("太多", "too many"),
                    "fields": ["n"],
                }
            ],
        )
    )
    assert form.clean({"n": "3"}, today=TODAY) == {"n": 3}
    assert errors(form, {"n": "99999999999"}) == {"n": ["too many"]}


def test_it_gives_the_engine_every_field_so_that_no_old_answer_lingers(every):
    variables = every.variables(every.clean({"summary": "a"}, today=TODAY))
    assert variables["summary"] == "a"
    assert variables["hurt"] is None
    assert variables.keys() == every.names


def test_it_tells_personal_answers_and_case_columns_apart(every):
    assert every.personal == {"phone", "id_no", "caller", "home", "people"}
    assert every.sets == {"title": "summary", "category": "category", "place": "place"}
    open_form = forms.load(definition(field("desk", "phone", personal=False)))
    assert open_form.personal == frozenset()


def test_it_never_puts_answers_into_the_message_of_its_exception(every):
    with pytest.raises(forms.InvalidAnswers) as caught:
        every.clean({"phone": "13812345678999"}, today=TODAY)
    assert "1381234" not in str(caught.value)


def test_it_says_clean_answers_in_words(every):
    clean = every.clean(
        {
            "summary": "积水",
            "amount": "12000.5",
            "begun": "2026-11-01",
            "met": "2026-11-01 09:05",
            "hurt": "no",
            "signs": ["a", "b"],
            "place": "620725",
            "phone": "13812345678",
            "stars": 4,
            "people": [{"name": "张三"}],
        },
        today=TODAY,
    )
    said = {one.name: one for one in every.say(clean)}
    assert said["amount"].words == "12,000.50 元"
    assert said["begun"].words == "2026年11月1日"
    assert said["met"].words == "2026年11月1日 09:05"
    assert said["hurt"].words == "否"
    assert said["signs"].words == "选项a、选项b"
    assert (said["place"].words, said["place"].value) == ("", "620725")
    assert said["phone"].personal and not said["hurt"].personal
    assert said["people"].rows[0][0].words == "张三"
    order = "summary amount begun met hurt signs phone place people stars"
    assert " ".join(said) == order
    english = {one.name: one.words for one in every.say(clean, "en")}
    assert english["hurt"] == "no" and english["signs"] == "option a, option b"
