"""Events: what waits for a moment, a message, a signal or an error, and what throws them."""

from __future__ import annotations

from datetime import datetime

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition

from engine.bpmn.assignment import assign
from engine.bpmn.elements import Lean, Structure
from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import Formula
from engine.bpmn.instance import Run
from engine.bpmn.nodes import EventDefinition, Node
from engine.bpmn.schedule import FiringTime, Schedule
from engine.bpmn.step import Effect
from engine.bpmn.tokens import COMPLETED, WAITING, Token
from feel.text import Text

NOTHING = NoneEventDefinition()


class StartEvent(Lean, defaults.StartEvent):
    """Where a process, a subprocess or an event subprocess begins."""


class Catching(Lean):
    """A node that waits. Without anything to wait for it lets the token through."""

    event: EventDefinition | None = None
    schedule: Schedule | None = None
    unit: Formula | None = None
    interrupting = False

    @property
    def catch_node(self) -> Node:
        """The node that says who may send the message."""
        return self.node

    def _update_hook(self, token: Token) -> bool:
        if self.event is None:
            return True
        self.arm(token)
        return False

    def arm(self, token: Token) -> None:
        """Begin to wait."""
        token._set_state(WAITING)
        if self.schedule is not None:
            self.set_moment(token, self.schedule.first(token.data, token.top.context))
        elif self.event is not None and self.event.kind == "message":
            token.internal_data.update(assign(self.catch_node, self.unit, token))

    def set_moment(self, token: Token, moment: FiringTime) -> None:
        """Keep the moment with the token."""
        token.internal_data["due"] = moment.at.isoformat()
        if moment.left != 1:
            token.internal_data["left"] = moment.left
            if moment.anchor is not None:
                token.internal_data["from"] = moment.anchor.isoformat()

    def fire(self, token: Token) -> None:
        """What was waited for has happened."""
        parent = token.parent
        if parent is not None and isinstance(parent.task_spec, JoinedTokens):
            parent.task_spec.child_fired(parent, token)
        token._ready()

    def rearm(self, token: Token) -> Token | None:
        """Wait once more for the next moment of a cycle, as a new token."""
        if self.schedule is None:
            return None
        kept = token.internal_data
        at = datetime.fromisoformat(kept["due"])
        anchor = datetime.fromisoformat(kept["from"]) if "from" in kept else None
        moment = self.schedule.next(at, kept.get("left", 1), token.data, token.top.context, anchor)
        if moment is None or token.parent is None:
            return None
        again = token.parent.add(self)
        again._set_state(WAITING)
        self.set_moment(again, moment)
        return again


class CatchEvent(Catching, defaults.IntermediateCatchEvent):
    """An intermediate event that waits."""


class ReceiveTask(Catching, defaults.ReceiveTask):
    """A task that waits for a message."""


class BoundaryEvent(Catching, defaults.BoundaryEvent):
    """An event on the border of an activity."""


class JoinedTokens(Structure):
    """A finished node that is kept because its children stand or fall together."""

    shown = False

    def child_fired(self, token: Token, child: Token) -> None:
        """React to an event among the children, before its token goes on."""


class EventGateway(JoinedTokens, defaults.EventBasedGateway):
    """Whatever happens first decides: the other events are no longer waited for."""

    shown = True

    def child_fired(self, token: Token, child: Token) -> None:
        """Stop waiting for the others."""
        cancel_others(token, child)


class BoundarySplit(JoinedTokens, SimpleBpmnTask):
    """Holds an activity and the events on its border together."""

    def proceed(self, token: Token) -> None:
        """Arm the events, then start the activity."""
        host = self.open_border(token)
        host.task_spec._update(host)

    def open_border(self, token: Token) -> Token:
        """Arm the events and give the token of the activity, not yet started."""
        token._set_state(COMPLETED)
        specs = self._wf_spec.task_specs
        *events, host = [token.add(specs[name]) for name in self.members]
        for event in events:
            event.task_spec._update(event)
        return host

    def child_done(self, token: Token, child: Token) -> None:
        """A finished activity takes its events with it."""
        if not isinstance(child.task_spec, BoundaryEvent):
            cancel_others(token, child)

    def child_fired(self, token: Token, child: Token) -> None:
        """An interrupting event ends the activity at once; others may come again."""
        if not isinstance(child.task_spec, BoundaryEvent):
            return  # the activity itself is a task that receives
        if child.task_spec.interrupting:
            cancel_others(token, child)
        elif child.task_spec.schedule is not None:
            child.task_spec.rearm(child)
        else:
            again = token.add(child.task_spec)
            child.task_spec.arm(again)


def cancel_others(parent: Token, child: Token) -> None:
    """Cancel what is still open beside ``child``."""
    for other in parent.children:
        if other is not child and not other._state & COMPLETED:
            other.cancel()


class ThrowEvent(Lean, defaults.IntermediateThrowEvent):
    """Throws what its definition says and goes on."""

    def _run_hook(self, token: Token) -> bool:
        event = self.node.event
        if event is not None:
            raise_event(event, self.node, token)
        return True


class EndEvent(Lean, defaults.EndEvent):
    """Throws what its definition says; a terminate event ends its whole scope."""

    def _run_hook(self, token: Token) -> bool:
        event = self.node.event
        if event is None:
            return True
        if event.kind == "terminate":
            for other in list(token.workflow.open_tokens()):
                if other is not token:
                    other.cancel()
        else:
            raise_event(event, self.node, token)
        return True


def raise_event(event: EventDefinition, node: Node, token: Token) -> None:
    """Throw an event of the diagram; raises EngineFault for an error nobody catches."""
    run = token.top
    if event.kind in ("message", "signal"):
        caught = broadcast(run, event.kind, event.name, token)
        if not caught and event.kind == "message":
            run.effects.append(Effect("message", node.id, {"name": event.name}))
    elif not throw(event.kind, event.code, token) and event.kind == "error":
        text = Text(
            f"错误“{event.code}”没有被流程捕获。", f"Nothing catches the error “{event.code}”."
        )
        raise EngineFault(node.id, text)


def broadcast(run: Run, kind: str, name: str, thrower: Token | None = None) -> int:
    """Let every token that waits for this message or signal go on; give their number."""
    return fire_all([token for token in waiting_for(run, kind, name) if token is not thrower])


def fire_all(tokens: list[Token]) -> int:
    """Let waiting tokens go on; give the number of those that still could."""
    fired = 0
    for token in tokens:
        # Firing one may have cancelled another.
        if token._state == WAITING:
            token.task_spec.fire(token)
            fired += 1
    return fired


def waiting_for(run: Run, kind: str, name: str | None = None) -> list[Token]:
    """Give the tokens that wait for an event of this kind (and name)."""
    found = []
    for scope in run.scopes:
        for token in scope.open_tokens():
            event = getattr(token.task_spec, "event", None)
            if token._state != WAITING or event is None or event.kind != kind:
                continue
            if name is None or event.name == name:
                found.append(token)
    return found


def throw(kind: str, code: str, token: Token) -> bool:
    """Offer an error or escalation to the nearest handler, from the inside out.

    First the border of the activity itself, then the event subprocesses around it, then
    the border of the subprocess around those, and so on.
    """
    place: Token | None = token
    while place is not None:
        handler = _best(_border(place), kind, code) or _best(place.workflow.armed(), kind, code)
        if handler is not None:
            handler.task_spec.fire(handler)
            return True
        place = getattr(place.workflow, "host", None)
    return False


def _border(token: Token) -> list[Token]:
    """Give the waiting events on the border of the activity that ``token`` is in."""
    parent = token.parent
    while parent is not None and not isinstance(parent.task_spec, BoundarySplit):
        if parent.task_spec.bpmn_id != token.task_spec.bpmn_id:
            return []
        parent = parent.parent
    if parent is None:
        return []
    return [child for child in parent.children if child._state == WAITING]


def _best(tokens: list[Token], kind: str, code: str) -> Token | None:
    """Prefer the handler that names the code to one that takes any."""
    fallback = None
    for token in tokens:
        event = getattr(token.task_spec, "event", None)
        if event is None or event.kind != kind:
            continue
        if event.code == code:
            return token
        if not event.code:
            fallback = token
    return fallback
