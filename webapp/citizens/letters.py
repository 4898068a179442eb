"""What a citizen writes to whoever handles the case, sends after, or asks for: all at its page."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import lazy_gettext as _l

from engine.citizens import letters, photos
from engine.errors import DomainError, InvalidInput, NotFound
from engine.storage.db import transaction
from webapp.account.people import public
from webapp.citizens import blueprint, county
from webapp.citizens.mine import Answer, matter_page, opened
from webapp.clock import now
from webapp.locales import localize

DONE = {
    letters.WORDS: _l("已经送到，请等回复。"),
    letters.PHOTOS: _l("照片已经收到。"),
    letters.WITHDRAWAL: _l("撤回申请已经收到，工作人员核对后办理。"),
}


@blueprint.post("/<code>/mine/letters")
@public
def write_letter(code: str) -> Answer:
    """Take in words, photos, or the wish to withdraw."""
    where, case_id = county(code), opened(code)
    if case_id is None:
        return redirect(url_for("citizens.mine", code=code), 303)
    kind = request.form.get("kind", "")
    if kind not in DONE:
        raise NotFound()
    uploads = [one for one in request.files.getlist("photos") if one.filename]
    contents = tuple(one.read(photos.LARGEST + 1) for one in uploads[: photos.MOST + 1])
    text = request.form.get("text", "")[: letters.LONGEST + 1]
    try:
        with transaction() as db:
            letters.write(
                db,
                case_id,
                text,
                kind=kind,
                contents=contents if kind == letters.PHOTOS else (),
                now=now(),
            )
    except NotFound:
        raise
    except InvalidInput as error:
        said = {f"{kind}-{name}": localize(text) for name, text in error.errors.items()}
        return matter_page(where, case_id, letter=said), 422
    except DomainError as error:
        return matter_page(where, case_id, letter={kind: localize(error.text)}), 409
    flash(str(DONE[kind]), "success")
    return redirect(url_for("citizens.matter", code=code), 303)
