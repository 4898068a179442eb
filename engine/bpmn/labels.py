"""What people call roles and levels, where no page is asked: in findings and differences."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.nodes import ANSWERED, REOPENED, Node
from engine.roles import ROLES as REGISTERED
from feel.text import Text

NOTHING = Text("无", "none")
ROLES = {key: role.name for key, role in REGISTERED.items()}
ANSWERS = {
    ANSWERED: Text("到此已答复", "the citizen has the answer here"),
    REOPENED: Text("从此重新计算", "it goes on from here"),
}


def word(words: Mapping[str, Text], value: str) -> Text:
    """Return the word for a value; the value itself where there is none."""
    return words.get(value, Text(value, value)) if value else NOTHING


def quoted(name: str, limit: int = 40) -> str:
    """Return a name from a file as a message quotes it: short, on one line, no control signs."""
    plain = "".join(sign if sign.isprintable() else "�" for sign in name)
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def called_name(node: Node) -> str:
    """Return what people know a node by."""
    return quoted(" ".join(node.name.split()) or node.id)
