"""Forms: the questions of a task, defined in JSON, checked when loaded, rendered and cleaned.

Pure: no database, no clock, no HTTP. A form is loaded once per published version.
"""

from forms import phone, resident_id
from forms.answer_texts import AnswerText
from forms.definition import Condition, Field, FieldChoice, FieldGroup, FormRule
from forms.findings import BrokenForm, Errors, FormFinding, InvalidAnswers
from forms.form import Form, load
from forms.kinds import KINDS
from forms.rendering import (
    BLANK_ROW,
    RenderChoice,
    RenderError,
    RenderField,
    RenderGroup,
    RenderModel,
    RenderRow,
)

__all__ = [
    "BLANK_ROW",
    "KINDS",
    "BrokenForm",
    "FieldChoice",
    "Condition",
    "Errors",
    "Field",
    "FormFinding",
    "Form",
    "FieldGroup",
    "InvalidAnswers",
    "RenderChoice",
    "RenderError",
    "RenderField",
    "RenderGroup",
    "RenderModel",
    "RenderRow",
    "FormRule",
    "AnswerText",
    "load",
    "phone",
    "resident_id",
]
