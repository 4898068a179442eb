"""Loops and multi-instances: an activity that is done several times."""

from __future__ import annotations

from typing import Any, Final

from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin

from engine.bpmn.elements.behaviour import Structure
from engine.bpmn.errors import EngineFault
from engine.bpmn.expressions import ElementExpression
from engine.bpmn.nodes import Loop
from engine.bpmn.tokens import READY, STARTED, Token
from feel import to_json
from feel.text import Text

MAX_INSTANCES: Final = 1_000


class Repeat(Structure, BpmnSpecMixin):
    """A loop or multi-instance marker around an activity named ``inner_name``.

    Each instance of a multi-instance has variables of its own in front of the shared ones;
    what its ``of`` variable holds in the end is collected into ``out`` in the order of the
    items. Without ``out`` an instance's variables become shared when it is done.
    """

    loop: Loop
    inner_name: str
    items: ElementExpression | None = None
    cardinality: ElementExpression | None = None
    until: ElementExpression | None = None
    condition: ElementExpression | None = None

    def _update_hook(self, token: Token) -> bool:
        if self.loop.kind == "standard":
            return self._enter_loop(token)
        values = self._values(token)
        token.internal_data.update(n=len(values), done=0, got=[])
        if not values:
            self._publish(token)
            return True
        token._set_state(STARTED)
        if self.loop.kind == "sequential":
            token.internal_data["rest"] = values[1:]
            values = values[:1]
        for index, value in enumerate(values):
            self._instance(token, index, value)
        return False

    def child_done(self, token: Token, child: Token) -> None:
        """Collect an instance's result; start the next one or go on."""
        if not child.task_spec.inner:
            return  # a node after this one
        kept = token.internal_data
        kept["done"] += 1
        if self.loop.kind == "standard":
            if self._again(token, kept["done"]):
                self._start(token, kept["done"])
            else:
                token._set_state(READY)
            return
        self._collect(token, child)
        if self._enough(token, child):
            for other in token.children:
                other.cancel()
            self._publish(token)
            token._set_state(READY)
        elif self.loop.kind == "sequential":
            self._instance(token, kept["done"], kept["rest"].pop(0))

    def _enter_loop(self, token: Token) -> bool:
        token.internal_data["done"] = 0
        if self.loop.test_before and not self._again(token, 0):
            return True
        token._set_state(STARTED)
        self._start(token, 0)
        return False

    def _again(self, token: Token, done: int) -> bool:
        if self.loop.maximum is not None and done >= self.loop.maximum:
            return False
        if self.condition is None:
            return self.loop.maximum is not None
        extra = {"loopCounter": done}
        return self.condition.holds(token.data, token.top.context, extra)

    def _instance(self, token: Token, index: int, value: Any) -> None:
        own = {self.loop.item: value} if self.loop.item else {}
        self._start(token, index, own)

    def _start(self, token: Token, index: int, own: dict[str, Any] | None = None) -> None:
        inner = self._wf_spec.task_specs[self.inner_name]
        child = token.add(inner)
        child.internal_data["index"] = index
        if own is not None:
            child.overlay(own)
        inner._update(child)

    def _values(self, token: Token) -> list[Any]:
        context = token.top.context
        if self.items is not None:
            values = to_json(self.items.value(token.data, context))
            if not isinstance(values, list):
                raise self._fault(self.items, "不是一个列表", "is not a list")
        else:
            values = self._numbers(token)
        if len(values) > MAX_INSTANCES:
            raise self._fault(
                self.items or self.cardinality,
                f"超过{MAX_INSTANCES}个",
                f"has more than {MAX_INSTANCES} items",
            )
        return values

    def _numbers(self, token: Token) -> list[int]:
        if self.cardinality is None:
            return []
        count = to_json(self.cardinality.value(token.data, token.top.context))
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise self._fault(self.cardinality, "不是非负整数", "is not a whole number")
        return list(range(min(count, MAX_INSTANCES + 1)))

    def _collect(self, token: Token, child: Token) -> None:
        own = child.own or {}
        if self.loop.out:
            token.internal_data["got"].append([child.internal_data["index"], own.get(self.loop.of)])
            return
        for name, value in own.items():
            if name != self.loop.item:
                token.data[name] = value

    def _enough(self, token: Token, child: Token) -> bool:
        kept = token.internal_data
        if kept["done"] >= kept["n"]:
            return True
        if self.until is None:
            return False
        extra = {
            "nrOfInstances": kept["n"],
            "nrOfCompletedInstances": kept["done"],
            "nrOfActiveInstances": kept["n"] - kept["done"],
            "loopCounter": child.internal_data["index"],
        }
        if self.loop.out:
            extra[self.loop.out] = self._results(token)
        return self.until.holds(child.data, token.top.context, extra)

    def _results(self, token: Token) -> list[Any]:
        return [value for _, value in sorted(token.internal_data["got"], key=lambda pair: pair[0])]

    def _publish(self, token: Token) -> None:
        if self.loop.out:
            token.top.keep(token, {self.loop.out: self._results(token)})

    def _fault(self, formula: ElementExpression | None, chinese: str, english: str) -> EngineFault:
        source = formula.source if formula else ""
        name = self.node.name or self.node.id
        text = Text(
            f"“{name}”的多实例集合“{source}”{chinese}。",
            f"The collection “{source}” of “{name}” {english}.",
        )
        return EngineFault(self.node.id, text, formula.variables if formula else ())
