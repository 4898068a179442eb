"""The guides for policy staff: what they show is FEEL, what they warn of is not."""

import re
from pathlib import Path

import pytest

from feel import FeelError, SyntaxFault, compile_expression, compile_tests, parse_script
from feel.builtins import BUILT_IN

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = [DOCS / "feel.md", DOCS / "feel.zh-CN.md"]
CODE = re.compile(r"`([^`]+)`")

pytestmark = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)


def rows(guide, place):
    """The rows of the table in the section of this number."""
    section = guide.read_text("utf-8").split("\n## ")[place]
    lines = [line.replace("\\|", "¦") for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.replace("¦", "|").strip() for cell in line.strip("|").split("|")]


def section_of(guide, *titles):
    parts = guide.read_text("utf-8").split("\n## ")
    return next(n for n, part in enumerate(parts) if part.startswith(titles))


def test_the_examples_compile(guide):
    shown = [code for row in rows(guide, 1) for code in CODE.findall(row[-1])]

    assert len(shown) > 10
    for code in shown:
        compile_expression(code)


def test_the_values_compile(guide):
    for row in rows(guide, section_of(guide, "Values", "值")):
        for code in CODE.findall(row[-1]):
            compile_expression(code)


def test_the_cells_compile(guide):
    place = section_of(guide, "Decision tables", "决策表")
    shown = [code for row in rows(guide, place) for cell in row for code in CODE.findall(cell)]

    assert len(shown) > 10
    for code in shown:
        compile_tests(code)


def test_the_scripts_compile(guide):
    part = guide.read_text("utf-8").split("\n## ")[section_of(guide, "Scripts", "脚本")]

    assert len(parse_script(part.split("```")[1]).lines) == 2


def test_the_spellings_of_other_languages_are_refused_and_ours_taken(guide):
    for theirs, ours in rows(guide, section_of(guide, "Coming", "从别的")):
        for code in CODE.findall(theirs):
            with pytest.raises(SyntaxFault):
                compile_expression(f"x > {code}" if code in "＞（5,000" else code)
        for code in CODE.findall(ours):
            if code not in (">", "("):
                compile_expression(code)


def test_every_built_in_function_is_documented(guide):
    part = guide.read_text("utf-8").split("\n## ")[section_of(guide, "Functions", "函数")]
    named = set(CODE.findall(part))

    assert set(BUILT_IN) <= named
    for name in named & {"random number", "get or else"}:
        with pytest.raises(FeelError):
            compile_expression(f"{name}()").evaluate({})
