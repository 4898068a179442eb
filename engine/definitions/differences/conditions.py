"""Conditions as people read them: the questions they ask by name, the answers by their choices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.definitions.differences.sentences import plain
from feel import FeelError
from feel.parse import parse_expression
from feel.syntax import And, Compare, Literal, Name, Or, SyntaxNode
from feel.text import Text
from forms import Field, Form

Fields = Mapping[str, Field]
OPERATORS = {
    "=": Text("为", "is"),
    "!=": Text("不为", "is not"),
    ">": Text("大于", "is more than"),
    ">=": Text("不小于", "is at least"),
    "<": Text("小于", "is less than"),
    "<=": Text("不大于", "is at most"),
}
YES, NO, EMPTY = Text("是", "yes"), Text("否", "no"), Text("空", "empty")


def fields_of(forms: Mapping[str, Form]) -> dict[str, Field]:
    """Return the questions of several forms by the name that conditions use; of two, the later."""
    return {field.name: field for form in forms.values() for field in form.fields}


def in_words(source: str, fields: Fields) -> Text:
    """Return a condition in words, and as it is written; only that where it compares more than
    answers.
    """
    try:
        words = _words(parse_expression(source), fields)
    except FeelError:
        words = None
    if words is None:
        return plain(source)
    # Whoever approves sees what is run, whatever the questions are called.
    return Text(f"{words.zh}（{source}）", f"{words.en} ({source})")


def _words(node: SyntaxNode, fields: Fields) -> Text | None:
    if isinstance(node, And | Or):
        parts = [_words(item, fields) for item in node.items]
        # Of mixed ones the brackets would be lost.
        if any(isinstance(item, And | Or) for item in node.items) or None in parts:
            return None
        zh, en = ("，并且", " and ") if isinstance(node, And) else ("，或者", " or ")
        said = [part for part in parts if part is not None]
        return Text(zh.join(one.zh for one in said), en.join(one.en for one in said))
    if isinstance(node, Name) and node.name in fields:
        return _compared(fields[node.name], "=", True)
    if isinstance(node, Compare) and isinstance(node.left, Name) and node.op in OPERATORS:
        field = fields.get(node.left.name)
        if field is not None and isinstance(node.right, Literal):
            return _compared(field, node.op, node.right.value)
    return None


def _compared(field: Field, op: str, value: Any) -> Text:
    word, said = OPERATORS[op], _value(field, value)
    return Text(
        f"“{field.label.zh}”{word.zh}“{said.zh}”", f"“{field.label.en}” {word.en} “{said.en}”"
    )


def _value(field: Field, value: Any) -> Text:
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Decimal):
        return plain(f"{value:f}")
    labels = {choice.value: choice.label for choice in field.choices}
    return labels.get(value) or plain(value)
