"""The cases that belong to this one, and what it takes over from the case it came out of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework import links
from engine.casework.links import LinkedCase
from engine.definitions import versions
from engine.models import Task
from engine.reading import casefile
from engine.reading.casefile import CaseFile, EarlierAnswers
from engine.records import vault
from webapp import display, locales
from webapp.clock import now


@dataclass(frozen=True)
class Relation:
    """A linked case in words: how it is related, and of which process."""

    case: LinkedCase
    way: str
    process: str = ""


@dataclass(frozen=True)
class OriginCase:
    """The case that this one came out of: what was said there, and what to begin with."""

    number: str
    earlier: Sequence[EarlierAnswers]
    start: Mapping[str, Any] = field(default_factory=dict)
    hidden: bool = False


def of_case(db: Session, actor: Actor, file: CaseFile) -> list[Relation]:
    """Return the linked cases; of one that the actor may not see, its number alone."""
    return [
        Relation(one, _way(one), _process(db, one)) for one in links.relatives(db, actor, file.case)
    ]


def origin_of(
    db: Session, actor: Actor, file: CaseFile, task: Task, relations: Sequence[Relation]
) -> OriginCase | None:
    """Return what the first step of a case shows of the case it came out of, if the actor may see
    it.
    """
    opens = file.version.definition.opens
    came_from = next((one.case for one in relations if one.case.way == "from"), None)
    if opens is None or task.node_id != opens.id or came_from is None or not came_from.seen:
        return None
    other = casefile.open_file(db, actor, came_from.id)
    return OriginCase(
        came_from.number,
        casefile.earlier_answers(db, other, locales.current()),
        links.taken_over(
            file.version,
            other.version,
            vault.answers_of(db, other.case),
            local=display.local(now()),
        ),
        other.concealment.hides,
    )


def _way(relative: LinkedCase) -> str:
    words = {
        "from": _("转自"),
        "to": _("已转为"),
        "duplicate": _("重复事项"),
        "duplicated": _("重复件"),
        "main": _("已并入"),
        "merged": _("并入的"),
    }
    return words.get(relative.way, _("相关"))


def _process(db: Session, relative: LinkedCase) -> str:
    if not relative.seen:
        return ""
    info = versions.load(db, relative.version_id).definition.process
    return info.name_en if locales.english() and info.name_en else info.name
