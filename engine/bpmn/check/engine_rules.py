"""Rules that the engine itself holds when it reads a diagram; here is what helps with each."""

from __future__ import annotations

from engine.bpmn.check.rules.assignment import (
    unknown_opens,
    unknown_return,
    unknown_role,
)
from engine.bpmn.check.rules.calls import recursive_call
from engine.bpmn.check.rules.decisions import bad_decision
from engine.bpmn.check.rules.elements import (
    unsupported_event,
)
from engine.bpmn.check.rules.events import (
    bad_timer,
)
from engine.bpmn.check.rules.expressions import bad_expression

UNSUPPORTED_EVENT = unsupported_event.RULE


BAD_TIMER = bad_timer.RULE
UNKNOWN_ROLE = unknown_role.RULE


UNKNOWN_OPENS = unknown_opens.RULE
UNKNOWN_RETURN = unknown_return.RULE


RECURSIVE_CALL = recursive_call.RULE

BAD_DECISION = bad_decision.RULE
BAD_EXPRESSION = bad_expression.RULE
