"""Read the logic of decisions and knowledge models: tables and boxed expressions."""

from __future__ import annotations

from dataclasses import dataclass, field

from feel.dmn import boxed
from feel.dmn.boxed import FunctionBody, Logic
from feel.dmn.document import (
    Element,
    fault,
    label,
    line_of,
    part,
    parts,
    require_feel,
    tag,
    text_of,
)
from feel.dmn.hits import AGGREGATIONS, LETTERS
from feel.dmn.table import DecisionTable, Input, Output, Rule
from feel.dmn.types import Types, allowed_values
from feel.expression import CompiledText, Expression, Tests, compile_expression, compile_tests
from feel.faults import FeelError
from feel.text import Text

_LOGIC = (
    "decisionTable", "literalExpression", "context", "invocation", "list", "relation",
    "functionDefinition",
)  # fmt: skip
_MAX_RULES = 5_000
_MAX_DEPTH = 30


@dataclass
class LogicBody:
    """The logic of one decision and the names it reads."""

    table: DecisionTable | None = None
    logic: Logic | None = None
    expression: Expression | None = None
    """The one expression that the logic is, if it is no more."""
    reads: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(self.reads)

    @property
    def functions(self) -> frozenset[str]:
        return frozenset(self.calls)


class DmnReader:
    def __init__(self, types: Types, names: frozenset[str]) -> None:
        self.types = types
        self.names = names | frozenset(types.names())
        self.body = LogicBody()
        self.depth = 0

    def decision(self, element: Element) -> LogicBody:
        self.body = LogicBody()
        found = part(element, *_LOGIC)
        if found is None:
            raise fault(
                Text(
                    f"决策“{label(element)}”里没有决策表或表达式。",
                    f"The decision “{label(element)}” has no table or expression.",
                ),
                element,
            )
        if tag(found) == "decisionTable":
            self.body.table = self.table(found)
        elif tag(found) == "literalExpression":
            self.body.expression = self.expression(found)
            self.body.logic = boxed.literal(self.body.expression)
        else:
            self.body.logic = self.logic(found)
        return self.body

    def knowledge(self, element: Element, name: str) -> FunctionBody:
        self.body = LogicBody()
        found = part(element, "encapsulatedLogic")
        if found is None:
            raise fault(Text(f"“{name}”没有内容。", f"“{name}” has no logic."), element)
        return self.function_body(found, name)

    def function_body(self, element: Element, name: str) -> FunctionBody:
        if element.get("kind", "FEEL") not in ("FEEL", "F"):
            raise fault(
                Text("只支持 FEEL 函数。", "Only functions written in FEEL are supported."), element
            )
        parameters = tuple(
            " ".join(each.get("name", "").split()) for each in parts(element, "formalParameter")
        )
        return FunctionBody(name, parameters, self.inner(element))

    def inner(self, element: Element) -> Logic:
        """Return the one boxed expression inside an element."""
        found = part(element, *_LOGIC)
        if found is None:
            raise fault(
                Text(f"“{label(element)}”里没有表达式。", f"“{label(element)}” has no expression."),
                element,
            )
        return self.logic(found)

    def logic(self, element: Element) -> Logic:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise fault(Text("嵌套太深。", "The expressions nest too deeply."), element)
        try:
            return self._logic(element)
        finally:
            self.depth -= 1

    def _logic(self, element: Element) -> Logic:
        kind = tag(element)
        if kind == "decisionTable":
            table = self.table(element)
            return lambda frame: table.evaluate(frame)[0]
        if kind == "literalExpression":
            return boxed.literal(self.expression(element))
        if kind == "context":
            return boxed.context([self._entry(entry) for entry in parts(element, "contextEntry")])
        if kind == "invocation":
            return self._invocation(element)
        if kind == "list":
            return boxed.sequence([self.logic(item) for item in parts(element, *_LOGIC)])
        if kind == "relation":
            return self._relation(element)
        return self.function_body(element, element.get("label") or "").bind

    def _entry(self, entry: Element) -> tuple[str | None, Logic]:
        variable = part(entry, "variable")
        name = None if variable is None else " ".join(variable.get("name", "").split())
        return name, self.inner(entry)

    def _invocation(self, element: Element) -> Logic:
        function = part(element, "literalExpression")
        if function is None:
            raise fault(Text("调用缺少函数名。", "The invocation names no function."), element)
        bindings = []
        for binding in parts(element, "binding"):
            parameter = part(binding, "parameter")
            name = "" if parameter is None else " ".join(parameter.get("name", "").split())
            bindings.append((name, self.inner(binding)))
        return boxed.invocation(self.expression(function).run, text_of(function), bindings)

    def _relation(self, element: Element) -> Logic:
        names = [" ".join(c.get("name", "").split()) for c in parts(element, "column")]
        rows = [[self.logic(c) for c in parts(row, *_LOGIC)] for row in parts(element, "row")]
        if any(len(row) != len(names) for row in rows):
            raise fault(
                Text("行与列的数目不同。", "A row has not as many cells as columns."), element
            )
        return boxed.relation(names, rows)

    def table(self, element: Element) -> DecisionTable:
        inputs = tuple(self._input(each) for each in parts(element, "input"))
        outputs = tuple(self._output(each) for each in parts(element, "output"))
        rows = list(parts(element, "rule"))
        if not outputs:
            raise fault(Text("决策表没有输出列。", "The table has no output column."), element)
        if len(rows) > _MAX_RULES:
            raise fault(
                Text(f"规则超过 {_MAX_RULES} 条。", f"There are more than {_MAX_RULES} rules."),
                element,
            )
        known = self.names.union(*(each.expression.variables for each in inputs))
        rules = tuple(
            self._rule(row, number, inputs, outputs, known)
            for number, row in enumerate(rows, start=1)
        )
        return DecisionTable(inputs, outputs, rules, _hit_policy(element))

    def _input(self, element: Element) -> Input:
        holder = part(element, "inputExpression")
        if holder is None or not text_of(holder):
            raise fault(
                Text(
                    f"输入列“{label(element)}”没有写表达式。",
                    f"The input column “{label(element)}” has no expression.",
                ),
                element,
            )
        expression = self.expression(holder, declare_all=True)
        return Input(
            element.get("label") or expression.source,
            expression,
            self.types.resolve(holder.get("typeRef")),
            self._allowed_values(part(element, "inputValues")),
        )

    def _output(self, element: Element) -> Output:
        kind = self.types.resolve(element.get("typeRef"))
        default = part(element, "defaultOutputEntry")
        name = " ".join((element.get("name") or "").split())
        return Output(
            name or element.get("label") or element.get("id") or "",
            element.get("label") or name,
            kind,
            self._allowed_values(part(element, "outputValues")) or kind.allowed_values,
            self.expression(default) if default is not None and text_of(default) else None,
        )

    def _allowed_values(self, element: Element | None) -> Tests | None:
        try:
            return allowed_values(element)
        except FeelError as error:
            raise _at(error, element) from None

    def _rule(
        self,
        row: Element,
        number: int,
        inputs: tuple[Input, ...],
        outputs: tuple[Output, ...],
        known: frozenset[str],
    ) -> Rule:
        cells = list(parts(row, "inputEntry"))
        results = list(parts(row, "outputEntry"))
        if len(cells) != len(inputs) or len(results) != len(outputs):
            raise fault(
                Text(
                    f"规则 {number} 的格数与列数不同。",
                    f"Rule {number} has not as many cells as the table has columns.",
                ),
                row,
            )
        notes = [text_of(note) for note in parts(row, "annotationEntry")]
        description = part(row, "description")
        if description is not None and description.text:
            notes.insert(0, description.text.strip())
        return Rule(
            number,
            row.get("id") or "",
            tuple(self._cell(cell, known) for cell in cells),
            tuple(self._result(cell) for cell in results),
            "; ".join(filter(None, notes)),
            line_of(row),
        )

    def _cell(self, element: Element, names: frozenset[str]) -> Tests:
        require_feel(element)
        try:
            tests = compile_tests(text_of(element), names=names)
        except FeelError as error:
            raise _at(error, element) from None
        self._note_names(tests)
        return tests

    def _result(self, element: Element) -> Expression:
        """Return an output cell; an empty one, or `-`, gives null."""
        empty = text_of(element) in ("", "-")
        return self.expression(element, text="null" if empty else None)

    def expression(
        self, element: Element, *, text: str | None = None, declare_all: bool = False
    ) -> Expression:
        """Compile the text of an element; with `declare_all`, absent variables are null."""
        require_feel(element)
        source = text_of(element) if text is None else text
        try:
            expression = compile_expression(source, names=self.names)
            if declare_all:
                names = self.names | expression.variables
                expression = compile_expression(source, names=names)
        except FeelError as error:
            raise _at(error, element) from None
        self._note_names(expression)
        return expression

    def _note_names(self, compiled: CompiledText) -> None:
        self.body.reads |= compiled.variables
        self.body.calls |= compiled.functions


def _at(error: FeelError, element: Element | None) -> FeelError:
    """Return the error, with the element it was found in."""
    if element is not None:
        holder = element if element.get("id") else element.getparent()
        error.element = "" if holder is None else holder.get("id") or label(holder)  # type: ignore[attr-defined]
        error.element_line = line_of(element)  # type: ignore[attr-defined]
    return error


def _hit_policy(element: Element) -> str:
    name = (element.get("hitPolicy") or "UNIQUE").strip().upper()
    letter = LETTERS.get(name)
    aggregation = (element.get("aggregation") or "").strip().upper()
    if letter is None or (aggregation and aggregation not in AGGREGATIONS):
        raise fault(
            Text(f"不认识的命中策略“{name}”。", f"The hit policy “{name}” does not exist."), element
        )
    return AGGREGATIONS[aggregation] if letter == "C" and aggregation else letter
