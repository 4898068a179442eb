"""The table of what citizens can report: which choice becomes which process, and as what. Pure.

One decision table with the hit policy "rule order": asked with the kind of page (report, enquiry,
whistle) it returns the choices in the order in which the page shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import feel
from engine.definitions.escalation_table import BadTable
from feel.text import Text

CITIZENS = "citizens"
CITIZENS_PATH = f"processes/{CITIZENS}.dmn"
NAMES = Text("公众上报分类表", "Table of citizens' reports")
# The pages that ask the table.
KINDS = ("report", "enquiry", "whistle")
PROCESSES = ("ticket", "hotline")
UNUSABLE = Text(
    "公众上报分类表须对 report、enquiry、whistle 各给出至少一个选项：名称不重复，流程是 ticket 或 "
    "hotline，热线类别（topic）不能空。",
    "The table of citizens' reports must give at least one choice for report, enquiry and whistle: "
    "names not twice, the process ticket or hotline, a topic of the hotline with each.",
)


@dataclass(frozen=True)
class CitizenChoice:
    """One choice of a page, and what it opens.

    ``topic`` is the hotline's, also where there is no grid that could take a ticket.
    """

    name: str
    name_en: str
    process: str
    category: str
    setting: str
    topic: str
    request: str
    anonymous: bool
    # Whether people near there learn that it was reported, and where it stands.
    public: bool = False


@dataclass(frozen=True)
class CitizenChoices:
    """One version of the table: its choices by kind of page."""

    by_kind: Mapping[str, tuple[CitizenChoice, ...]]

    def choice(self, kind: str, name: str) -> CitizenChoice | None:
        """Return the choice of that name."""
        return next((one for one in self.by_kind.get(kind, ()) if one.name == name), None)


@lru_cache(maxsize=8)
def load(content: bytes) -> CitizenChoices:
    """Read the table. Raises FeelError or BadTable."""
    model = feel.load_dmn(content)
    for broken in model.broken_decisions.values():
        raise broken.fault()
    if len(model.by_id) != 1:
        raise BadTable(CITIZENS, text=UNUSABLE)
    (decision,) = model.by_id.values()
    found = {kind: _choices(decision, kind) for kind in KINDS}
    if any(not _is_usable(choices) for choices in found.values()):
        raise BadTable(CITIZENS, text=UNUSABLE)
    return CitizenChoices(found)


def _choices(decision: feel.Decision, kind: str) -> tuple[CitizenChoice, ...]:
    rows = decision.decide({"kind": kind}).result
    return tuple(_choice(row) for row in rows if isinstance(row, Mapping)) if _is_list(rows) else ()


def _is_list(rows: Any) -> bool:
    return isinstance(rows, (list, tuple))


def _choice(row: Mapping[str, Any]) -> CitizenChoice:
    def text(name: str) -> str:
        return str(row.get(name) or "")

    return CitizenChoice(
        name=text("name"),
        name_en=text("name_en"),
        process=text("process"),
        category=text("category"),
        setting=text("setting"),
        topic=text("topic"),
        request=text("request"),
        anonymous=row.get("anonymous") is True,
        # What becomes an order of the hotline has no place that could be shown.
        public=row.get("public") is True and text("process") == "ticket",
    )


def _is_usable(choices: tuple[CitizenChoice, ...]) -> bool:
    names = [one.name for one in choices]
    whole = all(one.name and one.topic and one.process in PROCESSES for one in choices)
    return bool(choices) and whole and len(set(names)) == len(names)
