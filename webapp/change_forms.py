"""One page for every change: what it means in words, a few fields, one button."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.errors import InvalidInput, NotFound, Refusal
from engine.storage.db import transaction
from feel.text import Text
from webapp.locales import localize
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int]
Result = TypeVar("Result")


@dataclass(frozen=True)
class ChangeField:
    """One question; ``options`` make a choice, or suggestions for a text.

    Kinds: text, select, suggest, date, time, number, area (many lines), checks (any number of
    the options), secret (never shown again: left empty it stays as it is).
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    help: str = ""
    required: bool = True
    longest: int = 120
    # The first line of a choice that has nothing chosen yet.
    blank: str = ""

    @property
    def entry(self) -> str:
        """What was typed, on a page that comes back with errors; else what is there."""
        return request.form.get(self.name, self.value)

    @property
    def choices(self) -> frozenset[str]:
        """Which of the options are ticked."""
        sent = request.method == "POST"
        return frozenset(request.form.getlist(self.name) if sent else self.value.split(","))


# Kinds whose box takes so many characters and no more.
TYPED = frozenset({"text", "suggest", "number", "area", "secret"})
# Up to so many are easier to choose from than to type.
FEW = 60


def choice(
    name: str,
    label: str,
    options: Sequence[tuple[str, str]],
    *,
    help_text: str = "",
    required: bool = True,
) -> ChangeField:
    """Return a question for a code or a login: a list of a few, suggestions while typing for
    many.
    """
    if len(options) > FEW:
        return ChangeField(name, label, "suggest", "", options, help_text, required, longest=64)
    said = [(value, _("%(name)s（%(code)s）", name=words, code=value)) for value, words in options]
    blank = _("请选择") if required else _("不指定")
    return ChangeField(name, label, "select", "", said, help_text, required, blank=blank)


@dataclass(frozen=True)
class ChangeForm:
    """What is asked before something changes: title, consequence in words, fields, button."""

    title: str
    button: str
    back: str
    fields: Sequence[ChangeField] = ()
    consequence: Sequence[str] = ()
    danger: bool = False


def posted_text(name: str) -> str:
    """Return a field of the form that was sent, without spaces around it."""
    return request.form.get(name, "").strip()


def posted_texts(fields: Iterable[ChangeField]) -> dict[str, str]:
    """Return all of a page's fields as they were sent, without spaces around them."""
    return {field.name: posted_text(field.name) for field in fields}


def carry_out(
    change: ChangeForm, act: Callable[[Session], Result], done: Callable[[Result], Answer]
) -> Answer:
    """Show the page; when it is sent, do it, or show it again with what is wrong."""
    if request.method != "POST":
        return _page(change, {}, "")
    try:
        _require_short(change.fields)
        with transaction() as db:
            result = act(db)
    except InvalidInput as error:
        known = {field.name for field in change.fields}
        rest = [localize(text) for name, text in error.errors.items() if name not in known]
        return _page(change, error.errors, " ".join(rest)), status_of(error)
    except Refusal as error:
        return _page(change, {}, localize(error.text)), status_of(error)
    return done(result)


def _require_short(fields: Sequence[ChangeField]) -> None:
    """Require that nothing is longer than its box. Raises InvalidInput."""
    errors = {}
    for field in fields:
        # Browsers count the end of a line as one character, and send it as two.
        typed = request.form.get(field.name, "").replace("\r\n", "\n")
        if field.kind in TYPED and len(typed) > field.longest:
            signs = ("位", "digits") if field.kind == "number" else ("字", "characters")
            words = (f"最多 {field.longest} {signs[0]}。", f"At most {field.longest} {signs[1]}.")
            errors[field.name] = Text(*words)
    if errors:
        raise InvalidInput(errors)


def value_or_error(value: Result | None, field: str, text: Text) -> Result:
    """Return the value, or an error at the field. Raises InvalidInput."""
    if value is None:
        raise InvalidInput({field: text})
    return value


def within_reach(look_up: Callable[[], Result]) -> Result | None:
    """Return what a look-up within reach finds, None when that is nothing."""
    try:
        return look_up()
    except NotFound:
        return None


def _page(change: ChangeForm, errors: dict[str, Text], message: str) -> str:
    return render_template("admin/change.html", change=change, errors=errors, message=message)
