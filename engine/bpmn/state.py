"""A case's state as text: its open tokens and its variables, without the diagram.

Finished history is not part of it, so its size follows the open work alone. The format is
our own (version 1): plain JSON in which no key of a user's data has a meaning.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.context import Context
from engine.bpmn.elements.catching import JoinedTokens
from engine.bpmn.elements.repeat import Repeat
from engine.bpmn.errors import EngineFault, Unreachable
from engine.bpmn.instance import Run, RunningScope
from engine.bpmn.tokens import COMPLETED, FINISHED, Token
from feel.text import Text

if TYPE_CHECKING:
    from engine.bpmn.definition import ProcessDefinition

FORMAT: Final = 1
_NAMES: Final = {TaskState.READY: "ready", TaskState.WAITING: "waiting",
                 TaskState.STARTED: "started", COMPLETED: "done"}  # fmt: skip
_STATES: Final = {name: state for state, name in _NAMES.items()}


def save(run: Run) -> str:
    """Write what is needed to go on later."""
    document: dict[str, Any] = {"format": FORMAT, "variables": run.variables}
    document["scopes"] = [] if run.completed else [_scope(scope) for scope in run.scopes]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _scope(scope: Run | RunningScope) -> dict[str, Any]:
    host = scope.host.id if isinstance(scope, RunningScope) else None
    return {"host": host, "spec": scope.spec.name, "tokens": _tokens(scope)}


def _tokens(scope: Run | RunningScope) -> list[dict[str, Any]]:
    """Return the open tokens; a group comes before its members, finished instances go."""
    written: dict[str, dict[str, Any]] = {}
    for token in scope.open_tokens():
        parent = token.parent
        under = None
        if parent is not None and _tied(parent):
            under = parent.id
            if parent._state & FINISHED and under not in written:
                written[under] = _token(parent, None)
        written[token.id] = _token(token, under)
    return list(written.values())


def _tied(parent: Token) -> bool:
    """Return whether the children must be found under this token; finished repetitions drop
    theirs.
    """
    if isinstance(parent.task_spec, Repeat):
        return not parent._state & FINISHED
    return isinstance(parent.task_spec, JoinedTokens)


def _token(token: Token, under: str | None) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": token.id,
        "at": token.task_spec.name,
        "state": _NAMES[token._state],
    }
    if under is not None:
        record["under"] = under
    if token.internal_data:
        record["keep"] = token.internal_data
    if token.own is not None:
        record["own"] = token.own
    return record


def load(definition: ProcessDefinition, state: str, context: Context) -> Run:
    """Restore a case from its state; raises Unreachable for a state that does not fit."""
    try:
        document = json.loads(state)
        if document["format"] != FORMAT:
            raise ValueError(document["format"])
        run = Run(definition, context, document["variables"])
        for record in document["scopes"]:
            _load_scope(run, record)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Unreachable(None, _UNFIT) from error
    run.completed = not document["scopes"]
    return run


_UNFIT = Text(
    "事项的流程状态与流程版本不符，无法继续。",
    "The state of the case does not fit the version of its process.",
)


def _load_scope(run: Run, record: dict[str, Any]) -> None:
    scope: Run | RunningScope = run
    if record["host"] is not None:
        host = run.find(record["host"])
        if host is None:
            raise KeyError(record["host"])
        scope = RunningScope(run.subprocess_specs[record["spec"]], host)
    elif record["spec"] != run.spec.name:
        raise KeyError(record["spec"])
    for kept in record["tokens"]:
        _load_token(scope, kept)


def _load_token(scope: Run | RunningScope, record: dict[str, Any]) -> None:
    name = record["at"]
    spec = scope.spec.task_specs.get(name)
    if spec is None:
        text = Text(f"流程版本中没有环节“{name}”。", f"The version has no element “{name}”.")
        raise Unreachable(name, text)
    under = record.get("under")
    parent = scope.tasks[under] if under is not None else scope.task_tree
    token = Token(scope, spec, parent, _STATES[record["state"]], record["id"])
    token.internal_data = record.get("keep", {})
    if "own" in record:
        token.overlay(record["own"])
    if "got" in token.internal_data and name in scope.spec.join_names:
        scope.waiting_joins[name] = token


def stuck(run: Run) -> EngineFault | None:
    """Return the fault of a scope that waits only at joins no token can reach, else None.

    Events that could still end such a scope from outside do not excuse it: nobody has a
    task there, and nobody would notice.
    """
    if run.completed:
        return None
    for scope in run.scopes:
        joins = {token.id for token in scope.waiting_joins.values()}
        armed = {token.id for token in scope.armed_subprocesses()}
        if all(token.id in joins or token.id in armed for token in scope.open_tokens()):
            at = next((t.task_spec.bpmn_id for t in scope.waiting_joins.values()), scope.spec.name)
            return Unreachable(at, _STUCK)
    return None


_STUCK = Text(
    "流程停住了：没有待办环节，也不在等待任何事件（通常是并行汇聚在等一个不会到来的分支）。",
    "The process has stopped: nothing is open and nothing is waited for (usually a parallel "
    "join waits for a branch that will never arrive).",
)
