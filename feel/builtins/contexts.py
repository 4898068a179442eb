"""Built-ins on contexts."""

from __future__ import annotations

from feel.builtins.registry import built_in, need_context, need_list, need_text
from feel.frame import Frame, NullCause
from feel.text import Text
from feel.values import Value


@built_in("get value", "m, key")
def get_value(frame: Frame, m: Value, key: Value) -> Value:
    return need_context(m).get(need_text(key))


@built_in("get entries", "m")
def get_entries(frame: Frame, m: Value) -> list[Value]:
    entries = need_context(m)
    frame.check_items(len(entries))
    return [{"key": key, "value": value} for key, value in entries.items()]


@built_in("context", "entries")
def context(frame: Frame, entries: Value) -> dict[str, Value]:
    """Return a context from `{key, value}` items."""
    result: dict[str, Value] = {}
    for item in need_list(frame, entries):
        entry = need_context(item)
        key = need_text(entry.get("key"))
        if key in result:
            raise NullCause(Text(f"“{key}”重复。", f"“{key}” occurs twice."))
        result[key] = entry.get("value")
    return result


@built_in("context put", "context, key, value", "context, keys, value")
def context_put(frame: Frame, source: Value, key: Value, value: Value) -> dict[str, Value]:
    entries = need_context(source)
    frame.spend(len(entries))
    if type(key) is not list:
        return {**entries, need_text(key): value}
    if not key:
        raise NullCause(Text("缺少键。", "there is no key."))
    if len(key) == 1:
        return {**entries, need_text(key[0]): value}
    inner = entries.get(need_text(key[0]))
    frame.spend(len(key))
    if len(key) > 50:
        raise NullCause(Text("键的层数太多。", "there are too many keys."))
    return {**entries, key[0]: context_put(frame, {} if inner is None else inner, key[1:], value)}


@built_in("context merge", "contexts")
def context_merge(frame: Frame, contexts: Value) -> dict[str, Value]:
    result: dict[str, Value] = {}
    for item in need_list(frame, contexts):
        frame.spend(len(need_context(item)))
        result.update(item)
    return result
