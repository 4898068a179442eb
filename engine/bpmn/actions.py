"""The named functions that a service or send task may call: ``context -> (context, effects)``.

A diagram can name one of these and nothing else. They touch no database and no network:
what has to happen outside is an Effect, done from the outbox after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.bpmn.context import Context
from engine.bpmn.nodes import LIMIT_UNITS, Node
from engine.bpmn.step import Effect
from engine.terms.levels import HANDLING, LEVELS, handling_above
from feel.text import Text

Arguments = Mapping[str, Any]
Function = Callable[[Context, Arguments], tuple[Context, list[tuple[str, dict[str, Any]]]]]


class ActionRefused(Exception):
    """The action cannot be done on this case; becomes an incident."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class ActionError(Exception):
    """A business error that the diagram may catch with an error event of this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class RegisteredAction:
    """A registered action: what it is called, and the arguments it knows."""

    name: str
    text: Text
    required_arguments: tuple[str, ...]
    optional: tuple[str, ...]
    function: Function

    def call(
        self, node: Node, context: Context, arguments: Arguments
    ) -> tuple[Context, list[Effect]]:
        """Run it; raises ActionRefused or ActionError."""
        for name in self.required_arguments:
            if arguments.get(name) in (None, ""):
                text = Text(f"缺少参数“{name}”。", f"The argument “{name}” is missing.")
                raise ActionRefused(text)
        context, effects = self.function(context, arguments)
        return context, [Effect(kind, node.id, data) for kind, data in effects]


# Whom ``notify_citizen`` tells: those who brought the case, or everybody who has a side in it.
TELLABLE: Final = ("brought", "parties")
ACTIONS: Final[dict[str, RegisteredAction]] = {}


def action(
    name: str, text: Text, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Register a function under the name that diagrams use."""

    def register(function: Function) -> Function:
        ACTIONS[name] = RegisteredAction(name, text, required, optional, function)
        return function

    return register


Outcome = tuple[Context, list[tuple[str, dict[str, Any]]]]


@action("hand_up", Text("上报上一级", "Hand up to the next level"), optional=("to",))
def hand_up(context: Context, arguments: Arguments) -> Outcome:
    """Hand the case up to the next handling level, or to the named one."""
    levels = context.levels
    here = handling_above(context.level, levels)
    target = arguments.get("to") or (levels[here - 1] if here > 0 else None)
    if target not in levels or levels.index(target) >= here:
        text = Text("已是最高处理层级，无法再上报。", "There is no higher level to hand it up to.")
        raise ActionRefused(text)
    moved = {"from": context.level, "to": target}
    return replace(context, level=target, department=None), [("hand_up", moved)]


@action("hand_down", Text("交下级办理", "Hand down to a lower level"), required=("to",))
def hand_down(context: Context, arguments: Arguments) -> Outcome:
    """Hand the case down to a lower handling level."""
    levels, target = context.levels, arguments["to"]
    if target not in levels or not _is_lower(target, context.level):
        text = Text(f"“{target}”不是下级层级。", f"“{target}” is not a lower level.")
        raise ActionRefused(text)
    moved = {"from": context.level, "to": target}
    return replace(context, level=target, department=None), [("hand_down", moved)]


def _is_lower(target: str, level: str) -> bool:
    return level not in LEVELS or LEVELS.index(target) > LEVELS.index(level)


@action("assign_department", Text("指定承办部门", "Name the department"), required=("department",))
def assign_department(context: Context, arguments: Arguments) -> Outcome:
    """Name the unit (by code) that tasks with unit ``department`` go to."""
    department = str(arguments["department"])
    return replace(context, department=department), [("department", {"unit": department})]


@action("set_priority", Text("设定优先级", "Set the priority"), required=("priority",))
def set_priority(context: Context, arguments: Arguments) -> Outcome:
    """Set the case's priority."""
    priority = str(arguments["priority"])
    return replace(context, priority=priority), [("priority", {"priority": priority})]


@action("set_risk", Text("设定风险等级", "Set the risk"), required=("risk",))
def set_risk(context: Context, arguments: Arguments) -> Outcome:
    """Set the case's risk."""
    risk = str(arguments["risk"])
    return replace(context, risk=risk), [("risk", {"risk": risk})]


@action("set_limit", Text("设定办理期限", "Set the limit"), required=("limit", "unit"))
def set_limit(context: Context, arguments: Arguments) -> Outcome:
    """Set the limit that tasks with limit ``case`` have; unit as in the tasks' limitUnit."""
    limit, unit = arguments["limit"], arguments["unit"]
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise ActionRefused(Text("期限应为非负整数。", "A limit must be a whole number."))
    if unit not in LIMIT_UNITS:
        raise ActionRefused(Text(f"没有时间单位“{unit}”。", f"There is no unit “{unit}”."))
    return replace(context, limit=limit, limit_unit=unit, limit_by={"action": "set_limit"}), []


@action(
    "notify",
    Text("站内通知", "Notify somebody"),
    required=("role", "text"),
    optional=("level", "unit", "text_en"),
)
def notify(context: Context, arguments: Arguments) -> Outcome:
    """Notify the holders of a role, at the handling level unless another one is named."""
    level = arguments.get("level") or context.level
    if level == HANDLING:
        level = context.level
    if level not in LEVELS:
        raise ActionRefused(Text(f"没有层级“{level}”。", f"There is no level “{level}”."))
    return context, [("notify", {**arguments, "level": level})]


@action(
    "notify_citizen",
    Text("告知群众", "Notify the citizen"),
    required=("text",),
    optional=("text_en", "when", "to"),
)
def notify_citizen(context: Context, arguments: Arguments) -> Outcome:
    """Notify whoever brought the case, or all its ``parties`` where ``to`` says so.

    Nothing is said where ``when`` is there and does not hold.
    """
    if "when" in arguments and arguments["when"] is not True:
        return context, []
    if arguments.get("to") not in (None, "", *TELLABLE):
        text = Text("“to”只能是 brought 或者 parties。", "“to” must be brought or parties.")
        raise ActionRefused(text)
    said = {name: value for name, value in arguments.items() if name != "when"}
    return context, [("notify_citizen", said)]


@action(
    "start_case", Text("发起关联事项", "Start a linked case"), required=("process",),
    optional=("title", "reason"),
)  # fmt: skip
def start_case(context: Context, arguments: Arguments) -> Outcome:
    """Open a linked case of another process at the same place."""
    return context, [("start_case", {**arguments, "level": context.level})]


@action("create_document", Text("生成文书", "Create a document"), required=("template",))
def create_document(context: Context, arguments: Arguments) -> Outcome:
    """Create a document of the case from a template."""
    return context, [("create_document", dict(arguments))]


@action("fail", Text("抛出业务错误", "Raise a business error"), required=("code",))
def fail(context: Context, arguments: Arguments) -> Outcome:
    """Raise an error that an error event of the diagram catches by its code."""
    raise ActionError(str(arguments["code"]))
