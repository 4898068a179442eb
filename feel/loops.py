"""`for`, `some` and `every`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from feel.checks import note_condition
from feel.faults import EvaluationFault
from feel.frame import Code, Frame
from feel.paths import as_list
from feel.scope import LocalScope
from feel.syntax import For, Iteration, Name, Quantified, walk
from feel.text import Text
from feel.values import NUMBERS, Range, Value, kind_name, settle

if TYPE_CHECKING:
    from feel.compiler import FeelCompiler

Source = tuple[Callable[[Frame], Iterator[Value]], int]


def compile_for(compiler: FeelCompiler, node: For) -> Code:
    """`partial` inside the body is the list of results so far."""
    partial = compiler.new_slot()
    sources = _open_rounds(compiler, node.iterators)
    code = compiler.within(LocalScope({"partial": partial}), node.body)
    _close_rounds(compiler, node.iterators)
    looks_back = any(isinstance(each, Name) and each.name == "partial" for each in walk(node.body))

    def run(frame: Frame) -> Value:
        results: list[Value] = []
        for _ in _rounds(frame, sources):
            if looks_back:
                # A copy: the body may keep it, and a list must never contain itself.
                frame.spend(len(results) >> 4)
                frame.slots[partial] = results.copy()
            results.append(code(frame))
            if len(results) > frame.limits.items:
                frame.check_items(len(results))
        return results

    return run


def compile_quantified(compiler: FeelCompiler, node: Quantified) -> Code:
    sources = _open_rounds(compiler, node.iterators)
    code = compiler.compile(node.body)
    _close_rounds(compiler, node.iterators)
    decisive, pos = not node.every, node.body.pos

    def run(frame: Frame) -> Value:
        result: bool | None = not decisive
        for _ in _rounds(frame, sources):
            value = code(frame)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                if value is not None:
                    note_condition(frame, value, pos)
                result = None
        return result

    return run


def _open_rounds(compiler: FeelCompiler, iterators: tuple[Iteration, ...]) -> list[Source]:
    """Compile the sources; each later one, and the body, sees the names of the earlier."""
    sources = []
    for each in iterators:
        start = compiler.compile(each.source)
        end = compiler.compile(each.end) if each.end else None
        slot = compiler.new_slot()
        compiler.scopes.append(LocalScope({each.name: slot}))
        sources.append((_source(start, end, each.pos), slot))
    return sources


def _close_rounds(compiler: FeelCompiler, iterators: tuple[Iteration, ...]) -> None:
    del compiler.scopes[len(compiler.scopes) - len(iterators) :]


def _rounds(frame: Frame, sources: list[Source], level: int = 0) -> Iterator[None]:
    """Bind every combination in turn, the last name fastest."""
    values, slot = sources[level]
    for value in values(frame):
        frame.spend()
        frame.slots[slot] = settle(value)
        if level + 1 < len(sources):
            yield from _rounds(frame, sources, level + 1)
        else:
            yield


def _source(start: Code, end: Code | None, pos: int) -> Callable[[Frame], Iterator[Value]]:
    def values(frame: Frame) -> Iterator[Value]:
        first = start(frame)
        if end is not None:
            return _count(frame, first, end(frame), pos)
        if type(first) is Range:
            low, high = _inner_ends(first)
            return _count(frame, low, high, pos)
        return iter(as_list(first))

    return values


def _inner_ends(span: Range) -> tuple[Value, Value]:
    step = timedelta(days=1) if type(span.low) is date else 1
    try:
        low = span.low if span.low_included else span.low + step
        high = span.high if span.high_included else span.high - step
    except (TypeError, OverflowError):
        return span.low, span.high
    return low, high


def _count(frame: Frame, first: Value, last: Value, pos: int) -> Iterator[Value]:
    """From first to last, upward or downward, by whole numbers or days."""
    if type(first) is date and type(last) is date:
        return _days(first, last)
    if type(first) in (int, Decimal) and type(last) in (int, Decimal):
        return _numbers(first, last)
    bad = last if type(first) in (int, Decimal) else first
    name = kind_name(bad)
    raise EvaluationFault(
        Text(
            f"循环的区间两端要是数字或日期，这里是{name.zh}。",
            f"A loop runs between two numbers or two dates, not {name.en}.",
        ),
        position=pos,
    )


def _numbers(first: int | Decimal, last: int | Decimal) -> Iterator[Value]:
    step = 1 if first <= last else -1
    while (first <= last) if step == 1 else (first >= last):
        yield first
        first = first + step if type(first) is int else NUMBERS.add(first, step)


def _days(first: date, last: date) -> Iterator[Value]:
    step = 1 if first <= last else -1
    for offset in range(0, (last - first).days + step, step):
        yield first + timedelta(days=offset)
