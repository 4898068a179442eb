"""Boxed expressions other than tables: literal, context, invocation, list, relation, function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from feel.calls import call, descend
from feel.expression import Expression
from feel.frame import Frame
from feel.text import Text
from feel.values import Function, Value

Logic = Callable[[Frame], Value]


def literal(expression: Expression) -> Logic:
    return expression.run


def context(entries: list[tuple[str | None, Logic]]) -> Logic:
    """Entries see the earlier ones; an entry without a name is the result of the whole."""

    def run(frame: Frame) -> Value:
        outside = frame.variables
        result: dict[str, Value] = {}
        try:
            for name, logic in entries:
                value = logic(frame)
                if name is None:
                    return value
                result[name] = value
                frame.variables = {**frame.variables, name: value}
        finally:
            frame.variables = outside
        return result

    return run


def sequence(items: list[Logic]) -> Logic:
    return lambda frame: [item(frame) for item in items]


def relation(names: list[str], rows: list[list[Logic]]) -> Logic:
    return lambda frame: [
        {name: cell(frame) for name, cell in zip(names, row, strict=True)} for row in rows
    ]


def invocation(function: Logic, name: str, bindings: list[tuple[str, Logic]]) -> Logic:
    names = tuple(parameter for parameter, _ in bindings)

    def run(frame: Frame) -> Value:
        called = function(frame)
        if type(called) is not Function:
            frame.note(Text(f"“{name}”不是函数。", f"“{name}” is no function."), is_type_error=True)
            return None
        return call(frame, called, [logic(frame) for _, logic in bindings], names, 0)

    return run


@dataclass(frozen=True)
class FunctionBody:
    """A function of the file: its parameters and its logic."""

    name: str
    parameters: tuple[str, ...]
    logic: Logic

    def bind(self, frame: Frame) -> Function:
        """Return the function as a value that sees the variables around its definition."""
        around = frame.variables

        def invoke(caller: Frame, values: list[Value]) -> Value:
            descend(caller)
            outside = caller.variables
            caller.variables = {
                **around,
                self.name: function,
                **dict(zip(self.parameters, values, strict=True)),
            }
            try:
                return self.logic(caller)
            finally:
                caller.variables = outside
                caller.calls -= 1

        function = Function(self.name, self.parameters, invoke)
        return function
