"""How a difference is said: names, values from and to, the words for roles and limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.bpmn.nodes import CASE_LIMIT
from engine.worktime import Limit, limit_text
from feel.text import Text

NOTHING = Text("无", "none")
ROLES = {
    "mediator": Text("调解员", "mediator"),
    "operator": Text("话务员", "operator"),
    "dispatcher": Text("分派员", "dispatcher"),
    "handler": Text("承办人", "handler"),
    "grid_worker": Text("网格员", "grid worker"),
    "grid_leader": Text("网格长", "grid leader"),
    "leader": Text("负责人", "leader"),
    "supervisor": Text("督办员", "supervisor"),
    "policy_editor": Text("流程编辑", "policy editor"),
    "policy_publisher": Text("流程发布", "policy publisher"),
    "admin": Text("系统管理员", "administrator"),
}
LEVELS = {
    "province": Text("省级", "province"),
    "city": Text("市级", "city"),
    "county": Text("县级", "county"),
    "township": Text("乡镇级", "township"),
    "village": Text("村级", "village"),
    "grid": Text("网格", "grid"),
    "handling": Text("当前办理层级", "the level that handles the case"),
}


@dataclass(frozen=True)
class Note:
    """One sentence; ``element`` is what the picture marks as added, changed or removed."""

    topic: str
    text: Text
    element: str = ""
    state: str = "changed"


def word(words: Mapping[str, Text], value: str) -> Text:
    """The word for a value; the value itself where there is none."""
    return words.get(value, Text(value, value)) if value else NOTHING


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
        f"{subject.zh}的{what.zh}由“{old.zh}”改为“{new.zh}”。",
        f"{what.en.capitalize()} of {subject.en}: from “{old.en}” to “{new.en}”.",
    )


def quoted(name: str, english: str = "") -> Text:
    """A name in quotation marks."""
    return Text(f"“{name}”", f"“{english or name}”")
