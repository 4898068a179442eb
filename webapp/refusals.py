"""Refusals that help: which posts may do what was refused, who has the task, whom to ask."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.access import policy
from engine.access.actors import Actor
from engine.errors import NotAllowed
from engine.models import Case, Task
from engine.org import administrators
from engine.roles import ROLES, with_verb
from engine.storage.db import reading
from webapp import locales, navigation
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.display import role_name
from webapp.locales import localize


def explained(error: NotAllowed) -> list[str]:
    """Return what somebody hears who may not do something: sentences, the first of them the
    refusal.

    Reads what it says in a transaction of its own.
    """
    said = [localize(error.text)]
    if not current_user.is_authenticated:
        return said
    actor = current_actor()
    with reading() as db:
        held = _task_words(db, actor, error)
        said += [held] if held else _lacking(actor, error)
        said += _whom_to_ask(db, actor) if not held else []
    return said


def _lacking(actor: Actor, error: NotAllowed) -> list[str]:
    """Return which posts it takes; which the reader has none of."""
    if not actor.seats:
        return [_("您当前没有岗位。")]
    wanted = _roles(error)
    section = _section()
    if section is not None and section.roles:
        names = [role_name(one) for one in ROLES if one in section.roles]
        words = {"section": str(section.label), "roles": locales.comma_list(names)}
        return [_("无访问权限：“%(section)s”仅限%(roles)s使用。", **words)]
    if not wanted:
        return []
    names = [role_name(one) for one in ROLES if one in wanted]
    return [_("可办理岗位：%(roles)s。", roles=locales.comma_list(names))]


def _roles(error: NotAllowed) -> frozenset[str]:
    """Return the roles that may do it: named by the refusal, or those with its verb."""
    named = frozenset(str(one) for one in error.args if one in ROLES)
    return named or with_verb(str(error.args[0])) if error.args else frozenset()


def _section() -> navigation.NavigationItem | None:
    """Return the entry of the rail that a page that was opened belongs to."""
    if request.method not in ("GET", "HEAD"):
        return None
    return next((one for one in navigation.RAIL if one.roles and one.current), None)


def _task_words(db: Session, actor: Actor, error: NotAllowed) -> str:
    """Return who has the open task that the refusal is about, for whoever may see it."""
    subject = error.args[1] if len(error.args) > 1 else None
    if not isinstance(subject, int) or with_verb(str(error.args[0])):
        return ""
    task = db.scalar(
        select(Task)
        .join(Case, Case.id == Task.case_id)
        .where(Task.id == subject, Task.done_at.is_(None), policy.visible_cases(actor))
        .options(joinedload(Task.unit), joinedload(Task.assignee))
    )
    if task is None:
        return ""
    known = {"unit": task.unit.name, "role": role_name(task.role)}
    if task.assignee is not None:
        return _("此环节由%(unit)s的%(name)s签收办理。", **known | {"name": task.assignee.name})
    return _("此环节由%(unit)s的%(role)s办理。", **known)


def _whom_to_ask(db: Session, actor: Actor) -> list[str]:
    found = administrators.nearest(db, actor, now=now())
    if not found:
        return [_("如需开通，请联系本单位管理员。")]
    people = [_("%(name)s（%(unit)s）", name=name, unit=unit) for name, unit in found]
    return [_("如需开通，请联系管理员：%(people)s。", people=locales.comma_list(people))]
