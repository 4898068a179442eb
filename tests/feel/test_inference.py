"""What an expression can come to, and what in it never comes to anything."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feel import FeelError, Months, compile_expression, compile_tests
from feel.frame import Frame
from feel.inference import infer, infer_tests
from feel.kinds import ANYTHING, parse_kind, reader, simple
from feel.limits import LENIENT
from feel.values import kind_of

KINDS = {
    "begun": "date", "at": "date and time", "clock": "time", "waited": "days and time duration",
    "term": "years and months duration", "amount": "number", "title": "string", "urgent": "boolean",
    "tags": "list<string>", "people": "list<context<name: string, born: date>>",
    "place": "context<lat: number, seen: date>", "days": "list<date>", "spell": "date|string",
}  # fmt: skip
VARIABLES = {name: parse_kind(text) for name, text in KINDS.items()}
VALUES = {
    "begun": date(2026, 11, 30), "at": datetime(2026, 11, 30, 23, 30), "clock": time(8),
    "waited": timedelta(days=3), "term": Months(5), "amount": 7, "title": "土地", "urgent": True,
    "tags": ["急"], "people": [{"name": "甲", "born": date(2000, 1, 1)}],
    "place": {"lat": 1, "seen": date(2026, 1, 1)}, "days": [date(2026, 1, 1)],
    "spell": "2026", "free": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('begun + @"P3D"', "date"), ("at - at", "days and time duration"),
        ("begun.month", "number"),
        ("at + term", "date and time"), ("term * 2", "years and months duration"),
        ("waited / waited", "number"), ("people.born", "list<date>"), ("people[1].born", "date"),
        ('people[name = "甲"]', "list<context<born: date, name: string>>"),
        ("for p in people return p.born", "list<date>"), ("date(at)", "date"),
        ("if urgent then begun else null", "date|null"), ("if urgent then begun else title",
         "date|string"), ("some d in days satisfies d > begun", "boolean"), ("max(days)", "date"),
        ("sort(days)", "list<date>"), ("{a: begun, b: a}", "context<a: date, b: date>"),
        ("place.seen", "date"), ('title + "x"', "string"),
        ("[begun, at]", "list<date|date and time>"),
        ("free", "Any"), ("free + 1", "number"), ('free + @"P1D"',
         "date|date and time|days and time duration|time"), ("unknown(begun)", "Any"),
        ("begun in [begun..begun]", "boolean"), ("day of week(begun)", "string"),
        ("days[item > begun]", "list<date>"), ("count(days)", "number"), ("days[amount]", "date"),
    ],
)  # fmt: skip
def test_it_knows_what_an_expression_comes_to(text, kind):
    found, problems = infer(compile_expression(text).node, VARIABLES)

    assert str(found) == kind
    assert problems == []
    assert parse_kind(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        'begun < "2026-12-01"', 'begun = "2026-12-01"', "begun != title", "begun < at",
        "amount > title", "title.month = 11", "amount.year", "begun + 1", "title + amount",
        "begun * 2", "title - 1", "begun between 1 and 5", 'begun in ("a", "b")',
        'begun in [@"PT1H"..@"PT2H"]', "urgent > false", "day of week(title)", "upper case(begun)",
        "amount and urgent", "if amount then 1 else 2", "some p in people satisfies p.born > 5",
        "people[born > 5]", "days[item = 5]", 'tags[item = begun]', "not(begun = 1)",
        "for p in people return p.born + 1", "{a: begun, b: a < 5}", "begun < waited",
        "waited < term", "clock > at", "[1..begun]", "date(urgent)", "every d in days satisfies d",
        "function(x) begun < 1", "string length(amount) > 3", "begun and true", "a = 1 or title",
    ],
)  # fmt: skip
def test_it_tells_what_never_has_a_result(text):
    assert infer(compile_expression(text).node, VARIABLES)[1]


@pytest.mark.parametrize(
    "text",
    [
        'begun < @"2026-12-01"', "begun = null", "null != title", 'begun + @"P1M" <= date(at)',
        "free < begun", 'free = "x"', "free.month = 3", "begun.month = amount", "at > at",
        'spell = "x"', "spell < begun", "spell.month = 3", "people.name = tags",
        "begun in days", "title in tags", '"甲" in people.name', "list contains(days, begun)",
        "people[born > begun].name", "people[unknown = 5]", "tags[1] = title", "tags[count(tags)]",
        "amount in (1, 2, [3..5], > 7)", "if urgent then 1 else title", "urgent = true",
        'string(begun) = "2026-12-01"', "is(begun, title)", "waited > @\"PT1H\"",
        "date and time(begun, clock) > at", "today() > begun", "for x in free return x.y + 1",
        "place.lat > 1", "place.unknown > 1", "begun instance of date and amount > 1",
    ],
)  # fmt: skip
def test_it_says_nothing_where_there_may_be_a_result(text):
    assert infer(compile_expression(text).node, VARIABLES)[1] == []


@pytest.mark.parametrize(
    ("cell", "kind", "fits"),
    [
        ("> 5", "date", False), ("> 5", "number", True), ('"a"', "date", False),
        ('[@"2026-01-01"..@"2026-12-31"]', "date", True), ('< @"2026-01-01"', "string", False),
        ("begun", "date", True), ("> begun", "number", False), ("? > begun", "date", True),
        ("? > 5", "date", False), ("not(begun)", "string", False), ("list contains(tags, ?)",
         "string", True), ("1, 2", "string", False), ("urgent", "number", True),
        ("-", "date", True),
        ("null", "date", True), ("> 5", "Any", True),
    ],
)  # fmt: skip
def test_it_tells_which_cells_a_column_never_passes(cell, kind, fits):
    problems = infer_tests(compile_tests(cell).node, parse_kind(kind), VARIABLES)

    assert (problems == []) is fits


NAMES = st.sampled_from([*KINDS, "free", "5", '"x"', "null", "true", '@"P1D"', '@"2026-01-01"'])


def joined(template, *parts):
    return st.tuples(*parts).map(lambda values: template.format(*values))


TEXTS = st.recursive(
    NAMES,
    lambda t: (
        joined("({} {} {})", t, st.sampled_from(["+", "-", "*", "/"]), t)
        | joined("({} {} {})", t, st.sampled_from(["=", "!=", "<", ">="]), t)
        | joined("({} {} {})", t, st.sampled_from(["and", "or"]), t)
        | joined("({}).{}", t, st.sampled_from(["month", "days", "name", "born", "hour"]))
        | joined("(if {} then {} else {})", t, t, t)
        | joined("({})[1]", t)
        | joined("({})[item = {}]", t, t)
        | joined("[{}, {}]", t, t)
        | joined("(for x in {} return x)", t)
        | joined("(some x in {} satisfies x = {})", t, t)
        | joined("{{k: {}}}.k", t)
        | joined("date({})", t)
        | joined("day of week({})", t)
        | joined("max({}, {})", t, t)
        | joined("count({})", t)
    ),
    max_leaves=6,
)


@given(TEXTS)
def test_a_value_is_of_the_kind_that_was_found(text):
    expression = compile_expression(text, names=["free"])
    kind, _ = infer(expression.node, VARIABLES)
    try:
        value = expression.evaluate(VALUES, limits=LENIENT)
    except FeelError:
        return
    if kind.known and value is not None:
        assert kind_of(value) in kind.names
        if isinstance(value, list) and kind.item is not None and kind.item.known:
            assert {kind_of(item) for item in value} - {"null"} <= kind.item.names


@given(TEXTS)
def test_what_is_told_is_never_without_a_reason(text):
    """Where a problem is told and nothing was skipped, evaluating it notes a wrong type as well."""
    if any(word in text for word in ("and", "or", "if", "some", "for", "null", "free", "[")):
        return
    expression = compile_expression(text, names=["free"])
    problems = infer(expression.node, {**VARIABLES, "spell": simple("string")})[1]
    frame = Frame(VALUES, 10, None, LENIENT)
    try:
        expression.run(frame)
    except FeelError:
        return
    if problems:
        assert frame.cause is not None, (text, problems)


@pytest.mark.parametrize("text", KINDS.values())
def test_a_kind_is_written_and_read_back(text):
    assert str(parse_kind(text)) == text.replace("name: string, born: date",
                                                 "born: date, name: string")  # fmt: skip


def test_what_is_no_kind_is_anything():
    assert parse_kind("Any") == parse_kind("gibberish") == ANYTHING
    assert reader(ANYTHING) is None and reader(simple("number")) is None
