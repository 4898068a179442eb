"""Application for mediation: both parties on one form, sent once, followed like a report."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from engine.citizens import applications, attempts, references
from engine.citizens.applications import MediationApplication
from engine.errors import DomainError, InvalidInput, NotFound
from engine.models import Unit
from engine.storage.db import reading, transaction
from forms import InvalidAnswers
from webapp.account.people import public
from webapp.citizens import address, blueprint, county, device, effort, strain
from webapp.citizens.places import places_of
from webapp.clock import now
from webapp.locales import localize

Answer = str | tuple[str, int]
FIELDS = (
    *("type", "place", "facts", "claim", "amount", "kind", "name", "phone"),
    *("other_kind", "other_name", "other_phone"),
)
LONGEST_FIELD = 4000


@blueprint.get("/<code>/mediation")
@public
def mediation(code: str) -> Answer:
    """An empty form."""
    return _page(county(code), {}, secrets.token_hex(16))


@blueprint.post("/<code>/mediation")
@public
def send_application(code: str) -> Answer:
    """Take an application in, once; sent again it says the same."""
    where = county(code)
    typed = {name: request.form.get(name, "").strip()[:LONGEST_FIELD] for name in FIELDS}
    given = request.form.get("once", "")
    once = given if references.ONCE.fullmatch(given) else secrets.token_hex(16)
    sent = MediationApplication(once=once, danger=request.form.get("danger") == "yes", **typed)
    keys = {"address": address(), "device": device(), "number": sent.phone}
    try:
        with reading() as db:
            applications.check(db, where, sent, now=now())
        with transaction() as db:
            attempts.note(db, "report", keys, now=now(), effort=effort())
        with transaction() as db:
            receipt = applications.receive(db, where, sent, now=now())
    except attempts.TooOften as error:
        return _page(where, typed, once, {"": error.text}, bits=error.bits), 429
    except InvalidInput as error:
        return _page(where, typed, once, error.errors), 422
    except InvalidAnswers as error:
        words = {"": next(iter(error.errors.values()))[0]}
        return _page(where, typed, once, words), 422
    except NotFound:
        raise
    except DomainError as error:
        return _page(where, typed, once, {"": error.text}), 422
    return render_template(
        "citizens/received.html", county=where, kind="mediation", receipt=receipt
    )


def _page(
    where: Unit,
    typed: Mapping[str, str],
    once: str,
    errors: Mapping[str, Any] | None = None,
    *,
    bits: int = 0,
) -> str:
    with reading() as db:
        types, places = applications.types(db, now()), places_of(db, where)
    return render_template(
        "citizens/mediation.html",
        county=where,
        types=types,
        places=places,
        typed=typed,
        kinds=applications.KINDS,
        errors={name: localize(text) for name, text in (errors or {}).items()},
        once=once,
        danger=request.form.get("danger") == "yes",
        longest=applications.LONGEST,
        **strain(bits),
    )
