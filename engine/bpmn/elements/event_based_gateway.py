"""Event-based gateways: whatever happens first decides."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.elements.catching import JoinedTokens, cancel_others, waits
from engine.bpmn.elements.element import Element, SpecBuilder, Trait
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import Token
from feel.text import Text


class EventGateway(JoinedTokens, defaults.EventBasedGateway):
    """Whatever happens first decides: the other events are no longer waited for."""

    shown = True

    def child_fired(self, token: Token, child: Token) -> None:
        """Stop waiting for the others."""
        cancel_others(token, child)


def _connect(made: EventGateway, node: Node, builder: SpecBuilder) -> None:
    for way in made.ways:
        target = made._wf_spec.task_specs[way.target]
        if getattr(target, "event", None) is None:
            name = called_name(node)
            text = Text(
                f"事件网关“{name}”之后只能接等待事件或接收任务。",
                f"After the event-based gateway “{name}” only catching events may follow.",
            )
            builder.compiler.fault("event-gateway", node, text)


ELEMENT = Element(
    {"eventBasedGateway": Text("事件网关", "event-based gateway")},
    EventGateway,
    traits=frozenset({Trait.GATEWAY, Trait.WAITS, Trait.UNCONDITIONAL}),
    options=waits,
    connect=_connect,
)
