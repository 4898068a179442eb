"""What changes in decision tables: their rows, told by the row's id or by what it tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.definitions.differences.sentences import Note, plain, quoted, turned
from feel import Decision
from feel.text import Text

Row = tuple[tuple[str, ...], tuple[str, ...]]


def between(old: Mapping[str, Decision], new: Mapping[str, Decision]) -> Iterator[Note]:
    """Say what changes from one set of tables to another."""
    before = {decision.id or decision.name: decision for decision in old.values()}
    after = {decision.id or decision.name: decision for decision in new.values()}
    for key, decision in after.items():
        if key not in before:
            text = Text(
                f"新增决策表{_name(decision).zh}。", f"The table {_name(decision).en} is new."
            )
            yield Note("tables", text)
        else:
            yield from _table(before[key], decision)
    for key, decision in before.items():
        if key not in after:
            name = _name(decision)
            yield Note("tables", Text(f"删除决策表{name.zh}。", f"The table {name.en} is gone."))


def _name(decision: Decision) -> Text:
    return quoted(decision.name or decision.id)


def _table(old: Decision, new: Decision) -> Iterator[Note]:
    name = _name(new)
    if old.hit_policy != new.hit_policy:
        what = Text("命中策略", "the hit policy")
        yield Note("tables", turned(name, what, plain(old.hit_policy), plain(new.hit_policy)))
    before, after = _rows(old), _rows(new)
    for key, (number, row) in after.items():
        if key not in before:
            said = _said(new, row)
            text = Text(
                f"{name.zh}新增第 {number} 行：{said.zh}。",
                f"{name.en} has a new row {number}: {said.en}.",
            )
            yield Note("tables", text)
        elif before[key][1] != row:
            one, other = _said(old, before[key][1]), _said(new, row)
            text = Text(
                f"{name.zh}第 {number} 行由“{one.zh}”改为“{other.zh}”。",
                f"Row {number} of {name.en}: from “{one.en}” to “{other.en}”.",
            )
            yield Note("tables", text)
    for key, (number, row) in before.items():
        if key not in after:
            said = _said(old, row)
            text = Text(
                f"{name.zh}删除原第 {number} 行：{said.zh}。",
                f"The old row {number} of {name.en} is gone: {said.en}.",
            )
            yield Note("tables", text)
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield Note(
            "tables",
            Text(f"{name.zh}的行换了先后。", f"The rows of {name.en} stand in another order."),
        )


def _rows(decision: Decision) -> dict[str, tuple[int, Row]]:
    found: dict[str, tuple[int, Row]] = {}
    for rule in decision.rules:
        row = (
            tuple(" ".join(test.source.split()) for test in rule.tests),
            tuple(" ".join(output.source.split()) for output in rule.outputs),
        )
        key = rule.id or repr(row)
        found[key if key not in found else f"{key} {rule.number}"] = (rule.number, row)
    return found


def _said(decision: Decision, row: Row) -> Text:
    tests, outputs = row
    inputs = [
        f"{column.label or column.expression.source} {test}"
        for column, test in zip(decision.inputs, tests, strict=False)
        if test not in ("", "-")
    ]
    results = [
        f"{column.label or column.name} = {value}"
        for column, value in zip(decision.outputs, outputs, strict=False)
    ]
    when = "，".join(inputs) or "任何情况"
    return Text(
        f"{when} → {'，'.join(results)}", f"{', '.join(inputs) or 'always'} → {', '.join(results)}"
    )
