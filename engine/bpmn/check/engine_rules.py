"""Rules that the engine itself holds when it reads a diagram; here is what helps with each."""

from __future__ import annotations

from engine.bpmn.check.rules.assignment import (
    bad_number,
    unknown_level,
    unknown_limit_unit,
    unknown_opens,
    unknown_return,
    unknown_role,
)
from engine.bpmn.check.rules.calls import missing_process, recursive_call
from engine.bpmn.check.rules.decisions import bad_decision, missing_decision
from engine.bpmn.check.rules.elements import (
    action_arguments,
    empty_loop,
    missing_action,
    unknown_action,
    unsupported_element,
    unsupported_event,
)
from engine.bpmn.check.rules.events import (
    bad_timer,
    empty_event,
    event_gateway,
    missing_host,
    missing_reference,
    multiple_events,
)
from engine.bpmn.check.rules.expressions import bad_expression
from engine.bpmn.check.rules.flow import (
    dangling_flow,
    event_subprocess_start,
    many_starts,
    missing_start,
)
from engine.bpmn.check.rules.identifiers import bad_id, duplicate_id, missing_id

UNSUPPORTED_EVENT = unsupported_event.RULE


BAD_TIMER = bad_timer.RULE
UNKNOWN_ROLE = unknown_role.RULE


UNKNOWN_OPENS = unknown_opens.RULE
UNKNOWN_RETURN = unknown_return.RULE


MISSING_PROCESS = missing_process.RULE
RECURSIVE_CALL = recursive_call.RULE

BAD_DECISION = bad_decision.RULE
BAD_EXPRESSION = bad_expression.RULE

# Found by the engine alone, and named by it.
NAMED_BY_THE_ENGINE = (
    missing_id.RULE,
    bad_id.RULE,
    duplicate_id.RULE,
    dangling_flow.RULE,
    missing_start.RULE,
    many_starts.RULE,
    event_subprocess_start.RULE,
    unsupported_element.RULE,
    multiple_events.RULE,
    empty_event.RULE,
    missing_host.RULE,
    missing_reference.RULE,
    event_gateway.RULE,
    unknown_level.RULE,
    unknown_limit_unit.RULE,
    bad_number.RULE,
    missing_action.RULE,
    unknown_action.RULE,
    action_arguments.RULE,
    empty_loop.RULE,
    missing_decision.RULE,
)
