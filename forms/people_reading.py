"""Reads a field of people into the list of questions that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from forms.definition import Field
from forms.people import PARTICULARS, ROLES, PeopleRows, questions


class PeopleReader(Protocol):
    """What is needed of the reading that goes on."""

    def note(self, rule: str, where: str, zh: str, en: str) -> None:
        """Record a mistake and go on."""

    def of_kind(
        self, item: Mapping[str, Any], where: str, name: str, kind: str, inside: bool
    ) -> Field:
        """Return a field of a kind."""


def people_field(reader: PeopleReader, item: Mapping[str, Any], where: str, name: str) -> Field:
    """Return a list whose questions are the same in every form; mistakes are noted."""
    roles = _keys(reader, item, "roles", where, ROLES)
    asks = _keys(reader, item, "asks", where, PARTICULARS)
    if not roles:
        reader.note("empty", f"{where}.roles", "写明问哪些人", "say who is asked for")
    rows = PeopleRows(roles or ("applicant",), asks)
    plain = {key: value for key, value in item.items() if key not in ("roles", "asks")}
    plain["fields"] = questions(rows)
    return replace(reader.of_kind(plain, where, name, "list", False), people=rows)


def _keys(
    reader: PeopleReader, item: Mapping[str, Any], key: str, where: str, known: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return keys of ``known`` that a definition lists, in the order of ``known``."""
    value = item.get(key, [])
    if not isinstance(value, list) or not all(one in known for one in value):
        zh = f"应为列表，可用的有：{'、'.join(known)}"
        reader.note("shape", f"{where}.{key}", zh, f"should be a list of: {', '.join(known)}")
        return ()
    return tuple(one for one in known if one in value)
