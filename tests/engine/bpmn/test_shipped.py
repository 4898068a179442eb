"""The processes that ship, walked at random: never stuck, always small, always at an end."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import bpmn
from tests.engine.bpmn.diagrams import CONTEXT

PROCESSES = sorted(
    folder
    for folder in (Path(__file__).parents[3] / "processes").iterdir()
    if folder.is_dir() and any(folder.glob("*.bpmn"))
)


Choices = dict[str, list[Any]]


def values(name: str, text: str) -> list[Any]:
    """Give the values that a variable is compared with, or some of its kind."""
    if name == "called_units":
        return [["A"], ["A", "B"]]
    if re.search("count|amount|after", name):
        return [1, 3, 50]
    asked = rf'typeRef="boolean">\s*<text>{name}</text>'
    if re.search(rf"\b{name} = (true|false)", text) or re.search(asked, text):
        return [True, False]
    named = re.findall(rf'\b{name} = "([^"]+)"', text)
    others = re.findall(r'"([^"<>\n]{1,20})"</', text)
    return named + others[:: max(1, 40 // (len(named) + 1))]


class Walk:
    """A case whose people, citizens and clocks do what the dice say."""

    def __init__(self, definition: bpmn.ProcessDefinition, choices: Choices, seed: int) -> None:
        self.dice = random.Random(seed)
        self.definition, self.choices = definition, choices
        context = replace(CONTEXT, level=self.dice.choice(CONTEXT.levels))
        self.timers: set[str] = set()
        self.took(bpmn.start(self.definition, {}, context))

    def took(self, step: bpmn.Step) -> None:
        self.step = step
        self.timers = self.timers - set(step.disarmed_timers) | {t.engine_id for t in step.timers}

    def answers(self) -> dict[str, Any]:
        """Throw the dice for every variable."""
        return {name: self.dice.choice(values) for name, values in sorted(self.choices.items())}

    def moves(self) -> Iterator[Any]:
        """Give what can be done now, as calls that are still to be made."""
        state = self.step.state
        context = replace(self.step.context, now=self.step.context.now + timedelta(hours=5))
        for task in bpmn.open_tasks(self.definition, state):
            args = (self.definition, state, task.engine_id)
            for _ in range(3):
                yield lambda args=args: bpmn.complete(*args, self.answers(), context)
            for target in self.definition.nodes[task.node_id].return_to:
                yield lambda args=args, to=target: bpmn.move_token(*args, to, context)
        for caught in bpmn.catches(self.definition, state):
            args = (self.definition, state, caught.message)
            yield lambda args=args: bpmn.send_message(*args, self.answers(), context)
        for timer in sorted(self.timers):
            yield lambda timer=timer: bpmn.fire_timer(self.definition, state, timer, context)

    def go(self) -> None:
        try:
            self.took(self.dice.choice(list(self.moves()))())
        except bpmn.Unreachable:
            raise
        except bpmn.EngineFault:
            pass  # dice give answers that no form would let through


@pytest.mark.parametrize("folder", PROCESSES, ids=lambda folder: folder.name)
def test_it_works_off_the_processes_that_ship(folder):
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    definition = bpmn.parse(files, folder.name)
    text = " ".join(map(bytes.decode, files.values()))
    choices = {name: values(name, text) for name in definition.variables}
    for seed in range(60):
        walk = Walk(definition, choices, seed)
        for _ in range(600):
            if walk.step.ended:
                break
            walk.go()
            assert len(walk.step.state.encode()) < 8_000
        assert walk.step.ended, f"seed {seed} is still at work"
