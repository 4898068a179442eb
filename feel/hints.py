"""The spellings of other languages, and how FEEL says the same.

People bring `==` and `&&` from Python, Java, JUEL and spreadsheets, and full-width signs from
their keyboards. A text with one of them gets the right spelling as its error.
"""

from __future__ import annotations

import re

from feel.faults import SyntaxFault
from feel.text import Text

_FULL_WIDTH = {
    "（": "(",
    "）": ")",
    "，": ",",
    "、": ",",
    "；": ",",
    "：": ":",
    "＝": "=",
    "＞": ">",
    "＜": "<",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "＋": "+",
    "－": "-",
    "—": "-",
    "–": "-",
    "×": "*",
    "＊": "*",
    "÷": "/",
    "／": "/",
    "“": '"',
    "”": '"',
    "„": '"',
    "「": '"',
    "」": '"',
    "＂": '"',
    "【": "[",
    "】": "]",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "。": ".",
    "．": ".",
    "！": "!=",
    "？": "?",
    "％": "/ 100",
}

_SIGNS: tuple[tuple[str, Text], ...] = (
    ("==", Text("FEEL 用一个等号比较，请写“=”。", "FEEL compares with a single “=”.")),
    ("!==", Text("FEEL 的不等号是“!=”。", "FEEL writes “!=” for “not equal”.")),
    ("<>", Text("FEEL 的不等号是“!=”。", "FEEL writes “!=” for “not equal”.")),
    ("=>", Text("大于等于请写“>=”。", "Write “>=” for “greater or equal”.")),
    ("=<", Text("小于等于请写“<=”。", "Write “<=” for “less or equal”.")),
    ("&&", Text("FEEL 的“并且”写作 and。", "FEEL writes “and” instead of “&&”.")),
    ("||", Text("FEEL 的“或者”写作 or。", "FEEL writes “or” instead of “||”.")),
    (
        "${",
        Text(
            "FEEL 不用 ${...} 包裹，直接写里面的表达式。",
            "FEEL has no ${...}; write the expression inside it alone.",
        ),
    ),
    (
        "#{",
        Text(
            "FEEL 不用 #{...} 包裹，直接写里面的表达式。",
            "FEEL has no #{...}; write only what is inside.",
        ),
    ),
    (
        "'",
        Text(
            'FEEL 的文字用双引号，例如 "土地"。',
            'FEEL quotes text with double quotes, like "land".',
        ),
    ),
    (
        "`",
        Text(
            'FEEL 的文字用双引号，例如 "土地"。',
            'FEEL quotes text with double quotes, like "land".',
        ),
    ),
    ("%", Text("FEEL 求余数写 modulo(a, b)。", "FEEL writes the remainder as modulo(a, b).")),
    ("//=", Text("FEEL 没有“//=”。", "FEEL has no “//=”.")),
    (
        ";",
        Text(
            "FEEL 一个表达式里没有分号；请删去。",
            "FEEL has no semicolon in an expression; remove it.",
        ),
    ),
    ("&", Text("FEEL 的“并且”写作 and。", "FEEL writes “and” instead of “&”.")),
    ("|", Text("FEEL 的“或者”写作 or。", "FEEL writes “or” instead of “|”.")),
    (
        "\\",
        Text("反斜杠只能出现在引号里的文字中。", "A backslash belongs inside a quoted text only."),
    ),
)

_WORDS: dict[str, Text] = {
    "True": Text("FEEL 的“是”写作小写的 true。", "FEEL writes lower-case “true”."),
    "TRUE": Text("FEEL 的“是”写作小写的 true。", "FEEL writes lower-case “true”."),
    "False": Text("FEEL 的“否”写作小写的 false。", "FEEL writes lower-case “false”."),
    "FALSE": Text("FEEL 的“否”写作小写的 false。", "FEEL writes lower-case “false”."),
    "None": Text("FEEL 的空值写作 null。", "FEEL writes “null” for no value."),
    "NULL": Text("FEEL 的空值写作小写的 null。", "FEEL writes lower-case “null”."),
    "Null": Text("FEEL 的空值写作小写的 null。", "FEEL writes lower-case “null”."),
    "nil": Text("FEEL 的空值写作 null。", "FEEL writes “null” for no value."),
    "undefined": Text("FEEL 的空值写作 null。", "FEEL writes “null” for no value."),
    "AND": Text("FEEL 的 and 要小写。", "FEEL writes lower-case “and”."),
    "OR": Text("FEEL 的 or 要小写。", "FEEL writes lower-case “or”."),
    "NOT": Text("FEEL 的否定写作 not(...)。", "FEEL writes the negation as not(...)."),
    "elif": Text(
        "FEEL 写 else if ... then ... else ...。", "FEEL writes “else if ... then ... else ...”."
    ),
    "lambda": Text(
        "FEEL 的函数写作 function(x) ...。", "FEEL writes a function as function(x) ...."
    ),
}
for _code in ("import", "def", "class", "exec", "eval", "print", "while", "del", "raise", "var"):
    _WORDS[_code] = Text(
        f"“{_code}”是程序代码；这里只能写 FEEL 表达式。",
        f"“{_code}” is program code; only FEEL expressions are allowed here.",
    )

_CALLS: dict[str, Text] = {
    "len": Text(
        "列表的个数写 count(列表)，文字的字数写 string length(文字)。",
        "Write count(list) for a list and string length(text) for a text.",
    ),
    "str": Text("转成文字写 string(...)。", "Write string(...) to make a text."),
    "int": Text(
        "转成数字写 number(文字)，取整写 floor(数字)。", "Write number(text), or floor(number)."
    ),
    "float": Text("转成数字写 number(文字)。", "Write number(text) to make a number."),
    "bool": Text(
        "FEEL 直接写条件，不用 bool(...)。", "FEEL needs no bool(...): write the condition."
    ),
    "isinstance": Text("判断类型写 x instance of number。", "Write “x instance of number”."),
    "range": Text("区间写 [1..10]。", "Write a range as [1..10]."),
    "avg": Text("平均数写 mean(列表)。", "Write mean(list) for the average."),
    "upper": Text("大写写 upper case(文字)。", "Write upper case(text)."),
    "lower": Text("小写写 lower case(文字)。", "Write lower case(text)."),
    "startswith": Text("写 starts with(文字, 开头)。", "Write starts with(text, start)."),
    "endswith": Text("写 ends with(文字, 结尾)。", "Write ends with(text, end)."),
    "length": Text(
        "写 string length(文字) 或 count(列表)。", "Write string length(text) or count(list)."
    ),
}

_TERNARY = Text("条件取值写 if 条件 then 甲 else 乙。", "Write “if condition then a else b”.")
_IS_NULL = Text("判断空值写 x = null 或 x != null。", "Write “x = null” or “x != null”.")
_NOT = Text("否定要加括号：not(条件)。", "The negation needs brackets: not(condition).")
_NOT_IN = Text("“不在其中”写 not(x in (...))。", "Write “not(x in (...))” for “not in”.")
_DUNDER = Text("名称里不能有连续两个下划线。", "A name may not contain two underscores in a row.")
_METHOD = Text(
    "FEEL 没有“值.函数()”的写法，请写“函数(值)”。",
    "FEEL has no methods: write “function(value)” instead of “value.function()”.",
)

METHODS = frozenset(_CALLS) | {
    "append", "capitalize", "charAt", "contains", "count", "endsWith", "equals", "find", "format",
    "get", "includes", "indexOf", "isEmpty", "isdigit", "items", "join", "keys", "pop", "replace",
    "size", "split", "startsWith", "strip", "substring", "toLowerCase", "toString", "toUpperCase",
    "trim", "values",
}  # fmt: skip
"""Functions that other languages call on a value."""

_EQUALS_FIRST = Text(
    "不要以“=”开头，直接写表达式。", "Do not start with “=”; write the expression alone."
)
_THOUSANDS = Text(
    "数字里不能写千分位逗号，请写 5000 而不是 5,000。",
    "Write 5000, without the comma between thousands.",
)
_COMMENT = Text("注释“/*”没有以“*/”结束。", "The comment “/*” has no “*/”.")
_DUNDERS = re.compile("__")
_ZEROS = re.compile(r"0\d\d(?!\d)")


_SUSPECTS = frozenset(_FULL_WIDTH) | {foreign[0] for foreign, _ in _SIGNS} | {"!", "?"}


def refuse_foreign(text: str, at: int, *, after_operand: bool) -> None:
    """Raise SyntaxFault with the FEEL spelling where a foreign sign stands at this place."""
    sign = text[at]
    if sign not in _SUSPECTS:
        return
    if sign in _FULL_WIDTH:
        plain = _FULL_WIDTH[sign]
        raise SyntaxFault(
            Text(
                f"“{sign}”是全角符号，请用半角的“{plain}”。",
                f"“{sign}” is a full-width sign; type “{plain}”.",
            ),
            source=text,
            position=at,
        )
    for foreign, reason in _SIGNS:
        if text.startswith(foreign, at):
            raise SyntaxFault(reason, source=text, position=at)
    if sign == "!" and not text.startswith("!=", at):
        raise SyntaxFault(_NOT, source=text, position=at)
    if sign == "?" and after_operand:
        raise SyntaxFault(_TERNARY, source=text, position=at)


def refuse_foreign_name(text: str, at: int, words: list[str]) -> None:
    """Raise SyntaxFault for an undeclared name that is really code of another language."""
    reason = _WORDS.get(words[0])
    if reason is None and len(words) > 1:
        reason = _foreign_phrase(words)
    if reason is None and any(_DUNDERS.search(word) for word in words):
        reason = _DUNDER
    if reason is not None:
        raise SyntaxFault(reason, source=text, position=at, variable=" ".join(words))


def _foreign_phrase(words: list[str]) -> Text | None:
    if "is" in words[1:]:
        return _IS_NULL
    if words[-1] == "not":
        return _NOT_IN
    return next((_WORDS[word] for word in words[1:] if word in ("AND", "OR", "NOT")), None)


def for_call(name: str) -> Text | None:
    """Return the FEEL function that does what a call of another language was meant to do."""
    return _CALLS.get(name)


def for_method(name: str) -> Text:
    """Return what to write instead of `value.name()`."""
    known = _CALLS.get(name)
    return Text(_METHOD.zh + known.zh, f"{_METHOD.en} {known.en}") if known else _METHOD


def for_unexpected(previous: str, token: str) -> Text | None:
    """Return a hint for a token the grammar does not allow after the previous one."""
    if previous == "not":
        return _NOT
    if token == "if":
        return _TERNARY
    if token == "=":
        return _EQUALS_FIRST if not previous else _SIGNS[0][1] if previous == "=" else None
    return None


def refuse_thousands(text: str, at: int) -> None:
    """Raise SyntaxFault for the second half of `5,000`; a list would never hold `000`."""
    if text[at - 1 : at] == "," and text[at - 2 : at - 1].isdigit() and _ZEROS.match(text, at):
        raise SyntaxFault(_THOUSANDS, source=text, position=at)


def refuse_open_comment(text: str, at: int) -> None:
    """Raise SyntaxFault for a comment that never ends."""
    if text.startswith("/*", at):
        raise SyntaxFault(_COMMENT, source=text, position=at)
