"""A way kept as a scenario: played once more as the check plays it, with what came of each move."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import replace

from engine.bpmn.errors import EngineFault
from engine.bpmn.trial import BadScenario, CannotPlay, Scenario, TrialCase, record
from engine.drafting.trials.subject import TrialSubject
from engine.drafting.trials.trial_path import bare
from engine.errors import InvalidInput
from engine.worktime import published_calendar
from feel.text import Text
from forms import InvalidAnswers

LONGEST_NAME = 80


def keep(subject: TrialSubject, way: Scenario, name: Text) -> bytes:
    """Return the file of a scenario: starting data, answers, and after each move who has what until
    when.

    By the published calendar and our own levels, as every check will play it. Raises InvalidInput.
    """
    if not way.moves:
        raise InvalidInput({"name": Text("还没有走一步。", "Nothing was done yet.")})
    if not name.zh.strip():
        raise InvalidInput({"name": Text("请填写用例名称。", "Give the scenario a name.")})
    trial = TrialCase(
        subject.version.definition,
        subject.version.forms,
        level=way.level,
        now=way.start,
        calendar=published_calendar(),
        picture=subject.picture,
        place=way.place or None,
    )
    try:
        moves = tuple(record(trial, move) for move in bare(way).moves)
    except (CannotPlay, EngineFault, BadScenario, InvalidAnswers) as error:
        text = Text(
            "该路径未通过检查，不能存为用例。",
            "This way cannot be played as checks play it, so it is no scenario.",
        )
        raise InvalidInput({"name": text}) from error
    zh = name.zh.strip()[:LONGEST_NAME]
    words = Text(zh, name.en.strip()[:LONGEST_NAME] or zh)
    kept = replace(way, name=words, moves=moves)
    return (json.dumps(kept.as_json(), ensure_ascii=False, indent=2) + "\n").encode()


def path_for(process: str, name: Text, taken: Collection[str]) -> str:
    """Return where a new scenario goes: by its English name if it has one, else by number."""
    stem = re.sub(r"[^a-z0-9]+", "_", name.en.lower()).strip("_")[:40] or "scenario"
    number = 1
    while True:
        tail = "" if number == 1 and stem != "scenario" else f"_{number}"
        path = f"processes/{process}/scenarios/{stem}{tail}.json"
        if path not in taken:
            return path
        number += 1
