"""`value.property` and `list[condition]`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from feel import temporal
from feel.checks import note_condition
from feel.frame import Code, Frame
from feel.scope import FilterScope
from feel.syntax import Filter, Literal, Name, Path
from feel.text import Text
from feel.values import Range, Value, kind_name, settle

if TYPE_CHECKING:
    from feel.compiler import FeelCompiler

_RANGE_PARTS = {
    "start": "low",
    "end": "high",
    "start included": "low_included",
    "end included": "high_included",
}


def compile_path(compiler: FeelCompiler, node: Path) -> Code:
    base, key, pos = compiler.compile(node.base), node.key, node.pos
    if (steps := _steps(node)) and compiler.is_free(steps[0]):
        compiler.paths.add(steps)

    def read(frame: Frame) -> Value:
        value = base(frame)
        if type(value) is dict:
            return settle(value.get(key))
        return part(frame, value, key, pos)

    return read


def _steps(node: Path) -> tuple[str, ...]:
    """`case.place.name` as its steps; empty when it does not start at a name."""
    steps = [node.key]
    base = node.base
    while isinstance(base, Path):
        steps.append(base.key)
        base = base.base
    return (base.name, *reversed(steps)) if isinstance(base, Name) else ()


def part(frame: Frame, value: Value, key: str, pos: int) -> Value:
    """Return a property of any value; of a list, the list of its items' properties."""
    if value is None:
        return None
    if type(value) is dict:
        return settle(value.get(key))
    if type(value) is list:
        frame.spend(len(value))
        return [part(frame, settle(item), key, pos) for item in value]
    if type(value) is Range and key in _RANGE_PARTS:
        return getattr(value, _RANGE_PARTS[key])
    known, result = temporal.part(value, key)
    if not known:
        name = kind_name(value)
        text = Text(f"{name.zh}没有“{key}”这一项。", f"{name.en} has no “{key}”.")
        frame.note(text, pos, is_type_error=True)
    return result


def compile_filter(compiler: FeelCompiler, node: Filter) -> Code:
    base = compiler.compile(node.base)
    if isinstance(node.condition, Literal) and type(node.condition.value) is int:
        index = node.condition.value
        return lambda frame: pick(base(frame), index)
    slot = compiler.new_slot()
    condition = compiler.within(FilterScope(slot), node.condition)

    def run(frame: Frame) -> Value:
        value = base(frame)
        items = as_list(value)
        if not items:
            frame.slots[slot] = None
            return None if type(condition(frame)) in (int, Decimal) else []
        chosen = []
        for position, item in enumerate(items):
            frame.spend()
            frame.slots[slot] = item = settle(item)
            result = condition(frame)
            if position == 0 and type(result) in (int, Decimal):
                return pick(value, result)
            if result is True:
                chosen.append(item)
            elif result is not None and result is not False:
                note_condition(frame, result, node.condition.pos)
        return chosen

    return run


def as_list(value: Value) -> list[Value]:
    """Return a list as it is; another value as the list of itself; null as the empty list."""
    if type(value) is list:
        return value
    return [] if value is None else [value]


def pick(value: Value, index: int | Decimal) -> Value:
    """Return the item at a place counted from 1, or from the end with -1; null beyond the ends."""
    items = as_list(value)
    if not -len(items) <= index <= len(items) or index != int(index) or index == 0:
        return None
    place = int(index)
    return settle(items[place - 1 if place > 0 else place])
