"""Expressions and tables that once went wrong, each with its right result."""

from __future__ import annotations

from pathlib import Path

import pytest

from feel import DmnFault, FeelError, compile_expression, load_dmn, to_json


@pytest.fixture
def inputs(shared: Path) -> Path:
    """The folder of the files."""
    return shared / "cases/feel-dmn"


@pytest.mark.parametrize("name", ["01-zoned-moments.feel", "04-filters.feel"])
def test_each_line_comes_to_what_stands_behind_it(inputs: Path, name: str) -> None:
    """A question mark: a value or a fault in words, and no traceback."""
    wrong = []
    for line in (inputs / name).read_text("utf-8").splitlines():
        expression, arrow, expected = line.rpartition("=>")
        if not arrow or line.startswith("//"):
            continue
        try:
            found = to_json(compile_expression(expression.strip()).evaluate({}))
        except FeelError as error:
            found = error if expected.strip() == "?" else f"{type(error).__name__}: {error}"
        if expected.strip() == "?":
            continue
        asked = to_json(compile_expression(expected.strip()).evaluate({}))
        if found != asked:
            wrong.append((expression.strip(), asked, found))
    assert wrong == []


def test_a_cell_over_another_variable_decides(inputs: Path) -> None:
    found = load_dmn((inputs / "02-unary-other-variable.dmn").read_bytes()).decision("dec")
    assert found.decide({"code": 1, "tags": ["急"]}).result == "urgent"
    assert found.decide({"code": 1, "tags": ["缓"]}).result == "plain"


def test_months_between_dates_and_moments_end_in_a_result_or_a_fault(inputs: Path) -> None:
    model = load_dmn((inputs / "dmn-crash-ymd.dmn").read_bytes())
    assert to_json(model.decision("期限").decide({}).result) == "P2Y"
    try:
        assert model.decision("期限2").decide({}).result is None
    except (DmnFault, FeelError) as error:
        assert str(error)


def test_one_bad_decision_spoils_only_itself(inputs: Path) -> None:
    model = load_dmn((inputs / "dmn-one-bad-decision.dmn").read_bytes())
    assert model.decision("好").decide({}).result == 2
    with pytest.raises(DmnFault, match="坏"):
        model.decision("坏")
