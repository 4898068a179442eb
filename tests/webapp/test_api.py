"""The HTTP interface: tokens, lists, one case, completing a task; and whatever a fuzzer sends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from engine.access import sessions
from engine.storage.db import transaction
from tests.engine.casework.world import ACCEPT, HANDLE
from tests.webapp.site import PASSWORD, Site
from tests.webapp.test_case_page import at_handling
from tests.webapp.test_presence import reclassify

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


def token(site: Site, login: str = "grid_leader") -> dict[str, str]:
    """The header of somebody's token."""
    with site.at_its_time():
        answer = site.app.test_client().post(
            "/api/v1/token", json={"login": login, "password": PASSWORD}
        )
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json['token']}"}


def call(site: Site, method: str, path: str, **options: Any) -> Any:
    with site.at_its_time():
        return site.app.test_client().open(path, method=method, **options)


def test_it_lists_opens_and_completes(site: Site) -> None:
    case_id = site.open(summary="路灯不亮")
    headers = token(site)
    queue = call(site, "GET", "/api/v1/tasks?queue=to_sign", headers=headers).json
    assert [row["title"] for row in queue["items"]] == ["路灯不亮"]
    task_id = queue["items"][0]["task_id"]
    assert queue["items"][0]["case_id"] == str(case_id)

    path = f"/api/v1/tasks/{task_id}/completion"
    missing = call(site, "POST", path, headers=headers, json={"answers": {}})
    assert missing.status_code == 422 and "check_note" in missing.json["errors"]
    done = call(site, "POST", path, headers=headers, json={"answers": ACCEPT})
    assert done.status_code == 200, done.text
    assert [step["name"] for step in done.json["steps"]] == ["分流派单"]
    again = call(site, "POST", path, headers=headers, json={"answers": ACCEPT})
    assert again.status_code == 409 and "员工grid_leader" in again.json["message"]

    found = call(site, "GET", "/api/v1/cases?q=路灯", headers=headers).json
    assert [row["case_id"] for row in found["items"]] == [str(case_id)]
    assert call(site, "GET", f"/api/v1/cases/{case_id}", headers=headers).json["version"] == 1


def test_it_refuses_answers_to_a_case_that_others_have_changed(site: Site) -> None:
    """Only with what the client had seen of the case; whoever looks again may complete it."""
    case_id, task_id = at_handling(site)
    handler = token(site, "handler")
    path, case = f"/api/v1/tasks/{task_id}/completion", f"/api/v1/cases/{case_id}"
    seen = call(site, "GET", case, headers=handler).json["seen"]
    reclassify(site, case_id)

    photo = site.run(lambda world: world.photo("handler"))
    answers = {**HANDLE, "handle_photos": [photo]}
    sent = {"answers": answers, "seen": seen}
    stale = call(site, "POST", path, headers=handler, json=sent)
    assert stale.status_code == 409 and "此事项有变化" in stale.json["message"]
    again = call(site, "GET", case, headers=handler).json["seen"]
    assert again > seen
    done = call(site, "POST", path, headers=handler, json={**sent, "seen": again})
    assert done.status_code == 200 and done.json["seen"] > again


def test_it_shows_what_the_same_policy_shows(site: Site) -> None:
    case_id = site.open()
    task_id = site.run(lambda world: world.task(case_id).id)
    sibling = token(site, "sibling")
    assert call(site, "GET", "/api/v1/cases", headers=sibling).json["items"] == []
    for method, path in (
        ("GET", f"/api/v1/cases/{case_id}"),
        ("POST", f"/api/v1/tasks/{task_id}/completion"),
    ):
        options = {"json": {"answers": ACCEPT}} if method == "POST" else {}
        answer = call(site, method, path, headers=sibling, **options)
        assert answer.status_code == 404, path
    worker = token(site, "worker")
    path = f"/api/v1/tasks/{task_id}/completion"
    assert call(site, "POST", path, headers=worker, json={"answers": ACCEPT}).status_code == 403


NO_TOKENS = ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"})


@pytest.mark.parametrize("header", NO_TOKENS)
def test_it_answers_nobody_without_a_token(site: Site, header: dict[str, str]) -> None:
    for method, path in (("GET", "/api/v1/cases"), ("POST", "/api/v1/tasks/1/completion")):
        answer = call(site, method, path, headers=header)
        assert answer.status_code == 401 and answer.json["error"], path


def test_it_refuses_a_token_that_has_ended_or_was_revoked(site: Site) -> None:
    headers = token(site)
    site.world.now += timedelta(days=29)
    assert call(site, "GET", "/api/v1/cases", headers=headers).status_code == 200
    site.world.now += timedelta(days=2)
    assert call(site, "GET", "/api/v1/cases", headers=headers).status_code == 401

    fresh = token(site)
    with site.app.app_context(), transaction() as db:
        sessions.end_all(db, site.world.logins["grid_leader"])
    assert call(site, "GET", "/api/v1/cases", headers=fresh).status_code == 401


def test_it_throttles_guesses_at_tokens(site: Site) -> None:
    wrong = {"login": "grid_leader", "password": "x"}
    statuses = [call(site, "POST", "/api/v1/token", json=wrong).status_code for _ in range(6)]
    assert statuses == [401] * 3 + [429] * 3


def test_it_asks_a_session_for_its_form_token(site: Site) -> None:
    """A cookie alone could be sent by another site's page."""
    case_id = site.open()
    task_id = site.run(lambda world: world.task(case_id).id)
    leader = site.browser("grid_leader")
    assert leader.get("/api/v1/cases").status_code == 200
    path = f"/api/v1/tasks/{task_id}/completion"
    with site.at_its_time():
        bare = leader.client.post(path, json={"answers": ACCEPT})
    assert bare.status_code in (400, 401)
    assert site.run(lambda world: world.open_nodes(case_id)) == ["accept"]

    headers = {"X-CSRFToken": leader.token(), "Sec-Fetch-Site": "same-origin"}
    with site.at_its_time():
        sent = leader.client.post(path, json={"answers": ACCEPT}, headers=headers)
    assert sent.status_code == 200


def test_it_pages_by_cursor(site: Site) -> None:
    for number in range(5):
        site.open(summary=f"事件{number}")
    headers = token(site)
    for path in ("/api/v1/cases", "/api/v1/tasks?queue=to_sign"):
        joint = "&" if "?" in path else "?"
        seen, after = [], ""
        while True:
            page = call(site, "GET", f"{path}{joint}size=2{after}", headers=headers).json
            seen += [row["case_id"] for row in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert len(seen) == len(set(seen)) == 5


def test_it_withstands_a_fuzzer(site: Site) -> None:
    case_id = site.open()
    headers = token(site)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", site.app)
    assert set(schema) >= {"/api/v1/cases", "/api/v1/tasks/{task_id}/completion"}

    for operation in schema.get_all_operations():
        fuzz(site, operation.ok().as_strategy(), headers)
    assert site.run(lambda world: world.open_nodes(case_id)) == ["accept"]


def fuzz(site: Site, strategy: Any, headers: dict[str, str]) -> None:
    """Send what the document allows, and what it does not; hold the answers against it."""

    @given(case=strategy)
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def attempt(case: Any) -> None:
        with site.at_its_time():
            case.call_and_validate(headers=headers, checks=CHECKS)

    attempt()
