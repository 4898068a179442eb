"""Gateways: choices, and joins that count tokens instead of searching history."""

from __future__ import annotations

from collections.abc import Mapping

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements import Lean, OutgoingFlow, conditional, default_way, holds
from engine.bpmn.reach import spread
from engine.bpmn.tokens import COMPLETED, WAITING, Token


class ExclusiveGateway(Lean, defaults.ExclusiveGateway):
    """The first way whose condition holds, in the order of the diagram, else the default."""

    def choose(self, token: Token) -> tuple[OutgoingFlow, ...]:
        """Give exactly one way."""
        free = [way for way in self.ways if not way.default]
        if len(self.ways) == 1 and self.ways[0].condition is None:
            return self.ways
        for way in free:
            if holds(way, token):
                return (way,)
        return default_way(self)


class Join(Lean):
    """Counts the tokens that have arrived on each incoming flow.

    One waiting token stands for all that have arrived; its ``got`` says by which flows.
    That is why nothing finished has to be kept for a join to know what it waits for.
    """

    incoming: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # where each incoming flow comes from

    def _update_hook(self, token: Token) -> bool:
        if len(self.incoming) < 2:
            return True
        waiting = token.workflow.waiting_joins.get(self.name)
        if waiting is None:
            waiting = token
            waiting.internal_data["got"] = {}
            token.workflow.waiting_joins[self.name] = token
            token._set_state(WAITING)
        got = waiting.internal_data["got"]
        got[token.via] = got.get(token.via, 0) + 1
        if waiting is not token:
            token._set_state(COMPLETED)
        if self.may_fire(waiting):
            self.fire(waiting)
        return False

    def may_fire(self, token: Token) -> bool:
        """Has everything arrived that this join waits for?"""
        return all(flow in token.internal_data["got"] for flow in self.incoming)

    def try_fire(self, token: Token) -> bool:
        """Fire a waiting token if what it still waits for cannot come any more."""
        return False

    def fire(self, token: Token) -> None:
        """Take one token from each flow that has some; what is left waits for the next round."""
        got = token.internal_data.pop("got")
        rest = {flow: count - 1 for flow, count in got.items() if count > 1}
        del token.workflow.waiting_joins[self.name]
        if rest:
            again = Token(token.workflow, self, token.workflow.task_tree, WAITING)
            again.internal_data["got"] = rest
            token.workflow.waiting_joins[self.name] = again
        token._ready()


class ParallelGateway(Join, defaults.ParallelGateway):
    """Waits for one token on every incoming flow, then takes every way out."""


class InclusiveGateway(Join, defaults.InclusiveGateway):
    """Waits until no token can arrive any more on a flow that has none.

    A token counts that can still get to an empty flow without passing this gateway, unless
    it can get to one that has a token as well (BPMN 2.0.2, section 13.4.3).
    """

    def may_fire(self, token: Token) -> bool:
        """Wait for the rest to settle: only then is it known who may still come."""
        return False

    def choose(self, token: Token) -> tuple[OutgoingFlow, ...]:
        """Give every way whose condition holds."""
        if len(self.ways) == 1 and self.ways[0].condition is None:
            return self.ways
        return conditional(self, token)

    def try_fire(self, token: Token) -> bool:
        """Fire if nothing that is open elsewhere can still arrive."""
        got = token.internal_data["got"]
        empty, full = self._before(token, got)
        for other in token.workflow.open_tokens():
            place = other.task_spec.name
            if other is not token and place in empty and place not in full:
                return False
        self.fire(token)
        return True

    def _before(self, token: Token, got: Mapping[str, int]) -> tuple[set[str], set[str]]:
        """Give the nodes that lead to flows without a token, and those that lead to the others."""
        empty: set[str] = set()
        full: set[str] = set()
        back = token.workflow.spec.back
        for flow, source in zip(self.incoming, self.sources, strict=True):
            (full if flow in got else empty).update(spread(source, back, self.name))
        return empty, full
