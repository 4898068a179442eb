"""Ids that other parts of the system cannot store or show."""

from __future__ import annotations

import unicodedata

from engine.bpmn.check.findings import REGISTER, shown
from engine.bpmn.check.subject import CheckSubject, Process
from engine.bpmn.nodes import Node
from feel.text import Text

_GROUP = REGISTER.group("identifiers")

MAX_PROCESS = 64
MAX_NODE = 120

LONG = _GROUP.error(
    "long-id",
    Text("编号太长", "An id is too long"),
    Text(
        f"流程编号不超过 {MAX_PROCESS} 个字，其他元素不超过 {MAX_NODE} 个字。",
        f"At most {MAX_PROCESS} characters for a process, {MAX_NODE} for other elements.",
    ),
)
UNUSABLE = _GROUP.error(
    "unusable-id",
    Text("编号里有看不见的字符或空格", "An id with invisible signs or spaces"),
    Text(
        "用字母、汉字、数字、下划线和连字符重新编号。",
        "Use letters, digits, underscores and hyphens.",
    ),
)


def check(scene: CheckSubject, process: Process) -> None:
    """Look at the ids of a process and of its elements."""
    info = process.info
    top = Node(info.key, "process", info.key, info.name, line=info.line, file=info.file)
    _id(scene, top, MAX_PROCESS)
    for node in process.nodes:
        _id(scene, node, MAX_NODE)


def _id(scene: CheckSubject, node: Node, longest: int) -> None:
    if len(node.id) > longest:
        text = Text(
            f"编号“{shown(node.id)}”有{len(node.id)}个字。",
            f"The id “{shown(node.id)}” has {len(node.id)} characters.",
        )
        scene.find(LONG, node, text)
    elif node.id.strip(".") == "" or any(_invisible(sign) for sign in node.id):
        text = Text(
            f"编号“{shown(node.id)}”含有空格或看不见的字符。",
            f"The id “{shown(node.id)}” holds spaces or invisible characters.",
        )
        scene.find(UNUSABLE, node, text)


def _invisible(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co")
