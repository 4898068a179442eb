"""Built-ins on texts. Characters are Unicode code points, counted from 1."""

from __future__ import annotations

from feel import patterns
from feel.builtins.registry import built_in, need_list, need_text, need_whole
from feel.frame import Frame, NullCause
from feel.text import Text
from feel.values import Value


@built_in("substring", "string, start position, length?")
def substring(frame: Frame, string: Value, start: Value, length: Value = None) -> str:
    text, place = need_text(string), need_whole(start)
    if place == 0:
        raise NullCause(Text("位置从 1 开始。", "positions start at 1."))
    begin = place - 1 if place > 0 else max(len(text) + place, 0)
    if length is None:
        return text[begin:]
    count = need_whole(length)
    return text[begin : begin + count] if count > 0 else ""


@built_in("string length", "string")
def string_length(frame: Frame, string: Value) -> int:
    return len(need_text(string))


@built_in("upper case", "string")
def upper_case(frame: Frame, string: Value) -> str:
    return need_text(string).upper()


@built_in("lower case", "string")
def lower_case(frame: Frame, string: Value) -> str:
    return need_text(string).lower()


@built_in("trim", "string")
def trim(frame: Frame, string: Value) -> str:
    return need_text(string).strip()


@built_in("substring before", "string, match")
def substring_before(frame: Frame, string: Value, match: Value) -> str:
    head, found, _ = _partition(need_text(string), need_text(match))
    return head if found else ""


@built_in("substring after", "string, match")
def substring_after(frame: Frame, string: Value, match: Value) -> str:
    return _partition(need_text(string), need_text(match))[2]


def _partition(text: str, match: str) -> tuple[str, bool, str]:
    if not match:
        return "", True, text
    head, found, tail = text.partition(match)
    return head, bool(found), tail


@built_in("contains", "string, match")
def contains(frame: Frame, string: Value, match: Value) -> bool:
    return need_text(match) in need_text(string)


@built_in("starts with", "string, match")
def starts_with(frame: Frame, string: Value, match: Value) -> bool:
    return need_text(string).startswith(need_text(match))


@built_in("ends with", "string, match")
def ends_with(frame: Frame, string: Value, match: Value) -> bool:
    return need_text(string).endswith(need_text(match))


@built_in("matches", "input, pattern, flags?")
def matches(frame: Frame, source: Value, pattern: Value, flags: Value = None) -> bool:
    rule = patterns.compile_pattern(need_text(pattern), _flags(flags))
    return patterns.is_match(rule, need_text(source), frame)


@built_in("replace", "input, pattern, replacement, flags?")
def replace(
    frame: Frame, source: Value, pattern: Value, replacement: Value, flags: Value = None
) -> str:
    rule = patterns.compile_pattern(need_text(pattern), _flags(flags))
    return frame.keep_text(patterns.replace(rule, need_text(source), need_text(replacement), frame))


@built_in("split", "string, delimiter")
def split(frame: Frame, string: Value, delimiter: Value) -> list[str]:
    rule = patterns.compile_pattern(need_text(delimiter))
    return patterns.split(rule, need_text(string), frame)


@built_in("extract", "string, pattern")
def extract(frame: Frame, string: Value, pattern: Value) -> list[str]:
    rule = patterns.compile_pattern(need_text(pattern))
    return patterns.extract(rule, need_text(string), frame)


@built_in("string join", "list, delimiter?")
def string_join(frame: Frame, items: Value, delimiter: Value = None) -> str:
    parts = [need_text(item) for item in need_list(frame, items) if item is not None]
    between = "" if delimiter is None else need_text(delimiter)
    size = sum(map(len, parts)) + len(between) * len(parts)
    if size > frame.limits.characters:
        frame.refuse_text()
    return frame.keep_text(between.join(parts))


def _flags(flags: Value) -> str:
    return "" if flags is None else need_text(flags)
