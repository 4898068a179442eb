"""A limit decided outside of a run: once more as a case is called now, or for one imagined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.bpmn.context import SETTABLE, Context
from engine.bpmn.definition import ProcessDefinition
from engine.bpmn.elements.business_rule_task import source_of
from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import chosen, gather, restore_values
from engine.bpmn.nodes import Node
from engine.bpmn.operations import variables
from feel import FeelError, to_json
from feel.text import Text

LIMIT = ("limit", "limit_unit", "promise", "promise_unit")
NO_LIMIT = Text("决策表没有给出期限。", "The table gives no limit.")


def decide_limit(
    definition: ProcessDefinition,
    state: str,
    passed: Sequence[str],
    said: Mapping[str, Any],
    context: Context,
) -> Context:
    """Ask the last decision that set the case's limit again, with what is now ``said``.

    A case that no table has given a limit stays as it is. Raises EngineFault where the table
    fails or gives no whole number.
    """
    nodes = (definition.nodes.get(node_id) for node_id in reversed(passed))
    node = next(filter(_gives_limit, nodes), None)
    if node is None:
        return context
    return _decided(definition, node, {**variables(definition, state), **said}, context, LIMIT)


def limit_step(definition: ProcessDefinition) -> Node | None:
    """Return the step whose table gives cases their limit, the first of several; None without
    one.
    """
    return next(filter(_gives_limit, definition.nodes.values()), None)


def limit_inputs(definition: ProcessDefinition) -> frozenset[str]:
    """Return the variables that this table asks for; none without one."""
    node = limit_step(definition)
    if node is None or node.decision is None:
        return frozenset()
    return definition.decisions[node.decision.ref].variables - {"case"}


def triaged(definition: ProcessDefinition, said: Mapping[str, Any], context: Context) -> Context:
    """Return what the table makes of a case that nobody has opened: its limit, and what else it
    sets.

    The context as it is where no table gives limits. Raises EngineFault as ``decide_limit``.
    """
    node = limit_step(definition)
    if node is None or node.decision is None:
        return context
    sets = tuple(name for name in node.decision.sets if name in SETTABLE)
    return _decided(definition, node, said, context, sets)


def _decided(
    definition: ProcessDefinition,
    node: Node,
    known: Mapping[str, Any],
    context: Context,
    names: Sequence[str],
) -> Context:
    assert node.decision is not None
    decision = definition.decisions[node.decision.ref]
    values = gather(decision.variables, known, context)
    try:
        restore_values(values, chosen(definition.readers, decision.variables))
    except FeelError as error:
        raise EngineFault(node.id, error.text, decision.variables - {"case"}) from error
    outcome = decision.decide(values)
    result = to_json(outcome.result)
    if outcome.fault or not isinstance(result, dict) or not isinstance(result.get("limit"), int):
        text = outcome.fault or (outcome.errors[0] if outcome.errors else NO_LIMIT)
        raise EngineFault(node.id, text, decision.variables - {"case"})
    found = {name: result[name] for name in names if name in result}
    return replace(context, **found, limit_by=source_of(decision, outcome.matched_rules))


def _gives_limit(node: Node | None) -> bool:
    return node is not None and node.decision is not None and "limit" in node.decision.sets
