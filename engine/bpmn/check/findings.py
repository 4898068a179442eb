"""A finding, the rule it belongs to, and the register of all rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.bpmn.check.fixes import Fix
from feel.text import Text

ERROR: Final = "error"
WARNING: Final = "warning"
INFO: Final = "info"
SEVERITIES: Final = (ERROR, WARNING, INFO)


@dataclass(frozen=True)
class Finding:
    """Something in a file that somebody should know, and what to do about it.

    ``error``: it would not run, or would run wrong. ``warning``: it runs, but is probably
    not meant. ``info``: good to know.
    """

    file: str
    rule: str
    severity: str
    element: str | None
    line: int | None
    message: Text
    remedy: Text
    fixes: tuple[Fix, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as the command line, the editor and the API show it; the file is outside."""
        return {
            "severity": self.severity,
            "rule": self.rule,
            "element": self.element,
            "line": self.line,
            "message": self.message.json(),
            "remedy": self.remedy.json(),
            "fixes": [fix.as_json() for fix in self.fixes],
        }


@dataclass(frozen=True)
class CheckRule:
    """One thing that is checked: its name, how bad it is, what it says and what helps."""

    id: str
    group: str
    severity: str
    title: Text
    remedy: Text

    def finding(
        self,
        file: str,
        message: Text,
        *,
        element: str | None = None,
        line: int | None = None,
        remedy: Text | None = None,
        severity: str | None = None,
        fixes: Sequence[Fix] = (),
    ) -> Finding:
        """Return a finding of this rule; remedy and severity are the rule's unless given."""
        chosen = severity or self.severity
        # Names in a diagram may hold line breaks; a message is one line.
        text = Text(" ".join(message.zh.split()), " ".join(message.en.split()))
        told = remedy or self.remedy
        return Finding(file, self.id, chosen, element, line, text, told, tuple(fixes))


@dataclass
class RuleRegister:
    """All rules by name; each module of rules puts its own in."""

    rules: dict[str, CheckRule] = field(default_factory=dict)

    def group(self, name: str) -> RuleGroup:
        """Return the means to add rules under a heading."""
        return RuleGroup(name, self)


@dataclass(frozen=True)
class RuleGroup:
    """Adds the rules of one heading."""

    name: str
    register: RuleRegister

    def error(self, id: str, title: Text, remedy: Text) -> CheckRule:
        """Add a rule whose breach means: it would not run, or would run wrong."""
        return self._add(id, ERROR, title, remedy)

    def warning(self, id: str, title: Text, remedy: Text) -> CheckRule:
        """Add a rule whose breach means: it runs, but is probably not meant."""
        return self._add(id, WARNING, title, remedy)

    def info(self, id: str, title: Text, remedy: Text) -> CheckRule:
        """Add a rule that only tells."""
        return self._add(id, INFO, title, remedy)

    def _add(self, id: str, severity: str, title: Text, remedy: Text) -> CheckRule:
        if id in self.register.rules:
            raise ValueError(f"the rule {id!r} exists already")
        rule = CheckRule(id, self.name, severity, title, remedy)
        self.register.rules[id] = rule
        return rule


REGISTER: Final = RuleRegister()


def name_list(names: Sequence[str], most: int = 5) -> Text:
    """Return names as a list in a sentence, the first few of many."""
    more = ["…"] if len(names) > most else []
    parts = [*names[:most], *more]
    return Text("、".join(parts), ", ".join(parts))
