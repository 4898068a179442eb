"""The one error of reading a table; it always names the cause."""

from __future__ import annotations

from engine.errors import DomainError
from feel.text import Text


class UnreadableTable(DomainError):
    """The file is no table that can be read, or lacks columns that are needed."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(text=Text(zh, en))
