"""Which cases' people somebody has asked, in this log-in, to see whole while they hold the case.

The browser's own signed session keeps the numbers; what was shown is recorded in the case. Whoever
no longer holds the case sees its people masked again, whatever the session says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import session

from engine.access.actors import Actor
from engine.reading.casefile import CaseFile
from engine.records.answer_history import AnswerSet

KEY, MOST = "people_seen", 40


def note(case_id: int) -> None:
    """Remember a case until the log-out; of very many the latest."""
    seen = [one for one in session.get(KEY, ()) if one != str(case_id)]
    session[KEY] = [*seen, str(case_id)][-MOST:]


def shown_whole(actor: Actor, file: CaseFile) -> bool:
    """Return whether the people of a case are shown whole: asked for, and still the actor's work.

    Asks no database: the open tasks of the file are known.
    """
    if file.case.confidential or str(file.case.id) not in session.get(KEY, ()):
        return False
    at_work = {file.case.unit_id, *(task.unit_id for task in file.open)}
    return not at_work.isdisjoint(actor.unit_ids)


def in_clear(sets: Iterable[AnswerSet]) -> dict[tuple[str, str], str]:
    """Return every text among answers by node and path, as the page asks for shown ones."""
    return {(one.node_id, path): words for one in sets for path, words in _texts(one.answers, "")}


def _texts(answers: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(answers, str):
        yield path, answers
    elif isinstance(answers, Mapping):
        for name, value in answers.items():
            yield from _texts(value, f"{path}-{name}" if path else str(name))
    elif isinstance(answers, list):
        for number, value in enumerate(answers):
            yield from _texts(value, f"{path}-{number}")
