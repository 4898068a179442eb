"""Why a row was refused: the question by its own words, and never what was answered."""

from __future__ import annotations

from engine.errors import DomainError, InvalidInput
from engine.intake.cells import UnreadableCell
from feel.text import Text
from forms import Field, Form, InvalidAnswers

# Parts of the mapping that fill no field of the form.
PARTS = {
    "source": "来源编号",
    "opened_at": "登记时间",
    "closed_at": "办结时间",
    "due_at": "应办结时间",
    "latitude, longitude": "坐标",
    "place": "地点",
}


def reason_of(error: Exception, form: Form | None) -> Text:
    """Return what the office that sent the row has to fix; English names fields as mappings do."""
    if isinstance(error, InvalidAnswers):
        found = {path: texts[0] for path, texts in sorted(error.errors.items())}
    elif isinstance(error, InvalidInput):
        found = dict(sorted(error.errors.items()))
    elif isinstance(error, (DomainError, UnreadableCell)):
        return error.text
    else:
        return Text("有一个值不合要求", "a value that does not fit")
    return Text(
        "；".join(f"{_label(path, form)}：{text.zh}" for path, text in found.items()),
        "; ".join(f"{path or 'form'}: {text.en}" for path, text in found.items()),
    )


def _label(path: str, form: Form | None) -> str:
    """``parties-0-party_id`` as the form asks for it: 当事人第 1 项身份证号码."""
    name, _, inside = path.partition("-")
    field = _field_of_name(name, form.fields if form else ())
    if field is None:
        return PARTS.get(path, path or "整张表单")
    number, _, inner = inside.partition("-")
    part = _field_of_name(inner, field.fields)
    if part is None or not number.isdigit():
        return field.label.zh
    return f"{field.label.zh}第 {int(number) + 1} 项{part.label.zh}"


def _field_of_name(name: str, fields: tuple[Field, ...]) -> Field | None:
    return next((field for field in fields if field.name == name), None)
