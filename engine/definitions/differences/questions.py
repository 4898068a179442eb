"""What changes in forms: their questions, choices, conditions, rules, what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.labels import NOTHING
from engine.definitions.differences.conditions import Fields, in_words
from engine.definitions.differences.content import KIND, ORDER, PARENT
from engine.definitions.differences.question_labels import ACCEPTS, CITIZEN, KINDS, SETS
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
from forms import BrokenForm, Field, Form, load
from forms.definition import Condition, FieldGroup, FormRule
from forms.people import PARTICULARS, words

_FORM = ("title*", "help*", "key", "shows*", "confidential_when")


@dataclass(frozen=True)
class QuestionTrait:
    """One thing that is said of a question, and the keys of its definition that say it."""

    what: Text
    wording: Callable[[Field, Fields], Text]
    tells: tuple[str, ...]
    usual: Callable[[Field], bool]


TRAITS = (
    QuestionTrait(Text("名称", "the label"), lambda f, _: f.label, ("label.zh_CN", "label.en"),
          lambda f: True),
    QuestionTrait(Text("题型", "the kind"), lambda f, _: _kind(f), ("kind",), lambda f: True),
    QuestionTrait(Text("必填", "whether it must be answered"), lambda f, _: plain(f.required),
          ("required",), lambda f: not f.required),
    QuestionTrait(Text("个人信息", "whether it is personal"), lambda f, _: plain(f.personal),
          ("personal",), lambda f: not f.personal),
    QuestionTrait(Text("显示条件", "when it is shown"), lambda f, o: _condition(f.show_when, o),
          ("show_when",), lambda f: f.show_when is None),
    QuestionTrait(Text("必填条件", "when it must be answered"),
          lambda f, o: _condition(f.required_when, o), ("required_when",),
          lambda f: f.required_when is None),
    QuestionTrait(Text("选项", "the choices"), lambda f, _: _choices(f), ("choices*",),
          lambda f: not f.choices),
    QuestionTrait(Text("默认值", "the default"), lambda f, _: plain(f.default), ("default",),
          lambda f: f.default is None),
    QuestionTrait(Text("写入事项", "what it sets of the case"),
          lambda f, _: SETS.get(f.sets or "") or plain(f.sets), ("sets",),
          lambda f: f.sets is None),
    QuestionTrait(Text("给群众看或由群众评价", "what it is to the citizen"),
          lambda f, _: CITIZEN.get(f.citizen or "") or plain(f.citizen), ("citizen",),
          lambda f: f.citizen is None),
    QuestionTrait(Text("下限", "the least"), lambda f, _: plain(f.min), ("min",),
          lambda f: f.min is None),
    QuestionTrait(Text("上限", "the most"), lambda f, _: plain(f.max), ("max",),
          lambda f: f.max is None),
    QuestionTrait(Text("最多字数", "the most characters"), lambda f, _: plain(f.max_length or None),
          ("max_length",), lambda f: not f.max_length),
    QuestionTrait(Text("小数位数", "the decimal places"), lambda f, _: plain(f.decimals),
          ("decimals",), lambda f: f.kind not in ("number", "money")),
    QuestionTrait(Text("行数", "the lines"), lambda f, _: plain(f.rows or None), ("rows",),
          lambda f: True),
    QuestionTrait(Text("收什么文件", "which files it takes"),
          lambda f, _: ACCEPTS.get(f.accept) or plain(f.accept), ("accept",),
          lambda f: f.kind != "files"),
    QuestionTrait(Text("岗位", "the role"), lambda f, _: plain(f.role or None), ("role",),
          lambda f: not f.role),
    QuestionTrait(Text("问哪些人", "who is asked for"), lambda f, _: _people(f, "roles"),
          ("roles*",), lambda f: f.people is None),
    QuestionTrait(Text("每人问哪些", "what is asked of each"), lambda f, _: _people(f, "asks"),
          ("asks*",), lambda f: f.people is None),
    QuestionTrait(Text("填写说明", "the help"), lambda f, _: f.help or NOTHING,
          ("help.zh_CN", "help.en"), lambda f: f.help is None),
)  # fmt: skip


def between(
    old: Form | None, new: Form | None, asked: tuple[Fields, Fields]
) -> Iterator[DifferenceNote]:
    """Yield the changes from a form to its successor; None stands for no file.

    ``asked`` are all questions of the process, before and after, for what a form shows of others.
    """
    if new is None and old is not None:
        text = Text(f"删除表单“{old.title.zh}”。", f"The form “{old.title.en}” is gone.")
        yield DifferenceNote("forms", text)
    elif old is None and new is not None:
        yield from _appeared(new, asked[1])
    elif old is not None and new is not None:
        yield from _form(old, new, asked)


def forms_of(files: Mapping[str, bytes]) -> dict[str, Form]:
    """Return the forms among some files, by key; what is broken is left out."""
    found = (form_of(path, files[path]) for path in sorted(files) if path.startswith("forms/"))
    return {form.key: form for form in found if form is not None}


def form_of(path: str, data: bytes) -> Form | None:
    """Return the form in a file; None for what is broken."""
    try:
        return load(data, source=path)
    except BrokenForm:
        return None


# A new form


def _appeared(form: Form, asked: Fields) -> Iterator[DifferenceNote]:
    parts = [Text(f"新增表单“{form.title.zh}”", f"The form “{form.title.en}” is new")]
    if form.definition.help is not None:
        help_ = inside(form.definition.help)
        parts.append(Text(f"填写说明：{help_.zh}", f"help: {help_.en}"))
    if form.definition.shows:
        shows = _shows(form, asked)
        parts.append(Text(f"显示前面的答案：{shows.zh}", f"shows earlier answers: {shows.en}"))
    if form.definition.confidential_when is not None:
        when = _condition(form.definition.confidential_when, _by_name(form))
        parts.append(Text(f"保密条件：{when.zh}", f"confidential when: {when.en}"))
    zh, en = "；".join(one.zh for one in parts), "; ".join(one.en for one in parts)
    tells = places("", KIND, *_FORM)
    # A heading is reported where there is one.
    for number in range(1, len(form.definition.groups) + 1):
        tells |= places(f"group {number}", KIND, PARENT)
    yield DifferenceNote("forms", Text(f"{zh}。", f"{en}."), tells=tells)
    title, fields = _title(form), _by_name(form)
    for number, group in enumerate(form.definition.groups, 1):
        yield from _new_group(title, group, number)
        for field in group.fields:
            for one in (field, *(() if field.people else field.fields)):
                yield _new_field(title, one, fields)
    for rule in form.definition.rules:
        yield _new_rule(title, rule, fields)


def _new_group(title: Text, group: FieldGroup, number: int) -> Iterator[DifferenceNote]:
    if group.title is not None:
        text = Text(
            f"{title.zh}第 {number} 组：“{group.title.zh}”。",
            f"Group {number} of {title.en}: “{group.title.en}”.",
        )
        tells = places(f"group {number}", KIND, PARENT, "title*")
        yield DifferenceNote("forms", text, tells=tells)


def _new_field(title: Text, field: Field, fields: Fields) -> DifferenceNote:
    kind = _kind(field)
    zh = f"{title.zh}新增字段“{field.label.zh}”（{kind.zh}{'，必填' if field.required else ''}）"
    must = ", must be answered" if field.required else ""
    en = f"{begins(title.en)} has a new field “{field.label.en}” ({kind.en}{must})"
    for trait in TRAITS[3:]:
        if not trait.usual(field):
            said = inside(trait.wording(field, fields))
            zh, en = f"{zh}；{trait.what.zh}：{said.zh}", f"{en}; {trait.what.en}: {said.en}"
    told = [place for trait in TRAITS for place in trait.tells]
    tells = places(f"field {field.name}", KIND, PARENT, "name", *told)
    return DifferenceNote("forms", Text(f"{zh}。", f"{en}."), tells=tells)


# A changed form


def _form(old: Form, new: Form, asked: tuple[Fields, Fields]) -> Iterator[DifferenceNote]:
    title = _title(new)
    one, other = old.definition, new.definition
    shown = _shows(old, asked[0]), _shows(new, asked[1])
    for what, was, now, tells in (
        (Text("标题", "the title"), one.title, other.title, ("title.zh_CN", "title.en")),
        (Text("填写说明", "the help"), one.help or NOTHING, other.help or NOTHING,
         ("help.zh_CN", "help.en")),
        (Text("代码", "the key"), plain(one.key), plain(other.key), ("key",)),
    ):  # fmt: skip
        if was != now:
            yield DifferenceNote("forms", turned(title, what, was, now), tells=places("", *tells))
    if one.shows != other.shows:
        what = Text("显示的前面答案", "what it shows of earlier answers")
        yield DifferenceNote("forms", turned(title, what, *shown), tells=places("", "shows*"))
    secret = (
        _condition(one.confidential_when, _by_name(old)),
        _condition(other.confidential_when, _by_name(new)),
    )
    if secret[0] != secret[1]:
        what = Text("保密条件", "when a case is confidential")
        yield DifferenceNote(
            "forms", turned(title, what, *secret), tells=places("", "confidential_when")
        )
    yield from _groups(title, one.groups, other.groups)
    yield from _fields(title, old, new)
    yield from _rules(title, old, new)


def _groups(
    title: Text, old: tuple[FieldGroup, ...], new: tuple[FieldGroup, ...]
) -> Iterator[DifferenceNote]:
    for number, group in enumerate(new, 1):
        if number > len(old):
            yield from _new_group(title, group, number)
            continue
        was, now = old[number - 1].title or NOTHING, group.title or NOTHING
        if was != now:
            what = Text(f"第 {number} 组标题", f"the title of group {number}")
            tells = places(f"group {number}", "title.zh_CN", "title.en")
            yield DifferenceNote("forms", turned(title, what, was, now), tells=tells)
    for number in range(len(new) + 1, len(old) + 1):
        text = Text(f"{title.zh}删除第 {number} 组。", f"Group {number} of {title.en} is gone.")
        yield DifferenceNote("forms", text, tells=places(f"group {number}", WHOLE))


def _fields(title: Text, old: Form, new: Form) -> Iterator[DifferenceNote]:
    before, after = _by_name(old), _by_name(new)
    for name, field in after.items():
        if name not in before:
            yield _new_field(title, field, after)
        else:
            yield from _field(title, (before[name], before), (field, after))
    for name, field in before.items():
        if name not in after:
            text = Text(
                f"{title.zh}删除字段“{field.label.zh}”。",
                f"The field “{field.label.en}” of {title.en} is gone.",
            )
            yield DifferenceNote("forms", text, tells=places(f"field {name}", WHOLE))
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        text = Text(
            f"{title.zh}的字段换了先后。", f"The fields of {title.en} stand in another order."
        )
        groups = range(1, len(new.definition.groups) + 1)
        tells = {(f"group {number}", ORDER) for number in groups}
        lists = {(f"field {name}", ORDER) for name in after}
        yield DifferenceNote("forms", text, tells=frozenset(tells | lists))


def _field(
    title: Text, old: tuple[Field, Fields], new: tuple[Field, Fields]
) -> Iterator[DifferenceNote]:
    name = quoted(new[0].label.zh, new[0].label.en)
    subject = Text(f"{title.zh}中{name.zh}", f"{name.en} on {title.en}")
    for trait in TRAITS:
        # In the words of the new form first: a question that was renamed is reported once, by
        # itself.
        if trait.wording(old[0], new[1]) == trait.wording(new[0], new[1]):
            continue
        text = turned(subject, trait.what, trait.wording(*old), trait.wording(*new))
        yield DifferenceNote("forms", text, tells=places(f"field {new[0].name}", *trait.tells))


def _rules(title: Text, old: Form, new: Form) -> Iterator[DifferenceNote]:
    before = {rule.test.text: rule for rule in old.definition.rules}
    after = {rule.test.text: rule for rule in new.definition.rules}
    fields = _by_name(new)
    for test, rule in after.items():
        if test not in before:
            yield _new_rule(title, rule, fields)
            continue
        subject = _ruled(title, rule, fields)
        was, key = before[test], f"rule {test}"
        if was.message != rule.message:
            text = turned(subject, Text("提示", "the message"), was.message, rule.message)
            yield DifferenceNote("forms", text, tells=places(key, "message.zh_CN", "message.en"))
        if was.fields != rule.fields:
            stands = _labels(was.fields, _by_name(old)), _labels(rule.fields, fields)
            text = turned(subject, Text("提示位置", "where it stands"), *stands)
            yield DifferenceNote("forms", text, tells=places(key, "fields*"))
    for test, rule in before.items():
        if test not in after:
            said = _condition(rule.test, _by_name(old))
            text = Text(
                f"{title.zh}删除规则：{said.zh}。", f"A rule of {title.en} is gone: {said.en}."
            )
            yield DifferenceNote("forms", text, tells=places(f"rule {test}", WHOLE))
    kept = [test for test in before if test in after]
    if kept != [test for test in after if test in before]:
        text = Text(
            f"{title.zh}的规则换了先后。", f"The rules of {title.en} stand in another order."
        )
        yield DifferenceNote("forms", text, tells=places("", ORDER))


def _new_rule(title: Text, rule: FormRule, fields: Fields) -> DifferenceNote:
    said, message = _condition(rule.test, fields), rule.message
    stands = _labels(rule.fields, fields)
    text = Text(
        f"{title.zh}新增规则：{said.zh}，不成立时在{stands.zh}处提示“{message.zh}”。",
        f"A rule of {title.en} is new: {said.en}; otherwise “{message.en}” at {stands.en}.",
    )
    return DifferenceNote("forms", text, tells=places(f"rule {rule.test.text}", WHOLE))


# Words


def _title(form: Form) -> Text:
    return Text(f"表单“{form.title.zh}”", f"the form “{form.title.en}”")


def _by_name(form: Form) -> dict[str, Field]:
    """Return all questions; those of people are the same everywhere and told by their field."""
    return {
        one.name: one
        for field in form.fields
        for one in (field, *(() if field.people else field.fields))
    }


def _ruled(title: Text, rule: FormRule, fields: Fields) -> Text:
    said = _condition(rule.test, fields)
    return Text(f"{title.zh}中规则“{said.zh}”", f"the rule “{said.en}” of {title.en}")


def _labels(names: tuple[str, ...], fields: Fields) -> Text:
    labels = [fields[name].label if name in fields else plain(name) for name in names]
    return as_list([quoted(one.zh, one.en) for one in labels], Text("表单上方", "the top"))


def _shows(form: Form, asked: Fields) -> Text:
    """Return earlier answers that a form shows, by their questions and as they are written."""
    found = []
    for name in form.definition.shows:
        field = asked.get(name.rpartition(".")[2])
        label = field.label if field else plain(name)
        found.append(Text(f"“{label.zh}”（{name}）", f"“{label.en}” ({name})"))
    return as_list(found)


def _condition(condition: Condition | None, fields: Fields) -> Text:
    return plain(None) if condition is None else in_words(condition.text, fields)


def _kind(field: Field) -> Text:
    kind = field.kind if field.people is None else "people"
    return KINDS.get(kind) or plain(kind)


def _people(field: Field, what: str) -> Text:
    """Return the roles, or the first question of each particular, of a field of people."""
    if field.people is None:
        return NOTHING
    if what == "roles":
        return as_list([words(role) for role in field.people.roles])
    asked = [PARTICULARS[key][0]["label"] for key in field.people.asks]
    return as_list([Text(one["zh_CN"], one["en"]) for one in asked])


def _choices(field: Field) -> Text:
    """Return the choices by label, and their values where these are others."""
    return as_list(
        [
            Text(_choice(choice.label.zh, f"（{choice.value}）", choice.value),
                 _choice(choice.label.en, f" ({choice.value})", choice.value))
            for choice in field.choices
        ]
    )  # fmt: skip


def _choice(label: str, value: str, raw: str) -> str:
    return label if label == raw else f"{label}{value}"
