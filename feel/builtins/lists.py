"""Built-ins on lists. Items are counted from 1, from the end with -1."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key

from feel.builtins.numbers import tidy, total
from feel.builtins.registry import (
    built_in,
    incomparable,
    need_flag,
    need_function,
    need_items,
    need_list,
    need_numbers,
    need_whole,
)
from feel.frame import Frame, NullCause
from feel.operators import multiply
from feel.text import Text
from feel.values import NUMBERS, Function, Value, equal, order


@built_in("list contains", "list, element")
def list_contains(frame: Frame, items: Value, element: Value) -> bool:
    return any(equal(item, element, frame.spend) is True for item in need_list(frame, items))


@built_in("count", "list...")
def count(frame: Frame, *values: Value) -> int:
    return len(need_items(frame, values))


@built_in("min", "list...")
def minimum(frame: Frame, *values: Value) -> Value:
    return _extreme(need_items(frame, values), -1)


@built_in("max", "list...")
def maximum(frame: Frame, *values: Value) -> Value:
    return _extreme(need_items(frame, values), 1)


def _extreme(items: list[Value], direction: int) -> Value:
    if not items:
        return None
    best = items[0]
    for item in items:
        result = order(item, best)
        if result is None:
            if item is None or best is None:
                raise NullCause
            raise incomparable(item, best)
        if result == direction:
            best = item
    return best


@built_in("sum", "list...")
def add_up(frame: Frame, *values: Value) -> int | Decimal | None:
    numbers = need_numbers(frame, values)
    return total(numbers) if numbers else None


@built_in("mean", "list...")
def mean(frame: Frame, *values: Value) -> int | Decimal | None:
    numbers = need_numbers(frame, values)
    return tidy(NUMBERS.divide(total(numbers), len(numbers))) if numbers else None


@built_in("product", "list...")
def product(frame: Frame, *values: Value) -> Value:
    numbers = need_numbers(frame, values)
    result: Value = 1 if numbers else None
    for number in numbers:
        result = multiply(frame, result, number, 0)
    return result


@built_in("median", "list...")
def median(frame: Frame, *values: Value) -> int | Decimal | None:
    numbers = sorted(need_numbers(frame, values))
    if not numbers:
        return None
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return tidy(NUMBERS.divide(total(numbers[middle - 1 : middle + 1]), 2))


@built_in("stddev", "list...")
def stddev(frame: Frame, *values: Value) -> int | Decimal | None:
    """Return the sample standard deviation."""
    numbers = need_numbers(frame, values)
    if len(numbers) < 2:
        return None
    middle = NUMBERS.divide(total(numbers), len(numbers))
    squares = [NUMBERS.power(NUMBERS.subtract(number, middle), 2) for number in numbers]
    return tidy(NUMBERS.sqrt(NUMBERS.divide(total([*squares]), len(numbers) - 1)))


@built_in("mode", "list...")
def mode(frame: Frame, *values: Value) -> list[int | Decimal]:
    """Return the most frequent numbers, ascending."""
    numbers = need_numbers(frame, values)
    counts: dict[int | Decimal, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, times in counts.items() if times == most)


@built_in("all", "list...")
def all_true(frame: Frame, *values: Value) -> bool | None:
    items = need_items(frame, values)
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@built_in("any", "list...")
def any_true(frame: Frame, *values: Value) -> bool | None:
    items = need_items(frame, values)
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@built_in("sublist", "list, start position, length?")
def sublist(frame: Frame, items: Value, start: Value, length: Value = None) -> list[Value]:
    values, place = need_list(frame, items), need_whole(start)
    begin = place - 1 if place > 0 else len(values) + place
    if place == 0 or not 0 <= begin < len(values):
        raise NullCause(Text("位置超出列表。", "the position is outside the list."))
    if length is None:
        return values[begin:]
    wanted = need_whole(length)
    if wanted < 0 or begin + wanted > len(values):
        raise NullCause(Text("长度超出列表。", "the length is beyond the list."))
    return values[begin : begin + wanted]


@built_in("append", "list, item...")
def append(frame: Frame, items: Value, *more: Value) -> list[Value]:
    return _sized(frame, [*need_list(frame, items), *more])


@built_in("concatenate", "list...")
def concatenate(frame: Frame, *lists: Value) -> list[Value]:
    frame.check_items(sum(len(part) for part in lists if type(part) is list))
    return [item for part in lists for item in need_list(frame, part)]


@built_in("insert before", "list, position, newItem")
def insert_before(frame: Frame, items: Value, position: Value, item: Value) -> list[Value]:
    values = need_list(frame, items)
    index = _place(values, position)
    return _sized(frame, [*values[:index], item, *values[index:]])


@built_in("remove", "list, position")
def remove(frame: Frame, items: Value, position: Value) -> list[Value]:
    values = need_list(frame, items)
    index = _place(values, position)
    return [*values[:index], *values[index + 1 :]]


@built_in("list replace", "list, position, newItem", "list, match, newItem")
def list_replace(frame: Frame, items: Value, position: Value, item: Value) -> list[Value]:
    values = need_list(frame, items)
    if type(position) is Function:
        fits = need_function(position, 2)
        return [item if _fits(frame, fits, old, item) else old for old in values]
    index = _place(values, position)
    return [*values[:index], item, *values[index + 1 :]]


def _fits(frame: Frame, test: Function, old: Value, new: Value) -> bool:
    """Return whether to replace the old item. Raises NullCause for an answer that is no boolean."""
    return need_flag(test.invoke(frame, [old, new]))


def _place(values: list[Value], position: Value) -> int:
    place = need_whole(position)
    index = place - 1 if place > 0 else len(values) + place
    if place == 0 or not 0 <= index < len(values):
        raise NullCause(Text("位置超出列表。", "the position is outside the list."))
    return index


def _sized(frame: Frame, values: list[Value]) -> list[Value]:
    frame.check_items(len(values))
    return values


@built_in("reverse", "list")
def reverse(frame: Frame, items: Value) -> list[Value]:
    return need_list(frame, items)[::-1]


@built_in("index of", "list, match")
def index_of(frame: Frame, items: Value, match: Value) -> list[int]:
    values = need_list(frame, items)
    return [
        place
        for place, item in enumerate(values, start=1)
        if equal(item, match, frame.spend) is True
    ]


@built_in("union", "list...")
def union(frame: Frame, *lists: Value) -> list[Value]:
    return _distinct(frame, concatenate(frame, *lists))


@built_in("distinct values", "list")
def distinct_values(frame: Frame, items: Value) -> list[Value]:
    return _distinct(frame, need_list(frame, items))


@built_in("duplicate values", "list")
def duplicate_values(frame: Frame, items: Value) -> list[Value]:
    values = need_list(frame, items)
    frame.spend(len(values) * len(values) // 8)
    once = _distinct(frame, values)
    return [v for v in once if sum(equal(v, other, frame.spend) is True for other in values) > 1]


def _distinct(frame: Frame, items: list[Value]) -> list[Value]:
    """Plain texts and numbers by hash, everything else by comparing."""
    seen: set[tuple[str, Value]] = set()
    result: list[Value] = []
    others: list[Value] = []
    for item in items:
        if type(item) in (str, int, Decimal, bool):
            key = ("b" if type(item) is bool else "s" if type(item) is str else "n", item)
            if key not in seen:
                seen.add(key)
                result.append(item)
        else:
            frame.spend(len(others))
            if not any(equal(item, other, frame.spend) is True for other in others):
                others.append(item)
                result.append(item)
    return result


@built_in("flatten", "list")
def flatten(frame: Frame, items: Value) -> list[Value]:
    result: list[Value] = []
    stack = [iter(need_list(frame, items))]
    while stack:
        for item in stack[-1]:
            frame.spend()
            if type(item) is list:
                stack.append(iter(item))
                break
            result.append(item)
        else:
            stack.pop()
    return result


@built_in("sort", "list, precedes?")
def sort(frame: Frame, items: Value, precedes: Value = None) -> list[Value]:
    values = need_list(frame, items)
    if precedes is None:
        return sorted(values, key=cmp_to_key(_natural))
    first = need_function(precedes, 2)

    def compare(left: Value, right: Value) -> int:
        if first.invoke(frame, [left, right]) is True:
            return -1
        return 1 if first.invoke(frame, [right, left]) is True else 0

    return sorted(values, key=cmp_to_key(compare))


def _natural(left: Value, right: Value) -> int:
    result = order(left, right)
    if result is None:
        raise incomparable(left, right)
    return result
