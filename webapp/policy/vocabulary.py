"""The words that the editor offers: forms with their fields, roles, levels, actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import bpmn, settings
from engine.bpmn.nodes import LIMIT_UNITS
from engine.roles import ROLES
from forms import BrokenForm, Field, Form, load
from webapp.display import level_name, role_name


def of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what a draft with these files can refer to; a form that is broken is left out."""
    known = _forms(files)
    return {
        "forms": [{"key": form.key, "title": form.title.json()} for form in known],
        "fields": {form.key: [_field(field) for field in form.fields] for form in known},
        "roles": [{"key": role, "name": role_name(role)} for role in ROLES],
        "levels": [{"key": level, "name": level_name(level)} for level in _levels()],
        "units": ["", "department"],
        "limit_units": list(LIMIT_UNITS),
        "actions": [
            {
                "name": action.name,
                "text": action.text.json(),
                "required": list(action.required_arguments),
                "optional": list(action.optional),
            }
            for action in bpmn.ACTIONS.values()
        ],
    }


def _levels() -> tuple[str, ...]:
    return settings.current().levels


def _forms(files: Mapping[str, bytes]) -> list[Form]:
    found = []
    for path in sorted(files):
        if path.startswith("forms/"):
            try:
                found.append(load(files[path], source=path))
            except BrokenForm:
                continue
    return found


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label.json(),
        "kind": field.kind,
        "personal": field.personal,
        "choices": [
            {"value": choice.value, "label": choice.label.json()} for choice in field.choices
        ],
    }
