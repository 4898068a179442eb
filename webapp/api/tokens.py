"""Getting a token for the Authorization header."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from engine.accounts import logins, second_factors
from engine.models import User
from engine.storage.db import transaction
from feel.text import Text
from webapp.account import identity, throttle
from webapp.account.people import BEARER_FORM, origin, public
from webapp.api.refusals import refuses
from webapp.api.schemas import Login, TokenSchema
from webapp.clock import now
from webapp.statuses import WebRefusal

blueprint = Blueprint("token", __name__, url_prefix="/api/v1/token", description="Tokens")


class WrongLogin(WebRefusal):
    """The login or the password is wrong; which of them is not said."""

    status = 401

    text = Text("用户名或密码不正确。", "Wrong user name or password.")


@blueprint.post("")
@public
@blueprint.arguments(Login)
@blueprint.response(200, TokenSchema)
@refuses(blueprint, others={401: "Wrong login or password", 429: "Too many failures"})
@blueprint.doc(security=[])
def create(asked: dict[str, Any]) -> dict[str, Any]:
    """Exchange login and password for a token; the answer alone shows it."""
    user = identity.checked(asked["login"].strip(), asked["password"])
    if user is None:
        raise WrongLogin()
    with transaction() as db:
        proof = _second(db, user, asked["code"])
        if proof is not None:
            identity.settle(db, user)
            row, key = logins.issue_token(
                db,
                user.id,
                asked["name"],
                asked["scopes"],
                now=now(),
                lasting=timedelta(days=asked["days"]),
                origin=origin(),
                proof=proof,
            )
    if proof is None:
        raise WrongLogin()
    return {"token": BEARER_FORM.format(user=user.id, key=key), "expires_at": row.ends_at}


def _second(db: Session, user: User, code: str) -> str | None:
    """Return what was proved: of who has a second factor by a code, else by the password."""
    if not second_factors.kinds(db, user.id):
        return "password"
    # Of the same ten as on the pages: a program guesses no more than a browser does.
    throttle.note_code(db, user.id, now=now())
    proof = second_factors.check_code(db, user.id, code, now=now())
    if proof is None:
        logins.refuse(db, user.id, now=now(), origin=origin(), reason="second_factor")
    else:
        throttle.forget_codes(db, user.id)
    return proof
