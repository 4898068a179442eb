"""A way through a diagram as a file: what is done, and what must be open and due afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.bpmn.errors import EngineFault
from engine.bpmn.trial.comparison import ENDED, differs
from engine.bpmn.trial.play import CannotPlay, TrialCase
from feel.text import Text
from forms import InvalidAnswers

DOES = ("answer", "message", "timer", "late", "return", "clock")
MOST_MOVES = 200


class BadScenario(Exception):
    """The file does not say a scenario; ``text`` tells what is missing."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


@dataclass(frozen=True)
class ScenarioMove:
    """One thing that is done; ``expect`` is what must be so afterwards, as far as it says.

    ``node`` is the task or timer, for a message its name; ``to`` where a task is returned, or
    the moment to which the clock is turned.
    """

    do: str
    node: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""
    expect: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the file holds it."""
        found: dict[str, Any] = {"do": self.do, "node": self.node}
        if self.answers:
            found["answers"] = dict(self.answers)
        if self.to:
            found["to"] = self.to
        if self.expect is not None:
            found["expect"] = self.expect
        return found

    @classmethod
    def read(cls, data: Any) -> ScenarioMove:
        """Read one. Raises BadScenario."""
        if not isinstance(data, Mapping) or data.get("do") not in DOES:
            raise BadScenario(
                f"每一步的 do 应为：{'、'.join(DOES)}。", f"“do” is one of {', '.join(DOES)}."
            )
        answers, expect = data.get("answers", {}), data.get("expect")
        if not isinstance(answers, Mapping) or not isinstance(expect, Mapping | None):
            raise BadScenario("answers 和 expect 应为对象。", "“answers” and “expect” are objects.")
        return cls(data["do"], str(data.get("node", "")), answers, str(data.get("to", "")), expect)


@dataclass(frozen=True)
class Scenario:
    """Where and when a case begins, and everything that happens to it."""

    process: str
    name: Text
    level: str
    start: datetime
    moves: tuple[ScenarioMove, ...]
    # The code of the place; a scenario that holds anywhere names none.
    place: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as the file holds it."""
        return {
            "process": self.process,
            "name": self.name.json(),
            "level": self.level,
            **({"place": self.place} if self.place else {}),
            "start": self.start.isoformat(),
            "moves": [move.as_json() for move in self.moves],
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Scenario:
        """Read one. Raises BadScenario."""
        moves, name = data.get("moves"), data.get("name")
        if not isinstance(moves, list) or not 0 < len(moves) <= MOST_MOVES:
            raise BadScenario(
                f"moves 应有 1 至 {MOST_MOVES} 步。", f"“moves” holds 1 to {MOST_MOVES} moves."
            )
        if not isinstance(name, Mapping) or not isinstance(name.get("zh_CN"), str):
            raise BadScenario("缺少名称 name。", "The name is missing.")
        words = Text(name["zh_CN"], str(name.get("en") or name["zh_CN"]))
        return cls(
            str(data.get("process", "")),
            words,
            str(data.get("level", "")),
            moment(data.get("start")),
            tuple(ScenarioMove.read(move) for move in moves),
            str(data.get("place", "")),
        )


@dataclass(frozen=True)
class ScenarioResult:
    """How a scenario went: the flows it took, and why it failed, if it did."""

    taken_flows: frozenset[str]
    failure: Text | None = None
    element: str = ""


def moment(value: Any) -> datetime:
    """Return a moment with its zone. Raises BadScenario."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadScenario("时间写法有误。", "This is no moment of time.") from error
    if found.tzinfo is None:
        raise BadScenario("时间要写明时区。", "A moment needs its time zone.")
    return found


def make(trial: TrialCase, move: ScenarioMove) -> None:
    """Do one move. Raises CannotPlay, forms.InvalidAnswers, EngineFault or BadScenario."""
    if move.do == "answer":
        trial.answer(move.node, move.answers)
    elif move.do == "message":
        trial.send(move.node, move.answers)
    elif move.do == "timer":
        trial.wait(move.node)
    elif move.do == "late":
        trial.late(move.node)
    elif move.do == "return":
        trial.send_back(move.node, move.to)
    else:
        trial.turn(moment(move.to))


def run(scenario: Scenario, trial: TrialCase) -> ScenarioResult:
    """Play a scenario on a fresh trial and hold every expectation against it."""
    for number, move in enumerate(scenario.moves, 1):
        try:
            make(trial, move)
        except (CannotPlay, EngineFault, BadScenario) as error:
            return ScenarioResult(frozenset(trial.taken_flows), _at(number, error.text), move.node)
        except InvalidAnswers as error:
            path, texts = next(iter(error.errors.items()))
            said = Text(f"“{path}”{texts[0].zh}", f"“{path}”: {texts[0].en}")
            return ScenarioResult(frozenset(trial.taken_flows), _at(number, said), move.node)
        expected = move.expect
        nodes = trial.definition.nodes
        failure = differs(expected, observation(trial), nodes) if expected is not None else None
        if failure is not None:
            return ScenarioResult(frozenset(trial.taken_flows), _at(number, failure), move.node)
    return ScenarioResult(frozenset(trial.taken_flows))


def record(trial: TrialCase, move: ScenarioMove) -> ScenarioMove:
    """Do a move and write down what came of it as its expectation."""
    make(trial, move)
    return ScenarioMove(move.do, move.node, move.answers, move.to, observation(trial))


def observation(trial: TrialCase) -> dict[str, Any]:
    """Return what stands open, at which level and for whom, until when; which end was reached."""
    if trial.ended:
        return {ENDED: trial.end_node}
    found: dict[str, Any] = {}
    for one in trial.open:
        task = one.task
        told: dict[str, Any] = {"role": task.role, "level": task.level}
        if task.unit:
            told["unit"] = task.unit
        if one.due is not None:
            told["due"] = one.due.astimezone(trial.calendar.zone).isoformat()
        if one.sign_due is not None:
            told["sign_due"] = one.sign_due.astimezone(trial.calendar.zone).isoformat()
        found.setdefault(task.node_id, told)
    return {"open": found}


def _at(number: int, text: Text) -> Text:
    return Text(f"第 {number} 步：{text.zh}", f"Move {number}: {text.en}")
