"""Draws and tells the shipped processes in docs/processes/ again from their definitions.

``python tools/process_pages.py`` writes the picture of each process and, into its page in each
language, the tables of steps and buttons between their marks; what stands outside the marks is
written by hand. Diagrams describe their steps in Chinese: the English description of a step or
button is the last cell of its row, written by hand and kept when the rest is written again.
``--draw FILE.bpmn ...`` first draws what a changed diagram lacks: lines and labels.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from feel.text import Text
from tools.drawing import finishing, picture, sheet

if TYPE_CHECKING:
    from engine.bpmn import ProcessDefinition
    from engine.bpmn.nodes import Node

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs/processes"
ENGLISH = "en"
CHINESE = "zh_CN"
LANGUAGES = {CHINESE: ".zh-CN.md", ENGLISH: ".md"}
LEVELS = {
    "handling": Text("本级", "handling level"),
    "county": Text("县", "county"),
    "township": Text("乡镇", "township"),
    "village": Text("村（社区）", "village"),
    "grid": Text("网格", "grid"),
}
BY_TABLE = Text("按时限表", "by the table of limits")
HEADS = {
    ("steps", CHINESE): ("环节", "谁办", "办理时限", "签收时限", "可退回", "做什么、依据什么"),
    ("steps", ENGLISH): (
        "step", "who", "handling limit", "sign-for limit", "sent back to", "what, on which basis",
    ),
    ("buttons", CHINESE): ("按钮", "谁能按", "说明"),
    ("buttons", ENGLISH): ("button", "who", "what"),
}  # fmt: skip


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


def page_of(key: str, language: str) -> Path:
    """Return where the page of a process stands."""
    return PAGES / (key + LANGUAGES[language])


def page_text(key: str, page: str, language: str = CHINESE) -> str:
    """Return the page with the tables of the definition as it is now."""
    found = definition(key)
    for mark, rows in (("steps", steps(found, language)), ("buttons", buttons(found, language))):
        begin, end = re.search(rf"<!-- {mark}:[^\n]*-->\n", page), f"<!-- end of {mark} -->"
        if begin is not None:
            stop = page.index(end)
            if language == ENGLISH:
                rows = _described(rows, page[begin.end() : stop])
            head = HEADS[mark, language]
            lines = [head, ("---",) * len(head), *rows]
            page = page[: begin.end()] + "".join(map(_line, lines)) + page[stop:]
    return page


def steps(found: ProcessDefinition, language: str) -> list[tuple[str, ...]]:
    """Return the rows of tasks: who, within which limits, what on which basis."""
    return [_step(found, node, language) for node in _tasks(found)]


def buttons(found: ProcessDefinition, language: str) -> list[tuple[str, ...]]:
    """Return the rows of messages that people send."""
    return [
        (_name(node, language), _presser(found, node, language), node.documentation)
        for node in found.nodes.values()
        if node.event and node.event.kind == "message" and node.form
    ]


def _described(rows: list[tuple[str, ...]], old: str) -> list[tuple[str, ...]]:
    """Return rows with the descriptions that stand in the page; of equal names in their order."""
    kept: dict[str, list[str]] = {}
    for line in old.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        kept.setdefault(cells[0], []).append(cells[-1])
    return [(*row[:-1], (kept.get(row[0]) or [""]).pop(0)) for row in rows]


def _line(cells: Iterable[str]) -> str:
    cells = tuple(cells)
    return f"|{'|'.join(cells)}|\n" if set(cells) == {"---"} else f"| {' | '.join(cells)} |\n"


def _name(node: Node, language: str) -> str:
    return node.name_en if language == ENGLISH else node.name


def _tasks(found: ProcessDefinition) -> Iterator[Node]:
    return (node for node in found.nodes.values() if node.kind == "userTask")


def _step(found: ProcessDefinition, node: Node, language: str) -> tuple[str, ...]:
    comma = ", " if language == ENGLISH else "、"
    back = comma.join(_name(found.nodes[one], language) for one in node.return_to) or "—"
    return (
        _name(node, language),
        _who(node, language),
        _limit(node.limit, node.limit_unit, language),
        _limit(node.sign_limit, node.sign_limit_unit, language),
        back,
        node.documentation,
    )


def _presser(found: ProcessDefinition, node: Node, language: str) -> str:
    """Return who may press a button: beside a task of the same role, whoever has the task."""
    host = found.nodes.get(node.attached_to)
    return _who(host if host is not None and host.role == node.role else node, language)


def _who(node: Node, language: str) -> str:
    from engine.roles.registry import ROLES

    role = ROLES[node.role].name
    where = LEVELS[node.level]
    if node.unit:
        lead = node.unit == "department"
        where = (
            Text("主办单位", "lead unit") if lead else Text("被召集部门", "each department called")
        )
    if language == ENGLISH:
        return f"{role.en}, {where.en}"
    return role.zh if role.zh.startswith(where.zh) else where.zh + role.zh


def _limit(amount: int | str | None, unit: str, language: str) -> str:
    from engine.worktime import Limit, limit_text

    if not isinstance(amount, int):
        return BY_TABLE.to(language)
    return limit_text(Limit(amount, unit)).to(language)


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
        for language in LANGUAGES:
            page = page_of(key, language)
            told = page_text(key, page.read_text(encoding="utf-8"), language)
            page.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
