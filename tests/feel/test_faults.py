"""Messages for people who are no programmers."""

import pytest

from feel import SyntaxFault, compile_expression, compile_tests


def fault(text, names=()):
    with pytest.raises(SyntaxFault) as caught:
        compile_expression(text, names=names)
    return caught.value


@pytest.mark.parametrize(
    ("text", "column", "wanted"),
    [
        ("a == 1", 3, "“=”"),
        ("a !== 1", 3, "!="),
        ("a <> 1", 3, "!="),
        ("a => 1", 3, ">="),
        ("a && b", 3, "and"),
        ("a || b", 3, "or"),
        ("a AND b", 1, "and"),
        ("!a", 1, "not("),
        ("not a", 5, "not("),
        ("a not in (1, 2)", 1, "not(x in"),
        ("${a}", 1, "${...}"),
        ("#{a > 1}", 1, "#{...}"),
        ("a = 'x'", 5, "双引号"),
        ("a % 2", 3, "modulo"),
        ("a;", 2, "分号"),
        ("a = True", 5, "true"),
        ("False", 1, "false"),
        ("a = None", 5, "null"),
        ("a is None", 1, "= null"),
        ("a is not null", 1, "= null"),
        ("len(a) > 1", 1, "count("),
        ("a.upper()", 3, "upper case"),
        ('a.startsWith("x")', 3, "函数(值)"),
        ("a if b else c", 3, "then"),
        ("a ? b : c", 3, "then"),
        ("= a", 1, "“=”开头"),
        ("amount > 5,000", 12, "千分位"),
        ("import os", 1, "程序代码"),
        ("lambda x: x", 1, "function(x)"),
        ("__import__", 1, "下划线"),
        ("a.__class__", 3, "下划线"),
        ("金额 ＞ 5000", 4, "半角"),
        ("金额 > 5000，", 10, "半角"),
        ("类别 = “土地”", 6, "半角"),
        ("count（列表）", 6, "半角"),
    ],
)
def test_it_proposes_the_spelling_of_feel(text, column, wanted):
    error = fault(text)

    assert error.column == column
    assert wanted in error.text.zh
    assert error.text.en != error.text.zh


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("", "缺少表达式", "no expression"),
        ("  ", "缺少表达式", "no expression"),
        ("a >", "没有写完", "not finished"),
        ("(1 + 2", "没有写完", "not finished"),
        ("1 2", "第 3 个字", "At character 3"),
        ("> 3", "开头", "cannot start with"),
        ('"abc', "双引号", "closing double quote"),
        ("/* abc", "注释", "comment"),
        ("a @ b", "“@”", "“@”"),
        ("if a then b", "没有写完", "not finished"),
        ("substring(1)", "substring(string, start position", "substring(string, start position"),
        ("count(liste: 1)", "count(list)", "count(list)"),
        ('@"2026-13-01"', "不是日期", "no date"),
        ("1e99999", "太大", "too large"),
    ],
)
def test_it_says_what_is_wrong_in_both_languages(text, zh, en):
    error = fault(text)

    assert zh in error.text.zh
    assert en in error.text.en


def test_it_counts_lines_and_characters():
    error = fault("a = 1\nand b == 2")

    assert (error.line, error.column) == (2, 7)
    assert error.text.zh.startswith("第 2 行第 7 个字“== 2”处")


def test_a_declared_name_may_look_foreign():
    assert compile_expression("len(x)", names=["len"]).functions == {"len"}


def test_cells_get_the_same_hints():
    with pytest.raises(SyntaxFault, match="半角"):
        compile_tests('"土地"，"房屋"')
    with pytest.raises(SyntaxFault, match="双引号"):
        compile_tests("'土地'")
