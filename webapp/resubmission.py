"""What somebody typed is never lost to an expired session: it comes back sealed, to be sent again.

The sealed parcel holds the address and the fields of a form. It is only ever made for requests
that come from our own pages, so that no other site can have one filled in and sent by a click.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import jsonify, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from engine.records import vault
from engine.records.bindings import bound
from webapp.clock import now
from webapp.security import same_origin

PURPOSE = "kept-form"
BOUND = bound(PURPOSE)
LIFETIME = timedelta(hours=12)
LARGEST = 400_000
NOT_KEPT = frozenset(
    {"csrf_token", "password", "current", "repeated", "kept", "code", "passkey", "work"}
)


@dataclass(frozen=True)
class UnsentForm:
    """A form that could not be accepted yet: where it was going, and what it said."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def seal(self, moment: datetime, owner: int | None = None) -> str:
        """Return the parcel as one opaque word for a hidden field; with an owner for that person
        alone.
        """
        content = {
            "for": PURPOSE,
            "at": moment.isoformat(),
            "owner": owner,
            "path": self.path,
            "fields": [list(pair) for pair in self.fields],
        }
        return urlsafe_b64encode(vault.seal(content, BOUND)).decode("ascii")


def opened(word: str, moment: datetime, owner: int | None = None) -> UnsentForm | None:
    """Return the parcel in a hidden field; None if it is somebody else's, altered or too old."""
    try:
        content = vault.unseal(urlsafe_b64decode(word.encode()), BOUND)
    except (vault.UnopenedPayload, ValueError):
        return None
    if not isinstance(content, dict) or content.get("for") != PURPOSE:
        return None
    if content.get("owner") != owner:
        return None
    if moment - datetime.fromisoformat(content["at"]) > LIFETIME:
        return None
    fields = tuple((str(name), str(value)) for name, value in content["fields"])
    return UnsentForm(str(content["path"]), fields)


def lost_session() -> tuple[str, int] | tuple[Response, int]:
    """Answer a form whose session is gone or stale: say so and keep what was typed."""
    if wants_json():
        return jsonify(error="session", message=_("登录已过期，请重新登录。")), 401
    if not same_origin():
        return render_template("errors/expired.html", parcel=None), 400
    parcel = parcel_of_request()
    if current_user.is_authenticated:
        return again(parcel), 400
    word = parcel.seal(now()) if parcel else ""
    return render_template("errors/expired.html", parcel=parcel, word=word), 400


def again(parcel: UnsentForm | None) -> str:
    """Return the page that offers to send a kept form once more, with a fresh token."""
    return render_template("errors/again.html", parcel=parcel)


def parcel_of_request(*, even_empty: bool = False) -> UnsentForm | None:
    """Return the form of this request, if there is one and it is small enough to carry along."""
    fields = tuple(
        (name, value)
        for name, values in request.form.lists()
        if name not in NOT_KEPT
        for value in values
    )
    if not (fields or even_empty):
        return None
    if sum(len(name) + len(value) for name, value in fields) > LARGEST:
        return None
    return UnsentForm(request.full_path.rstrip("?"), fields)


def wants_json() -> bool:
    """Return whether a script asked, which cannot show a page."""
    accepted = request.accept_mimetypes
    by_script = "HX-Request" in request.headers or request.path.startswith("/api/")
    # The last word of a page that goes away cannot say what it accepts.
    beacon = request.headers.get("Sec-Fetch-Mode") == "no-cors"
    return by_script or beacon or accepted.best == "application/json"
