"""The mapping language: lists of people, days, amounts, and what a bad mapping is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

import forms
from engine import intake
from engine.intake.answers import fitted
from tests.forms.samples import definition, field

PARTIES = [
    {"side": "申请人", "name": "{甲}", "phone": {"from": "{甲电话}", "default": "未登记"}},
    {"side": "被申请人", "name": "{乙}", "phone": {"from": "{乙电话}"}},
]


def load(**answers: Any) -> intake.Mapping:
    """A mapping with these answers and the least of everything else."""
    given = {"source": "{编号}", "place": {"fallback": "620725-ZZ"}, "answers": answers}
    return intake.Mapping.load(json.dumps(given).encode())


def test_it_makes_an_entry_of_each_group_of_columns() -> None:
    """Constants, templates and defaults work in an entry as they do outside of one."""
    row = {"甲": "张甲一", "甲电话": "", "乙": "李乙一", "乙电话": "１３９０００００００２"}
    assert load(parties=PARTIES).answers["parties"].of(row) == [
        {"side": "申请人", "name": "张甲一", "phone": "未登记"},
        {"side": "被申请人", "name": "李乙一", "phone": "１３９０００００００２"},
    ]


def test_an_entry_gets_the_forms_defaults_but_no_day_of_the_import() -> None:
    """What a date begins with on the screen says nothing of a row of a table."""
    kind = field("kind", "choice", choices=["person", "firm"], default="person")
    joined = field("joined", "date", default="today")
    begun = field("begun", "date", default="today")
    party = field("people", "list", fields=[field("name"), kind, joined])
    form = forms.load(definition(party, begun))
    found = fitted(form, {"people": [{"name": "张三"}, {"name": "李四", "joined": "2026-01-02"}]})
    assert found == {
        "people": [
            {"kind": "person", "name": "张三"},
            {"kind": "person", "name": "李四", "joined": "2026-01-02"},
        ]
    }


def test_it_leaves_out_an_entry_whose_columns_are_empty() -> None:
    """Its constants and defaults alone are nobody; all of them empty make an empty list."""
    parties = load(parties=PARTIES).answers["parties"]
    assert [one["side"] for one in parties.of({"甲": "张甲一", "乙": " 　"})] == ["申请人"]
    assert parties.of({}) == []


def test_it_keeps_a_phone_without_a_name() -> None:
    """The form refuses it with a reason; left out here, it would be lost in silence."""
    parties = load(parties=PARTIES).answers["parties"]
    assert parties.of({"乙电话": "13900000002"})[0]["name"] is None


def test_it_asks_the_file_for_the_columns_of_the_entries() -> None:
    """A file without them is refused before its first row."""
    assert load(parties=PARTIES).columns() == {"编号", "甲", "甲电话", "乙", "乙电话"}


def test_it_takes_a_list_of_plain_values_as_it_stands() -> None:
    """Such as the choices of a field with several."""
    assert load(kinds=["a", "b"]).answers["kinds"].of({}) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [("１．２万元", 12000), ("无", 0), ("", -1), ("3,000.5元", 3000.5)],
)
def test_it_translates_first_then_reads_then_takes_the_default(text: str, answer: Any) -> None:
    """What is translated need not be an amount."""
    amount = load(amount={"from": "{金额}", "as": "yuan", "values": {"无": 0}, "default": -1})
    assert amount.answers["amount"].of({"金额": text}) == answer


def test_it_reads_a_day_where_the_mapping_says_so() -> None:
    """Excel's day number and a moment behind midnight are days of the mapping's zone."""
    day = load(day={"from": "{日期}", "as": "date"}).answers["day"]
    assert day.of({"日期": "46310"}) == "2026-10-15"
    assert day.of({"日期": "2026年9月1日 上午0时5分"}) == "2026-09-01"
    assert day.of({"日期": "2026-08-31T18:00:00Z"}) == "2026-09-01"
    assert day.of({}) is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([{"name": "{甲}"}, "x"], "answers.x[1]"),
        ([{"side": "申请人"}], "answers.x[0]"),
        ([{"name": [{"from": "{甲}"}]}], "answers.x[0].name"),
        ([{"name": {"form": "{甲}"}}], "answers.x[0].name"),
        ({"from": "{甲}", "as": "dollars"}, "answers.x.as"),
        ({"from": "{甲}", "as": ["date"]}, "answers.x.as"),
        ({"from": ["{甲}"]}, "answers.x"),
        ({"from": "{甲}", "values": ["是"]}, "answers.x"),
        ({"from": "{甲}", "cut": "60"}, "answers.x.cut"),
        (None, "answers.x"),
    ],
)
def test_it_names_the_part_that_is_wrong(answer: Any, said: str) -> None:
    """In both languages, before a row is read."""
    with pytest.raises(intake.BadMapping) as refused:
        load(x=answer)
    assert said in refused.value.text.zh and said in refused.value.text.en


def test_it_wants_an_object_of_answers() -> None:
    """A list there names no fields."""
    with pytest.raises(intake.BadMapping, match="answers"):
        intake.Mapping.load(b'{"source": "{a}", "answers": ["x"]}')
