"""Files from outside, before they are kept: what cannot be read, or is too heavy, stays out.

A draft may hold mistakes; it holds nothing that nobody could open again. The files are read in
the checking child, never here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.bpmn import check
from engine.bpmn.check import file_rules, markup
from engine.definitions import paper_templates
from engine.definitions.citizen_choices import CITIZENS, CITIZENS_PATH
from engine.definitions.escalation_table import ESCALATION
from engine.definitions.statistic_files import FILE, TEMPLATE
from engine.definitions.statistics import STATISTICS
from engine.errors import InvalidInput
from feel.text import Text
from forms import BrokenForm
from forms.strict_json import parse

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
MOST_FILES = 200
# Whoever sends a file is notified within ten seconds, also where the checker is busy with others.
LONGEST, WITHIN = 6.0, 9.0
ESCALATION_PATH = f"processes/{ESCALATION}.dmn"
# Their content is not known, so there is nothing that a draft could show or fix.
UNREADABLE = frozenset(
    rule.id
    for rule in (
        file_rules.EMPTY,
        file_rules.TOO_LARGE,
        file_rules.NOT_XML,
        file_rules.BROKEN,
        file_rules.ENCODING,
        file_rules.TOO_DEEP,
        file_rules.DOCTYPE,
        file_rules.INCLUDE,
        markup.INSTRUCTION,
        file_rules.NOT_BPMN,
        file_rules.TOO_HEAVY,
        file_rules.FAILED,
    )
)
_STRANGE = Text("文件名不属于这个流程。", "The path does not belong to this process.")


class UnreadableFile(InvalidInput):
    """A file that is not kept: ``errors`` say why, by path."""

    text = Text(
        "文件没有被接受，也没有保存。", "The file was not accepted, and nothing was stored."
    )


def belongs(process: str, path: str) -> bool:
    """Return whether a definition of this process may hold a file of that path."""
    if process == ESCALATION:
        return path == ESCALATION_PATH
    if process == CITIZENS:
        return path == CITIZENS_PATH
    if process == STATISTICS:
        return bool(FILE.fullmatch(path) or TEMPLATE.fullmatch(path))
    if process == paper_templates.PAPER_TEMPLATES:
        return bool(paper_templates.FILE.fullmatch(path))
    return bool(_paths_of(process).fullmatch(path))


def screen(process: str, files: Mapping[str, bytes]) -> None:
    """Require readable files. Raises UnreadableTable with the cause by path, or check.Busy.

    Starts a child process: call it outside of any transaction.
    """
    errors = {path: _STRANGE for path in files if not belongs(process, path)}
    errors |= _broken_json(files)
    if errors:
        raise UnreadableFile(errors)
    drawn = {path: data for path, data in files.items() if path.endswith((".bpmn", ".dmn"))}
    if not drawn:
        return
    found = {
        file.file: _cause(finding)
        for file in check.check_files(drawn, timeout=LONGEST, within=WITHIN).files
        for finding in file.findings
        if finding["rule"] in UNREADABLE
    }
    if found:
        raise UnreadableFile(found)


def _paths_of(process: str) -> re.Pattern[str]:
    key, name = re.escape(process), r"[A-Za-z0-9_\-]{1,60}"
    return re.compile(
        rf"processes/{key}/{name}\.(bpmn|dmn)"
        rf"|processes/{key}/scenarios/{name}\.json"
        rf"|forms/{key}/{name}\.json"
    )


def _broken_json(files: Mapping[str, bytes]) -> dict[str, Text]:
    errors = {}
    for path, data in files.items():
        if path.endswith(".json"):
            try:
                parse(data, path)
            except BrokenForm as broken:
                errors[path] = broken.findings[0].message
    return errors


def _cause(finding: Mapping[str, Any]) -> Text:
    message, remedy = finding["message"], finding["remedy"]
    return Text(f"{message['zh_CN']}{remedy['zh_CN']}", f"{message['en']} {remedy['en']}")
