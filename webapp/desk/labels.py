"""Names and options for the desk's templates, in the language of the request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from engine.desk import decisions
from engine.desk.decisions import PendingDecision
from engine.models import Version
from engine.terms import lamps
from forms import RenderField
from webapp import locales
from webapp.desk import blueprint
from webapp.desk.case_page import CasePage
from webapp.desk.lists import empty_text
from webapp.locales import localize
from webapp.names import node_name, step_names, task_name, waiting_words

Pairs = list[tuple[str, str]]


def end_name(page: CasePage) -> str:
    """Return how the case ended: the name of its end event."""
    node = page.file.version.node(page.file.case.outcome or "")
    return node_name(node) if node else _("办结")


def category_name(page: CasePage) -> str:
    """Return the case's category, in the words of the form that asked for it."""
    category = page.file.case.category or ""
    for form in page.file.version.forms.values():
        name = form.sets.get("category")
        for field in form.fields:
            if field.name == name:
                for choice in field.choices:
                    if choice.value == category:
                        return localize(choice.label)
    return category


def field_label(page: CasePage, name: str) -> str:
    """Return the question that an answer belongs to."""
    task = page.task or page.done_task
    form = page.file.version.form(task.form) if task else None
    for field in form.fields if form else ():
        if field.name == name:
            return field.label.to(locales.current())
    return name


def decision_name(row: PendingDecision) -> str:
    """Return what is to be decided, in words."""
    step = row.step_en if locales.english() and row.step_en else row.step
    words = {
        decisions.ARTICLE: _("确认知识库条目"),
        decisions.EXTENSION: _("审批延期：%(step)s", step=step),
        decisions.PAUSE: _("审批暂停：%(step)s", step=step),
        decisions.DEMAND: _("审核督办、呼叫的答复：%(number)s", number=row.step),
    }
    return words.get(row.kind, step)


def decision_link(row: PendingDecision) -> str:
    """Return where it is decided."""
    if row.kind == decisions.ARTICLE:
        return url_for("knowledge.article", article_id=row.subject_id)
    if row.kind == decisions.DEMAND:
        return url_for("demands.one", demand_id=row.subject_id)
    if row.kind in (decisions.EXTENSION, decisions.PAUSE):
        move = "decide" if row.kind == decisions.EXTENSION else "decide_pause"
        return url_for("desk.task_move", task_id=row.task_id, move=move)
    return url_for("desk.case", case_id=row.case_id, task=row.task_id)


def process_options(processes: Mapping[str, Version]) -> Pairs:
    """Return the processes as options of a filter."""
    return [(key, node_name(version)) for key, version in processes.items()]


def lamp_options() -> Pairs:
    """Return the lamps as options of a filter, the most urgent first."""
    return [(lamp, localize(name)) for lamp, name in lamps.NAMES.items()]


def pairs(choices: Iterable[Any]) -> Pairs:
    """Return choices of a form as (value, label)."""
    return [(choice.value, choice.label) for choice in choices]


def triples(choices: Iterable[Any]) -> list[tuple[str, str, bool]]:
    """Return choices of a form as (value, label, chosen)."""
    return [(choice.value, choice.label, choice.selected) for choice in choices]


def checked(options: Pairs, chosen: Iterable[str]) -> list[tuple[str, str, bool]]:
    """Return options as (value, label, chosen)."""
    wanted = set(chosen)
    return [(value, label, value in wanted) for value, label in options]


def control_attributes(field: RenderField) -> dict[str, str]:
    """Return the attributes of a form's control, with what makes it required, wrong or
    explained.
    """
    found = dict(field.attributes)
    if field.kind not in ("textarea", "choice", "place", "unit"):
        found.setdefault("type", "text")
    # In a row of a list nothing is insisted on: the row may stay empty, and the list hidden.
    if field.mandatory and field.visible and not in_row(field):
        found["required"] = "required"
    if field.errors:
        found["aria-invalid"] = "true"
    if field.errors or field.help:
        found["aria-describedby"] = f"{field.id}-note"
    return found


def in_row(field: RenderField) -> bool:
    """Return whether a field stands in a row of a list: its name says which."""
    return "-" in field.name


def with_arg(key: str, value: str) -> dict[str, str]:
    """Return this page's address arguments with one changed."""
    return {**(request.view_args or {}), **request.args.to_dict(), key: value}


def without(key: str) -> dict[str, str]:
    """Return this page's address arguments without one."""
    return {name: value for name, value in with_arg(key, "").items() if name != key}


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    names = (
        decision_link,
        decision_name,
        node_name,
        task_name,
        waiting_words,
        step_names,
        end_name,
        category_name,
        field_label,
        empty_text,
    )
    options = (process_options, lamp_options, pairs, triples, checked)
    functions: list[Callable[..., Any]] = [
        *names,
        *options,
        control_attributes,
        in_row,
        with_arg,
        without,
    ]
    return {function.__name__: function for function in functions}
