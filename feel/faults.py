"""What can go wrong with an expression, in words for the person who wrote it."""

from __future__ import annotations

from feel.text import Text

_SNIPPET = 24


class FeelError(Exception):
    """A fault in a text of FEEL: where it is, which variable it concerns, and why.

    `reason` is the bare reason; `text` adds the place. `position` counts characters from 0,
    `line` and `column` count from 1.
    """

    def __init__(
        self,
        reason: Text,
        *,
        source: str = "",
        position: int | None = None,
        variable: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.source = source
        self.position = position
        self.variable = variable
        self.where = Text("", "")

    def locate(self, source: str, position: int | None = None) -> FeelError:
        """Fill in the place where it is still unknown, and return the error."""
        if not self.source:
            self.source = source
            if self.position is None:
                self.position = position
        return self

    def attribute(self, where: Text) -> FeelError:
        """Put before the whole message where the text stands, and return the error."""
        self.where = Text(where.zh + self.where.zh, where.en + self.where.en)
        return self

    @property
    def line(self) -> int | None:
        if self.position is None:
            return None
        return self.source.count("\n", 0, self.position) + 1

    @property
    def column(self) -> int | None:
        if self.position is None:
            return None
        return self.position - (self.source.rfind("\n", 0, self.position) + 1) + 1

    @property
    def text(self) -> Text:
        """The reason with its place, ready to be shown."""
        text = self._with_place()
        return Text(self.where.zh + text.zh, self.where.en + text.en)

    def _with_place(self) -> Text:
        if self.position is None or not self.source:
            return self.reason
        near = self.source[self.position : self.position + _SNIPPET].split("\n")[0].strip()
        if not near:
            return Text(f"表达式末尾：{self.reason.zh}", f"At the end: {self.reason.en}")
        where_zh, where_en = f"第 {self.column} 个字", f"At character {self.column}"
        if "\n" in self.source:
            where_zh = f"第 {self.line} 行{where_zh}"
            where_en = f"Line {self.line}, character {self.column}"
        return Text(
            f"{where_zh}“{near}”处：{self.reason.zh}", f"{where_en}, “{near}”: {self.reason.en}"
        )

    def __str__(self) -> str:
        return self.text.zh


class SyntaxFault(FeelError):
    """The text is not FEEL; the reason proposes the right spelling where it can."""


class EvaluationFault(FeelError):
    """The expression is well formed but cannot be computed with these values."""


class LimitReached(FeelError):
    """The text or its evaluation is larger than allowed; it was stopped, not computed."""


class DmnFault(FeelError):
    """A DMN file cannot be used; `element` is the id or name of the element at fault."""

    def __init__(self, reason: Text, *, element: str = "", element_line: int | None = None) -> None:
        super().__init__(reason)
        self.element = element
        self.element_line = element_line
