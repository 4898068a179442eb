"""What becomes of a parallel block when a token is taken out of it, or put into it, by hand.

A diagram's joins count on one token from each branch. Whoever moves a token across the
border of a block breaks that count; here it is put right.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn.elements.boundary_event import BoundaryEvent
from engine.bpmn.elements.event_based_gateway import EventGateway
from engine.bpmn.elements.exclusive_gateway import ExclusiveGateway
from engine.bpmn.elements.join import Join
from engine.bpmn.elements.parallel_gateway import ParallelGateway
from engine.bpmn.errors import CannotMove
from engine.bpmn.instance import Run, RunningScope
from engine.bpmn.nodes import Node
from engine.bpmn.reach import BranchBlock, backward, block, graph_of, meeting_points, spread
from engine.bpmn.tokens import WAITING, Token
from feel.text import Text


class Surroundings:
    """The parallel blocks of a scope, as seen by a move from ``source`` to ``target``."""

    def __init__(self, scope: Run | RunningScope, source: str, target: str) -> None:
        self.scope, self.source, self.target = scope, source, target
        self.graph = graph_of(scope.spec)
        meets = meeting_points(self.graph)
        forks = [made.name for made in scope.spec.task_specs.values() if _is_fork(made)]
        self.meets = meets
        self.blocks = [block(self.graph, fork, meets) for fork in forks]

    def refuse_crossing(self) -> None:
        """A token cannot change into another branch of its own block; raises CannotMove."""
        for found in self.blocks:
            own = {index for index, branch in enumerate(found.branches) if self.source in branch}
            aimed = {index for index, branch in enumerate(found.branches) if self.target in branch}
            if own and aimed and not own & aimed:
                raise CannotMove(self.target, _CROSSING)

    def abandoned_tokens(self) -> list[Token]:
        """Return the tokens that must go: those left behind in a block that is left.

        Going back before a fork, its branches would all begin again beside the old ones.
        """
        places: set[str] = set()
        for found in self.blocks:
            if self.source in found.inside and self.target not in found.inside:
                places |= found.inside | self._waiting_for(found)
        places |= self._main_way()
        return [t for t in self.scope.open_tokens() if t.task_spec.name in places]

    def _waiting_for(self, found: BranchBlock) -> set[str]:
        """Return the join where the block ends, unless tokens of an outer block meet there too."""
        meet = self.meets.get(found.fork, "")
        made = self.scope.spec.task_specs.get(meet)
        if not isinstance(made, Join) or len(made.incoming) < 2:
            return set()
        outside = {source for source in made.sources if source not in found.inside}
        return {meet} if not outside - {found.fork} else set()

    def _main_way(self) -> frozenset[str]:
        """Put from a reminder's side way onto the main way, a token takes that one's place."""
        for made in self.scope.spec.task_specs.values():
            if not isinstance(made, BoundaryEvent) or made.interrupting:
                continue
            side = spread(made.name, self.graph)
            main = spread(made.node.attached_to, self.graph)
            if self.source in side - main and self.target not in side - main:
                return main
        return frozenset()

    def credit(self) -> None:
        """Mark branches that no token can still take as arrived at the parallel joins ahead.

        After going back into one branch of a finished block the others stay done.
        """
        ahead = spread(self.target, self.graph)
        for made in self.scope.spec.task_specs.values():
            if isinstance(made, ParallelGateway) and len(made.incoming) > 1 and made.name in ahead:
                self._credit_join(made)

    def _credit_join(self, join: Join) -> None:
        waiting = self.scope.waiting_joins.get(join.name)
        got = waiting.internal_data["got"] if waiting is not None else {}
        places = {t.task_spec.name for t in self.scope.open_tokens() if t is not waiting}
        places.add(self.target)
        back = backward(self.graph)
        missing = {
            flow: 1
            for flow, source in zip(join.incoming, join.sources, strict=True)
            if flow not in got and not places & spread(source, back, join.name)
        }
        if not missing or len(missing) + len(got) >= len(join.incoming):
            return
        if waiting is None:
            waiting = Token(self.scope, join, self.scope.task_tree, WAITING)
            waiting.internal_data["got"] = {}
            self.scope.waiting_joins[join.name] = waiting
        waiting.internal_data["got"].update(missing)


_CROSSING = Text(
    "不能移到同一并行块的另一分支：该分支有自己的办理进度。",
    "A task cannot be moved into another branch of the same parallel block: "
    "that branch has work of its own.",
)


def _is_fork(made: Any) -> bool:
    """Return whether this node sends tokens down several flows at once."""
    node: Node | None = getattr(made, "node", None)
    if node is None or len(getattr(made, "ways", ())) < 2:
        return False
    return not isinstance(made, ExclusiveGateway | EventGateway)
