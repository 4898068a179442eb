"""The operations on a running case. Each is pure: a state goes in, a Step comes out.

Whatever is raised, the caller's state is untouched and can be tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.bpmn.assignment import catch, open_task
from engine.bpmn.context import Context
from engine.bpmn.definition import ProcessDefinition
from engine.bpmn.elements.throwing import fire_all, throw, waiting_for
from engine.bpmn.errors import EngineFault, NotCaught, UnknownTask
from engine.bpmn.instance import Run
from engine.bpmn.state import load, save, stuck
from engine.bpmn.step import AwaitedMessage, ClosedTask, OpenTask, Step, Timer
from engine.bpmn.tokens import COMPLETED, READY, WAITING, Token
from engine.errors import DomainError
from feel import to_json
from feel.text import Text

Variables = Mapping[str, Any]

# For looking at a state: nothing runs, so neither the time nor the level is ever asked for.
_READING = Context(now=datetime.min.replace(tzinfo=UTC), level="")


class Operation:
    """One operation: remembers what was open before, to tell what has changed."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.tasks = {token.id: token for token in tasks_of(run)}
        self.timers = {token.id for token in timers_of(run)}
        self.moved_ids: set[str] = set()

    def step(self, action: Callable[[], object] | None = None) -> Step:
        """Act, run on to the next rest, and describe the difference; raises EngineFault."""
        try:
            if action is not None:
                action()
            self.run.settle()
            return self._difference()
        except DomainError:
            raise
        except Exception as error:
            kind = type(error).__name__
            text = Text(f"引擎内部错误（{kind}）。", f"The engine failed ({kind}).")
            raise EngineFault(self.run.at, text) from error

    def _difference(self) -> Step:
        run = self.run
        fault = stuck(run)
        if fault is not None:
            raise fault
        now = tasks_of(run)
        armed = timers_of(run)
        return Step(
            state=save(run),
            opened_tasks=tuple(open_task(token) for token in now if token.id not in self.tasks),
            closed_tasks=self._closed_tasks({token.id for token in now}),
            timers=tuple(timer(token) for token in armed if token.id not in self.timers),
            disarmed_timers=tuple(sorted(self.timers - {token.id for token in armed})),
            effects=tuple(run.effects),
            context=run.context,
            ended=run.completed,
            end_node=run.end_node,
            passed_nodes=tuple(run.passed_nodes),
            answers=tuple(run.answers),
            answer_place=run.answer_place,
            waiting=tuple(catch(token) for token in waiting_for(run, "message")),
            variables=run.variables,
        )

    def _closed_tasks(self, still: set[str]) -> tuple[ClosedTask, ...]:
        return tuple(
            ClosedTask(key, token.task_spec.bpmn_id, self._how(token))
            for key, token in self.tasks.items()
            if key not in still
        )

    def _how(self, token: Token) -> str:
        if token.id in self.moved_ids:
            return "moved"
        return "completed" if token._state == COMPLETED else "cancelled"


def tasks_of(run: Run) -> list[Token]:
    """Return the tokens that wait for a person."""
    return [
        token
        for scope in run.scopes
        for token in scope.tasks.values()
        if token._state == READY and token.task_spec.manual
    ]


def timers_of(run: Run) -> list[Token]:
    """Return the tokens that wait for a moment."""
    return [
        token
        for scope in run.scopes
        for token in scope.tasks.values()
        if token._state == WAITING and "due" in token.internal_data
    ]


def timer(token: Token) -> Timer:
    """Describe an armed timer."""
    kept = token.internal_data
    at = datetime.fromisoformat(kept["due"])
    node_id = token.task_spec.catch_node.id
    kind, left = token.task_spec.event.timer, kept.get("left", 1)
    limit = kept.get("limit")
    if limit is None:
        return Timer(token.id, node_id, kind, at, left)
    amount, unit, since = limit
    return Timer(token.id, node_id, kind, at, left, (amount, unit), datetime.fromisoformat(since))


def start(definition: ProcessDefinition, variables: Variables, context: Context) -> Step:
    """Begin a case at the plain start event; raises EngineFault."""
    run = Run(definition, context, {})
    run.keep(run.task_tree, pure(variables))
    return Operation(run).step(run.begin)


def complete(
    definition: ProcessDefinition,
    state: str,
    engine_id: str,
    variables: Variables,
    context: Context,
) -> Step:
    """Finish a person's task with its answers.

    Only names in ``definition.variables`` are kept; give None for what was left unanswered,
    because a condition that reads a name nobody ever set is a fault.
    Raises UnknownTask, EngineFault.
    """
    run = load(definition, state, context)
    work = Operation(run)
    token = work.tasks.get(engine_id)
    if token is None:
        raise UnknownTask(engine_id)
    run.keep(token, pure(variables))
    run.at = token.task_spec.bpmn_id
    return work.step(token.run)


def fire_timer(definition: ProcessDefinition, state: str, engine_id: str, context: Context) -> Step:
    """Fire the timer with this id, whatever the time is; raises UnknownTask, EngineFault."""
    run = load(definition, state, context)
    work = Operation(run)
    token = run.find(engine_id)
    if token is None or engine_id not in work.timers:
        raise UnknownTask(engine_id)
    run.at = token.task_spec.bpmn_id
    return work.step(lambda: token.task_spec.fire(token))


def send_message(
    definition: ProcessDefinition,
    state: str,
    message: str,
    variables: Variables,
    context: Context,
    catch_id: str | None = None,
) -> Step:
    """Give a message to everything that waits for it now, or to one waiting element alone.

    That element is named by ``AwaitedMessage.engine_id``.

    Raises NotCaught, EngineFault.
    """
    run = load(definition, state, context)
    work = Operation(run)
    found = waiting_for(run, "message", message)
    waiting = [token for token in found if catch_id in (None, token.id)]
    if not waiting:
        raise NotCaught(message)
    for token in waiting:
        run.keep(token, pure(variables))
    return work.step(lambda: fire_all(waiting))


def throw_escalation(
    definition: ProcessDefinition, state: str, engine_id: str, code: str, context: Context
) -> Step:
    """Raise an escalation at an open task, as if its activity had thrown it.

    The event on the task's border is asked first, then those around it.
    Raises UnknownTask, NotCaught, EngineFault.
    """
    run = load(definition, state, context)
    work = Operation(run)
    token = run.find(engine_id)
    if token is None:
        raise UnknownTask(engine_id)

    def escalate() -> None:
        if not throw("escalation", code, token):
            raise NotCaught(code)

    return work.step(escalate)


def retry(definition: ProcessDefinition, state: str, context: Context) -> Step:
    """Look again at what could go on by itself, after a repair; raises EngineFault."""
    return Operation(load(definition, state, context)).step()


def set_variables(
    definition: ProcessDefinition, state: str, engine_id: str | None, values: Variables
) -> str:
    """Set variables of the case, or of the instance that a task belongs to; give the new state.

    Raises UnknownTask.
    """
    run = load(definition, state, _READING)
    token = run.task_tree if engine_id is None else run.find(engine_id)
    if token is None:
        raise UnknownTask(engine_id)
    run.keep(token, pure(values))
    return save(run)


def variables(definition: ProcessDefinition, state: str) -> Variables:
    """Return the case's variables as they stand."""
    return load(definition, state, _READING).variables


def open_tasks(definition: ProcessDefinition, state: str) -> tuple[OpenTask, ...]:
    """Return the open work of a state."""
    return tuple(open_task(token) for token in tasks_of(load(definition, state, _READING)))


def armed_timers(definition: ProcessDefinition, state: str) -> tuple[Timer, ...]:
    """Return the moments that a state waits for."""
    return tuple(timer(token) for token in timers_of(load(definition, state, _READING)))


def catches(definition: ProcessDefinition, state: str) -> tuple[AwaitedMessage, ...]:
    """Return the messages that the diagram takes now."""
    run = load(definition, state, _READING)
    return tuple(catch(token) for token in waiting_for(run, "message"))


def pure(values: Variables) -> dict[str, Any]:
    """Turn values into plain JSON; raises EngineFault for what has no JSON form."""
    try:
        return {str(name): to_json(value) for name, value in values.items()}
    except (TypeError, ValueError, RecursionError) as error:
        text = Text("变量的值不能保存。", "A variable's value cannot be stored.")
        raise EngineFault(None, text, [str(name) for name in values]) from error
