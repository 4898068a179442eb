"""A limit decided once more: what the case's own table says of it as it is called now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.bpmn.automatic import source_of
from engine.bpmn.context import Context
from engine.bpmn.definition import Definition
from engine.bpmn.errors import EngineFault
from engine.bpmn.formulas import gather
from engine.bpmn.nodes import Node
from engine.bpmn.work import variables
from feel import to_json
from feel.text import Text

LIMIT = ("limit", "limit_unit")
NO_LIMIT = Text("决策表没有给出期限。", "The table gives no limit.")


def decide_limit(
    definition: Definition,
    state: str,
    passed: Sequence[str],
    said: Mapping[str, Any],
    context: Context,
) -> Context:
    """Ask the last decision that set the case's limit again, with what is now ``said``.

    A case that no table has given a limit stays as it is. Raises EngineFault where the table
    fails or gives no whole number.
    """
    node = _deciding(definition, passed)
    if node is None or node.decision is None:
        return context
    decision = definition.decisions[node.decision.ref]
    known = {**variables(definition, state), **said}
    outcome = decision.decide(gather(decision.variables, known, context))
    result = to_json(outcome.result)
    if not isinstance(result, dict) or not isinstance(result.get("limit"), int):
        text = outcome.errors[0] if outcome.errors else NO_LIMIT
        raise EngineFault(node.id, text, decision.variables - {"case"})
    values = {name: result[name] for name in LIMIT if name in result}
    return replace(context, **values, limit_by=source_of(decision, outcome.matched))


def _deciding(definition: Definition, passed: Sequence[str]) -> Node | None:
    nodes = (definition.nodes.get(node_id) for node_id in reversed(passed))
    return next(
        (
            node
            for node in nodes
            if node is not None and node.decision is not None and "limit" in node.decision.sets
        ),
        None,
    )
