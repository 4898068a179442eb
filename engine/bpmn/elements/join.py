"""Joins: they count tokens instead of searching history."""

from __future__ import annotations

from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.tokens import COMPLETED, WAITING, Token


class Join(NodeLife):
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
        """Return whether everything has arrived that this join waits for."""
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
