"""Move an open task's token to another node: sending back, skipping on, taking back up."""

from __future__ import annotations

from typing import Any

from engine.bpmn.blocks import Surroundings
from engine.bpmn.context import Context
from engine.bpmn.definition import ProcessDefinition
from engine.bpmn.elements.boundary_event import BoundarySplit
from engine.bpmn.elements.catching import cancel_others
from engine.bpmn.elements.join import Join
from engine.bpmn.elements.registry import SCOPE_KINDS
from engine.bpmn.elements.repeat import Repeat
from engine.bpmn.errors import UnknownTask
from engine.bpmn.instance import Run, RunningScope
from engine.bpmn.nodes import Node
from engine.bpmn.operations import Operation
from engine.bpmn.state import load
from engine.bpmn.step import Step
from engine.bpmn.tokens import FINISHED, Token


def move_token(
    definition: ProcessDefinition, state: str, engine_id: str, target_node: str, context: Context
) -> Step:
    """Take an open task away and put its token on another node of the same case.

    The target may lie in a scope around the task (its subprocess then ends) or in a
    subprocess inside one. An instance of a multi-instance activity moves with all its
    fellows. A parallel block is left as a whole: its other branches are cancelled. Going back
    into one branch of a finished block does not make it wait for the others again.
    Raises UnknownTask for either end, CannotMove across two branches, EngineFault.
    """
    run = load(definition, state, context)
    work = Operation(run)
    token = run.find(engine_id)
    if token is None:
        raise UnknownTask(engine_id)
    place, path = route(run, token, target_node)
    run.at = target_node
    return work.step(lambda: move(work, place, path))


def move(work: Operation, place: Token, path: list[str]) -> None:
    """Take ``place`` away and put a token at the end of ``path``; raises CannotMove."""
    scope: Run | RunningScope = place.workflow
    around = Surroundings(scope, _outermost(place).task_spec.name, scope.spec.entries[path[0]])
    around.refuse_crossing()
    work.moved_ids.update(_leave(place, work))
    for token in around.abandoned_tokens():
        token.cancel()
    around.credit()
    for host, inside in zip(path, path[1:], strict=False):
        scope = _enter(scope, host)
        Surroundings(scope, "", scope.spec.entries[inside]).credit()
    _put(scope, path[-1])


def route(run: Run, token: Token, target: str) -> tuple[Token, list[str]]:
    """Find the nearest scope around the token that holds the target, maybe further inside."""
    place: Token | None = token
    while place is not None:
        path = _path(run, place.workflow.spec, target)
        if path:
            return place, path
        place = getattr(place.workflow, "host", None)
    raise UnknownTask(target)


def _path(run: Run, spec: Any, target: str) -> list[str]:
    """Return the chain of embedded subprocesses that leads to the target, and the target."""
    stack: list[tuple[Any, list[str]]] = [(spec, [])]
    while stack:
        here, path = stack.pop()
        if target in here.entries and _takes_tokens(here.task_specs[target].node):
            return [*path, target]
        for name in here.entries:
            made = here.task_specs[name]
            if made.node.kind in SCOPE_KINDS and not made.node.triggered and not made.node.loop:
                stack.append((run.subprocess_specs[name], [*path, name]))
    return []


def _takes_tokens(node: Node) -> bool:
    """Borders and event subprocesses wait for their events; nobody puts a token on them."""
    return node.kind != "boundaryEvent" and not node.triggered


def _leave(token: Token, work: Operation) -> set[str]:
    """End the activity that the token is in, with its border; give the tasks that were open."""
    before = {key for key, task in work.tasks.items() if not _closed(task)}
    top = _outermost(token)
    if top.parent is not None and isinstance(top.parent.task_spec, BoundarySplit):
        cancel_others(top.parent, top)
    top.cancel()
    return {key for key in before if _closed(work.tasks[key])}


def _outermost(token: Token) -> Token:
    """Return the token of the whole activity that an instance belongs to."""
    while token.parent is not None and isinstance(token.parent.task_spec, Repeat):
        token = token.parent
    return token


def _closed(token: Token) -> bool:
    return bool(token._state & FINISHED)


def _enter(scope: Run | RunningScope, host: str) -> RunningScope:
    """Open a subprocess without a token at its start."""
    token = _put(scope, host, start=False)
    inner: RunningScope = token.task_spec.enter(token)
    inner.arm()
    return inner


def _put(scope: Run | RunningScope, node_id: str, start: bool = True) -> Token:
    """Put a token on a node, or on the tie of its border."""
    entry = scope.spec.task_specs[scope.spec.entries[node_id]]
    token = Token(scope, entry, scope.task_tree)
    if isinstance(entry, Join):
        # Put on a join by hand, the token stands for all that are still missing.
        waiting = scope.waiting_joins.get(entry.name)
        if waiting is not None:
            waiting.cancel()
        token._ready()
    elif start:
        entry._update(token)
    elif isinstance(entry, BoundarySplit):
        return entry.open_border(token)
    return token
