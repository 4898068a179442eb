"""Ids that other parts of the system cannot store or show."""

from __future__ import annotations

import re
import unicodedata

from engine.bpmn.check.fixes import Fix, attribute
from engine.bpmn.check.rules.identifiers import long_id, process_of_another_id, unusable_id
from engine.bpmn.check.subject import CheckedProcess, CheckSubject
from engine.bpmn.labels import quoted
from engine.bpmn.nodes import Node
from feel.text import Text

MAX_PROCESS = long_id.MAX_PROCESS
MAX_NODE = long_id.MAX_NODE

LONG = long_id.RULE
UNUSABLE = unusable_id.RULE


OTHER_KEY = process_of_another_id.RULE
_MAIN = re.compile(r"(?:^|/)processes/([^/]+)/\1\.bpmn$")


def check(scene: CheckSubject, process: CheckedProcess) -> None:
    """Check the ids of a process and of its elements."""
    info = process.info
    _key(scene, process)
    top = Node(info.key, "process", info.key, info.name, line=info.line, file=info.file)
    _id(scene, top, MAX_PROCESS)
    for node in process.nodes:
        _id(scene, node, MAX_NODE)


def _key(scene: CheckSubject, process: CheckedProcess) -> None:
    """The definition's own picture holds a process of its key, or nothing can be opened."""
    info, found = process.info, _MAIN.search(process.info.file)
    first = next(iter(scene.processes_of(process.source)), None)
    if found is None or found[1] in scene.home or first is not info:
        return
    key = found[1]
    node = Node(info.key, "process", info.key, info.name, line=info.line, file=info.file)
    text = Text(
        f"图里的流程编号是“{quoted(info.key)}”，这个流程的编号是“{key}”，所以不能测试和发布。",
        f"The process of the picture has the id “{quoted(info.key)}”, the definition “{key}”: it "
        "can be neither tried nor published.",
    )
    label = Text(f"改编号为 {key}", f"Rename it to {key}")
    mend = [Fix(label, (attribute(info.file, info.key, id=key),))]
    scene.find(OTHER_KEY, node, text, fixes=mend)


def _id(scene: CheckSubject, node: Node, longest: int) -> None:
    if len(node.id) > longest:
        text = Text(
            f"编号“{quoted(node.id)}”有{len(node.id)}个字。",
            f"The id “{quoted(node.id)}” has {len(node.id)} characters.",
        )
        scene.find(LONG, node, text)
    elif node.id.strip(".") == "" or any(_invisible(sign) for sign in node.id):
        text = Text(
            f"编号“{quoted(node.id)}”含有空格或看不见的字符。",
            f"The id “{quoted(node.id)}” holds spaces or invisible characters.",
        )
        scene.find(UNUSABLE, node, text)


def _invisible(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co")
