"""The processes with their versions and the drafts that are under way."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.definitions import versions
from engine.definitions.paper_templates import PAPER_TEMPLATES
from engine.drafting import drafts, review
from engine.models import ProcessDraft, Version
from engine.roles import EDITOR
from engine.storage.db import reading, transaction
from webapp.account.people import current_actor
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, posted_text
from webapp.clock import now
from webapp.policy import blueprint, labels


@blueprint.get("/processes")
def processes() -> str:
    """Every process with the version in force, and every draft."""
    with reading() as db:
        awaiting = review.awaiting(db, current_actor())
        known = drafts.open_drafts(db, current_actor())
        in_force = versions.in_force(db, now())
        begun = {one.process for one in in_force} | {one.draft.process for one in known}
        return render_template(
            "policy/processes.html",
            versions=in_force,
            # What waits for the reader comes first.
            drafts=sorted(known, key=lambda one: one.draft.id not in awaiting),
            awaiting=awaiting,
            may_draw=EDITOR in current_actor().roles,
            # Later ones begin with what is in force.
            may_begin_papers=PAPER_TEMPLATES not in begun,
        )


@blueprint.route("/drafts/new", methods=["GET", "POST"])
def new_process() -> Answer:
    """Begin a process of one's own, from scratch or like one that is there."""
    with reading() as db:
        known = versions.currents(db, now())

    def act(db: Session) -> ProcessDraft:
        chosen = posted_text("like")
        return drafts.of_new_process(
            db,
            current_actor(),
            posted_text("process"),
            posted_text("name"),
            posted_text("name_en"),
            like=int(chosen) if chosen.isascii() and chosen.isdigit() else None,
            now=now(),
        )

    def done(draft: ProcessDraft) -> Answer:
        return redirect(url_for("policy.editor", id=draft.id), 303)

    return carry_out(_new_process(known), act, done)


def _new_process(known: Sequence[Version]) -> ChangeForm:
    like = [(str(version.id), labels.process_name(version)) for version in known]
    key_help = _("小写英文字母开头，只含小写字母、数字和下划线；发布后不能再改。")
    return ChangeForm(
        title=_("新建流程"),
        button=_("新建草稿"),
        back=url_for("policy.processes"),
        consequence=(_("先新建草稿；检查通过并经另一人批准发布后，方可用于办理事项。"),),
        fields=(
            ChangeField("name", _("流程名称"), longest=60),
            ChangeField("name_en", _("英文名称"), longest=60, required=False),
            ChangeField("process", _("代码"), longest=40, help=key_help),
            ChangeField(
                "like",
                _("复制自"),
                "select",
                options=like,
                required=False,
                blank=_("空白流程（两个环节）"),
            ),
        ),
    )


@blueprint.post("/versions/<int:id>/draft")
def draft_from(id: int) -> Response:
    """Begin a draft that changes this version."""
    with transaction() as db:
        draft = drafts.from_version(db, current_actor(), id, now=now())
    return redirect(url_for("policy.editor", id=draft.id), 303)
