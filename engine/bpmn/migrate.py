"""Take a running case to another version of its process, gently, or say why it cannot go.

Open tasks keep their ids, running timers their moments. What the new version adds on the
border of an open activity begins to wait; what it takes away is no longer waited for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn.context import Context
from engine.bpmn.definition import ProcessDefinition
from engine.bpmn.elements.boundary_event import BoundarySplit
from engine.bpmn.elements.parallel_gateway import ParallelGateway
from engine.bpmn.errors import CannotMigrate
from engine.bpmn.instance import Run, RunningScope
from engine.bpmn.operations import Operation, pure
from engine.bpmn.reach import onward, reach
from engine.bpmn.state import load
from engine.bpmn.step import Step
from engine.bpmn.tokens import COMPLETED, Token
from feel.text import Text

Record = dict[str, Any]


def migrate(
    old: ProcessDefinition,
    new: ProcessDefinition,
    state: str,
    context: Context,
    variables: Mapping[str, Any] | None = None,
) -> Step:
    """Return the case's step into the new version.

    ``variables`` may bring answers that only the new version's expressions ask for.
    Raises CannotMigrate with every reason, EngineFault.
    """
    before = Operation(load(old, state, context))
    document = json.loads(state)
    reasons = [reason for scope in document["scopes"] for reason in _unfit(old, new, scope)]
    if reasons:
        raise CannotMigrate(reasons)
    for scope in document["scopes"]:
        scope["tokens"] = list(_migrated_tokens(old, new, scope))
        if scope["host"] is None:
            scope["spec"] = new.spec.name
    run = load(new, json.dumps(document), context)
    run.keep(run.task_tree, pure({**run.variables, **(variables or {})}))
    for name in set(run.variables) - new.variables:
        del run.variables[name]
    work = Operation(run)
    work.tasks, work.timers = before.tasks, before.timers
    for here in run.scopes:
        _arm_new(old, here)
    waits = [reason for here in run.scopes for reason in _never(here)]
    if waits:
        raise CannotMigrate(waits)
    return work.step()


def _spec(definition: ProcessDefinition, scope: Record) -> Any:
    if scope["host"] is None:
        return definition.spec
    return definition.subprocess_specs.get(scope["spec"])


def _unfit(old: ProcessDefinition, new: ProcessDefinition, scope: Record) -> Iterator[Text]:
    """Yield the open nodes of a scope that the new version lacks or has changed."""
    here, there = _spec(old, scope), _spec(new, scope)
    if there is None:
        name = scope["spec"]
        yield Text(f"新版本没有“{name}”。", f"The new version has no “{name}”.")
        return
    for record in scope["tokens"]:
        was, now = here.task_specs[record["at"]], there.task_specs.get(record["at"])
        if now is None and _may_go(was, record):
            continue
        name = was.node.name or was.node.id
        if now is None:
            yield Text(
                f"事项正处于“{name}”，新版本没有这个环节。",
                f"The case is at “{name}”, which the new version does not have.",
            )
        elif type(now) is not type(was) or _inside(now) != _inside(was):
            yield Text(
                f"事项正处于“{name}”，它在新版本中类型不同。",
                f"The case is at “{name}”, which is of another kind in the new version.",
            )
        elif record["at"] in here.join_names and set(record["keep"]["got"]) - set(now.incoming):
            yield Text(
                f"已到达汇聚“{name}”的分支在新版本中不存在。",
                f"A branch that has reached the join “{name}” is gone in the new version.",
            )


def _inside(spec: Any) -> str | None:
    """Return the process that an activity holds."""
    inside: str | None = getattr(spec, "spec", None)
    return inside


def _may_go(spec: Any, record: Record) -> bool:
    """Return whether a token may disappear: one that waits beside the work, at a border."""
    if isinstance(spec, BoundarySplit):
        return True
    return record["state"] == "waiting" and (
        spec.node.kind == "boundaryEvent" or spec.node.triggered
    )


def _migrated_tokens(
    old: ProcessDefinition, new: ProcessDefinition, scope: Record
) -> Iterator[Record]:
    """Yield the tokens that go along, untied from borders that are gone."""
    there = _spec(new, scope)
    at = {record["id"]: record["at"] for record in scope["tokens"]}
    for record in scope["tokens"]:
        spec = there.task_specs.get(record["at"])
        if spec is None:
            continue
        tie = there.task_specs.get(at.get(record.get("under"), ""))
        if spec.node.kind == "boundaryEvent" and record["at"] not in getattr(tie, "members", ()):
            continue
        if "under" in record and tie is None:
            record = {key: value for key, value in record.items() if key != "under"}
        yield record


def _arm_new(old: ProcessDefinition, scope: Run | RunningScope) -> None:
    """Arm the events that the new version adds."""
    name = scope.spec.name
    here = old.spec if isinstance(scope, Run) else old.subprocess_specs[name]
    armed = {token.task_spec.name for token in scope.open_tokens()}
    for added in set(scope.spec.event_subprocesses) - set(here.event_subprocesses) - armed:
        spec = scope.spec.task_specs[added]
        spec.arm(scope.task_tree.add(spec))
    for token in list(scope.open_tokens()):
        entry = scope.spec.task_specs.get(scope.spec.entries.get(token.task_spec.name, ""))
        if isinstance(entry, BoundarySplit):
            _arm_border(here, token, entry)


def _arm_border(here: Any, token: Token, entry: BoundarySplit) -> None:
    """Arm the events that the old border did not have; those it had may have fired already."""
    parent = token.parent
    if parent is None or parent.task_spec is not entry:
        parent = Token(token.workflow, entry, token.workflow.task_tree, COMPLETED)
        if token.parent is not None:
            token.parent._children.remove(token.id)
        own = token.own
        token.hang(parent)
        if own is not None:
            token.overlay(own)
    border = here.task_specs.get(entry.name)
    had = border.members if border is not None else ()
    for name in entry.members:
        if name not in had and name != token.task_spec.name:
            event = token.workflow.spec.task_specs[name]
            event._update(parent.add(event))


def _never(scope: Run | RunningScope) -> Iterator[Text]:
    """Yield the parallel joins ahead that would wait for a branch without a token."""
    spec = scope.spec
    places = {token.task_spec.name for token in scope.open_tokens()}
    ahead = frozenset().union(*(onward(spec, place) for place in places))
    for join in spec.task_specs.values():
        if not isinstance(join, ParallelGateway) or join.name not in ahead:
            continue
        waiting = scope.waiting_joins.get(join.name)
        got = waiting.internal_data["got"] if waiting is not None else {}
        for flow, source in zip(join.incoming, join.sources, strict=True):
            if flow not in got and not places & reach(spec, source, join.name):
                name = join.node.name or join.node.id
                yield Text(
                    f"新版本的汇聚“{name}”会等待一条本事项没有经过的分支。",
                    f"The join “{name}” of the new version would wait for a branch that "
                    "this case never entered.",
                )
                break
