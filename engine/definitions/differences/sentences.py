"""How a difference is said: names, values from and to, the words for roles and limits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.bpmn.labels import NOTHING
from engine.bpmn.nodes import CASE_LIMIT
from engine.worktime import Limit, limit_text
from feel.text import Text


@dataclass(frozen=True)
class Note:
    """One sentence; ``element`` is what the picture marks as added, changed or removed."""

    topic: str
    text: Text
    element: str = ""
    state: str = "changed"


def plain(value: object) -> Text:
    """A value as it stands."""
    if value in (None, "", ()):
        return NOTHING
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    return Text(str(value), str(value))


def limit(amount: int | str | None, unit: str) -> Text:
    """A limit in words."""
    if amount == CASE_LIMIT:
        return Text("按事项的时限", "as the case's limit says")
    if not isinstance(amount, int):
        return Text("不限时", "no limit")
    try:
        return limit_text(Limit(amount, unit or "working_days"))
    except (KeyError, ValueError):
        return Text(f"{amount} {unit}", f"{amount} {unit}")


def joined(parts: Collection[str]) -> Text:
    """Names one after the other."""
    return Text("、".join(parts), ", ".join(parts)) if parts else NOTHING


def turned(subject: Text, what: Text, old: Text, new: Text) -> Text:
    """“签收”的时限由 1 个工作日改为 2 个工作日。"""
    return Text(
        f"{subject.zh}的{what.zh}由{_set_off(old.zh)}改为{_set_off(new.zh)}。",
        f"{what.en.capitalize()} of {subject.en}: from {_set_off(old.en)} to {_set_off(new.en)}.",
    )


def _set_off(text: str) -> str:
    """A text in quotation marks; one that begins with some of its own is set off already."""
    return text if text.startswith("“") else f"“{text}”"


def quoted(name: str, english: str = "") -> Text:
    """A name in quotation marks."""
    return Text(f"“{name}”", f"“{english or name}”")
