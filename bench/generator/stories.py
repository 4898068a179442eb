"""What happened, in the words of those who report it: a title and an account, by category."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

TABLE = Path(__file__).with_name("stories.csv")
LINES = Path(__file__).with_name("words.csv")
# The fields of the opening forms that name the category, and those that take the story.
CATEGORIES = ("category", "topic", "dispute_type")
FIELDS = {"summary": "title", "details": "account", "facts": "account", "claim": "claim"}
# What officials write of their work, in any step.
REPORTS = (
    "已到现场核实，情况属实。", "已联系当事人，约定时间上门。", "已安排专人处理，三日内完成。",
    "已处理完毕，并向群众当面说明。", "已与相关单位会商，按职责分工落实。",
    "已电话回复，群众表示理解。", "材料齐全，符合规定，同意办理。", "请按要求办理，注意留存照片。",
)  # fmt: skip


class StoryText(NamedTuple):
    """A title, what happened, and what is asked for."""

    title: str
    account: str
    claim: str = ""


def choose(answers: Mapping[str, Any], dice: random.Random) -> StoryText:
    """Return a story that fits the category in the first answers."""
    category = next((answers[name] for name in CATEGORIES if name in answers), "")
    known = _stories()
    return dice.choice(known.get(category) or known[""])


def with_story(answers: Mapping[str, Any], story: StoryText) -> dict[str, Any]:
    """Return the answers with the story's words in the fields that take them."""
    found = {name: getattr(story, part) for name, part in FIELDS.items() if name in answers}
    return {**answers, **found}


def line(field: str, dice: random.Random) -> str:
    """Return what somebody writes into a field of one line; a title where nothing is known."""
    known = lines().get(field)
    return dice.choice(known) if known else choose({}, dice).title


@cache
def lines() -> Mapping[str, list[str]]:
    """Return what is written into fields of one line, by the field's name."""
    found: dict[str, list[str]] = {}
    with LINES.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            found.setdefault(row["field"], []).append(row["words"])
    return found


@cache
def _stories() -> dict[str, list[StoryText]]:
    """By category; those under no category fit any other."""
    found: dict[str, list[StoryText]] = {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            claim = row["claim"] or "请求依法依理调解。"
            found.setdefault(row["category"], []).append(
                StoryText(row["title"], row["account"], claim)
            )
    return found
