"""What was typed about a row of a register, as the values of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.errors import InvalidInput
from engine.registers.words import FUTURE, NO_DATE, NO_NAME, NOT_OFFERED, Choices, key_of
from feel.text import Text

TOO_LONG = Text("文字过长。", "The text is too long.")


class TypedRow:
    """Reads one row field by field and keeps what is wrong with it."""

    def __init__(self, typed: Mapping[str, str], today: date) -> None:
        self.typed, self.today = typed, today
        self.errors: dict[str, Text] = {}

    def text(self, name: str, longest: int, *, required: bool = False) -> str:
        """Return a text."""
        found = self.typed.get(name, "").strip()
        if required and not found:
            self.errors[name] = NO_NAME
        if len(found) > longest:
            self.errors[name] = TOO_LONG
        return found

    def one_of(self, name: str, choices: Choices, *, required: bool = False) -> str:
        """Return the key of a choice, empty where nothing was chosen."""
        said = self.typed.get(name, "").strip()
        found = key_of(choices, said) if said else ""
        if found is None or (required and not found):
            self.errors[name] = NOT_OFFERED
        return found or ""

    def day(self, name: str, *, required: bool = False) -> date | None:
        """Return a day that is not in the future."""
        said = self.typed.get(name, "").strip().replace("/", "-").replace(".", "-")[:10]
        if not said and not required:
            return None
        try:
            found = date(*(int(part) for part in said.split("-")))
        except (TypeError, ValueError):
            self.errors[name] = NO_DATE
            return None
        if found > self.today:
            self.errors[name] = FUTURE
        return found

    def number(self, name: str, most: int) -> int:
        """Return a number from 1."""
        said = self.typed.get(name, "").strip()
        found = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0
        if not 1 <= found <= most:
            self.errors[name] = Text(
                f"请填写 1 到 {most} 的整数。", f"A whole number, 1 to {most}."
            )
        return found

    def count(self, name: str, most: int) -> int:
        """Return a number from 0, which is what nothing says."""
        said = self.typed.get(name, "").strip() or "0"
        found = int(said) if said.isascii() and said.isdigit() and len(said) < 8 else -1
        if not 0 <= found <= most:
            self.errors[name] = Text(
                f"请填写 0 到 {most} 的整数。", f"A whole number, 0 to {most}."
            )
        return max(found, 0)

    def require(self) -> None:
        """Raise InvalidInput where anything was wrong."""
        if self.errors:
            raise InvalidInput(self.errors)


def changes(row: Any, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the columns of a row; return before and after of those that changed."""
    found = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            found[name] = [_plain(before), _plain(value)]
            setattr(row, name, value)
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
