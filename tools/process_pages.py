"""Draws and tells the shipped processes in docs/processes/ again from their definitions.

``python tools/process_pages.py`` writes the picture of each process and, into its page, the
tables of steps and buttons between their marks; what stands outside the marks is written by
hand. ``--draw FILE.bpmn ...`` first draws what a changed diagram lacks: lines and labels.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.drawing import finishing, picture, sheet

if TYPE_CHECKING:
    from engine.bpmn import ProcessDefinition
    from engine.bpmn.nodes import Node

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs/processes"
LEVELS = {
    "handling": "办理层级",
    "county": "县",
    "township": "乡镇",
    "village": "村（社区）",
    "grid": "网格",
}
UNITS = {
    "hours": "小时",
    "working_hours": "个工作小时",
    "working_days": "个工作日",
    "days": "天",
    "months": "个月",
}
STEPS = (
    "| 环节 | 谁办 | 办理时限 | 签收时限 | 可退回 | 做什么、依据什么 |\n|---|---|---|---|---|---|\n"
)
BUTTONS = "| 按钮 | 谁能按 | 说明 |\n|---|---|---|\n"


def keys() -> list[str]:
    """Return the processes that ship."""
    return sorted(one.parent.name for one in ROOT.glob("processes/*/*.bpmn"))


def diagram(key: str) -> Path:
    """Return the diagram of a process."""
    return ROOT / "processes" / key / f"{key}.bpmn"


def definition(key: str) -> ProcessDefinition:
    """Return a process as the engine reads it."""
    from engine import bpmn

    files = {one.name: one.read_bytes() for one in diagram(key).parent.iterdir() if one.is_file()}
    return bpmn.parse(files, key)


def picture_of(key: str) -> str:
    """Return the picture of a process."""
    return picture.svg(sheet.parse(diagram(key)))


def page_text(key: str, page: str) -> str:
    """Return the page with the tables of the definition as it is now."""
    found = definition(key)
    for mark, table in (("steps", steps(found)), ("buttons", buttons(found))):
        begin, end = re.search(rf"<!-- {mark}:[^\n]*-->\n", page), f"<!-- end of {mark} -->"
        if begin is not None:
            page = page[: begin.end()] + table + page[page.index(end) :]
    return page


def steps(found: ProcessDefinition) -> str:
    """Return the table of tasks: who, within which limits, what on which basis."""
    return STEPS + "".join(_step(found, node) for node in _tasks(found))


def buttons(found: ProcessDefinition) -> str:
    """Return the table of messages that people send."""
    return BUTTONS + "".join(
        f"| {node.name} | {_presser(found, node)} | {node.documentation} |\n"
        for node in found.nodes.values()
        if node.event and node.event.kind == "message" and node.form
    )


def _tasks(found: ProcessDefinition) -> Iterator[Node]:
    return (node for node in found.nodes.values() if node.kind == "userTask")


def _step(found: ProcessDefinition, node: Node) -> str:
    back = "、".join(found.nodes[one].name for one in node.return_to) or "—"
    cells = [
        node.name,
        _who(node),
        _limit(node.limit, node.limit_unit),
        _limit(node.sign_limit, node.sign_limit_unit),
        back,
        node.documentation,
    ]
    return "| " + " | ".join(cells) + " |\n"


def _presser(found: ProcessDefinition, node: Node) -> str:
    """Return who may press a button: beside a task of the same role, whoever has the task."""
    host = found.nodes.get(node.attached_to)
    return _who(host if host is not None and host.role == node.role else node)


def _who(node: Node) -> str:
    from engine.roles.registry import ROLES

    where = LEVELS.get(node.level, node.level)
    if node.unit:
        where = "主办单位" if node.unit == "department" else "被召集部门"
    return where + ROLES[node.role].name.zh


def _limit(amount: int | str | None, unit: str) -> str:
    return "按时限表" if amount == "case" else f"{amount} {UNITS[unit]}"


def draw(path: Path) -> list[str]:
    """Draw what a diagram lacks, write it back. Return what was drawn."""
    found = sheet.parse(path)
    made = finishing.finish(found)
    sheet.write(found, path)
    return made


def main(arguments: list[str]) -> None:
    """Draw the named diagrams, then write all pages."""
    if arguments[:1] == ["--draw"]:
        for name in arguments[1:]:
            print(f"{name}: {', '.join(draw(Path(name))) or 'nothing was missing'}")
    for key in keys():
        (PAGES / f"{key}.svg").write_text(picture_of(key), encoding="utf-8")
        page = PAGES / f"{key}.zh-CN.md"
        page.write_text(page_text(key, page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
