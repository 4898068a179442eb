"""What changes in decision tables: their columns and rows, told by id or by what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from engine.bpmn.labels import NOTHING
from engine.definitions.differences import cells
from engine.definitions.differences.content import KIND, ORDER, PARENT, ComparedItem, Content
from engine.definitions.differences.sentences import (
    WHOLE,
    DifferenceNote,
    as_list,
    begins,
    inside,
    places,
    plain,
    quoted,
    turned,
)
from feel.text import Text

HIT_POLICIES = {
    "UNIQUE": Text("唯一：最多一行符合", "unique: one row at most matches"),
    "ANY": Text("任意：符合的各行结果相同", "any: the rows that match agree"),
    "FIRST": Text("首个：取最先符合的一行", "first: the first row that matches"),
    "PRIORITY": Text("优先：取输出值次序最前的一行", "priority: the row whose output ranks first"),
    "RULE ORDER": Text("规则次序：按行的次序全部取用", "rule order: all rows, in their order"),
    "OUTPUT ORDER": Text("输出次序：按输出值的次序全部取用", "output order: all, as outputs rank"),
    "COLLECT": Text("收集：所有符合的行都生效", "collect: all rows that match"),
}
AGGREGATIONS = {
    "SUM": Text("求和", "their sum"),
    "MIN": Text("取最小", "the least of them"),
    "MAX": Text("取最大", "the greatest of them"),
    "COUNT": Text("计数", "their number"),
}
TYPES = {
    "string": Text("文字", "text"),
    "number": Text("数字", "number"),
    "boolean": Text("是或否", "yes or no"),
    "date": Text("日期", "date"),
    "dateTime": Text("日期和时间", "date and time"),
    "time": Text("时间", "time"),
}
_POLICY = ("decisionTable@hitPolicy", "decisionTable@aggregation")
_LABEL = "extensionElements/gov:label"
# Of a column: what is said, where it stands, and whether it is a type or values.
_COLUMN = {
    "input": (
        (Text("名称", "the label"), "@label"),
        (Text("表达式", "the expression"), "inputExpression/text"),
        (Text("类型", "the type"), "inputExpression@typeRef"),
        (Text("允许的值", "the allowed values"), "inputValues/text"),
    ),
    "output": (
        (Text("名称", "the label"), "@label"),
        (Text("代码", "the name"), "@name"),
        (Text("类型", "the type"), "@typeRef"),
        (Text("允许的值", "the allowed values"), "outputValues/text"),
        (Text("默认值", "the default"), "defaultOutputEntry/text"),
    ),
}


def between(old: Content, new: Content) -> Iterator[DifferenceNote]:
    """Yield the changes from one file of tables to its successor."""
    before, after = _decisions(old), _decisions(new)
    for key, decision in after.items():
        if key not in before:
            yield from _appeared(new, decision)
        else:
            yield from _decision(old, new, before[key], decision)
    for key, decision in before.items():
        if key not in after:
            name = _name(decision)
            text = Text(f"删除决策表{name.zh}。", f"The table {name.en} is gone.")
            tells = places(key, WHOLE)
            for child in decision.children:
                tells |= places(child, WHOLE)
            yield DifferenceNote("tables", text, tells=tells)


def _decisions(content: Content) -> dict[str, ComparedItem]:
    return {key: entry for key, entry in content.entries.items() if entry.kind == "decision"}


def _name(decision: ComparedItem) -> Text:
    english = decision.values.get(_LABEL, "")
    return quoted(decision.values.get("@name") or decision.key, english)


def _policy(decision: ComparedItem) -> Text:
    if not any(at.startswith("decisionTable") for at in decision.values):
        return NOTHING
    policy = decision.values.get(_POLICY[0], "UNIQUE")
    said = HIT_POLICIES.get(policy) or plain(policy)
    how = decision.values.get(_POLICY[1])
    if how is None:
        return said
    more = AGGREGATIONS.get(how) or plain(how)
    return Text(f"{said.zh}，{more.zh}", f"{said.en}, {more.en}")


def _columns(content: Content, decision: ComparedItem, kind: str) -> list[ComparedItem]:
    entries = (content.entries[child] for child in decision.children)
    return [entry for entry in entries if entry.kind == kind]


# A new table


def _appeared(content: Content, decision: ComparedItem) -> Iterator[DifferenceNote]:
    name, policy = _name(decision), _policy(decision)
    zh, en = f"新增决策表{name.zh}", f"The table {name.en} is new"
    if policy is not NOTHING:
        zh, en = f"{zh}，{policy.zh}", f"{en}, {policy.en}"
    for what, at in (
        (Text("说明", "description"), "description"),
        (Text("表达式", "expression"), "literalExpression/text"),
    ):
        if said := decision.values.get(at):
            whole = inside(plain(said))
            zh, en = f"{zh}；{what.zh}：{whole.zh}", f"{en}; {what.en}: {whole.en}"
    told = (KIND, PARENT, "@name", "description", "literalExpression/text", _LABEL, *_POLICY)
    tells = places(decision.key, *told, f"{_LABEL}@lang")
    yield DifferenceNote("tables", Text(f"{zh}。", f"{en}."), tells=tells)
    for kind in _COLUMN:
        for column in _columns(content, decision, kind):
            yield _new_column(decision, column)
    for number, rule in enumerate(_columns(content, decision, "rule"), 1):
        yield _new_row(content, decision, number, rule)


def _new_column(decision: ComparedItem, column: ComparedItem) -> DifferenceNote:
    parts = []
    for what, at in _COLUMN[column.kind]:
        if (said := column.values.get(at)) and at != "@label":
            value = _value_text(at, said)
            parts.append(Text(f"{what.zh} {value.zh}", f"{what.en} {value.en}"))
    subject, more = _column_name(decision, column), as_list(parts)
    text = Text(f"新增{subject.zh}：{more.zh}。", f"{begins(subject.en)} is new: {more.en}.")
    tells = places(column.key, KIND, PARENT, *(at for _, at in _COLUMN[column.kind]))
    return DifferenceNote("tables", text, tells=tells)


def _new_row(
    content: Content, decision: ComparedItem, number: int, rule: ComparedItem
) -> DifferenceNote:
    name, said = _name(decision), _row_text(content, decision, rule)
    text = Text(
        f"{name.zh}新增第 {number} 行：{said.zh}。", f"{name.en} has a new row {number}: {said.en}."
    )
    return DifferenceNote(
        "tables", text, tells=places(rule.key, KIND, PARENT, *_sentence_cells(rule))
    )


# A changed table


def _decision(
    old: Content, new: Content, was: ComparedItem, now: ComparedItem
) -> Iterator[DifferenceNote]:
    name = _name(now)
    for what, at in (
        (Text("名称", "the name"), "@name"),
        (Text("英文名称", "the English name"), _LABEL),
        (Text("说明", "the description"), "description"),
        (Text("表达式", "the expression"), "literalExpression/text"),
    ):
        one, other = plain(was.values.get(at)), plain(now.values.get(at))
        if one != other:
            yield DifferenceNote(
                "tables", turned(name, what, one, other), tells=places(now.key, at)
            )
    if _policy(was) != _policy(now):
        text = turned(name, Text("命中策略", "the hit policy"), _policy(was), _policy(now))
        yield DifferenceNote("tables", text, tells=places(now.key, *_POLICY))
    for kind in _COLUMN:
        yield from _compared(old, new, was, now, kind)
    yield from _rows(old, new, was, now)


def _compared(
    old: Content, new: Content, was: ComparedItem, now: ComparedItem, kind: str
) -> Iterator[DifferenceNote]:
    before = {one.key: one for one in _columns(old, was, kind)}
    after = {one.key: one for one in _columns(new, now, kind)}
    for key, column in after.items():
        if key not in before:
            yield _new_column(now, column)
            continue
        for what, at in _COLUMN[kind]:
            pair = (before[key].values.get(at, ""), column.values.get(at, ""))
            one, other = (_value_text(at, value) for value in pair)
            if one != other:
                text = turned(_column_name(now, column), what, one, other)
                yield DifferenceNote("tables", text, tells=places(key, at))
    for key, column in before.items():
        if key not in after:
            subject = _column_name(was, column)
            text = Text(f"删除{subject.zh}。", f"{begins(subject.en)} is gone.")
            yield DifferenceNote("tables", text, tells=places(key, WHOLE))


def _rows(
    old: Content, new: Content, was: ComparedItem, now: ComparedItem
) -> Iterator[DifferenceNote]:
    name = _name(now)
    before = {rule.key: (n, rule) for n, rule in enumerate(_columns(old, was, "rule"), 1)}
    after = {rule.key: (n, rule) for n, rule in enumerate(_columns(new, now, "rule"), 1)}
    for key, (number, rule) in after.items():
        if key not in before:
            yield _new_row(new, now, number, rule)
            continue
        one, other = _row_text(old, was, before[key][1]), _row_text(new, now, rule)
        if one != other:
            text = Text(
                f"{name.zh}第 {number} 行由“{one.zh}”改为“{other.zh}”。",
                f"Row {number} of {name.en}: from “{one.en}” to “{other.en}”.",
            )
            yield DifferenceNote(
                "tables", text, tells=places(key, *_sentence_cells(before[key][1], rule))
            )
    for key, (number, rule) in before.items():
        if key not in after:
            said = _row_text(old, was, rule)
            text = Text(
                f"{name.zh}删除原第 {number} 行：{said.zh}。",
                f"The old row {number} of {name.en} is gone: {said.en}.",
            )
            yield DifferenceNote("tables", text, tells=places(key, WHOLE))
    if _common_keys(before, after) != _common_keys(after, before):
        text = Text(f"{name.zh}的行换了先后。", f"The rows of {name.en} stand in another order.")
        yield DifferenceNote("tables", text, tells=places(now.key, ORDER))


def _common_keys(keys: Iterable[str], other: Iterable[str]) -> list[str]:
    known = set(other)
    return [key for key in keys if key in known]


def _sentence_cells(*rules: ComparedItem) -> set[str]:
    """Return the cells and notes of rows, which their sentence says."""
    values = {at for rule in rules for at in rule.values}
    return {at for at in values if at.endswith("/text") or at == "description"}


# Words


def _column_name(decision: ComparedItem, column: ComparedItem) -> Text:
    table, label = _name(decision), quoted(_label(column))
    if column.kind == "input":
        return Text(f"{table.zh}的输入列{label.zh}", f"the input {label.en} of {table.en}")
    return Text(f"{table.zh}的输出列{label.zh}", f"the output {label.en} of {table.en}")


def _label(column: ComparedItem) -> str:
    values = column.values
    return (
        values.get("@label") or values.get("@name") or values.get("inputExpression/text") or ""
    ) or column.key


def _value_text(at: str, value: str) -> Text:
    if not value:
        return NOTHING
    if at.endswith("@typeRef"):
        known = TYPES.get(value)
        return Text(f"{known.zh}（{value}）", f"{known.en} ({value})") if known else plain(value)
    if at.endswith("Values/text"):
        return cells.tested(value)
    return cells.output(value) if at.startswith("defaultOutput") else plain(value)


def _row_text(content: Content, decision: ComparedItem, rule: ComparedItem) -> Text:
    """Return a row in words: what it tests, what it says, and the note beside it."""
    inputs, outputs = (_columns(content, decision, kind) for kind in ("input", "output"))
    tested = [
        _pair(column, cells.tested(source))
        for column, source in zip_longest(inputs, _texts(rule, "inputEntry"))
        if source is not None and cells.tested(source) is not cells.ANY
    ]
    results = [
        _pair(column, cells.output(source))
        for column, source in zip_longest(outputs, _texts(rule, "outputEntry"))
        if source is not None
    ]
    when, then = as_list(tested, Text("任何情况", "always")), as_list(results)
    zh, en = f"{when.zh} → {then.zh}", f"{when.en} → {then.en}"
    notes = [rule.values.get("description", ""), *_texts(rule, "annotationEntry")]
    if said := "；".join(filter(None, notes)):
        zh, en = f"{zh}（{said}）", f"{en} ({said})"
    return Text(zh, en)


def _pair(column: ComparedItem | None, value: Text) -> Text:
    label = _label(column) if column is not None else "?"
    return Text(f"{label} {value.zh}", f"{label} {value.en}")


def _texts(rule: ComparedItem, kind: str) -> list[str]:
    """Return the cells of one kind, in their order."""
    found = []
    for at, text in rule.values.items():
        if at.partition("/")[0].partition("[")[0] == kind and at.endswith(("/text", kind)):
            found.append(text)
    return found
