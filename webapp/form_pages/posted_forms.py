"""Answers as a browser posts them: fields, uploads, drafts, and the form shown back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO, cast

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict

from engine import settings
from engine.access.actors import Actor
from engine.errors import InvalidInput
from engine.records import attachments
from engine.storage.db import transaction
from feel.text import Text
from forms import Errors, Field, Form, RenderModel
from webapp import locales
from webapp.clock import now
from webapp.display import local


@dataclass
class PostedForm:
    """What a form posted: the answers, and what was wrong with its uploads."""

    answers: dict[str, Any]
    errors: dict[str, tuple[Text, ...]] = field(default_factory=dict)
    # A button that only changes the form was pressed: add a row, or show what applies now.
    only_reshaped: bool = False


@dataclass(frozen=True)
class FilledForm:
    """A form with answers, ready to be shown."""

    model: RenderModel
    saved_at: datetime | None = None


def parse(form: Form, actor: Actor, county_id: int) -> PostedForm:
    """Take answers and uploads out of the request; each upload is stored at once."""
    typed = MultiDict(request.form)
    errors: dict[str, tuple[Text, ...]] = {}
    claims = _claims(form.from_html(request.form))
    for name, shown_at, accept in _upload_fields(form):
        for upload in request.files.getlist(f"{name}-upload"):
            if not upload.filename:
                continue
            try:
                typed.add(name, _receive(upload, accept, actor, county_id, claims))
            except InvalidInput as error:
                words = next(iter(error.errors.values()))
                errors[shown_at] = (
                    *errors.get(shown_at, ()),
                    _with_file_name(upload.filename, words),
                )
    # Stored files are answers like any other from here on: rows with nothing else stay rows.
    reshaped = form.reshape(typed)
    answers = form.from_html(typed) if reshaped is None else reshaped
    return PostedForm(answers, errors, reshaped is not None or "refresh" in request.form)


def show(
    form: Form | None,
    answers: Mapping[str, Any] | None,
    errors: Errors | None = None,
    saved_at: datetime | None = None,
    *,
    at: datetime | None = None,
    ends: datetime | None = None,
) -> FilledForm | None:
    """Return the form with answers, in the language of this request; as of ``at`` where it is
    tried. ``ends`` is when the limit of its step does.
    """
    if form is None:
        return None
    moment = local(at or now())
    last_day = None if ends is None else settings.current().local_last_day(ends)
    model = form.render(
        answers,
        errors,
        locales.current(),
        today=moment.date(),
        now=moment,
        last_day=last_day,
    )
    return FilledForm(model, saved_at)


def today() -> date:
    """Return the local day of this request."""
    return local(now()).date()


def beginning(form: Form) -> dict[str, Any]:
    """Return the answers that a form begins with in this request."""
    moment = local(now())
    return form.defaults(today=moment.date(), now=moment)


def rejected(error: InvalidInput) -> Errors:
    """Return a domain refusal by field, as a form shows its errors."""
    return {name: (text,) for name, text in error.errors.items()}


def _upload_fields(form: Form) -> Iterator[tuple[str, str, str]]:
    """Posted name, place on the form and accepted kind of every field that takes files."""
    for outer in form.fields:
        if outer.kind == "files":
            yield outer.name, outer.name, outer.accept
        for inner in outer.fields:
            if inner.kind == "files":
                yield from _in_rows(outer.name, inner)


def _in_rows(outer: str, inner: Field) -> Iterator[tuple[str, str, str]]:
    """Yield the same field in each row of a list that was posted; rows count from 0 on the form."""
    names = "\n".join((*request.form, *request.files))
    numbers = re.findall(rf"^{re.escape(outer)}-([0-9]{{1,6}})-", names, re.MULTILINE)
    for place, number in enumerate(sorted({int(one) for one in numbers})):
        yield f"{outer}-{number}-{inner.name}", f"{outer}-{place}-{inner.name}", inner.accept


def _receive(
    upload: FileStorage, accept: str, actor: Actor, county_id: int, claims: dict[str, Any]
) -> str:
    """Store one upload; return its id. Raises InvalidInput."""
    # In a child process, so before the transaction.
    ready = attachments.make_ready(cast(BinaryIO, upload.stream), accept)
    with transaction() as db:
        row = attachments.receive(
            db,
            actor,
            ready,
            upload.filename or "",
            county_id=county_id,
            now=now(),
            device=claims,
        )
        return str(row.id)


def _claims(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the device says of time and place; a claim that stands beside the server's
    time.
    """
    claims: dict[str, Any] = {}
    if request.form.get("device_time"):
        claims["at"] = request.form["device_time"][:40]
    for value in answers.values():
        if isinstance(value, Mapping) and value.get("lat"):
            claims["position"] = {key: str(part)[:24] for key, part in value.items()}
    return claims


def _with_file_name(filename: str | None, words: Text) -> Text:
    name = (filename or "")[:80]
    return Text(f"{name}：{words.zh}", f"{name}: {words.en}")
