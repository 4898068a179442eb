"""How a built-in function is declared, and what its arguments are checked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from feel.faults import SyntaxFault
from feel.frame import Frame, NullCause
from feel.text import Text
from feel.values import Function, Months, Range, Value, kind_name, settle

Run = Callable[[Frame, list[Value]], Value]


@dataclass(frozen=True)
class Signature:
    """Parameter names in order; those from `required` on may be left out."""

    parameters: tuple[str, ...]
    required: int
    variadic: bool = False

    def takes(self, count: int) -> bool:
        return self.required <= count and (self.variadic or count <= len(self.parameters))


@dataclass(frozen=True)
class BuiltIn:
    name: str
    signatures: tuple[Signature, ...]
    run: Run

    def places(self, names: tuple[str, ...], count: int, pos: int) -> list[int | None]:
        """For every parameter, which of the given arguments fills it.

        Raises SyntaxFault when no form of the function takes these arguments.
        """
        if not names:
            if any(signature.takes(count) for signature in self.signatures):
                return list(range(count))
            raise self._misfit(pos)
        for signature in self.signatures:
            needed = set(signature.parameters[: signature.required])
            if needed <= set(names) <= set(signature.parameters):
                return [names.index(p) if p in names else None for p in signature.parameters]
        raise self._misfit(pos)

    def _misfit(self, pos: int) -> SyntaxFault:
        forms = [f"{self.name}({', '.join(s.parameters)})" for s in self.signatures]
        return SyntaxFault(
            Text(
                f"参数不对，应写成 {' 或 '.join(forms)}。",
                f"Wrong arguments; write {' or '.join(forms)}.",
            ),
            position=pos,
            variable=self.name,
        )


BUILT_IN: dict[str, BuiltIn] = {}


def built_in(name: str, *forms: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Declare a function under its FEEL name.

    Each form lists parameter names; `x?` may be left out, `x...` repeats. The Python function
    gets the frame, then the arguments in the order of the form.
    """

    def declare(function: Callable[..., Value]) -> Callable[..., Value]:
        def run(frame: Frame, values: list[Value]) -> Value:
            return function(frame, *values)

        BUILT_IN[name] = BuiltIn(name, tuple(_signature(form) for form in forms), run)
        return function

    return declare


def _signature(form: str) -> Signature:
    names = [part.strip() for part in form.split(",")] if form else []
    required = sum(not name.endswith("?") for name in names)
    variadic = bool(names) and names[-1].endswith("...")
    return Signature(tuple(name.rstrip("?.") for name in names), required, variadic)


def _need(value: Value, kinds: tuple[type, ...], wanted: Text) -> Any:
    if type(value) in kinds:
        return value
    if value is None:
        raise NullCause
    plain = settle(value)
    if type(plain) in kinds:
        return plain
    got = kind_name(value)
    text = Text(f"需要{wanted.zh}，得到{got.zh}。", f"needs {wanted.en}, not {got.en}.")
    raise NullCause(text, is_type_error=True)


def incomparable(left: Value, right: Value) -> NullCause:
    """Return what is raised for two values without a common order."""
    a, b = kind_name(left), kind_name(right)
    text = Text(f"{a.zh}与{b.zh}不能比较。", f"{a.en} cannot be compared with {b.en}.")
    return NullCause(text, is_type_error=True)


def need_text(value: Value) -> str:
    return _need(value, (str,), Text("文字", "a text"))


def need_number(value: Value) -> int | Decimal:
    return _need(value, (int, Decimal), Text("数字", "a number"))


def need_whole(value: Value) -> int:
    """Return a whole number of a size that can count something."""
    number = need_number(value)
    if not -(10**9) <= number <= 10**9 or number != int(number):
        raise NullCause(Text("需要整数。", "needs a whole number."))
    return int(number)


def need_flag(value: Value) -> bool:
    return _need(value, (bool,), Text("是/否", "true or false"))


def need_context(value: Value) -> dict[str, Value]:
    return _need(value, (dict,), Text("记录", "a context"))


def need_range(value: Value) -> Range:
    return _need(value, (Range,), Text("区间", "a range"))


def need_date(value: Value) -> date:
    """Return a date or a date and time."""
    return _need(value, (date, datetime), Text("日期", "a date"))


def need_clock(value: Value) -> time:
    return _need(value, (time,), Text("时间", "a time"))


def need_duration(value: Value) -> timedelta | Months:
    return _need(value, (timedelta, Months), Text("时长", "a duration"))


def need_function(value: Value, parameters: int) -> Function:
    """Return a function that takes so many arguments."""
    function: Function = _need(value, (Function,), Text("函数", "a function"))
    if len(function.parameters) != parameters:
        raise NullCause(
            Text(
                f"函数要有 {parameters} 个参数，现在有 {len(function.parameters)} 个。",
                f"the function must take {parameters} arguments, not {len(function.parameters)}.",
            ),
            is_type_error=True,
        )
    return function


def need_list(frame: Frame, value: Value) -> list[Value]:
    """Return a list; a single value counts as the list of itself. Its length is paid for."""
    if value is None:
        raise NullCause
    items = value if type(value) is list else [value]
    frame.spend(len(items))
    return items


def need_items(frame: Frame, values: tuple[Value, ...]) -> list[Value]:
    """Return the items of `f(list)` or of `f(a, b, c)`."""
    if len(values) == 1:
        return need_list(frame, values[0])
    frame.spend(len(values))
    return list(values)


def need_numbers(frame: Frame, values: tuple[Value, ...]) -> list[int | Decimal]:
    return [need_number(item) for item in need_items(frame, values)]
