"""What fields are to the citizen: the answer, and the parts of the citizen's own rating.

A form that asks for an opinion is a step that the citizen can do on the public site; so all that
it asks must be something that a citizen can say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from feel import Text
from forms.definition import ANSWER, RATING, Field, FormDefinition
from forms.findings import FormFinding

# What a choice of opinions has to offer, in the words of every form and return.
OPINIONS = ("满意", "基本满意", "不满意")
KINDS_OF: Mapping[str, frozenset[str]] = {
    ANSWER: frozenset({"text", "textarea"}),
    "opinion": frozenset({"choice"}),
    "solved": frozenset({"yes_no"}),
    "stars": frozenset({"rating"}),
    "words": frozenset({"text", "textarea"}),
    "reasons": frozenset({"choices"}),
}


def findings(definition: FormDefinition) -> Iterable[FormFinding]:
    """Yield what is wrong with the fields that are for the citizen."""
    seen: set[str] = set()
    for field in definition.fields:
        if field.citizen is None:
            continue
        if field.citizen in RATING and field.citizen in seen:
            yield _wrong(field, "已有别的字段是这一项", "another field is this already")
        seen.add(field.citizen)
        yield from _kind(field)
    if seen & set(RATING) and "opinion" not in seen:
        yield FormFinding(
            "citizen",
            "groups",
            Text("有评价就要有 citizen 为 opinion 的字段", "a rating needs a field of opinion"),
        )
    if "opinion" in seen:
        yield from _unanswerable(definition)


def _kind(field: Field) -> Iterable[FormFinding]:
    assert field.citizen is not None
    kinds = KINDS_OF[field.citizen]
    if field.kind not in kinds:
        named = ", ".join(sorted(kinds))
        yield _wrong(field, f"只有这些字段可以：{named}", f"only these kinds can be: {named}")
    elif field.citizen == ANSWER and field.personal:
        yield _wrong(field, "个人信息不能给群众看", "what is personal is no answer to a citizen")
    elif field.citizen == "opinion" and not _offers_all(field):
        yield _wrong(
            field,
            f"选项中要有：{'、'.join(OPINIONS)}",
            f"the choices must have: {', '.join(OPINIONS)}",
        )


def _offers_all(field: Field) -> bool:
    return set(OPINIONS) <= {one.value for one in field.choices}


def _unanswerable(definition: FormDefinition) -> Iterable[FormFinding]:
    for field in definition.fields:
        if field.required and field.default is None and field.citizen not in RATING:
            yield _wrong(
                field,
                "群众评价的表单里，别的必填字段要有默认值",
                "in a form that citizens rate with, what else is required needs a default",
            )


def _wrong(field: Field, zh: str, en: str) -> FormFinding:
    return FormFinding("citizen", f"{field.name}.citizen", Text(zh, en))
