"""Overlaps and gaps of decision tables."""

import pytest

from feel import from_json
from tests.cost import within
from tests.feel.tables import column, decide_by, result, table


def analysed(columns, rows, policy="FIRST"):
    outputs = [((cells), (str(n),)) for n, cells in enumerate(rows)]
    return decide_by(table(columns, [result()], outputs, policy))


def test_a_clean_table_has_neither():
    decision = analysed(
        [column("age", "number"), column("ok", "boolean")],
        [("< 18", "-"), (">= 18", "true"), (">= 18", "false")],
    )

    assert decision.overlaps().overlaps == ()
    assert decision.gaps().gaps == ()
    assert decision.overlaps().complete and decision.gaps().complete


def test_an_overlap_comes_with_an_input_that_both_rules_match():
    decision = analysed(
        [column("amount", "number"), column("kind", "string")],
        [("[0..5000]", "-"), ("[5000..9000]", '"土地"'), ("> 9000", "-")],
    )

    (found,) = decision.overlaps().overlaps

    assert found.rules == (1, 2)
    assert found.example == {"amount": 5000, "kind": "土地"}
    assert decision.decide(found.example).matched_rules == (1, 2)


@pytest.mark.parametrize(
    ("columns", "rows", "example"),
    [
        ([column("n", "number")], [("< 18",), ("> 18",)], {"n": 18}),
        ([column("n", "number")], [("<= 17",), (">= 18",)], {"n": 17.5}),
        ([column("n", "number")], [("[0..10]",), ("> 10",)], {"n": -1}),
        ([column("ok", "boolean")], [("true",)], {"ok": False}),
        ([column("k", "string")], [('"甲", "乙"',)], {"k": "其他"}),
        ([column("k", "string", '"甲","乙","丙"')], [('"甲", "乙"',)], {"k": "丙"}),
        ([column("k", "string")], [('not("甲")',)], {"k": "甲"}),
        ([column("d", "date")], [('< @"2026-03-02"',), ('> @"2026-03-02"',)], {"d": "2026-03-02"}),
        ([column("n", "number"), column("k")], [("< 5", "-"), (">= 5", '"甲"')],
         {"n": 5, "k": "其他"}),
    ],
)  # fmt: skip
def test_a_gap_comes_with_an_input_that_no_rule_matches(columns, rows, example):
    decision = analysed(columns, rows)
    found = decision.gaps().gaps[0]

    assert {key: str(value) for key, value in found.example.items()} == {
        key: str(from_json(value)) for key, value in example.items()
    }
    assert decision.decide(found.example).matched_rules == ()


def test_whole_numbers_have_no_gap_between_17_and_18():
    assert analysed([column("n", "integer")], [("<= 17",), (">= 18",)]).gaps().gaps == ()


def test_allowed_values_close_a_gap():
    decision = analysed([column("k", "string", '"甲","乙"')], [('"甲"',), ('"乙"',)])

    assert decision.gaps().gaps == ()


def test_cells_it_cannot_cut_are_left_out_and_said_so():
    decision = analysed([column("n", "number")], [("> limit",), ("< 5",), ('starts with(?, "x")',)])

    assert decision.overlaps().overlaps == ()
    assert not decision.overlaps().complete
    assert decision.gaps().gaps == ()
    assert not decision.gaps().complete


def test_every_finding_is_true_on_a_larger_table():
    rows = [
        (f"[{n}..{n + 3}]", f'"k", "k{n % 3}"', "-" if n % 2 else "true") for n in range(0, 60, 2)
    ]
    decision = analysed([column("n", "number"), column("k"), column("b", "boolean")], rows)

    overlaps, gaps = decision.overlaps().overlaps, decision.gaps().gaps

    assert overlaps and gaps
    for each in overlaps:
        assert set(each.rules) <= set(decision.decide(each.example).matched_rules)
    for each in gaps:
        assert decision.decide(each.example).matched_rules == ()


def test_it_is_bounded_in_time():
    rows = [tuple(f"> {n * 7 % 101}" for _ in range(12)) for n in range(1_000)]
    decision = analysed([column(f"c{n}", "number") for n in range(12)], rows)

    with within(20):
        found = decision.overlaps()
        decision.gaps()

    assert not found.complete
