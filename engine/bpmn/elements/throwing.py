"""Throwing: who hears a message or signal, who handles an error or escalation."""

from __future__ import annotations

from engine.bpmn.elements.boundary_event import BoundarySplit
from engine.bpmn.errors import EngineFault
from engine.bpmn.instance import Run
from engine.bpmn.nodes import EventDefinition, Node
from engine.bpmn.step import Effect
from engine.bpmn.tokens import WAITING, Token
from feel.text import Text


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
    """Continue every token that waits for this message or signal; return their number."""
    return fire_all([token for token in waiting_for(run, kind, name) if token is not thrower])


def fire_all(tokens: list[Token]) -> int:
    """Continue waiting tokens; return how many still existed."""
    fired = 0
    for token in tokens:
        # Firing one may have cancelled another.
        if token._state == WAITING:
            token.task_spec.fire(token)
            fired += 1
    return fired


def waiting_for(run: Run, kind: str, name: str | None = None) -> list[Token]:
    """Return the tokens that wait for an event of this kind (and name)."""
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
        handler = _best(_border(place), kind, code) or _best(
            place.workflow.armed_subprocesses(), kind, code
        )
        if handler is not None:
            handler.task_spec.fire(handler)
            return True
        place = getattr(place.workflow, "host", None)
    return False


def _border(token: Token) -> list[Token]:
    """Return the waiting events on the border of the activity that ``token`` is in."""
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
