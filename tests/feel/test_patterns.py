"""Regular expressions: the same answers as the standard library, at a bounded price."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feel import compile_expression
from feel.frame import Frame, NullCause
from feel.limits import DEFAULT
from feel.patterns import compile_pattern
from feel.patterns.machine import search

PIECES = st.sampled_from(
    [*"abc.|*+?()^$", "(a|b)", "(?:ab)", "[ab]", "[^a]", "{1,2}", "{2}", "*?", "??", "+?"]
)


@given(st.lists(PIECES, max_size=8).map("".join), st.text("abc", max_size=8))
def test_it_finds_what_the_standard_library_finds(pattern, text):
    try:
        ours, theirs = compile_pattern(pattern), re.compile(pattern)
    except (NullCause, re.error):
        assume(False)

    found, expected = search(ours, text, 0, Frame({}, 0, None, DEFAULT)), theirs.search(text)

    assert (found and found[:2]) == (expected and expected.span())


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"^\p{L}+$", "土地纠纷", True),
        (r"^\P{L}+$", "土地", False),
        (r"^\p{IsCJKUnifiedIdeographs}+$", "土地", True),
        (r"^\w+$", "土地1_", True),
        (r"^[\w-[0-9]]+$", "a1", False),
        (r"^[a-zA-Z\-]+$", "a-Z", True),
        (r"^\d{17}[\dXx]$", "62072519900101001X", True),
        (r"\s", "a b", True),
        (r"^a.c$", "a\nc", False),
        (r"^$", "", True),
    ],
)
def test_it_knows_the_classes_of_xpath(pattern, text, expected):
    expression = compile_expression("matches(t, p)")

    assert expression.evaluate({"t": text, "p": pattern}) is expected


@pytest.mark.parametrize(
    ("flags", "pattern", "text"),
    [
        ("i", "^ABC$", "abc"),
        ("s", "^a.c$", "a\nc"),
        ("m", "^b$", "a\nb\nc"),
        ("x", "^a b c$", "abc"),
    ],
)
def test_it_knows_the_flags(flags, pattern, text):
    expression = compile_expression("matches(t, p, f)")

    assert expression.evaluate({"t": text, "p": pattern, "f": flags}) is True
    assert expression.evaluate({"t": text, "p": pattern, "f": ""}) is False


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "没有写完|缺少右括号"),
        ("a)", "右括号"),
        ("[", "没有写完"),
        ("[]", "空"),
        ("*a", "位置不对"),
        ("a**", "重复了重复"),
        ("a{3,1}", "前大后小"),
        ("a{99999}", "重复次数太多"),
        ("((a{100}){100}){100}", "重复次数太多"),
        ("(?=a)", "不支持"),
        (r"(a)\1", "不支持"),
        (r"\bword\b", "不支持"),
        (r"\p{Nope}", "不支持"),
        ("(" * 100 + ")" * 100, "嵌套太深"),
        ("a" * 2_000, "超过"),
    ],
)
def test_it_says_what_is_wrong_with_a_pattern(pattern, reason):
    result = compile_expression("matches(t, p)").examine({"t": "a", "p": pattern})

    assert result.value is None
    assert re.search(reason, result.notes[0].zh)


def test_replacement_escapes_and_groups():
    expression = compile_expression("replace(t, p, r)")

    def replaced(text, pattern, replacement):
        return expression.evaluate({"t": text, "p": pattern, "r": replacement})

    assert replaced("138-1234", r"(\d+)-(\d+)", "$2-$1") == "1234-138"
    assert replaced("abc", "b", r"\$1") == "a$1c"
    assert replaced("abc", "b", "$9") == "ac"
    assert replaced("13812345678", r"^(\d{3})\d{4}", "$1****") == "138****5678"
