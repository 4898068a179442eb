"""Run process diagrams: a version and a state go in, a Step comes out. No SQL, no clock."""

from engine.bpmn.actions import ACTIONS, ActionError, ActionRefused, action
from engine.bpmn.context import Context
from engine.bpmn.definition import ProcessDefinition, parse
from engine.bpmn.errors import (
    BadDiagram,
    BpmnFault,
    BudgetExceeded,
    CannotMigrate,
    CannotMove,
    EngineFault,
    NotCaught,
    UnknownTask,
    Unreachable,
    XmlRefused,
)
from engine.bpmn.limit_decision import decide_limit, limit_inputs, triaged
from engine.bpmn.migrate import migrate
from engine.bpmn.moves import move_token
from engine.bpmn.nodes import ANSWERED, REOPENED, Node, ProcessInfo
from engine.bpmn.operations import (
    armed_timers,
    catches,
    complete,
    fire_timer,
    open_tasks,
    retry,
    send_message,
    set_variables,
    start,
    throw_escalation,
    variables,
)
from engine.bpmn.step import AnswerPlace, AwaitedMessage, ClosedTask, Effect, OpenTask, Step, Timer

__all__ = [
    "ACTIONS",
    "ANSWERED",
    "REOPENED",
    "ActionError",
    "AnswerPlace",
    "ActionRefused",
    "BadDiagram",
    "BudgetExceeded",
    "CannotMigrate",
    "CannotMove",
    "AwaitedMessage",
    "ClosedTask",
    "Context",
    "ProcessDefinition",
    "Effect",
    "EngineFault",
    "BpmnFault",
    "Node",
    "NotCaught",
    "OpenTask",
    "ProcessInfo",
    "Step",
    "Timer",
    "Unreachable",
    "UnknownTask",
    "XmlRefused",
    "action",
    "armed_timers",
    "catches",
    "complete",
    "decide_limit",
    "fire_timer",
    "limit_inputs",
    "migrate",
    "move_token",
    "open_tasks",
    "parse",
    "retry",
    "send_message",
    "set_variables",
    "start",
    "throw_escalation",
    "triaged",
    "variables",
]
