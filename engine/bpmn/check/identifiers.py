"""Ids that other parts of the system cannot store or show."""

from __future__ import annotations

import re
import unicodedata

from engine.bpmn.check.findings import REGISTER, shown
from engine.bpmn.check.fixes import Fix, attribute
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


OTHER_KEY = _GROUP.error(
    "process-of-another-id",
    Text("图里的流程编号与流程的不同", "The picture's process has another id than the definition"),
    Text(
        "点“改编号”，图里引用它的地方一起改；从别的软件导入的图都要改这一处。",
        "Press “Rename”: everything in the picture that names it changes with it. Every picture "
        "that comes from another program needs this once.",
    ),
)
_MAIN = re.compile(r"(?:^|/)processes/([^/]+)/\1\.bpmn$")


def check(scene: CheckSubject, process: Process) -> None:
    """Look at the ids of a process and of its elements."""
    info = process.info
    _key(scene, process)
    top = Node(info.key, "process", info.key, info.name, line=info.line, file=info.file)
    _id(scene, top, MAX_PROCESS)
    for node in process.nodes:
        _id(scene, node, MAX_NODE)


def _key(scene: CheckSubject, process: Process) -> None:
    """The definition's own picture holds a process of its key, or nothing can be opened."""
    info, found = process.info, _MAIN.search(process.info.file)
    first = next(iter(scene.examined(process.source)), None)
    if found is None or found[1] in scene.home or first is not info:
        return
    key = found[1]
    node = Node(info.key, "process", info.key, info.name, line=info.line, file=info.file)
    text = Text(
        f"图里的流程编号是“{shown(info.key)}”，这个流程的编号是“{key}”，所以不能演练和发布。",
        f"The process of the picture has the id “{shown(info.key)}”, the definition “{key}”: it "
        "can be neither tried nor published.",
    )
    label = Text(f"改编号为 {key}", f"Rename it to {key}")
    mend = [Fix(label, (attribute(info.file, info.key, id=key),))]
    scene.find(OTHER_KEY, node, text, fixes=mend)


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
