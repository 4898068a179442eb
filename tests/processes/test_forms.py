"""Every shipped form can be filled in, whatever is chosen; what its rules refuse is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import forms
from forms import telling
from forms.definition import Field
from tests.processes.test_definitions import shipped_forms
from tests.processes.walk import PROCESSES, definition

TODAY = date(2026, 11, 20)
SAMPLES: dict[str, Any] = {
    "text": "村口小桥",
    "textarea": "桥面破损，行人不便。",
    "number": 7,
    "money": "1200.50",
    "date": TODAY.isoformat(),
    "time": "09:30",
    "duration": "2天3小时",
    "yes_no": "no",
    "phone": "13812345678",
    "resident_id": "11010519491231002X",
    "person": "张三",
    "address": "北街 12 号",
    "place": "620725101201",
    "unit": "620725-GAJ",
    "units": ["620725-GAJ", "620725-ZJJ"],
    "position": {"lat": 38.78, "lon": 101.09, "accuracy": 12},
    "files": ["1"],
    "rating": 4,
    "staff": "120976392764270262",
}
# Answers that a rule of the form refuses, with the field that says so.
REFUSED = {
    ("dispute/accept", "in_scope", False): "acceptance",
    ("dispute/assign", "recusal_checked", False): "recusal_checked",
    ("centre/register", "privacy_told", False): "privacy_told",
    ("centre/withdraw", "identity_checked", False): "identity_checked",
    ("hotline/intake", "request_kind", "举报"): "identity",
    ("hotline/intake", "identity", "匿名"): "call_back_wanted",
    ("hotline/intake", "caller_content", "不满意"): "caller_content",
    ("hotline/withdraw", "identity_checked", False): "identity_checked",
    ("ticket/withdraw", "safety_checked", False): "safety_checked",
}
YES = {"in_scope", "recusal_checked", "identity_checked", "safety_checked", "call_back_wanted"}
YES |= {"privacy_told", "spot_told", "applicant_agrees", "respondent_agrees"}


def sample(field: Field, number: int) -> Any:
    """A plausible answer to a question."""
    if field.kind == "choice":
        return field.choices[0].value
    if field.kind == "choices":
        return [choice.value for choice in field.choices]
    if field.kind == "datetime":
        return f"2026-11-20T{8 + number % 12:02}:00"
    if field.kind == "list":
        row = {inner.name: sample(inner, place) for place, inner in enumerate(field.fields)}
        return [row] * int(field.min or 1)
    if field.name in YES:
        return "yes"
    if field.name == telling.MAIL:
        return "wang@home.example"
    return SAMPLES[field.kind]


def filled(form: forms.Form, chosen: dict[str, Any]) -> dict[str, Any]:
    """All questions answered, some of them as chosen."""
    asked = [field for field in form.fields if field.kind != "note"]
    return {field.name: sample(field, number) for number, field in enumerate(asked)} | chosen


def variants(form: forms.Form) -> Iterator[tuple[str, Any]]:
    """Each answer that one can choose, one after the other."""
    for field in form.fields:
        if field.kind == "yes_no":
            yield from ((field.name, True), (field.name, False))
        elif field.kind == "choice":
            yield from ((field.name, choice.value) for choice in field.choices)


def all_forms() -> list[Any]:
    """Every shipped form, for one test each."""
    return [
        pytest.param(form, id=name)
        for key in PROCESSES
        for name, form in sorted(shipped_forms(key).items())
    ]


@pytest.mark.parametrize("form", all_forms())
def test_it_can_be_completed_whatever_is_chosen(form: forms.Form) -> None:
    for name, value in [("", None), *variants(form)]:
        if name == "caller_content" and value == "不满意":
            chosen = {name: value, "answered_now": True}
        else:
            chosen = {name: value} if name else {}
        refused = REFUSED.get((form.key, name, value))
        try:
            form.clean(filled(form, chosen), today=TODAY)
        except forms.InvalidAnswers as invalid:
            assert set(invalid.errors) == {refused}, (name, value, dict(invalid.errors))
        else:
            assert refused is None, (name, value)


@pytest.mark.parametrize("form", all_forms())
def test_it_asks_for_what_it_needs(form: forms.Form) -> None:
    required = {field.name for field in form.fields if field.required and not field.show_when}

    with pytest.raises(forms.InvalidAnswers) as raised:
        form.clean({}, today=TODAY)

    assert required <= set(raised.value.errors)


@pytest.mark.parametrize("key", PROCESSES)
def test_it_keeps_people_out_of_the_case_columns(key: str) -> None:
    for name, form in shipped_forms(key).items():
        assert form.personal.isdisjoint(form.sets.values()), name


@pytest.mark.parametrize("key", PROCESSES)
def test_its_opening_form_names_the_case(key: str) -> None:
    opens = definition(key).opens
    assert opens is not None

    sets = shipped_forms(key)[opens.form].sets

    assert {"title", "place", "category", "channel"} <= sets.keys()


def test_it_needs_two_departments_for_a_whistle() -> None:
    form = shipped_forms("ticket")["ticket/dispatch"]
    chosen = {"dispatch_mode": "中心吹哨", "called_units": ["620725-GAJ"]}

    with pytest.raises(forms.InvalidAnswers) as raised:
        form.clean(filled(form, chosen), today=TODAY)

    assert set(raised.value.errors) == {"called_units"}


def test_it_never_keeps_the_name_of_an_anonymous_caller() -> None:
    form = shipped_forms("hotline")["hotline/intake"]
    chosen = {"identity": "匿名", "call_back_wanted": "no"}

    clean = form.clean(filled(form, chosen), today=TODAY)

    assert clean.keys().isdisjoint({"caller_name", "caller_phone", "caller_id", "caller_address"})


def test_it_wants_two_parties_and_valid_identity_cards() -> None:
    form = shipped_forms("dispute")["dispute/apply"]
    party = {"side": "申请人", "party_name": "张三", "party_kind": "自然人"}
    party |= {"party_phone": "13812345678", "party_id": "110105194912310021"}

    with pytest.raises(forms.InvalidAnswers) as raised:
        form.clean(filled(form, {"parties": [party]}), today=TODAY)

    assert any(path.startswith("parties") for path in raised.value.errors)


def test_it_wants_the_agreement_in_the_dossier_of_a_settled_dispute() -> None:
    form = shipped_forms("dispute")["dispute/dossier"]
    parts = ["申请书或者受理登记表", "权利义务告知书", "身份材料", "调查笔录", "调解笔录", "封底"]

    with pytest.raises(forms.InvalidAnswers) as raised:
        form.clean(filled(form, {"outcome": "调解成功", "parts": parts}), today=TODAY)
    assert set(raised.value.errors) == {"parts"}

    assert form.clean(filled(form, {"outcome": "调解不成", "parts": parts}), today=TODAY)
