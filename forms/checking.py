"""Checks a definition as a whole: names, conditions, circles, defaults, rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from feel import Text
from forms import citizen_fields
from forms.defaults import dates_itself
from forms.definition import Condition, Field, FormDefinition
from forms.findings import FormFinding, WrongAnswer
from forms.kinds import KINDS, check_bounds
from forms.sections import in_order

# Conditions may also use the day on which the form is filled in.
GIVEN = frozenset({"today", "last_day"})
GIVEN_FUNCTIONS = frozenset({"today"})
_ONE_LINE = frozenset({"text", "choice", "place"})
# What a column other than those of one line takes.
_KINDS_OF = {"against": frozenset({"unit"}), "due": frozenset({"datetime"})}


def check(definition: FormDefinition) -> tuple[FormFinding, ...]:
    """Find the mistakes that only show when the whole form is in view."""
    fields = definition.fields
    names = {field.name for field in fields if field.asks}
    parts = {inner.name for field in fields for inner in field.fields if inner.asks}
    found = [
        *_duplicates(fields),
        *_circle(fields),
        *_conditions(fields, names, parts),
        *_sets(fields),
        *citizen_fields.findings(definition),
        *(finding for field in definition.every_field() for finding in _field(field)),
    ]
    for field in fields:
        if field.fields:
            found.extend(_duplicates(field.fields, field.name))
            found.extend(_circle(field.fields, field.name))
            inner = {inner.name for inner in field.fields if inner.asks}
            found.extend(_shadows(field, names))
            found.extend(_conditions(field.fields, names | inner, parts))
    found.extend(_unknown(definition.confidential_when, names, "confidential_when", parts))
    for number, rule in enumerate(definition.rules):
        where = f"rules[{number}]"
        found.extend(_unknown(rule.test, names, f"{where}.test", parts))
        found.extend(
            _no_field(name, names, f"{where}.fields") for name in rule.fields if name not in names
        )
    return tuple(found)


def _duplicates(fields: Sequence[Field], inside: str = "") -> Iterable[FormFinding]:
    seen: set[str] = set()
    for field in fields:
        if field.name in seen:
            yield FormFinding(
                "duplicate",
                f"{inside}.{field.name}" if inside else field.name,
                Text(f"字段“{field.name}”出现了两次", f"the field {field.name!r} appears twice"),
            )
        seen.add(field.name)


def _shadows(field: Field, names: Collection[str]) -> Iterable[FormFinding]:
    for inner in field.fields:
        if inner.name in names:
            yield FormFinding(
                "duplicate",
                f"{field.name}.{inner.name}",
                Text(
                    f"列表里的“{inner.name}”与列表外的字段重名，条件会分不清，请换一个",
                    f"{inner.name!r} is also the name of a field outside of the list;"
                    " conditions could not tell them apart",
                ),
            )


def _circle(fields: Sequence[Field], inside: str = "") -> Iterable[FormFinding]:
    if in_order([field for field in fields if field.asks]) is None:
        yield FormFinding(
            "circle",
            inside or "groups",
            Text(
                "显示条件互相依赖，形成了循环，谁都显示不出来",
                "the conditions of what is shown depend on each other in a circle",
            ),
        )


def _conditions(
    fields: Sequence[Field], names: Collection[str], parts: Collection[str]
) -> Iterable[FormFinding]:
    for field in fields:
        yield from _unknown(field.show_when, names, f"{field.name}.show_when", parts)
        yield from _unknown(field.required_when, names, f"{field.name}.required_when", parts)


def _unknown(
    condition: Condition | None, names: Collection[str], where: str, parts: Collection[str]
) -> Iterable[FormFinding]:
    """Find what a condition refers to and the form does not have.

    `parts` are the names of fields inside of lists, as in `people[role = "witness"]`.
    """
    if condition is None:
        return
    known = condition.expression
    for name in sorted(known.variables - GIVEN - set(names)):
        if name not in known.uncertain or name not in parts:
            yield _no_field(name, names, where)
    for name in sorted(known.functions - GIVEN_FUNCTIONS):
        yield FormFinding(
            "unknown-function",
            where,
            Text(f"FEEL 没有“{name}”这个函数", f"FEEL has no function {name!r}"),
        )


def _no_field(name: str, names: Collection[str], where: str) -> FormFinding:
    known = sorted(names)
    return FormFinding(
        "unknown-field",
        where,
        Text(
            f"表单里没有“{name}”这个字段，有：{'、'.join(known)}",
            f"the form has no field {name!r}; it has: {', '.join(known)}",
        ),
    )


def _sets(fields: Sequence[Field]) -> Iterable[FormFinding]:
    seen: set[str] = set()
    for field in fields:
        if field.sets is None:
            continue
        where = f"{field.name}.sets"
        if field.sets in seen:
            yield FormFinding(
                "sets",
                where,
                Text(
                    f"已有别的字段填入“{field.sets}”", f"another field sets {field.sets!r} already"
                ),
            )
        seen.add(field.sets)
        if field.personal:
            yield FormFinding(
                "sets",
                where,
                Text(
                    "个人信息只存入保险库，不能填入事项",
                    "personal answers go to the vault only and cannot fill a case",
                ),
            )
        kinds = sorted(_KINDS_OF.get(field.sets, _ONE_LINE))
        if field.kind not in kinds:
            yield FormFinding(
                "sets",
                where,
                Text(
                    f"只有这些字段能填入事项：{'、'.join(kinds)}",
                    f"only these kinds can fill a case: {', '.join(kinds)}",
                ),
            )


def _field(field: Field) -> Iterable[FormFinding]:
    low, high = field.min, field.max
    if low is not None and high is not None and "today" not in (low, high) and low > high:  # type: ignore[operator]
        yield FormFinding(
            "bounds", f"{field.name}.min", Text("最小值大于最大值", "the least exceeds the most")
        )
    if field.default is not None and field.asks:
        yield from _default(field)
    asking = [inner for inner in field.fields if inner.asks]
    if asking and all(inner.default is not None for inner in asking):
        yield FormFinding(
            "default",
            field.name,
            Text(
                "列表里至少要有一个字段没有默认值，否则分不清新增的空行",
                "a list needs a field without a default, or its new rows cannot be told apart",
            ),
        )


def _default(field: Field) -> Iterable[FormFinding]:
    where = f"{field.name}.default"
    if field.kind == "list":
        yield FormFinding("default", where, Text("列表不能有默认值", "a list has no default"))
        return
    if dates_itself(field):
        return
    try:
        value = KINDS[field.kind].read(field, field.default)
        check_bounds(field, value, date(2026, 1, 1))
    except WrongAnswer as wrong:
        yield FormFinding(
            "default",
            where,
            Text(f"默认值不合要求：{wrong.text.zh}", f"the default is refused: {wrong.text.en}"),
        )
