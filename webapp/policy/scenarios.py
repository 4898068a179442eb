"""The scenarios of a draft: which pass, which flows they take and which none of them does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.bpmn.trial import BadScenario, Scenario
from engine.definitions.paper_templates import PAPER_TEMPLATES
from engine.definitions.statistics import STATISTICS
from engine.drafting import coverage, drafts, prepublish_check
from engine.drafting.coverage import FlowCoverage
from engine.drafting.trials.scenario_saving import LONGEST_NAME
from engine.errors import NotFound
from engine.models import ProcessDraft
from engine.roles import EDITOR
from engine.storage.db import reading, transaction
from feel.text import Text
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.policy import blueprint
from webapp.policy.trialpage import scenario_name


@dataclass(frozen=True)
class ScenarioLine:
    """One scenario: its file's stem, what it says, and why it fails, if it does."""

    stem: str
    scenario: Scenario | None
    findings: Sequence[Mapping[str, Any]]


@blueprint.get("/drafts/<int:id>/scenarios")
def scenarios(id: int) -> str:
    """Every scenario of a draft with its result, and the coverage of the diagram."""
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, current_actor(), id, now=now())
    draft, files, report = exhibit.draft, exhibit.files, exhibit.prove().report
    if draft.process in (STATISTICS, PAPER_TEMPLATES):
        raise NotFound(id)
    found = {file.file: file.findings for file in report.files}
    lines = [
        ScenarioLine(
            path.rpartition("/")[2].removesuffix(".json"), _parse(files[path]), found.get(path, [])
        )
        for path in sorted(files)
        if "/scenarios/" in path
    ]
    covered = coverage.of_files(files, report)
    return render_template(
        "policy/scenarios.html",
        draft=draft,
        lines=lines,
        covered=covered,
        scenario_name=scenario_name,
        marks=_marks(covered),
        may_change=draft.stage == "editing" and EDITOR in current_actor().roles,
    )


@blueprint.post("/drafts/<int:id>/scenarios/<stem>")
def change_scenario(id: int, stem: str) -> Response:
    """Rename a scenario, or delete it."""
    with reading() as db:
        draft = drafts.visible(db, current_actor(), id)
        files, revision = drafts.files_of(db, draft), draft.revision
    path = _path(draft, stem, files)
    content, words = _changed(files[path], request.form)
    with transaction() as db:
        drafts.save(db, current_actor(), id, revision, {path: content}, now=now())
    flash(words, "success")
    return redirect(url_for("policy.scenarios", id=id), 303)


def _changed(content: bytes, posted: Mapping[str, str]) -> tuple[bytes | None, str]:
    """Return the new content of a scenario's file, none for a deleted one, and what to say of
    it.
    """
    if posted.get("what") == "delete":
        return None, _("用例已删除，历次保存仍保留。")
    known, name = _parse(content), posted.get("name", "").strip()[:LONGEST_NAME]
    if known is None or not name:
        return content, _("名称未改动。")
    renamed = replace(
        known, name=Text(name, name if known.name.en == known.name.zh else known.name.en)
    )
    document = json.dumps(renamed.as_json(), ensure_ascii=False, indent=2)
    return f"{document}\n".encode(), _("用例已改名。")


def _path(draft: ProcessDraft, stem: str, files: Mapping[str, bytes]) -> str:
    path = f"processes/{draft.process}/scenarios/{stem}.json"
    if path not in files:
        raise NotFound(path)
    return path


def _parse(content: bytes) -> Scenario | None:
    try:
        return Scenario.read(json.loads(content))
    except (ValueError, BadScenario):
        return None


def _marks(covered: FlowCoverage) -> str:
    marks = {flow.id: {"state": "idle"} for flow in covered.untaken_flows}
    marks |= {key: {"state": "done"} for key in covered.taken_flows}
    return json.dumps(marks, ensure_ascii=False)
