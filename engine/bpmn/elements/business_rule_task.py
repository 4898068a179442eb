"""Business rule tasks: decision tables with the case's variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.context import SETTABLE
from engine.bpmn.elements.behaviour import NodeLife
from engine.bpmn.elements.element import Breach, Element, SpecBuilder, Trait
from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import Readers, chosen, gather, restore_values
from engine.bpmn.labels import called_name
from engine.bpmn.nodes import DecisionRef, Node
from engine.bpmn.tokens import Token
from feel import Decision, FeelError, to_json
from feel.text import Text


class RuleTask(NodeLife, defaults.ServiceTask):
    """A business rule task: one of our decision tables, with the case's variables."""

    decision: Decision
    reference: DecisionRef
    readers: Readers

    def _run_hook(self, token: Token) -> bool:
        context = token.top.context
        known = gather(self.decision.variables, token.data, context)
        try:
            restore_values(known, self.readers)
        except FeelError as error:
            raise self._fault(error.text) from error
        outcome = self.decision.decide(known)
        result = to_json(outcome.result)
        # A wrong type may have let another row match; other remarks matter where they left a hole.
        if outcome.fault or (outcome.errors and _has_hole(result)):
            raise self._fault(outcome.fault or outcome.errors[0])
        self._keep(token, result)
        if "limit" in self.reference.sets:
            by = source_of(self.decision, outcome.matched_rules)
            token.top.context = replace(token.top.context, limit_by=by)
        return True

    def _keep(self, token: Token, result: Any) -> None:
        run = token.top
        if self.reference.result:
            run.keep(token, {self.reference.result: result})
        elif isinstance(result, dict):
            run.keep(token, result)
        if self.reference.sets:
            run.context = replace(run.context, **self._settings(result))

    def _settings(self, result: Any) -> dict[str, Any]:
        names = [name for name in self.reference.sets if name in SETTABLE]
        if not isinstance(result, dict):
            # A table with one output gives its bare value.
            result = {names[0]: result} if len(names) == 1 else {}
        found = {name: result[name] for name in names if name in result}
        limit = found.get("limit")
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
            text = Text(
                "决策表给出的期限不是整数。", "The limit the table gives is no whole number."
            )
            raise self._fault(text)
        return found

    def _fault(self, why: Text) -> EngineFault:
        name = self.node.name or self.node.id
        text = Text(f"“{name}”的决策表出错：{why.zh}", f"The decision of “{name}” failed: {why.en}")
        return EngineFault(self.node.id, text, self.decision.variables - {"case"})


def source_of(decision: Decision, matched: Sequence[int]) -> dict[str, Any]:
    """Return which table and rows gave a limit; of several that fit, the one that counted."""
    rules = matched[:1] if decision.hit_policy == "F" else matched
    return {"table": decision.id, "name": decision.name, "rules": list(rules)}


def _has_hole(result: Any) -> bool:
    values = result.values() if isinstance(result, dict) else [result]
    return any(value is None for value in values)


def _lacks(node: Node) -> Iterator[Breach]:
    if node.decision is None:
        name = called_name(node)
        yield "missing-decision", Text(f"“{name}”没有指定决策表。", f"“{name}” names no decision.")


def _complete(made: RuleTask, node: Node, builder: SpecBuilder) -> None:
    if node.decision is None:
        return
    decision = builder.closure.decisions.get(node.decision.ref)
    if decision is None:
        ref = node.decision.ref
        text = Text(f"没有名为“{ref}”的决策。", f"There is no decision named “{ref}”.")
        builder.compiler.fault("missing-decision", node, text)
        return
    made.decision, made.reference = decision, node.decision
    made.readers = chosen(builder.compiler.readers, decision.variables)
    # The case's variables that the decision and those it requires read.
    builder.kept_names |= decision.variables - {"case"}


ELEMENT = Element(
    {"businessRuleTask": Text("决策", "decision")},
    RuleTask,
    traits=frozenset({Trait.ACTIVITY}),
    lacks=_lacks,
    complete=_complete,
)
