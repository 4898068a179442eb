"""FEEL in a diagram: compiled once with the element it belongs to, evaluated on a token.

Nothing that stands in a diagram is ever evaluated as anything but FEEL.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from engine.bpmn.context import Context
from engine.bpmn.errors import BpmnFault, EngineFault
from engine.bpmn.nodes import Node
from feel import (
    EvaluationFault,
    Expression,
    FeelError,
    Script,
    compile_expression,
    parse_script,
    to_json,
)
from feel.kinds import Read, UnfitText
from feel.text import Text

Readers = Mapping[str, Read]
NOTHING: Final[Readers] = MappingProxyType({})
"""No variable is anything but what its JSON says."""

# What an instance of a multi-instance activity may ask about its fellows.
COUNTERS = ("nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "loopCounter")


@dataclass(frozen=True)
class ElementExpression:
    """A compiled expression of one element; ``what`` names its place in the element."""

    node_id: str
    what: Text
    source: str
    expression: Expression
    readers: Readers = field(default_factory=dict)

    @property
    def variables(self) -> frozenset[str]:
        """The case's variables that it reads."""
        return self.expression.variables - {"case", *COUNTERS}

    def holds(
        self,
        variables: Mapping[str, Any],
        context: Context,
        extra: Mapping[str, Any] | None = None,
    ) -> bool:
        """Evaluate a condition; null is no. Raises EngineFault, also for what is neither."""
        try:
            return self.expression.holds(self._gather(variables, context, extra))
        except FeelError as error:
            raise fault(self.node_id, self.what, self.source, error, self.variables) from error

    def value(
        self,
        variables: Mapping[str, Any],
        context: Context,
        extra: Mapping[str, Any] | None = None,
    ) -> Any:
        """Evaluate; raises EngineFault naming the element and the variables."""
        try:
            # Strict: a wrong type is an incident that names it, not a null that takes a branch.
            known = self._gather(variables, context, extra)
            return self.expression.evaluate(known, strict=True)
        except FeelError as error:
            raise fault(self.node_id, self.what, self.source, error, self.variables) from error

    def _gather(
        self, variables: Mapping[str, Any], context: Context, extra: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        known = gather(self.expression.variables, variables, context)
        if extra:
            known.update(extra)
        if self.readers:
            restore_values(known, self.readers)
        return known


@dataclass(frozen=True)
class ScriptLines:
    """A script task's ``name = expression`` lines."""

    node_id: str
    script: Script
    readers: Readers = field(default_factory=dict)

    @property
    def variables(self) -> frozenset[str]:
        """The case's variables that it reads or sets."""
        return (self.script.variables | frozenset(self.script.assigns)) - {"case"}

    def run(self, variables: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Return the new values as JSON; raises EngineFault."""
        known = gather(self.script.variables, variables, context)
        try:
            restore_values(known, self.readers)
            return {name: to_json(value) for name, value in self.script.run(known).items()}
        except FeelError as error:
            raise fault(self.node_id, _SCRIPT, error.source, error, self.variables) from error


_SCRIPT = Text("脚本", "script")


def gather(
    names: Collection[str], variables: Mapping[str, Any], context: Context
) -> dict[str, Any]:
    """Pick the values that an expression reads; ``case`` is always there, read-only."""
    known = {name: variables[name] for name in names if name in variables}
    if "case" in names:
        known["case"] = context.case
    return known


def restore_values(known: dict[str, Any], by: Readers) -> None:
    """Turn what the state keeps as plain JSON into the values that were meant, in place.

    Raises EvaluationFault for a value that is not of the kind its variable was declared to be.
    """
    for name, one in by.items():
        value = known.get(name)
        if value is not None:
            try:
                known[name] = one(value)
            except UnfitText as error:
                raise EvaluationFault(_no_such(name, error), variable=name) from error


def unfit(values: Mapping[str, Any], by: Readers) -> dict[str, Text]:
    """Return what is wrong with values from outside that are not what their variables are."""
    found = {}
    for name in by.keys() & values.keys():
        try:
            by[name](values[name])
        except UnfitText as error:
            found[name] = _no_such(name, error)
    return found


def _no_such(name: str, error: UnfitText) -> Text:
    words = error.kind.words
    return Text(f"“{name}”不是{words.zh}。", f"“{name}” is not {words.en}.")


def chosen(by: Readers, names: Collection[str]) -> dict[str, Read]:
    """Return the readers of these variables alone."""
    return {name: by[name] for name in by.keys() & set(names)}


def fault(
    node_id: str, what: Text, source: str, error: FeelError, variables: Collection[str]
) -> EngineFault:
    """Return the fault of an element's expression: where it failed, and why."""
    shown = source if len(source) <= 120 else source[:117] + "..."
    text = Text(
        f"{what.zh}“{shown}”无法计算：{error.text.zh}",
        f"The {what.en} “{shown}” could not be evaluated: {error.text.en}",
    )
    return EngineFault(node_id, text, [error.variable] if error.variable else variables)


class ExpressionCompiler:
    """Compiles the expressions of one version and collects those that cannot be."""

    def __init__(self, names: Collection[str] = (), readers: Readers = NOTHING) -> None:
        self.names = frozenset(names)
        self.readers = readers
        self.faults: list[BpmnFault] = []
        self.variables: set[str] = set()

    def formula(
        self, node: Node, what: Text, source: str, line: int | None = None
    ) -> ElementExpression | None:
        """Compile one expression; an empty one is None, a broken one is noted and None."""
        if not source.strip():
            return None
        try:
            expression = compile_expression(source, names=self.names)
        except FeelError as error:
            self._note_fault(node, what, error, line)
            return None
        needed = chosen(self.readers, expression.variables)
        formula = ElementExpression(node.id, what, source, expression, needed)
        self.variables |= formula.variables
        return formula

    def script(self, node: Node) -> ScriptLines | None:
        """Compile a script task's lines."""
        if not node.script.strip():
            return None
        try:
            script = parse_script(node.script, names=self.names)
        except FeelError as error:
            self._note_fault(node, _SCRIPT, error, None)
            return None
        lines = ScriptLines(node.id, script, chosen(self.readers, script.variables))
        self.variables |= lines.variables
        return lines

    def fault(self, rule: str, node: Node, text: Text, line: int | None = None) -> None:
        """Note something about an element that makes the version unfit to run."""
        self.faults.append(BpmnFault(rule, text, node.id, line or node.line, node.file))

    def _note_fault(self, node: Node, what: Text, error: FeelError, line: int | None) -> None:
        text = Text(
            f"{what.zh}写法有误：{error.text.zh}", f"The {what.en} is wrong: {error.text.en}"
        )
        self.fault("bad-expression", node, text, line)
