"""Reads a form's JSON file into a Definition, and notes everything that is wrong with it.

Policy staff edit forms in the browser, so a mistake is a sentence they can act on, and all
mistakes are reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from feel import FeelError, Text, compile_expression
from forms.definition import (
    ANSWER,
    RATING,
    SETS,
    Condition,
    Field,
    FieldChoice,
    FieldGroup,
    FormDefinition,
    FormRule,
)
from forms.findings import FormFinding, WrongAnswer
from forms.kinds import KINDS
from forms.people_reading import people_field
from forms.times import read_duration, read_time

MAX_FIELDS = 200
MAX_CHOICES = 500
NAME = re.compile(r"[a-z\u3400-\u4dbf\u4e00-\u9fff][a-z0-9_\u3400-\u4dbf\u4e00-\u9fff]{0,63}")
RESERVED = frozenset({"case", "typename", "today"})
_KEY = re.compile(r"[a-z0-9][a-z0-9_\-]*(?:/[a-z0-9][a-z0-9_\-]*)+")
_SHOWN = re.compile(r"[^\s.]{1,64}(?:\.[^\s.]{1,64})?")
_FORM = frozenset({"key", "title", "help", "groups", "rules", "shows", "confidential_when"})
_COMMON = frozenset(
    {"name", "kind", "label", "help", "required", "personal", "sets", "citizen"}
    | {"show_when", "required_when", "default"}
)
_NOTE = frozenset({"name", "kind", "label", "help", "show_when"})
# How many answers a field with many of them takes when its definition does not say.
_MANY = {"units": 50, "files": 20, "list": 50}
# What a field is for, beside its step.
PURPOSES: Mapping[str, tuple[str, ...]] = {"sets": SETS, "citizen": (ANSWER, *RATING)}
_PLACES = {"number": 6, "money": 2}
_ROWS = {"textarea": 5}

# Bounds of times and lengths of time: what one looks like, and how it is read.
CLOCKED = {"time": ("09:00", read_time), "duration": ("2天3小时", read_duration)}


class FormReader:
    """One reading of one form; `findings` grows as it goes."""

    def __init__(self) -> None:
        self.findings: list[FormFinding] = []

    def note(self, rule: str, where: str, zh: str, en: str) -> None:
        """Record a mistake and go on."""
        self.findings.append(FormFinding(rule, where, Text(zh, en)))

    def definition(self, data: Mapping[str, Any]) -> FormDefinition:
        """Read a whole form."""
        self.check_keys(data, _FORM, "form")
        key = data.get("key")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            self.note(
                "key",
                "key",
                "key 应写作“流程/环节”，例如 ticket/report",
                "key is written process/task, such as ticket/report",
            )
        groups = self.groups(data.get("groups"))
        return FormDefinition(
            key=str(key),
            title=self.text(data.get("title"), "title"),
            help=self.optional_text(data.get("help"), "help"),
            groups=groups,
            rules=tuple(
                self.rule(item, f"rules[{number}]")
                for number, item in enumerate(self.items(data.get("rules", []), "rules"))
            ),
            shows=self.shows(data.get("shows", [])),
            confidential_when=self.condition(data.get("confidential_when"), "confidential_when"),
        )

    def groups(self, value: Any) -> tuple[FieldGroup, ...]:
        found = []
        for number, item in enumerate(self.items(value, "groups")):
            where = f"groups[{number}]"
            self.check_keys(item, {"title", "fields", "folded"}, where)
            fields = self.fields(item.get("fields"), f"{where}.fields")
            title = self.optional_text(item.get("title"), f"{where}.title")
            folded = self.flag(item, "folded", where, default=False)
            if folded and title is None:
                self.note("no-title", where, "收起的分组要有标题", "a folded group needs a title")
            found.append(FieldGroup(title, fields, folded))
        if not any(group.fields for group in found):
            self.note("empty", "groups", "表单里没有任何字段", "the form has no fields")
        if sum(len(group.fields) for group in found) > MAX_FIELDS:
            self.note(
                "too-many", "groups", f"最多 {MAX_FIELDS} 个字段", f"at most {MAX_FIELDS} fields"
            )
        return tuple(found)

    def fields(self, value: Any, where: str, *, inside: bool = False) -> tuple[Field, ...]:
        items = self.items(value, where)
        return tuple(
            found
            for number, item in enumerate(items[: MAX_FIELDS + 1])
            if (found := self.field(item, f"{where}[{number}]", number, inside))
        )

    def field(self, item: Mapping[str, Any], at: str, number: int, inside: bool) -> Field | None:
        """Read one field; one of an unknown kind is noted and left out."""
        name, kind_name = item.get("name"), item.get("kind")
        if kind_name == "note" and name is None:
            name = f"note_{number}_{re.sub('[^0-9]', '', at)}"
        where = name if isinstance(name, str) and name else at
        kind = KINDS.get(kind_name) if isinstance(kind_name, str) else None
        if kind is None or kind_name is None:
            kinds = "、".join(KINDS)
            self.note(
                "unknown-kind",
                f"{where}.kind",
                f"没有“{kind_name}”这种字段，可用的有：{kinds}",
                f"there is no kind of field {kind_name!r}; there are: {', '.join(KINDS)}",
            )
            return None
        if inside and kind_name in ("list", "people"):
            self.note("nested", where, "列表里不能再放列表", "a list cannot hold another list")
            return None
        self.name(name, where)
        self.check_keys(item, _NOTE if kind_name == "note" else _COMMON | kind.options, where)
        if kind_name == "people":
            return people_field(self, item, where, str(name))
        return self.of_kind(item, where, str(name), kind_name, inside)

    def of_kind(
        self, item: Mapping[str, Any], where: str, name: str, kind: str, inside: bool
    ) -> Field:
        return Field(
            name=name,
            kind=kind,
            label=self.text(item.get("label"), f"{where}.label"),
            help=self.optional_text(item.get("help"), f"{where}.help"),
            required=self.flag(item, "required", where, default=False),
            personal=self.flag(item, "personal", where, default=KINDS[kind].personal),
            sets=self.purpose(item, "sets", where, inside),
            citizen=self.purpose(item, "citizen", where, inside),
            show_when=self.condition(item.get("show_when"), f"{where}.show_when"),
            required_when=self.condition(item.get("required_when"), f"{where}.required_when"),
            default=item.get("default"),
            choices=self.choices(item, kind, where),
            min=self.bound(item.get("min"), kind, f"{where}.min"),
            max=self.bound(item.get("max", _MANY.get(kind)), kind, f"{where}.max"),
            max_length=self.whole(item, "max_length", where, KINDS[kind].max_length, 1, 20_000),
            decimals=self.whole(item, "decimals", where, _PLACES.get(kind, 0), 0, 6),
            rows=self.whole(item, "rows", where, _ROWS.get(kind, 0), 1, 40),
            role=self.role(item, kind, where),
            accept=self.accept(item.get("accept", "any"), f"{where}.accept"),
            fields=self.row_fields(item, kind, where),
        )

    def role(self, item: Mapping[str, Any], kind: str, where: str) -> str:
        role = item.get("role", "")
        if kind == "staff" and not re.fullmatch("[a-z_]{1,40}", str(role)):
            self.note("shape", f"{where}.role", "写明选哪个岗位的人", "say of which role")
        return str(role)

    def row_fields(self, item: Mapping[str, Any], kind: str, where: str) -> tuple[Field, ...]:
        if kind != "list":
            return ()
        found = self.fields(item.get("fields"), f"{where}.fields", inside=True)
        if not any(field.asks for field in found):
            self.note("empty", where, "列表里没有任何字段", "the list has no fields")
        return found

    def name(self, name: Any, where: str) -> None:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            self.note(
                "name",
                where,
                "字段名用小写字母、数字和下划线，或汉字，不以数字或下划线开头",
                "a field name is lower-case letters, digits and _, or Chinese characters, and"
                " begins with a letter",
            )
        elif name in RESERVED or not _usable(name):
            self.note(
                "name",
                where,
                f"“{name}”是保留的名称，请换一个",
                f"{name!r} is a reserved name; please take another",
            )

    # Parts

    def items(self, value: Any, where: str) -> list[Mapping[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self.note("shape", where, "这里应是一个对象的列表", "this should be a list of objects")
            return []
        return value

    def check_keys(self, item: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
        for key in item:
            if key not in keys:
                self.note(
                    "unknown-key",
                    f"{where}.{key}",
                    f"这里不认识“{key}”，可用的有：{'、'.join(sorted(keys))}",
                    f"{key!r} is not known here; there are: {', '.join(sorted(keys))}",
                )

    def text(self, value: Any, where: str) -> Text:
        """Read a text in both languages; each missing one is a finding of its own."""
        given = value if isinstance(value, Mapping) else {}
        found = {}
        for key, zh, en in (
            ("zh_CN", "缺少中文", "the Chinese is missing"),
            ("en", "缺少英文", "the English is missing"),
        ):
            words = given.get(key)
            if not isinstance(words, str) or not words.strip():
                self.note("text", f"{where}.{key}", zh, en)
            found[key] = str(words or "").strip()[:2_000]
        self.check_keys(given, ("zh_CN", "en"), where)
        return Text(found["zh_CN"], found["en"])

    def optional_text(self, value: Any, where: str) -> Text | None:
        return None if value is None else self.text(value, where)

    def flag(self, item: Mapping[str, Any], key: str, where: str, *, default: bool) -> bool:
        value = item.get(key, default)
        if not isinstance(value, bool):
            self.note("shape", f"{where}.{key}", "应为 true 或 false", "should be true or false")
            return default
        return value

    def whole(
        self, item: Mapping[str, Any], key: str, where: str, default: int, low: int, high: int
    ) -> int:
        value = item.get(key, default)
        if key not in item:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.note(
                "shape",
                f"{where}.{key}",
                f"应为 {low} 至 {high} 的整数",
                f"should be a whole number from {low} to {high}",
            )
            return default
        return value

    def purpose(self, item: Mapping[str, Any], key: str, where: str, inside: bool) -> str | None:
        value, known = item.get(key), PURPOSES[key]
        if value is None:
            return None
        if inside or value not in known:
            self.note(
                key,
                f"{where}.{key}",
                f"只能是列表以外的字段，写：{'、'.join(known)}",
                f"only a field outside of lists can say one of: {', '.join(known)}",
            )
            return None
        return str(value)

    def bound(self, value: Any, kind: str, where: str) -> int | float | str | None:
        if value is None:
            return None
        if kind in ("date", "datetime"):
            if value == "today" or (isinstance(value, str) and _is_date(value)):
                return str(value)
            zh, en = "应为 today 或日期，例如 2026-01-01", "should be today or a date"
        elif kind in CLOCKED:
            example, read = CLOCKED[kind]
            try:
                return read(value)
            except WrongAnswer:
                zh, en = f"例如 {example}", f"should be like {example}"
        elif kind in ("number", "money"):
            if isinstance(value, int | float) and not isinstance(value, bool):
                return value
            zh, en = "应为数字", "should be a number"
        else:
            if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 500:
                return value
            zh, en = "应为 0 至 500 的整数", "should be a whole number from 0 to 500"
        self.note("shape", where, zh, en)
        return None

    def accept(self, value: Any, where: str) -> str:
        if value in ("photo", "document", "any"):
            return str(value)
        self.note("shape", where, "应为 photo、document 或 any", "should be photo, document or any")
        return "any"

    def choices(self, item: Mapping[str, Any], kind: str, where: str) -> tuple[FieldChoice, ...]:
        if kind not in ("choice", "choices"):
            return ()
        where = f"{where}.choices"
        found = []
        for number, choice in enumerate(self.items(item.get("choices"), where)[:MAX_CHOICES]):
            at = f"{where}[{number}]"
            self.check_keys(choice, ("value", "label"), at)
            value = choice.get("value")
            if not isinstance(value, str) or not value.strip() or len(value) > 100:
                self.note("shape", at, "选项的 value 应为文字", "the value should be a text")
                continue
            found.append(FieldChoice(value, self.text(choice.get("label"), f"{at}.label")))
        if not found:
            self.note("empty", where, "没有可选的选项", "there is nothing to choose from")
        elif len({choice.value for choice in found}) < len(found):
            self.note("duplicate", where, "选项的 value 有重复", "a value appears twice")
        return tuple(found)

    def condition(self, value: Any, where: str) -> Condition | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self.note("condition", where, "条件应为 FEEL 表达式", "should be a FEEL expression")
            return None
        try:
            return Condition(value, compile_expression(value))
        except FeelError as error:
            self.findings.append(FormFinding("condition", where, error.text))
            return None

    def rule(self, item: Mapping[str, Any], where: str) -> FormRule:
        self.check_keys(item, ("test", "message", "fields"), where)
        test = self.condition(item.get("test"), f"{where}.test")
        if "test" not in item:
            self.note("condition", f"{where}.test", "缺少条件", "the condition is missing")
        fields = item.get("fields", [])
        if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
            self.note("shape", f"{where}.fields", "应为字段名的列表", "should be a list of names")
            fields = []
        always = test or Condition("true", compile_expression("true"))
        return FormRule(always, self.text(item.get("message"), f"{where}.message"), tuple(fields))

    def shows(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, list) and all(
            isinstance(name, str) and _SHOWN.fullmatch(name) for name in value
        ):
            return tuple(value)
        self.note(
            "shape",
            "shows",
            "应为“环节.字段”的列表，例如 report.summary",
            "should be a list of task.field, such as report.summary",
        )
        return ()


def _usable(name: str) -> bool:
    """Return whether FEEL reads the name as a variable, not as a keyword."""
    try:
        return compile_expression(name).variables == {name}
    except FeelError:
        return False


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
