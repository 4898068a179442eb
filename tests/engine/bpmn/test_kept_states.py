"""States that a release has written are loaded and worked off by every later one.

``tests/fixtures/states/<release>/`` holds diagrams with a state each. Never change a file
there: real cases lie in databases in exactly this form. A new release adds a folder.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine import bpmn
from engine.worktime import Calendar

STATES = sorted((Path(__file__).parents[2] / "fixtures/states").glob("*/*.json"))


class Kept:
    """A stored state under work."""

    def __init__(self, file: Path) -> None:
        self.told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        files = {"diagram.bpmn": file.with_suffix(".bpmn").read_bytes()}
        self.definition = bpmn.parse(files, self.told["process"])
        now = datetime.fromisoformat(self.told["now"])
        self.context = bpmn.Context(now=now, level=self.told["level"], calendar=Calendar())
        self.state: str = self.told["state"]
        self.ended = False

    def took(self, step: bpmn.Step) -> None:
        self.state, self.ended = step.state, step.ended

    def do(self, node_id: str, answers: dict[str, Any]) -> None:
        tasks = bpmn.open_tasks(self.definition, self.state)
        key = next(task.engine_id for task in tasks if task.node_id == node_id)
        self.took(bpmn.complete(self.definition, self.state, key, answers, self.context))

    def fire(self, node_id: str, _: dict[str, Any]) -> None:
        key = next(key for key, name, _ in self.told["timers"] if name == node_id)
        self.took(bpmn.fire_timer(self.definition, self.state, key, self.context))

    def send(self, message: str, answers: dict[str, Any]) -> None:
        self.took(bpmn.send_message(self.definition, self.state, message, answers, self.context))


def test_it_has_states_to_load():
    assert STATES


@pytest.mark.parametrize("file", STATES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_it_goes_on_with_a_state_of_an_earlier_release(file):
    kept = Kept(file)
    open_now = bpmn.open_tasks(kept.definition, kept.state)
    assert sorted(task.node_id for task in open_now) == kept.told["open"]
    waiting = bpmn.catches(kept.definition, kept.state)
    assert [catch.message for catch in waiting] == kept.told["waiting"]

    for operation, name, answers in kept.told["then"]:
        getattr(kept, operation)(name, answers)

    assert kept.ended is kept.told["ends"]


def test_it_refuses_a_state_of_another_process():
    first, second = Kept(STATES[0]), Kept(STATES[-1])

    with pytest.raises(bpmn.Unreachable):
        bpmn.open_tasks(first.definition, second.state)


@pytest.mark.parametrize(
    "state",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"format":1}',
        '{"format":2,"variables":{},"scopes":[]}',
        '{"scopes":[{}]}',
    ],
)
def test_it_refuses_what_is_no_state(state):
    with pytest.raises(bpmn.Unreachable):
        bpmn.open_tasks(Kept(STATES[0]).definition, state)
