"""Definitions on disk and in the database stay one story, whoever changes which of them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions import export, rollouts, versions
from engine.definitions.versions import ReleaseTerms
from engine.drafting import drafts, review
from engine.drafting.review import PublicationDecision
from engine.models import Case, Unit, Version
from engine.storage.db import reading, transaction
from tests.conftest import ROOT
from tests.engine.casework.world import ACCEPT
from tests.forks import Forks
from tests.webapp.policy_desk import staff
from tests.webapp.site import Site
from tests.webapp.test_cli import Shell
from webapp.cli.deployment import DeployResult, publish_under

DIAGRAM = "processes/ticket/ticket.bpmn"
PREFIX = re.compile(rb'numberPrefix="[^"]*"')


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    staff(site)


@pytest.fixture
def shell(site: Site, tmp_path: Path, forks: Forks) -> Shell:
    """The program on the county's database."""
    return Shell(site.url, tmp_path, forks)


@pytest.fixture
def folder(site: Site, tmp_path: Path) -> Path:
    """What the database holds, exported."""
    return exported(site, tmp_path / "out")


def exported(site: Site, folder: Path, *, overwrite: bool = False) -> Path:
    """Export as the command does, without a process of its own."""
    with site.app.app_context(), reading(snapshot=True) as db:
        export.export(db, folder, overwrite=overwrite)
    return folder


def deployed(site: Site, folder: Path, **options: bool) -> DeployResult:
    """Deploy as the command does, without its check and a process of its own."""
    with site.app.app_context():
        return publish_under(folder, datetime.now(UTC), **options)


def marked(files: Mapping[str, bytes], mark: str) -> dict[str, bytes]:
    """The same with another beginning of the cases' numbers, which no scenario looks at."""
    changed, count = PREFIX.subn(f'numberPrefix="{mark}"'.encode(), files[DIAGRAM])
    assert count == 1
    return {**files, DIAGRAM: changed}


def published(site: Site, mark: str, **terms: Any) -> int:
    """Publish the shipped ticket with a mark, as two people in the browser do."""
    people = {
        "author_id": site.world.logins["editor"],
        "publisher_id": site.world.logins["publisher"],
    }
    files = marked(versions.read_directory(ROOT)["ticket"], mark)
    with site.app.app_context(), transaction() as db:
        given = ReleaseTerms(origin="browser", **people, **terms)
        return versions.publish(db, "ticket", files, now=site.world.now, terms=given).number


def edited(folder: Path, mark: str) -> None:
    """Change the diagram in a folder."""
    (folder / DIAGRAM).write_bytes(marked(files_under(folder), mark)[DIAGRAM])


def in_force(site: Site) -> str:
    """The mark of the version that a case opened tomorrow would follow."""
    later = datetime.now(UTC) + timedelta(days=1)
    with site.app.app_context(), reading() as db:
        return versions.current(db, "ticket", later).definition.process.number_prefix


def first_version(db: Session) -> Version:
    query = select(Version).where(Version.process == "ticket", Version.number == 1)
    return db.scalars(query).one()


def files_under(folder: Path) -> dict[str, bytes]:
    found = versions.read_directory(folder)
    return {path: data for files in found.values() for path, data in files.items()}


def test_it_goes_round_byte_for_byte(site: Site, shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert shell.json("export", folder)["exported"] == {"ticket": 1, "escalation": 1}
    with site.app.app_context(), reading() as db:
        kept = {}
        for process in ("ticket", "escalation"):
            version = versions.latest(db, process)
            assert version is not None
            kept |= versions.files_of(db, version.id)
    assert files_under(folder) == kept
    assert shell.json("deploy", folder) == {"published": [], "refused": []}
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    exported(site, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_it_deploys_what_was_changed_on_disk_over_what_it_was_exported_from(
    site: Site, tmp_path: Path
) -> None:
    """Also where that was made in the browser: nothing of it is lost."""
    published(site, "丁")
    folder = exported(site, tmp_path / "out")
    for mark in ("戊", "己"):
        edited(folder, mark)
        outcome = deployed(site, folder)
        assert (outcome.versions, outcome.refused_deployments) == (["ticket"], [])
        assert in_force(site) == mark
    with site.app.app_context(), reading() as db:
        last = versions.latest(db, "ticket")
        assert last is not None and last.number == 4
        assert versions.files_of(db, last.id)[DIAGRAM] == (folder / DIAGRAM).read_bytes()


def test_it_refuses_what_the_editor_refuses_here(site: Site, shell: Shell, folder: Path) -> None:
    """One check: a unit that this county does not have stops a deployment, too."""
    strange = (
        (folder / DIAGRAM)
        .read_text(encoding="utf-8")
        .replace('form="ticket/accept"', 'form="ticket/accept" unit=\'"没有的局"\'')
    )
    (folder / DIAGRAM).write_text(strange, encoding="utf-8")
    code, out, _err = shell("deploy", folder)
    assert code == 1 and "没有的局" in out


def test_it_refuses_to_overwrite_the_browser_and_shows_the_difference(
    site: Site, shell: Shell, folder: Path
) -> None:
    edited(folder, "己")
    published(site, "丁")
    document = shell.json("deploy", folder, code=1)
    assert document["published"] == []
    (refused,) = document["refused"]
    assert (refused["process"], refused["version"]) == ("ticket", 2)
    (change,) = refused["changes"]
    assert "丁" in change["zh_CN"] and "己" in change["zh_CN"]
    assert in_force(site) == "丁"

    told = "\n".join(deployed(site, folder).lines())
    assert "第 2 版" in told and change["en"] in told


def test_it_refuses_what_a_later_deployment_hides(site: Site, folder: Path) -> None:
    """The newest version came from disk, but the files here are older than the browser's."""
    published(site, "丁")
    other = exported(site, folder.parent / "other")
    edited(other, "戊")
    assert deployed(site, other).versions == ["ticket"]

    edited(folder, "己")
    assert deployed(site, folder).versions == []
    assert in_force(site) == "戊"


def test_it_refuses_to_undo_a_trial_in_one_township(site: Site, folder: Path) -> None:
    with site.app.app_context(), reading() as db:
        town = db.scalars(select(Unit.id).where(Unit.code == "T1")).one()
    published(site, "丁", units=[town])
    for place in (folder, exported(site, folder.parent / "again")):
        edited(place, "己")
        (refused,) = deployed(site, place).refused_deployments
        assert refused.number == 2


def test_it_refuses_to_undo_a_way_back(site: Site, folder: Path) -> None:
    """Using an older version again is a decision of the browser, too."""
    edited(folder, "己")
    assert deployed(site, folder).versions == ["ticket"]
    # The files were deployed at the real time, long after the county's.
    decision = PublicationDecision(from_at=datetime.now(UTC) + timedelta(days=1))
    with site.app.app_context(), transaction() as db:
        publisher, first = site.world.actor(db, "publisher"), first_version(db)
        review.use_again(db, publisher, first.id, decision, "不合适", now=site.world.now)
    edited(folder, "庚")
    assert deployed(site, folder).versions == []


def test_it_leaves_what_is_decided_for_a_later_day(site: Site, tmp_path: Path) -> None:
    """What builds on a version of a later day begins on that day."""
    later = datetime.now(UTC) + timedelta(days=300)
    published(site, "丁", from_at=later)
    folder = exported(site, tmp_path / "out")
    edited(folder, "戊")
    assert deployed(site, folder).versions == ["ticket"]
    assert in_force(site) == "网"
    with site.app.app_context(), reading() as db:
        last = rollouts.last_for_all(db, "ticket")
        assert last is not None and last.from_at == later and last.decided_by is None


def test_it_never_loses_browser_changes_by_setting_up_again(site: Site, shell: Shell) -> None:
    """``init`` runs at every start; it finds the shipped files published long ago."""
    published(site, "丁")
    document = shell.json("init")
    assert "ticket" not in document["published"] and document["kept"] == []
    assert in_force(site) == "丁"


def older_release(site: Site) -> None:
    """As if another release had shipped the first version: its digest is what tells."""
    files = marked(versions.read_directory(ROOT)["ticket"], "甲")
    with site.app.app_context(), transaction() as db:
        first_version(db).digest = versions.digest_of(files)


def test_a_newer_release_keeps_browser_changes_and_says_so(site: Site, shell: Shell) -> None:
    older_release(site)
    published(site, "丁")
    (kept,) = shell.json("init")["kept"]
    assert (kept["process"], kept["version"]) == ("ticket", 2) and kept["changes"]
    assert in_force(site) == "丁"


def test_what_a_newer_release_brings_becomes_a_draft_that_two_people_decide(site: Site) -> None:
    """Proposed once, whatever becomes of it."""
    older_release(site)
    published(site, "丁")
    shipped = versions.read_directory(ROOT)["ticket"]
    with site.app.app_context(), transaction() as db:
        # Anybody may give a draft of theirs the title.
        title = f"新版流程定义 {versions.digest_of(shipped)[:12]}"
        drafts.begin(
            db, site.world.actor(db, "editor"), "ticket", title, shipped, now=site.world.now
        )
    (draft_id,) = deployed(site, ROOT, again=False).drafts.values()
    with site.app.app_context(), transaction() as db:
        editor = site.world.actor(db, "editor")
        draft = drafts.visible(db, editor, draft_id)
        assert (draft.stage, draft.author_id) == ("editing", editor.user_id)
        assert drafts.files_of(db, draft) == versions.read_directory(ROOT)["ticket"]
        drafts.discard(db, editor, draft_id, now=site.world.now)
    assert deployed(site, ROOT, again=False).drafts == {}
    assert in_force(site) == "丁"


def test_running_cases_finish_on_the_version_that_they_began_with(site: Site) -> None:
    older_release(site)
    with site.app.app_context():
        case_id = site.world.open()
    assert "ticket" in deployed(site, ROOT, again=False).versions
    with site.app.app_context():
        site.world.complete("grid_leader", case_id, ACCEPT)
        with reading() as db:
            assert db.get_one(Case, case_id).version_id == first_version(db).id


def test_a_newer_release_replaces_an_older_one(site: Site) -> None:
    older_release(site)
    outcome = deployed(site, ROOT, again=False)
    assert "ticket" in outcome.versions and outcome.refused_deployments == []


def test_it_does_not_export_over_changes_that_were_never_deployed(
    site: Site, shell: Shell, folder: Path
) -> None:
    edited(folder, "己")
    changed = (folder / DIAGRAM).read_bytes()
    code, _out, err = shell("export", folder)
    assert code == 1 and "ticket" in err and "Traceback" not in err
    assert (folder / DIAGRAM).read_bytes() == changed

    exported(site, folder, overwrite=True)
    assert (folder / DIAGRAM).read_bytes() == (ROOT / DIAGRAM).read_bytes()


def test_it_takes_away_what_the_version_no_longer_has(site: Site, folder: Path) -> None:
    gone = "processes/ticket/scenarios/whistled.json"
    (folder / gone).unlink()
    assert deployed(site, folder).versions == ["ticket"]
    other = folder.parent / "other"
    for part in ("processes/ticket", "forms/ticket"):
        shutil.copytree(ROOT / part, other / part)
    assert (other / gone).exists()
    assert files_under(exported(site, other)) == files_under(folder)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"ticket": 1}', '{"ticket": {"decision": "9999999999999999999999"}}']
)
def test_a_broken_manifest_counts_as_none(site: Site, tmp_path: Path, text: str) -> None:
    """Then every decision of the browser is newer than the files."""
    published(site, "丁")
    folder = exported(site, tmp_path / "out")
    edited(folder, "戊")
    (folder / "versions.json").write_text(text)
    assert deployed(site, folder).versions == []


def test_it_says_in_a_line_where_it_cannot_write(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _out, err = shell("export", tmp_path / "file" / "out")
    assert code == 1 and "Traceback" not in err and "cannot be written" in err


def test_the_manifest_names_what_was_written(folder: Path) -> None:
    noted = json.loads((folder / "versions.json").read_text())
    own = {path: data for path, data in files_under(folder).items() if "/ticket/" in path}
    assert noted["ticket"]["number"] == 1
    assert noted["ticket"]["digest"] == versions.digest_of(own)
