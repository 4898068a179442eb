"""Calling functions: built in, made by the expression, or lent by the host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from feel import hints
from feel.builtins import BUILT_IN, BuiltIn
from feel.faults import EvaluationFault, FeelError, LimitReached, SyntaxFault
from feel.frame import Code, Frame, NullCause
from feel.syntax import Call, Name, Path
from feel.text import Text
from feel.values import KINDS, Function, Value, kind_name, settle

if TYPE_CHECKING:
    from feel.compiler import FeelCompiler


_LONG = 256
"""Work on a text longer than this is paid by its length."""


def compile_call(compiler: FeelCompiler, node: Call) -> Code:
    arguments = [compiler.compile(argument) for argument in node.arguments]
    target = node.target
    if isinstance(target, Name) and not compiler.is_local(target.name):
        if target.name in BUILT_IN:
            return _built_in(BUILT_IN[target.name], node, arguments)
        return _by_name(compiler, target, node, arguments)
    method = target.key if isinstance(target, Path) else ""
    if method in hints.METHODS:
        raise SyntaxFault(hints.for_method(method), position=target.pos, variable=method)
    code = compiler.compile(target)

    def run(frame: Frame) -> Value:
        function = code(frame)
        if type(function) is not Function:
            raise _not_callable(function, method, node.pos)
        return call(frame, function, [each(frame) for each in arguments], node.names, node.pos)

    return run


def _built_in(function: BuiltIn, node: Call, arguments: list[Code]) -> Code:
    """Names and number of arguments are settled when the expression is compiled."""
    places = function.places(node.names, len(arguments), node.pos)
    run, name, pos = function.run, function.name, node.pos
    ordered = [arguments[place] if place is not None else _absent for place in places]

    def call_it(frame: Frame) -> Value:
        frame.spend()
        values = [each(frame) for each in ordered]
        for value in values:
            if type(value) is str and len(value) > _LONG:
                frame.spend(len(value) >> 6)
        try:
            return run(frame, values)
        except NullCause as null:
            if null.note:
                frame.note(
                    Text(f"{name}：{null.note.zh}", f"{name}: {null.note.en}"),
                    pos,
                    is_type_error=null.is_type_error,
                )
            return None

    return call_it


def _absent(frame: Frame) -> Value:
    return None


def _by_name(compiler: FeelCompiler, target: Name, node: Call, arguments: list[Code]) -> Code:
    """Return a function of the host, or a variable that holds one."""
    name = target.name
    reason = hints.for_call(name)
    if reason and name not in compiler.names:
        raise SyntaxFault(reason, position=node.pos, variable=name)
    compiler.functions.add(name)

    def run(frame: Frame) -> Value:
        values = [each(frame) for each in arguments]
        if frame.functions and name in frame.functions:
            return _host(frame, name, values, node)
        held = frame.variables.get(name)
        if type(held) is Function:
            return call(frame, held, values, node.names, node.pos)
        raise EvaluationFault(
            Text(f"没有名为“{name}”的函数。", f"There is no function named “{name}”."),
            position=node.pos,
            variable=name,
        )

    return run


def _host(frame: Frame, name: str, values: list[Value], node: Call) -> Value:
    frame.spend()
    assert frame.functions is not None
    try:
        if node.names:
            pairs = zip(node.names, values, strict=True)
            keywords = {key.replace(" ", "_"): value for key, value in pairs}
            result = frame.functions[name](**keywords)
        else:
            result = frame.functions[name](*values)
    except FeelError as error:
        error.position = node.pos if error.position is None else error.position
        raise
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise EvaluationFault(
            Text(f"函数“{name}”不能用这些参数计算。", f"“{name}” cannot work on these arguments."),
            position=node.pos,
            variable=name,
        ) from error
    return result if type(result) in KINDS else settle(result)


def call(
    frame: Frame, function: Function, values: list[Value], names: tuple[str, ...], pos: int
) -> Value:
    """Call a function value with positional or named arguments."""
    wanted = function.parameters
    if names:
        given = dict(zip(names, values, strict=True))
        fits = set(names) == set(wanted)
        values = [given.get(name) for name in wanted]
    else:
        fits = len(values) == len(wanted)
    if not fits:
        frame.note(
            Text(
                f"函数需要 {len(wanted)} 个参数（{'、'.join(wanted)}）。",
                f"The function takes {len(wanted)} arguments ({', '.join(wanted)}).",
            ),
            pos,
            is_type_error=True,
        )
        return None
    return function.invoke(frame, values)


def enter(
    frame: Frame,
    captured: tuple[list[Value], Mapping[str, Any]],
    slots: tuple[int, ...],
    values: list[Value],
    body: Code,
) -> Value:
    """Run a function's body with the values and variables that its definition saw."""
    descend(frame)
    outside = frame.slots, frame.variables
    frame.slots, frame.variables = captured[0].copy(), captured[1]
    for slot, value in zip(slots, values, strict=True):
        frame.slots[slot] = value
    try:
        return body(frame)
    finally:
        frame.slots, frame.variables = outside
        frame.calls -= 1


def descend(frame: Frame) -> None:
    """Count one more call under way. Raises LimitReached when there are too many."""
    frame.spend()
    if frame.calls >= frame.limits.calls:
        limit = frame.limits.calls
        raise LimitReached(
            Text(f"函数调用超过 {limit} 层，已停止。", f"Stopped: calls nest deeper than {limit}.")
        )
    frame.calls += 1


def _not_callable(value: Value, method: str, pos: int) -> FeelError:
    if method:
        return EvaluationFault(hints.for_method(method), position=pos, variable=method)
    name = kind_name(value)
    return EvaluationFault(
        Text(f"{name.zh}不能当函数调用。", f"{name.en} cannot be called."), position=pos
    )
