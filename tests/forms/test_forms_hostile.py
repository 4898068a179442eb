"""Answers that nobody typed by accident: refused in words, never with a crash."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import forms
from forms.characters import storable
from tests.cost import within
from tests.forms.samples import EVERY_KIND, TODAY, definition, field

FORM = forms.load(EVERY_KIND)

characters = st.characters() | st.sampled_from(
    "\x00\x1b\ud800\udfff\u202e\uffff\u200b０１２元年月日"
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(characters, max_size=30)
    | st.from_regex(r"[0-9]{1,19}[年月X:,.\-]?[0-9]{0,4}")
    | st.dates().map(str)
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "lat", "lon", "contact", "x"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)
answers = st.dictionaries(
    st.sampled_from([f.name for f in FORM.fields]) | st.text(max_size=5), trees, max_size=8
)

likely = st.fixed_dictionaries(
    {"summary": st.text(st.sampled_from("道路积水 a1\u3000\ne\u0301"), max_size=12)},
    optional={
        "story": st.text(characters, max_size=20),
        "weight": st.decimals(-999, 999, places=3).map(str) | st.floats(-1e6, 1e6),
        "amount": st.floats(0, 1e9).map(lambda number: round(number, 2)),
        "begun": st.dates().map(str),
        "met": st.datetimes().map(str),
        "hurt": st.sampled_from(["yes", "no", True, "是", ""]),
        "caller": st.text(st.sampled_from("张三 ·•\u3000aü\u0308"), max_size=8),
        "phone": st.from_regex(
            r"(\+86 ?)?1[3-9][0-9]{9}|0936-?2[0-9]{6}(转[0-9]{1,3})?", fullmatch=True
        ),
        "spot": st.fixed_dictionaries({"lat": st.floats(-90, 90), "lon": st.floats(-180, 180)}),
        "photos": st.lists(st.integers(0, 2**63) | st.text(max_size=3), max_size=4),
        "people": st.lists(
            st.fixed_dictionaries({"name": st.text(max_size=4), "minor": st.booleans()}), max_size=4
        ),
    },
)


@given(answers | likely)
def test_it_refuses_only_with_reasons_and_gives_only_json(answers):
    try:
        clean = FORM.clean(answers, today=TODAY)
    except forms.InvalidAnswers as invalid:
        assert (
            invalid.errors and invalid.typed_answers == answers or invalid.typed_answers is answers
        )
        assert all(text.zh and text.en for texts in invalid.errors.values() for text in texts)
    else:
        assert json.loads(json.dumps(clean, allow_nan=False, ensure_ascii=False)) == clean
        json.dumps(clean, ensure_ascii=False).encode("utf-8")


@given(likely)
def test_it_gives_the_same_when_it_cleans_its_own_result(answers):
    try:
        clean = FORM.clean(answers, today=TODAY)
    except forms.InvalidAnswers:
        return
    again = FORM.clean(clean, today=TODAY)
    assert again == clean
    assert json.dumps(again) == json.dumps(clean)


@given(answers | likely)
def test_it_renders_whatever_was_typed(answers):
    try:
        FORM.clean(answers, today=TODAY)
        errors = {}
    except forms.InvalidAnswers as invalid:
        errors = invalid.errors
    for locale in ("zh_CN", "en"):
        model = FORM.render(answers, errors, locale, today=TODAY)
        repr(model).encode("utf-8")
        assert len(model.errors) == sum(len(texts) for texts in errors.values())


@given(
    st.dictionaries(st.sampled_from(["summary", "story", "phone", "home"]), st.text(), min_size=1)
)
def test_it_shows_back_exactly_what_was_typed(answers):
    model = FORM.render(answers, {}, "zh_CN")
    shown = {field.name: field.value for group in model.groups for field in group.fields}
    for name, typed in answers.items():
        assert shown[name] == typed.replace("\x00", "\ufffd")


def deep(levels: int) -> object:
    value: object = "bottom"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("people", [{"name": "张三"}] * 100_000),
        ("photos", list(range(100_000))),
        ("unknown", list(range(100_000))),
        ("story", "长" * 5_000_000),
        ("spot", deep(50)),
        ("summary", deep(5_000)),
        ("people", [{str(n): n for n in range(30_000)}]),
        ("weight", 10**5000),
        ("amount", "9" * 1_000_000),
        ("begun", "2" * 1_000_000),
        ("phone", "1" * 1_000_000),
        ("id_no", "1" * 1_000_000),
        ("caller", "张" * 1_000_000),
        ("stars", 1e308),
    ],
    ids=lambda part: part if isinstance(part, str) and len(part) < 20 else "flood",
)
def test_it_refuses_floods_quickly_and_keeps_what_was_sent(name, value):
    answers = {"summary": "a", name: value}
    with within(10), pytest.raises(forms.InvalidAnswers) as caught:
        FORM.clean(answers, today=TODAY)
    assert caught.value.typed_answers is answers
    FORM.render(answers, caught.value.errors, "zh_CN", today=TODAY)


@pytest.mark.parametrize("answers", [None, [], "summary=a", 7, True])
def test_it_refuses_what_is_not_a_form_at_all(answers):
    with pytest.raises(forms.InvalidAnswers) as caught:
        FORM.clean(answers, today=TODAY)
    assert caught.value.errors[""][0].zh == "提交的内容不是一份表单"


def test_it_does_not_run_wild_on_a_text_made_to_slow_a_pattern_down():
    form = forms.load(definition(field("x", "phone"), field("y", "person", max_length=20000)))
    with within(10), pytest.raises(forms.InvalidAnswers):
        form.clean({"x": "转" * 190 + "x", "y": " " * 19_000 + "1"}, today=TODAY)


def test_it_makes_any_text_fit_for_a_page():
    assert storable("a\ud800b\x00c😀") == "a\ufffdb\ufffdc😀"
    assert storable("正常文字") == "正常文字"
