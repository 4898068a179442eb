"""The common life of all nodes: arrive, run, complete, put tokens on the ways out.

The classes keep SpiffWorkflow's life cycle of a task (update, ready, run, complete, cancel)
and replace what does not hold up: prediction, copied data, joins that search the tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import ElementExpression
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token
from feel.text import Text


@dataclass(frozen=True)
class OutgoingFlow:
    """A sequence flow as the engine walks it: to the spec named ``target``."""

    flow: str
    target: str
    condition: ElementExpression | None = None
    default: bool = False
    answer: str = ""


class NodeLife:
    """The life of a node: arrive, run, complete, put tokens on the ways out.

    ``shown`` nodes are reported as passed; an ``inner`` one is an instance inside a loop or
    multi-instance activity and has no ways of its own.
    """

    node: Node
    ways: tuple[OutgoingFlow, ...] = ()
    members: tuple[str, ...] = ()
    shown = True
    inner = False
    bpmn_id: str | None
    name: str
    _wf_spec: Any

    def _predict(self, *args: Any, **kwargs: Any) -> None:
        """Never predict: a token's next node exists when the token gets there."""

    def _update_hook(self, token: Token) -> bool:
        return True

    def _on_ready(self, token: Token) -> None:
        """Called when the token may run."""

    def _run_hook(self, token: Token) -> bool:
        return True

    def _on_cancel(self, token: Token) -> None:
        """Called when the token is cancelled."""

    def _on_complete(self, token: Token) -> None:
        self.note(token)
        parent = token.parent
        if parent is not None and isinstance(parent.task_spec, Structure):
            parent.task_spec.child_done(parent, token)
        if not self.inner:
            self.proceed(token)

    def note(self, token: Token) -> None:
        """Report that a token has passed this node."""
        if self.shown:
            token.top.passed_nodes.append(self.bpmn_id or self.name)
            token.top.answer(self.node.answer, self.bpmn_id or self.name)

    def proceed(self, token: Token) -> None:
        """Put a token on each chosen way; without one, the token ends here."""
        ways = self.choose(token) if self.ways else ()
        if not ways:
            token.workflow.token_ended(token)
            return
        specs = self._wf_spec.task_specs
        for way in ways:
            child = token.add(specs[way.target], way.flow)
            token.top.answer(way.answer, child.task_spec.node.id, on_way=True)
            child.task_spec._update(child)

    def choose(self, token: Token) -> tuple[OutgoingFlow, ...]:
        """Return the ways to take: all of them, or those whose condition holds."""
        if all(way.condition is None and not way.default for way in self.ways):
            return self.ways
        return conditional(self, token)


def conditional(spec: NodeLife, token: Token) -> tuple[OutgoingFlow, ...]:
    """Return every way that is free or whose condition holds, else the default."""
    taken = tuple(way for way in spec.ways if not way.default and holds(way, token))
    return taken or default_way(spec)


def holds(way: OutgoingFlow, token: Token) -> bool:
    """Return whether the flow has no condition, or a true one."""
    return way.condition is None or way.condition.holds(token.data, token.top.context)


def default_way(spec: NodeLife) -> tuple[OutgoingFlow, ...]:
    """Return the default way; raises EngineFault where the diagram has none."""
    for way in spec.ways:
        if way.default:
            return (way,)
    names: set[str] = set()
    for way in spec.ways:
        names |= way.condition.variables if way.condition else set()
    raise EngineFault(
        spec.bpmn_id,
        Text(
            f"“{spec.node.name or spec.bpmn_id}”之后没有一条分支的条件成立，也没有默认分支。",
            f"After “{spec.node.name or spec.bpmn_id}” no branch's condition holds, "
            "and none is the default.",
        ),
        names,
    )


class Structure(NodeLife):
    """A node that ties tokens together and hears when one of them is done."""

    def child_done(self, token: Token, child: Token) -> None:
        """Continue after a child completed."""
