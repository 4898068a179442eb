"""What changes in forms: their fields, choices, conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.definitions.differences.conditions import Fields, in_words
from engine.definitions.differences.sentences import Note, joined, plain, quoted, turned
from feel.text import Text
from forms import Broken, Field, Form, load

TRAITS = (
    (Text("名称", "the label"), lambda field: field.label),
    (Text("题型", "the kind"), lambda field: plain(field.kind)),
    (Text("必填", "whether it must be answered"), lambda field: plain(field.required)),
    (Text("个人信息", "whether it is personal"), lambda field: plain(field.personal)),
    (Text("选项", "the choices"), lambda field: _choices(field)),
    (Text("默认值", "the default"), lambda field: plain(field.default)),
    (Text("写入事项", "what it sets of the case"), lambda field: plain(field.sets)),
    (Text("下限", "the least"), lambda field: plain(field.min)),
    (Text("上限", "the most"), lambda field: plain(field.max)),
)
CONDITIONS = (
    (Text("显示条件", "when it is shown"), lambda field: field.show_when),
    (Text("必填条件", "when it must be answered"), lambda field: field.required_when),
)


def between(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[Note]:
    """Say what changes from one set of forms to another."""
    before, after = forms_of(old), forms_of(new)
    for key, form in after.items():
        if key not in before:
            names = [field.label.zh for field in form.fields if field.asks]
            english = [field.label.en for field in form.fields if field.asks]
            text = Text(
                f"新增表单“{form.title.zh}”：{joined(names).zh}。",
                f"The form “{form.title.en}” is new: {joined(english).en}.",
            )
            yield Note("forms", text)
        else:
            yield from _form(before[key], form)
    for key, form in before.items():
        if key not in after:
            text = Text(f"删除表单“{form.title.zh}”。", f"The form “{form.title.en}” is gone.")
            yield Note("forms", text)


def forms_of(files: Mapping[str, bytes]) -> dict[str, Form]:
    """The forms among some files, by key; what is broken is left out."""
    found = {}
    for path in sorted(files):
        if path.startswith("forms/"):
            try:
                form = load(files[path], source=path)
            except Broken:
                continue
            found[form.key] = form
    return found


def _form(old: Form, new: Form) -> Iterator[Note]:
    title = Text(f"表单“{new.title.zh}”", f"the form “{new.title.en}”")
    if old.title != new.title:
        yield Note("forms", turned(title, Text("标题", "the title"), old.title, new.title))
    before = {field.name: field for field in old.definition.every_field()}
    after = {field.name: field for field in new.definition.every_field()}
    for name, field in after.items():
        if name not in before:
            text = Text(
                f"{title.zh}新增字段“{field.label.zh}”{_must(field).zh}。",
                f"{title.en.capitalize()} has a new field “{field.label.en}”{_must(field).en}.",
            )
            yield Note("forms", text)
        else:
            yield from _field(title, before[name], field)
            yield from _conditions(title, name, before, after)
    for name, field in before.items():
        if name not in after:
            text = Text(
                f"{title.zh}删除字段“{field.label.zh}”。",
                f"The field “{field.label.en}” of {title.en} is gone.",
            )
            yield Note("forms", text)
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        text = Text(
            f"{title.zh}的字段换了先后。", f"The fields of {title.en} stand in another order."
        )
        yield Note("forms", text)


def _field(title: Text, old: Field, new: Field) -> Iterator[Note]:
    subject = _subject(title, new)
    for what, said in TRAITS:
        one, other = said(old), said(new)
        if one != other:
            yield Note("forms", turned(subject, what, one, other))


def _conditions(title: Text, name: str, old: Fields, new: Fields) -> Iterator[Note]:
    """Conditions of one field, each in the words of the form that it stands in."""
    for what, of in CONDITIONS:
        one, other = of(old[name]), of(new[name])
        if getattr(one, "text", None) != getattr(other, "text", None):
            told = _condition(one, old), _condition(other, new)
            yield Note("forms", turned(_subject(title, new[name]), what, *told))


def _subject(title: Text, field: Field) -> Text:
    name = quoted(field.label.zh, field.label.en)
    return Text(f"{title.zh}中{name.zh}", f"{name.en} on {title.en}")


def _must(field: Field) -> Text:
    return Text("（必填）", " (must be answered)") if field.required else Text("", "")


def _condition(condition: object, fields: Fields) -> Text:
    source = getattr(condition, "text", None)
    return plain(None) if source is None else in_words(source, fields)


def _choices(field: Field) -> Text:
    labels = [choice.label for choice in field.choices]
    return Text(joined([one.zh for one in labels]).zh, joined([one.en for one in labels]).en)
