"""What a scenario expects against what is so, in the words of those who drew the process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from engine.bpmn.labels import NOTHING, ROLES, word
from engine.bpmn.nodes import Node
from engine.terms.levels import NAMES as LEVELS
from feel.text import Text

ENDED: Final = "end"
WORDS: Final = {
    "due": Text("办理期限", "deadline"),
    "sign_due": Text("签收期限", "time to sign"),
    "role": Text("角色", "role"),
    "level": Text("层级", "level"),
    "unit": Text("单位", "unit"),
}
Nodes = Mapping[str, Node]


def differs(wanted: Mapping[str, Any], found: Mapping[str, Any], nodes: Nodes) -> Text | None:
    """Return the first thing that is other than expected; None where nothing is."""
    if ENDED in wanted and wanted[ENDED] != found.get(ENDED):
        should = _names([wanted[ENDED]], nodes)
        does = _names([found[ENDED]] if ENDED in found else found.get("open", {}), nodes)
        return Text(
            f"应当结束于{should.zh}，实际在{does.zh}。",
            f"It should end at {should.en} and is at {does.en}.",
        )
    tasks, opened = wanted.get("open"), found.get("open", {})
    if tasks is None:
        return None
    if set(tasks) != set(opened):
        should, does = _names(sorted(tasks), nodes), _names(sorted(opened), nodes)
        return Text(
            f"应当打开{should.zh}，实际是{does.zh}。", f"{should.en} should be open, {does.en} is."
        )
    for node, told in tasks.items():
        for key, value in told.items():
            if opened[node].get(key) != value:
                return _other(_names([node], nodes), key, value, opened[node].get(key))
    return None


def _other(name: Text, key: str, wanted: Any, found: Any) -> Text:
    what, should, does = (
        WORDS.get(key, Text(key, key)),
        _in_words(key, wanted),
        _in_words(key, found),
    )
    return Text(
        f"{name.zh}的{what.zh}应为 {should.zh}，实际为 {does.zh}。",
        f"The {what.en} of {name.en} should be {should.en} and is {does.en}.",
    )


def _in_words(key: str, value: Any) -> Text:
    if value in (None, ""):
        return NOTHING
    if key in ("role", "level"):
        return word(ROLES if key == "role" else LEVELS, str(value))
    if key.endswith("due"):
        try:
            # As it is written, in the office's own zone.
            moment = f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M}"
        except ValueError:
            return Text(str(value), str(value))
        return Text(moment, moment)
    return Text(str(value), str(value))


def _names(keys: Iterable[str], nodes: Nodes) -> Text:
    names = [_name(str(key), nodes.get(str(key))) for key in keys]
    if not names:
        return NOTHING
    return Text("、".join(one.zh for one in names), ", ".join(one.en for one in names))


def _name(key: str, node: Node | None) -> Text:
    zh = node.name if node is not None and node.name else key
    en = node.name_en if node is not None and node.name_en else zh
    return Text(f"“{zh}”", f"“{en}”")
