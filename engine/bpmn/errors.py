"""What the process engine refuses or fails at; every error names its element."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import Conflict, DomainError, Refusal, TaskNotOpen
from feel.text import Text


@dataclass(frozen=True)
class BpmnFault:
    """One thing wrong with a file: a rule's name, the element, the line and the words."""

    rule: str
    text: Text
    element: str | None = None
    line: int | None = None
    file: str | None = None


class XmlRefused(DomainError):
    """The bytes are not XML that may be read; ``rule`` names why, ``line`` where."""

    def __init__(self, rule: str, text: Text, line: int | None = None) -> None:
        super().__init__(rule, text=text)
        self.rule = rule
        self.line = line


class BadDiagram(DomainError):
    """The diagram cannot run; ``faults`` says which elements and why."""

    def __init__(self, faults: Iterable[BpmnFault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0].text if self.faults else DomainError.text
        super().__init__(*(fault.rule for fault in self.faults), text=first)


class EngineFault(DomainError):
    """A step could not be finished; nothing of it was kept. Becomes an incident.

    ``node_id`` is the element in the diagram, ``variables`` the names involved (never values).
    """

    def __init__(self, node_id: str | None, text: Text, variables: Iterable[str] = ()) -> None:
        self.variables = tuple(sorted(variables))
        self.node_id = node_id
        super().__init__(node_id, *self.variables, text=text)


class BudgetExceeded(EngineFault):
    """The diagram ran more automatic steps in one go than are allowed: a loop without people."""

    def __init__(self, node_id: str | None, budget: int) -> None:
        self.budget = budget
        text = Text(
            f"流程在一次办理中自动执行了超过{budget}步，可能存在没有人工环节的死循环。",
            f"The process ran more than {budget} automatic steps at once; "
            "it probably loops without a task for a person.",
        )
        super().__init__(node_id, text)


class Unreachable(EngineFault):
    """The case is neither finished nor waiting for anybody or anything."""


class NotCaught(Conflict):
    """The diagram does not catch this message or escalation now."""

    def __init__(self, name: str) -> None:
        self.name = name
        text = Text(
            f"流程当前环节不接收“{name}”。",
            f"The process does not accept “{name}” at its present step.",
        )
        super().__init__(name, text=text)


class UnknownTask(TaskNotOpen):
    """The state holds no open task, timer or node with this id."""


class CannotMove(Refusal):
    """A task may not go there; ``text`` says why."""

    def __init__(self, target: str, text: Text) -> None:
        self.target = target
        super().__init__(target, text=text)


class CannotMigrate(Refusal):
    """The running case does not fit the new version; ``reasons`` says why, one by one."""

    def __init__(self, reasons: Iterable[Text]) -> None:
        self.reasons = tuple(reasons)
        text = Text(
            "不能迁移到新版本：" + "；".join(reason.zh for reason in self.reasons),
            "Cannot move to the new version: " + "; ".join(reason.en for reason in self.reasons),
        )
        super().__init__(text=text)
