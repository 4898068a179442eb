"""A telephone is confirmed: a number, a code by message, and the list of its cases."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from engine.citizens import attempts, phones
from engine.errors import InvalidInput
from engine.models import Unit
from engine.records import vault
from engine.storage.db import transaction
from webapp.account.people import public
from webapp.citizens import address, blueprint, county, device, effort
from webapp.citizens.mine import LONGEST, Answer, mine_page, remember
from webapp.clock import now
from webapp.locales import current as language
from webapp.locales import localize

# Of a session: the code that was asked for on this device.
ASKED = "code"


@blueprint.post("/<code>/mine/phone")
@public
def ask_code(code: str) -> Answer:
    """Send a code; the answer is the same for every number."""
    where = county(code)
    phone = request.form.get("phone", "").strip()[:LONGEST]
    keys = {"address": address(), "device": device(), "number": phone}
    keys["phone"] = vault.blind("phone", phone)
    try:
        phones.check(phone)
        with transaction() as db:
            attempts.note(db, "code", keys, now=now(), effort=effort(), later=("phone",))
        with transaction() as db:
            asked = phones.ask(db, where, phone, language(), now=now())
    except InvalidInput as error:
        said = {name: localize(text) for name, text in error.errors.items()}
        return mine_page(where, errors=said), 422
    except attempts.TooOften as error:
        return mine_page(where, localize(error.text), bits=error.bits, strained="phone"), 429
    session[ASKED] = str(asked.id)
    return _page(where, shown=asked.code)


@blueprint.post("/<code>/mine/code")
@public
def confirm_code(code: str) -> Answer:
    """Confirm it; whatever is wrong, the answer is the same."""
    where, asked = county(code), session.get(ASKED)
    if asked is None:
        return redirect(url_for("citizens.mine", code=code), 303)
    with transaction() as db:
        mac = phones.confirm(db, where, int(asked), request.form.get("code", "")[:20], now=now())
    if mac is None:
        return _page(where, _("验证码不正确，或者已经过期。")), 422
    session.pop(ASKED)
    remember(mac)
    return redirect(url_for("citizens.matters", code=code), 303)


def _page(where: Unit, message: str = "", *, shown: str = "") -> str:
    return render_template("citizens/code.html", county=where, message=message, shown=shown)
