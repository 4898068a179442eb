"""The way of a trial as its page carries it: where and when it began, and every move since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.bpmn.trial import BadScenario, Scenario, ScenarioMove
from engine.bpmn.trial.scenario import MOST_MOVES, moment
from engine.errors import Refusal
from feel.text import Text
from forms import Form

LONGEST_WAY = 400_000
_NAME = Text("试运行", "Trial")


class BadTrialPath(Refusal):
    """What the page sent is no way that can be played; ``text`` says why."""

    text = Text("这次试运行无法继续，请重新开始。", "This trial run cannot continue; start again.")


def begin(process: str, level: str, place: str, start: datetime) -> Scenario:
    """Return a way without any move."""
    return Scenario(process, _NAME, level, start, (), place)


def parse(text: str) -> Scenario:
    """Return a way as a page sent it. Raises BadTrialPath."""
    try:
        data = json.loads(text[: LONGEST_WAY + 1])
        start, moves = moment(data["start"]), data["moves"]
        if not isinstance(moves, list) or len(moves) > MOST_MOVES:
            raise BadTrialPath()
        process, level, place = (str(data.get(key, "")) for key in ("process", "level", "place"))
        return replace(
            begin(process, level, place, start),
            moves=tuple(ScenarioMove.read(one) for one in moves),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadTrialPath() from error
    except BadScenario as error:
        raise BadTrialPath() from error


def serialize(way: Scenario) -> str:
    """Return a way for the page to carry; what was expected of it is not part of the way."""
    return json.dumps(bare(way).as_json(), ensure_ascii=False, separators=(",", ":"))


def bare(way: Scenario) -> Scenario:
    """Return the moves without what was expected of them."""
    return replace(way, moves=tuple(replace(move, expect=None) for move in way.moves))


def extended(way: Scenario, *moves: ScenarioMove) -> Scenario:
    """Return the way with more moves. Raises BadTrialPath where it grows too long."""
    longer = (*way.moves, *moves)
    if len(longer) > MOST_MOVES:
        text = Text(f"一次试运行最多 {MOST_MOVES} 步。", f"A trial has at most {MOST_MOVES} moves.")
        raise BadTrialPath(way.process, text=text)
    return replace(way, moves=longer)


def cut(way: Scenario, length: int) -> Scenario:
    """Return the way up to a move, to go on differently from there."""
    return replace(way, moves=way.moves[: max(0, length)])


def impersonal(form: Form | None, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers that a scenario may hold: nothing personal and no files; neither steers a
    case.
    """
    if form is None:
        return {}
    files = {field.name for field in form.fields if field.kind == "files"}
    left_out = form.personal | files
    return {
        name: value
        for name, value in answers.items()
        if name in form.names and name not in left_out and value not in (None, "", [])
    }
