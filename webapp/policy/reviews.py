"""The review of a draft: its check, what changes in words and on the picture, the decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.bpmn.check.scenarios import FAILS
from engine.definitions import differences, versions
from engine.definitions.differences import Difference
from engine.drafting import drafts, prepublish_check, review
from engine.drafting.prepublish_check import DraftProof
from engine.drafting.revision_check import ChangedSince
from engine.errors import InvalidInput, NotFound, Refusal
from engine.models import ProcessDraft, Version
from engine.storage.db import reading, transaction
from webapp import downloads
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.locales import localize
from webapp.policy import blueprint, choosing
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int]


@dataclass(frozen=True)
class ReviewPage:
    """All that the page shows of a draft."""

    draft: ProcessDraft
    latest: Version | None
    proof: DraftProof
    difference: Difference
    remarks: list[review.ReviewRemark]
    editors: set[int]
    people: list[drafts.DraftReader]

    @property
    def overtaken(self) -> bool:
        """Whether a newer version was published since the draft was begun."""
        return self.latest is not None and self.latest.id != self.draft.base_id

    @property
    def changed(self) -> bool:
        """Whether anything is other than in the newest version."""
        return self.latest is None or self.latest.digest != self.proof.digest

    @property
    def mendable(self) -> bool:
        """Whether a scenario fails only in what it expects."""
        findings = (finding for file in self.proof.report.files for finding in file.findings)
        return any(one["rule"] == FAILS.id and one["fixes"] for one in findings)

    @property
    def marks(self) -> str:
        """What the pictures mark, as the viewer reads it."""
        marks = {key: {"state": state} for key, state in self.difference.marks.items()}
        return json.dumps(marks, ensure_ascii=False)


@blueprint.get("/drafts/<int:id>/review")
def draft_review(id: int) -> Answer:
    """What a draft changes, whether it passes, what was said about it."""
    return _page(id)


@blueprint.post("/drafts/<int:id>/submit")
def submit(id: int) -> Answer:
    """Hand the draft to the publishers."""
    reason = request.form.get("reason", "")
    proof = _proof(id)

    def act(db: Session) -> None:
        review.submit(db, current_actor(), id, proof, reason, now=now())

    return _attempt(id, act, _("已送审，待另一名发布人员批准。"))


@blueprint.post("/drafts/<int:id>/send-back")
@step_up.with_fresh_proof
def send_back(id: int) -> Answer:
    """Give the draft back to be changed."""
    body = request.form.get("body", "")

    def act(db: Session) -> None:
        review.send_back(db, current_actor(), id, body, now=now())

    return _attempt(id, act, _("草稿可继续修改。"))


@blueprint.post("/drafts/<int:id>/comment")
def comment(id: int) -> Answer:
    """Comment on the draft."""
    body, element = request.form.get("body", ""), request.form.get("element", "")

    def act(db: Session) -> None:
        review.comment(db, current_actor(), id, body, element=element, now=now())

    return _attempt(id, act, _("已留言。"))


@blueprint.post("/drafts/<int:id>/publish")
@step_up.with_fresh_proof
def publish(id: int) -> Answer:
    """Approve and publish the draft."""
    proof = _proof(id)
    published: list[Version] = []

    def act(db: Session) -> None:
        decision, seen = choosing.decision(db), choosing.seen_revision()
        version = review.publish(db, current_actor(), id, proof, seen, decision, now=now())
        published.append(version)

    answer = _attempt(id, act, "")
    if not published:
        return answer
    version = published[0]
    flash(
        _("已发布第 %(number)s 版，新事项自启用时间起按此版本办理。", number=version.number),
        "success",
    )
    return redirect(url_for("policy.process", process=version.process), 303)


@blueprint.post("/drafts/<int:id>/scenarios")
def save_scenarios(id: int) -> Answer:
    """Save every scenario that fails with what happens now: the change was meant."""
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, current_actor(), id, now=now())
    revision = exhibit.draft.revision
    changes = {
        str(change["file"]): str(change["text"]).encode()
        for file in exhibit.prove().report.files
        for finding in file.findings
        if finding["rule"] == FAILS.id
        for fix in finding["fixes"]
        for change in fix["changes"]
    }

    def act(db: Session) -> None:
        drafts.save(db, current_actor(), id, revision, changes, now=now())

    return _attempt(id, act, _("用例已按当前结果重新保存，审批人可查看改动。"))


@blueprint.post("/drafts/<int:id>/discard")
def discard(id: int) -> Answer:
    """End the draft without publishing it."""

    def act(db: Session) -> None:
        drafts.discard(db, current_actor(), id, now=now())

    return _attempt(id, act, _("草稿已放弃，历次保存仍保留。"))


@blueprint.get("/drafts/<int:id>/diagram.bpmn")
def draft_diagram(id: int) -> Response:
    """The draft's diagram, for the picture of what changes."""
    with reading() as db:
        draft = drafts.visible(db, current_actor(), id)
        return diagram_of(drafts.files_of(db, draft), draft.process)


def diagram_of(files: dict[str, bytes], process: str) -> Response:
    """Return the process's main diagram. Raises NotFound where there is none."""
    main = f"processes/{process}/{process}.bpmn"
    drawn = [path for path in sorted(files) if path.endswith(".bpmn")]
    path = main if main in files else next(iter(drawn), None)
    if path is None:
        raise NotFound(process)
    return downloads.download(files[path], path.rpartition("/")[2], downloads.BPMN)


def _proof(draft_id: int) -> DraftProof:
    """Return the check of the revision as it is now, made before any transaction begins."""
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, current_actor(), draft_id, now=now())
    return exhibit.prove()


def _attempt(id: int, act: Callable[[Session], None], words: str) -> Answer:
    try:
        with transaction() as db:
            act(db)
    except InvalidInput as error:
        return _page(id, {key: localize(text) for key, text in error.errors.items()}, 422)
    except ChangedSince as error:
        return _page(id, {"": localize(error.text)}, status_of(error), since=error.difference)
    except Refusal as error:
        return _page(id, {"": localize(error.text)}, status_of(error))
    if words:
        flash(words, "success")
    return redirect(url_for("policy.draft_review", id=id), 303)


def _page(
    id: int,
    errors: dict[str, str] | None = None,
    status: int = 200,
    since: Difference | None = None,
) -> Answer:
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, current_actor(), id, now=now())
    # It takes a second; no connection of the database waits for it.
    proof = exhibit.prove()
    draft, files = exhibit.draft, exhibit.files
    with reading() as db:
        latest = versions.latest(db, draft.process)
        old = versions.files_of(db, latest.id) if latest is not None else {}
        found = ReviewPage(
            draft,
            latest,
            proof,
            differences.between(old, files),
            review.remarks(db, id),
            drafts.editors(db, draft),
            drafts.visitors(db, id, now()),
        )
        units = choosing.units(db)
    page = render_template(
        "policy/review.html",
        review=found,
        draft=draft,
        drawn=any(path.endswith(".bpmn") for path in files),
        errors=errors or {},
        since=since,
        typed=request.form,
        actor=current_actor(),
        units=units,
    )
    return page, status
