"""Tables of statistics at the policy desk: changed in rows, checked, published by another."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from openpyxl import Workbook

from engine.definitions import versions
from engine.definitions.statistic_files import tables
from engine.drafting import drafts
from engine.insight.statistics import definitions
from engine.models import ProcessDraft
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ROOT
from tests.webapp.policy_desk import draft, shown, staff
from tests.webapp.site import Site, plain

INPUT = re.compile(r'<input class="form-control" name="([^"]+)" value="([^"]*)"')
AREA = re.compile(r'<textarea class="form-control" name="([^"]+)"[^>]*>([^<]*)</textarea>')
SELECT = re.compile(r'<select class="form-select" name="([^"]+)".*?</select>', re.DOTALL)
CHOSEN = re.compile(r'<option value="([^"]*)" selected')


@pytest.fixture
def desk(site: Site) -> int:
    """A draft of the tables, begun by an editor."""
    staff(site)

    def act(world: Any) -> None:
        with transaction() as db:
            files = versions.read_directory(ROOT)[versions.STATISTICS]
            versions.publish(db, versions.STATISTICS, files, now=world.now)

    site.run(act)
    return draft(site, process=versions.STATISTICS)


def typed(page: str) -> dict[str, str]:
    """What the form of a table would send unchanged."""
    found = dict(INPUT.findall(page)) | dict(AREA.findall(page))
    for part in SELECT.finditer(page):
        chosen = CHOSEN.search(part[0])
        found[part[1]] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', part[0])[0]
    return {name: html.unescape(value) for name, value in found.items()}


def test_a_column_is_added_checked_and_published_by_a_second_person(site: Site, desk: int) -> None:
    editor = site.browser("editor")
    assert editor.get(f"/policy/drafts/{desk}").headers["Location"].endswith("/tables")
    assert "人民调解案件情况统计表" in plain(editor.get(f"/policy/drafts/{desk}/tables"))
    path = f"/policy/drafts/{desk}/tables/mediation_staff"
    page = editor.get(path)
    told = typed(page.text) | {"revision": "1"}
    number = sum(name.startswith("columns-") and name.endswith("-key") for name in told) - 2
    row = f"columns-{number}-"
    told |= {f"{row}key": "rooms", f"{row}name-zh": "调解室（间）", f"{row}what": "sum"}
    told |= {f"{row}value": "1 +", f"{row}name-en": "Rooms"}

    # A slip is kept, and told until it is mended.
    assert editor.post(path, told).status_code == 303
    assert f"columns {number + 1}" in plain(editor.get(path))
    refused = editor.post(f"/policy/drafts/{desk}/submit", {"reason": "加一列"})
    assert refused.status_code == 409
    told |= {"revision": "2", f"{row}what": "entered", f"{row}value": ""}
    assert editor.post(path, told).status_code == 303
    assert editor.post(path, told | {"revision": "1", "name-en": "Older"}).status_code == 409
    assert editor.post(f"/policy/drafts/{desk}/submit", {"reason": "加一列"}).status_code == 303
    publisher = site.browser("publisher")
    published = publisher.post(f"/policy/drafts/{desk}/publish", shown(site, desk))
    assert published.status_code == 303, plain(published)
    with site.app.app_context(), reading() as db:
        now = definitions.in_force(db, site.world.now).table("mediation_staff")
    shipped = tables(versions.read_directory(ROOT)[versions.STATISTICS])["mediation_staff"]
    assert [one.key for one in now.columns] == [*(one.key for one in shipped.columns), "rooms"]


def test_what_is_saved_unchanged_is_the_same_table(site: Site, desk: int) -> None:
    """Every shipped table survives its page."""
    editor = site.browser("editor")
    shipped = tables(versions.read_directory(ROOT)[versions.STATISTICS])
    for key in shipped:
        path = f"/policy/drafts/{desk}/tables/{key}"
        page = editor.get(path).text
        revision = re.search(r'name="revision" value="(\d+)"', page)
        assert revision is not None
        told = typed(page) | {"revision": revision[1]}
        assert editor.post(path, told).status_code == 303, key
    with site.app.app_context(), reading() as db:
        kept = drafts.files_of(db, db.get_one(ProcessDraft, desk))
    assert tables(kept) == shipped


def test_a_template_is_a_workbook_and_there_is_no_trial(site: Site, desk: int) -> None:
    editor, path = site.browser("editor"), f"/policy/drafts/{desk}/tables/mediation_cases"
    file = io.BytesIO()
    Workbook().save(file)
    editor.post(f"{path}/template", {"template": (io.BytesIO(b"PK nonsense"), "a.xlsx")})
    assert editor.get(f"{path}.xlsx").status_code == 404
    sent = {"template": (io.BytesIO(file.getvalue()), "a.xlsx")}
    assert editor.post(f"{path}/template", sent).status_code == 303
    assert editor.get(f"{path}.xlsx").data == file.getvalue()
    editor.post(f"{path}/template")
    assert editor.get(f"{path}.xlsx").status_code == 404

    for page in ("trial", "scenarios"):
        assert editor.get(f"/policy/drafts/{desk}/{page}").status_code == 404
    assert editor.get(f"/policy/drafts/{desk}/review").status_code == 200
    assert site.browser("handler").get(path).status_code == 404


def test_a_new_table_begins_with_one_column(site: Site, desk: int) -> None:
    editor, path = site.browser("editor"), f"/policy/drafts/{desk}/tables"
    for key in ("Bad", "mediation_cases"):
        editor.post(path, {"key": key})
        assert editor.get(f"{path}/Bad").status_code == 404
    assert editor.post(path, {"key": "own_table"}).headers["Location"].endswith("/own_table")
    assert "检查通过" in plain(editor.get(path))
