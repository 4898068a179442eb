"""Service, send and business rule tasks: named actions and decision tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.actions import ACTIONS, ActionError, ActionRefused
from engine.bpmn.context import SETTABLE
from engine.bpmn.elements import Lean
from engine.bpmn.errors import EngineFault
from engine.bpmn.events import raise_event, throw
from engine.bpmn.expressions import Formula, Readers, gather, read
from engine.bpmn.nodes import DecisionRef, EventDefinition
from engine.bpmn.tokens import CANCELLED, Token
from feel import Decision, FeelError, to_json
from feel.text import Text


class ActionTask(Lean, defaults.ServiceTask):
    """A service or send task: a named function of ours, never code from the diagram."""

    arguments: Mapping[str, Formula]

    def _run_hook(self, token: Token) -> bool:
        if self.node.action is not None:
            self._call(self.node.action.name, token)
        for event in self.node.events:
            raise_event(event, self.node, token)
        return True

    def _call(self, name: str, token: Token) -> None:
        run = token.top
        values = {
            key: to_json(formula.value(token.data, run.context))
            for key, formula in self.arguments.items()
        }
        try:
            run.context, effects = ACTIONS[name].call(self.node, run.context, values)
        except ActionError as error:
            self._business_error(error, token)
            return
        except ActionRefused as refused:
            read = [formula.variables for formula in self.arguments.values()]
            raise EngineFault(self.node.id, refused.text, frozenset().union(*read)) from refused
        run.effects.extend(effects)

    def _business_error(self, error: ActionError, token: Token) -> None:
        if throw("error", error.code, token):
            # An error ends its activity, whatever the handler then does.
            if not token._state & CANCELLED:
                token.cancel()
            return
        raise_event(EventDefinition("error", code=error.code), self.node, token)


class RuleTask(Lean, defaults.ServiceTask):
    """A business rule task: one of our decision tables, with the case's variables."""

    decision: Decision
    reference: DecisionRef
    readers: Readers

    def _run_hook(self, token: Token) -> bool:
        context = token.top.context
        known = gather(self.decision.variables, token.data, context)
        try:
            read(known, self.readers)
        except FeelError as error:
            raise self._fault(error.text) from error
        outcome = self.decision.decide(known)
        result = to_json(outcome.result)
        # A wrong type may have let another row match; other remarks matter where they left a hole.
        if outcome.wrong or (outcome.errors and _has_hole(result)):
            raise self._fault(outcome.wrong or outcome.errors[0])
        self._keep(token, result)
        if "limit" in self.reference.sets:
            by = source_of(self.decision, outcome.matched)
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
    """Which table and rows gave a limit; of several that fit, the one that counted."""
    rules = matched[:1] if decision.hit_policy == "F" else matched
    return {"table": decision.id, "name": decision.name, "rules": list(rules)}


def _has_hole(result: Any) -> bool:
    values = result.values() if isinstance(result, dict) else [result]
    return any(value is None for value in values)
