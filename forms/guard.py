"""Refuses answers of a size or depth that no person typed, before anything looks into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feel import Text

MAX_PARTS = 20_000
MAX_DEPTH = 8
MAX_TEXT = 2_000_000


def too_much(answers: object) -> Text | None:
    """Return which limit the answers exceed, or None if they may be read."""
    if not isinstance(answers, Mapping):
        return Text("提交的内容不是一份表单", "what was sent is not a form")
    level: list[Any] = [answers]
    parts = letters = 0
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str):
                letters += len(value)
            elif isinstance(value, Mapping | list | tuple):
                parts += len(value)
                if parts > MAX_PARTS:
                    return Text("提交的内容太多", "too much was sent")
                inner.extend(value.values() if isinstance(value, Mapping) else value)
        if letters > MAX_TEXT:
            return Text("提交的文字太长", "the text that was sent is too long")
        level = inner
        if not level:
            return None
    return Text("提交的内容嵌套太深", "what was sent is nested too deeply")
