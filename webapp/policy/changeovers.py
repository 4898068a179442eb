"""Running cases of a version, taken to another one by question: which can go, which not and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import policy
from engine.bpmn import CannotMigrate
from engine.casework import migration
from engine.casework.migration import CaseNotInVersion, MigrationCandidate, VersionChange
from engine.definitions import rollouts, versions
from engine.errors import Incident, NotFound
from engine.models import Case, Version
from engine.roles import PUBLISHER
from engine.storage.db import reading, transaction
from feel.text import Text
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.policy import blueprint

Answer = Response | str | tuple[str, int]
# So many a press: each is a transaction of its own, and a page is not to keep anybody waiting.
MOST = 200


@dataclass(frozen=True)
class ChangeoverPage:
    """What the page shows: the versions, and the cases by what can be done with them."""

    version: Version
    targets: list[Version]
    target: Version | None
    candidates: list[MigrationCandidate]
    visible: frozenset[int]

    @property
    def going(self) -> list[MigrationCandidate]:
        """Those that can go."""
        return [one for one in self.candidates if not one.reasons]

    @property
    def places(self) -> list[tuple[tuple[str, str], int]]:
        """At which steps those that can go are, the fullest first."""
        return Counter(step for one in self.going for step in one.steps).most_common()

    @property
    def staying(self) -> list[tuple[Text, list[str], int]]:
        """Why others cannot: the reason, numbers that the reader may see, how many there are."""
        reasons: dict[Text, list[MigrationCandidate]] = {}
        for one in self.candidates:
            for reason in one.reasons:
                reasons.setdefault(reason, []).append(one)
        return [
            (reason, [one.number for one in of if one.case_id in self.visible], len(of))
            for reason, of in reasons.items()
        ]


@blueprint.get("/versions/<int:id>/cases")
def running_cases(id: int) -> Answer:
    """The running cases of a version, and whether they could follow another."""
    return _page(id, request.args.get("to", ""))


@blueprint.post("/versions/<int:id>/cases")
def change_over(id: int) -> Answer:
    """Take those that can go to the other version, each in a transaction of its own."""
    chosen, reason = request.form.get("to", ""), request.form.get("reason", "").strip()
    with reading() as db:
        actor = current_actor()
        policy.require_role(actor, PUBLISHER)
        target = _target(_targets(db, _row(db, id)), chosen)
        cases = migration.open_cases(db, actor, id, limit=MOST)
    if target is None or not reason:
        error = _("请写明原因。") if target is not None else _("请选择目标版本。")
        return _page(id, chosen, error, 422)
    anew = request.form.get("limits") == "anew"
    change = VersionChange(id, target.id, reason[:400], anew)
    moved = sum(_one(case_id, change) for case_id in cases)
    words = _(
        "已将 %(moved)s 件切换至第 %(number)s 版，%(kept)s 件保持原版本。",
        moved=moved,
        number=target.number,
        kept=len(cases) - moved,
    )
    flash(words, "success")
    return redirect(url_for("policy.running_cases", id=id, to=target.id), 303)


def _one(case_id: int, change: VersionChange) -> bool:
    try:
        with transaction() as db:
            migration.change_over(db, current_actor(), case_id, change, now=now())
    except (CannotMigrate, CaseNotInVersion, Incident):
        return False
    return True


def _page(id: int, chosen: str, error: str = "", status: int = 200) -> Answer:
    actor = current_actor()
    with reading() as db:
        version = _row(db, id)
        targets = _targets(db, version)
        target = _target(targets, chosen) or (targets[0] if targets else None)
        found: list[MigrationCandidate] = []
        if target is not None:
            found = migration.prospects(db, actor, id, target.id, limit=MOST, now=now())
        ids = [one.case_id for one in found]
        seen = select(Case.id).where(Case.id.in_(ids), policy.visible_cases(actor))
        outlook = ChangeoverPage(version, targets, target, found, frozenset(db.scalars(seen)))
    page = render_template(
        "policy/running.html", outlook=outlook, error=error, typed=request.form, actor=actor
    )
    return page, status


def _row(db: Session, version_id: int) -> Version:
    row = db.get(Version, version_id)
    if row is None or row.process in versions.TABLES:
        raise NotFound(version_id)
    return row


def _targets(db: Session, version: Version) -> list[Version]:
    """Return the versions in use, but this one: that of all places first."""
    plan = rollouts.plan(db, version.process, now())
    others = plan.versions - {version.id}
    query = select(Version).where(Version.id.in_(others)).order_by(Version.number.desc())
    return sorted(db.scalars(query), key=lambda one: one.id != plan.everywhere)


def _target(targets: list[Version], chosen: str) -> Version | None:
    return next((one for one in targets if str(one.id) == chosen), None)
