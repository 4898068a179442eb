"""Forms: the questions of a task, defined in JSON, checked when loaded, rendered and cleaned.

Pure: no database, no clock, no HTTP. A form is loaded once per published version.
"""

from forms import phone, resident_id
from forms.definition import Choice, Condition, Field, Group, Rule
from forms.findings import Broken, Errors, Finding, Invalid
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
from forms.saying import Said

__all__ = [
    "BLANK_ROW",
    "KINDS",
    "Broken",
    "Choice",
    "Condition",
    "Errors",
    "Field",
    "Finding",
    "Form",
    "Group",
    "Invalid",
    "RenderChoice",
    "RenderError",
    "RenderField",
    "RenderGroup",
    "RenderModel",
    "RenderRow",
    "Rule",
    "Said",
    "load",
    "phone",
    "resident_id",
]
