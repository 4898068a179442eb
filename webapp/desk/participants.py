"""Who has to do with a case: those at work on it now, those who help, those who did a step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.models import Task
from engine.reading.casefile import CaseFile
from engine.records.answer_history import StepAuthor
from webapp import locales
from webapp.desk.cohandling_list import CohandlingEntry


@dataclass
class Participant:
    """One person, or a unit whose people have not signed yet, and their steps in the case.

    ``stand`` is ``signed``, ``waiting``, ``helping`` or, for those whose part is over, empty.
    """

    unit: str
    name: str
    stand: str = ""
    steps: list[str] = field(default_factory=list)


def of_case(
    file: CaseFile, doings: Sequence[StepAuthor], helps: Iterable[CohandlingEntry]
) -> tuple[Participant, ...]:
    """Return everybody once: who works on the case now first, then who did the latest steps.

    Behind a concealment not whoever brought the case in.
    """
    found: dict[tuple[str, str], Participant] = {}

    def add(unit: str, name: str, step: str, stand: str = "") -> None:
        one = found.setdefault((unit, name), Participant(unit, name, stand))
        if step not in one.steps:
            one.steps.append(step)

    for task in file.open:
        name = task.assignee.name if task.assignee else ""
        add(task.unit.name, name, _title(task), "signed" if name else "waiting")
    for help_ in helps:
        if help_.outcome is None:
            add(help_.unit, "", _title(help_.task), "helping")
    for done in doings:
        node = file.version.node(done.node_id)
        if node is not None and not (file.concealment.hides and done.at == file.case.opened_at):
            add(done.unit, done.by, (node.name_en if locales.english() else "") or node.name)
    return tuple(found.values())


def _title(task: Task) -> str:
    return (task.name_en if locales.english() else "") or task.name
