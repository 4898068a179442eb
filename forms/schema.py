"""The marshmallow schema of a form: reads each answer by the kind of its field, once a version.

The schema knows single answers only. Which of them are asked at all, and which are missing, is
decided by `forms.cleaning`, which has all of them in view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow
from marshmallow import ValidationError
from marshmallow.fields import Field as SchemaField

from feel import Text
from forms.definition import Field
from forms.findings import WrongAnswer
from forms.kinds import KINDS, blank

Problems = Mapping[Any, Any]
"""What a schema says: texts by field name, and for lists by row number and field name."""


class AnswerField(SchemaField[Any]):
    """Reads the answer to one field; an unanswered one becomes None."""

    def __init__(self, field: Field) -> None:
        super().__init__(allow_none=True, metadata={"description": field.label.zh})
        self.field = field

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if blank(value):
            return None
        try:
            found = KINDS[self.field.kind].read(self.field, value)
        except WrongAnswer as wrong:
            raise refusal(wrong) from None
        # A text of nothing but invisible marks is no answer either.
        return None if blank(found) else found


class RowsField(SchemaField[Any]):
    """Reads a repeating group; a row left empty becomes None and keeps its place."""

    def __init__(self, field: Field) -> None:
        super().__init__(allow_none=True, metadata={"description": field.label.zh})
        self.field = field
        self.rows = build(field.fields)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if blank(value):
            return None
        if not isinstance(value, list | tuple):
            raise refusal(WrongAnswer("这里应是一个列表", "this should be a list"))
        most = int(self.field.max or 0)
        # Here already, and not with the other bounds, so that no flood of rows is read first.
        if sum(not empty_row(row) for row in value) > most:
            raise refusal(WrongAnswer(f"最多 {most} 项", f"at most {most}"))
        rows, problems = [], {}
        for number, row in enumerate(value):
            found, wrong = self._row(row)
            rows.append(found)
            if wrong:
                problems[number] = wrong
        if problems:
            raise ValidationError(problems, valid_data=rows)
        return rows

    def _row(self, row: Any) -> tuple[Any, Any]:
        if empty_row(row):
            return None, None
        if not isinstance(row, Mapping):
            return None, [Text("这一行的格式不对", "this row cannot be read")]
        return parse(self.rows, row)


def empty_row(row: Any) -> bool:
    """Return whether nothing was filled in, as in the blank row that a page offers."""
    return blank(row) or (isinstance(row, Mapping) and all(blank(value) for value in row.values()))


def refusal(wrong: WrongAnswer) -> ValidationError:
    """Turn a refused answer into marshmallow's own error."""
    return ValidationError([wrong.text])


def build(fields: Sequence[Field]) -> marshmallow.Schema:
    """Build the schema of a form's fields, or of a row's."""
    answers: dict[str, Any] = {
        field.name: RowsField(field) if field.kind == "list" else AnswerField(field)
        for field in fields
        if field.asks
    }
    return marshmallow.Schema.from_dict(answers)(unknown=marshmallow.EXCLUDE)


def parse(
    schema: marshmallow.Schema, answers: Mapping[str, Any]
) -> tuple[dict[str, Any], Problems]:
    """Read what can be read; give it with the problems of the rest."""
    try:
        return schema.load(answers), {}
    except ValidationError as error:
        problems = error.messages if isinstance(error.messages, Mapping) else {}
        return dict(error.valid_data or {}), problems
