"""Whose work a task is: resolved once, when it opens, and kept with its token."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import ElementExpression
from engine.bpmn.nodes import CASE_LIMIT, Node
from engine.bpmn.schedule import moment_of
from engine.bpmn.step import AwaitedMessage, OpenTask
from engine.terms.levels import HANDLING
from feel.text import Text

if TYPE_CHECKING:
    from engine.bpmn.tokens import Token

# The unit that a triage table named, unless an instance's own variable has this name.
DEPARTMENT = "department"


def assign(node: Node, unit: ElementExpression | None, token: Token) -> dict[str, Any]:
    """Return what depends on the moment of opening: level, unit and the case's own limit."""
    context = token.top.context
    found: dict[str, Any] = {}
    if node.level in ("", HANDLING):
        found["level"] = context.level
    if node.unit:
        found["unit"] = _unit(node, unit, token)
    if node.limit == CASE_LIMIT and context.limit is not None:
        found["limit"] = context.limit
        found["limit_unit"] = context.limit_unit or node.limit_unit
    return found


def counts_from(
    node: Node, formula: ElementExpression | None, firm: ElementExpression | None, token: Token
) -> dict[str, Any]:
    """Return from when the limit of a task counts that its diagram ties to a date, and whether it
    stands firm.

    A day counts from its first moment; nothing is returned where there is no date yet. Raises
    EngineFault for what is no date.
    """
    if formula is None:
        return {}
    context = token.top.context
    value = _optional_value(formula, token)
    if value is None:
        return {}
    try:
        moment = moment_of(value, context)
    except (TypeError, ValueError) as error:
        name = node.name or node.id
        text = Text(
            f"“{name}”的时限从“{formula.source}”起算，它不是日期。",
            f"The limit of “{name}” counts from “{formula.source}”, which is no date.",
        )
        raise EngineFault(node.id, text, formula.variables) from error
    stands = firm is None or _optional_value(firm, token) is not False
    return {"from": moment.isoformat(), "firm": stands}


def helpers(node: Node, formula: ElementExpression | None, token: Token) -> dict[str, Any]:
    """Return the codes of the units that are to help with a task. Raises EngineFault for what is
    no list of texts.
    """
    value = _optional_value(formula, token) if formula is not None else None
    if formula is None or value is None:
        return {}
    codes = value if isinstance(value, list) else [value]
    if not all(isinstance(code, str) for code in codes):
        text = Text(
            f"“{node.name or node.id}”的协办单位“{formula.source}”没有得出单位编码。",
            f"The helpers “{formula.source}” of “{node.name or node.id}” gave no unit codes.",
        )
        raise EngineFault(node.id, text, formula.variables)
    return {"helpers": [code.strip() for code in codes if code.strip()]}


def _optional_value(formula: ElementExpression, token: Token) -> Any:
    """Evaluate what may be left out: a case that was never asked (it came from an older version)
    has said nothing. That the diagram asks for it somewhere is a matter of its check.
    """
    never_asked = dict.fromkeys(formula.variables - token.data.keys())
    return formula.value(token.data, token.top.context, never_asked)


def _unit(node: Node, unit: ElementExpression | None, token: Token) -> str | None:
    context = token.top.context
    if node.unit == DEPARTMENT and DEPARTMENT not in instance_variables(token):
        return context.department
    if unit is None:
        return None
    value = unit.value(token.data, context)
    if isinstance(value, str) and value.strip():
        return value.strip()
    text = Text(
        f"“{node.name or node.id}”的承办单位“{unit.source}”没有得出单位编码。",
        f"The unit “{unit.source}” of “{node.name or node.id}” gave no unit code.",
    )
    raise EngineFault(node.id, text, unit.variables)


def instance_variables(token: Token) -> dict[str, Any]:
    """Return an instance's own variables, also from inside its subprocesses."""
    place: Token | None = token
    while place is not None:
        holder: Token = place
        while holder.own is None and holder.parent is not None:
            holder = holder.parent
        if holder.own is not None:
            return holder.own
        place = getattr(place.workflow, "host", None)
    return {}


def open_task(token: Token) -> OpenTask:
    """Describe a ready task of a person."""
    node: Node = token.task_spec.node
    kept = token.internal_data
    limit = kept.get("limit", None if node.limit == CASE_LIMIT else node.limit)
    return OpenTask(
        engine_id=token.id,
        node_id=node.id,
        name=node.name,
        form=node.form,
        role=node.role,
        level=kept.get("level", node.level),
        unit=kept.get("unit"),
        instance=_instance(token),
        limit=limit,
        limit_unit=kept.get("limit_unit", node.limit_unit),
        sign_limit=node.sign_limit,
        sign_limit_unit=node.sign_limit_unit,
        warn=node.warn,
        helpers=tuple(kept.get("helpers", ())),
        limit_from=datetime.fromisoformat(kept["from"]) if "from" in kept else None,
        limit_firm=kept.get("firm", True),
    )


def _instance(token: Token) -> dict[str, Any] | None:
    if "index" not in token.internal_data:
        return None
    found: dict[str, Any] = {"index": token.internal_data["index"]}
    loop = token.task_spec.node.loop
    if loop is not None and token.own and loop.item in token.own:
        found |= {"name": loop.item, "value": token.own[loop.item]}
    return found


def catch(token: Token) -> AwaitedMessage:
    """Describe a message that a waiting token takes."""
    node: Node = token.task_spec.catch_node
    return AwaitedMessage(
        message=token.task_spec.event.name,
        node_id=node.id,
        name=node.name or token.task_spec.event.name,
        form=node.form,
        role=node.role,
        level=token.internal_data.get("level", node.level),
        engine_id=token.id,
    )
