"""Two people of the policy desk, and what their browsers send."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from engine import org
from engine.definitions import versions
from engine.drafting import drafts
from engine.models import ProcessDraft, Unit, User, Version
from engine.storage.db import reading, transaction
from tests.webapp.site import PASSWORD, Browser, Site
from webapp import passwords

PEOPLE = (
    ("editor", "policy_editor"),
    ("second_editor", "policy_editor"),
    ("publisher", "policy_publisher"),
)


def staff(site: Site) -> None:
    """Seat an editor, a colleague of theirs and a publisher in the county, if they are not."""
    hashed = passwords.hashed(PASSWORD)
    with site.app.app_context(), transaction() as db:
        county = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        for login, role in PEOPLE:
            if login in site.world.logins:
                continue
            user = org.create_user(
                db, None, login=login, name=f"员工{login}", password_hash=hashed, now=site.world.now
            )
            user.must_change = False
            org.create_post(db, None, unit=county, role=role, user=user, now=site.world.now)
            site.world.logins[login] = user.id


def as_json(
    browser: Browser, method: str, path: str, body: Any = None, token: str | None = None
) -> TestResponse:
    """What the editor's script sends: JSON with the token of its page."""
    headers = {
        "X-CSRFToken": browser.token() if token is None else token,
        "Accept": "application/json",
        "Sec-Fetch-Site": "same-origin",
    }
    with browser.site.at_its_time():
        return browser.client.open(path, method=method, headers=headers, json=body)


def version_of(site: Site, process: str = "ticket") -> int:
    """The id of the newest version of a process."""
    with site.app.app_context(), reading() as db:
        query = select(Version.id).where(Version.process == process).order_by(Version.number.desc())
        return db.scalars(query.limit(1)).one()


def draft(site: Site, login: str = "editor", process: str = "ticket") -> int:
    """Begin a draft from the version in force; returns its id."""
    answer = site.browser(login).post(f"/policy/versions/{version_of(site, process)}/draft")
    assert answer.status_code == 303, answer.text
    return int(answer.headers["Location"].rstrip("/").split("/")[-1])


def files(site: Site, draft_id: int, login: str = "editor") -> dict[str, Any]:
    """The document that the editor loads."""
    answer = site.browser(login).get(f"/policy/drafts/{draft_id}/files")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def save(
    site: Site, draft_id: int, revision: int, changed: dict[str, str | None], login: str = "editor"
) -> TestResponse:
    """Save files over a revision."""
    body = {"revision": revision, "files": changed}
    return as_json(site.browser(login), "PUT", f"/policy/drafts/{draft_id}/files", body)


def shown(site: Site, draft_id: int) -> dict[str, Any]:
    """What the button on the review page sends of what the page shows."""
    with site.app.app_context(), reading() as db:
        draft = db.get_one(ProcessDraft, draft_id)
        latest = versions.latest(db, draft.process)
        found = {
            "digest": versions.digest_of(drafts.files_of(db, draft)),
            "revision": draft.revision,
        }
    return found if latest is None else {**found, "compared": latest.id}


def user_id(site: Site, login: str) -> int:
    with site.app.app_context(), reading() as db:
        return db.scalars(select(User.id).where(User.login == login)).one()
