"""The matrix of rights, tried: every role and verb, from the own unit, from above, from beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from engine import org
from engine.casework import demands
from engine.definitions import versions
from engine.models import Case, IncidentRow, Post, Unit, new_id
from engine.roles import ROLES
from engine.roles.rights import BELOW, BESIDE, OWN, RIGHTS, matrix_verbs, places_of
from engine.storage.db import transaction
from tests.engine.casework.world import ROOT
from tests.webapp.policy_desk import as_json, version_of
from tests.webapp.site import PASSWORD, Browser, Site
from tools.rights_table import PAGE, with_table
from webapp import passwords

# Told in docs/security.md with what they are about: a reporter, and the administration's chain.
ELSEWHERE = frozenset({"unmask", "unmask_reporter", "keep_reporter", "documents", "audit", "seal"})

# Where somebody sits, seen from the village that has the task.
SEATS = {OWN: "V1", BELOW: "620725", BESIDE: "T2"}
NO_SEAT = "您的岗位无此操作权限"


@dataclass
class Subjects:
    """What the requests are about: a case in a village, with all that may happen to it."""

    case: int
    task: int
    demand: int
    incident: int
    village: int
    grid_leader: int
    version: int
    draft: int


def seat(site: Site) -> None:
    """Somebody for every role in each of the three places."""
    hashed = passwords.hashed(PASSWORD)

    def act(_world: object) -> None:
        with transaction() as db:
            tables = versions.read_directory(ROOT)[versions.STATISTICS]
            versions.publish(db, versions.STATISTICS, tables, now=site.world.now)
            for place, code in SEATS.items():
                unit = db.scalars(select(Unit).where(Unit.code == code)).one()
                for role in ROLES:
                    login = f"{role.replace('_', '-')}-{place}"
                    user = org.create_user(
                        db, None, login=login, name=login, password_hash=hashed,
                        must_change=False, now=site.world.now,
                    )  # fmt: skip
                    org.create_post(db, None, unit=unit, role=role, user=user, now=site.world.now)

    site.run(act)


def subjects(site: Site) -> Subjects:
    """A ticket in the village: its open task, a notice to the village, an incident."""
    case_id = site.open()
    task = site.run(lambda world: world.task(case_id))

    def act(_world: object) -> tuple[int, int, int, int]:
        with transaction() as db:
            case = db.get_one(Case, case_id)
            village = db.scalars(select(Unit).where(Unit.code == "V1")).one()
            leader = db.scalars(
                select(Post.id).where(
                    Post.unit_id == village.id, Post.user_id == site.world.logins["grid_leader"]
                )
            ).one()
            actor = site.world.actor(db, "town_leader")
            demand = demands.issue(
                db, actor, case_id, demands.NOTICE,
                unit_id=village.id, words="请说明。", now=site.world.now, task_id=task.id,
            )  # fmt: skip
            incident = IncidentRow(
                id=new_id(), county_id=case.county_id, case_id=case.id, element="accept",
                verb="complete", reason_zh="出错", reason_en="failed", at=site.world.now,
            )  # fmt: skip
            db.add(incident)
            return demand.id, incident.id, village.id, leader

    demand_id, incident_id, village_id, leader_id = site.run(act)
    version = version_of(site)
    drawn = site.browser("policy-editor-own").post(f"/policy/versions/{version}/draft")
    draft = int(drawn.headers["Location"].rstrip("/").split("/")[-1])
    return Subjects(case_id, task.id, demand_id, incident_id, village_id, leader_id, version, draft)


def _shown(path: Callable[[Subjects], str]) -> Callable[[Browser, Subjects], bool]:
    """Whether a page opens, and does not say that the post is lacking."""

    def probe(browser: Browser, found: Subjects) -> bool:
        page = browser.get(path(found))
        assert page.status_code in (200, 303, 403, 404), page.status_code
        return page.status_code == 200 and NO_SEAT not in page.text

    return probe


def _sent(path: Callable[[Subjects], str], **data: str) -> Callable[[Browser, Subjects], bool]:
    """Whether a form is heard: refused for what is in it, and not for who sends it."""

    def probe(browser: Browser, found: Subjects) -> bool:
        status = browser.post(path(found), data).status_code
        assert status in (303, 403, 404, 409, 422), status
        return status not in (403, 404)

    return probe


def _drawn(browser: Browser, found: Subjects) -> bool:
    """Whether somebody may save into a draft; nothing changes in it."""
    path = f"/policy/drafts/{found.draft}/files"
    answer = as_json(browser, "PUT", path, {"revision": 1, "files": {}})
    return answer.status_code not in (403, 404)


def _figures(browser: Browser, found: Subjects) -> bool:
    return browser.get(f"/reports?unit={found.village}").status_code == 200


def _return(found: Subjects, act: str) -> str:
    return f"/returns/ticket_ledger/{found.village}/2026-11/{act}"


def _move(verb: str, of: str = "task") -> Callable[[Browser, Subjects], bool]:
    return _sent(lambda found: f"/{of}s/{getattr(found, of)}/moves/{verb}")


def _screening(browser: Browser, found: Subjects) -> bool:
    page = browser.get("/screenings/new")
    return page.status_code == 200 and f'value="{found.village}"' in page.text


PROBES: dict[str, Callable[[Browser, Subjects], bool]] = {
    "see": _shown(lambda found: f"/cases/{found.case}"),
    "answer": _sent(lambda found: f"/demands/{found.demand}/answer", words=""),
    "urge": _move("urge"),
    "assign": _move("assign"),
    "decide": _move("decide"),
    "decide_pause": _move("decide_pause"),
    "supervise": _move("supervise"),
    "call": _move("call", "case"),
    "reclassify": _move("reclassify", "case"),
    "merge": _move("merge", "case"),
    "reopen": _move("reopen", "case"),
    "arrange": _shown(lambda found: f"/profile/away/posts/{found.grid_leader}"),
    "emergency": _shown(lambda found: f"/supervision/emergencies/{found.village}/off"),
    "figures": _figures,
    "fill_return": _sent(lambda found: _return(found, "fill")),
    "sign_return": _sent(lambda found: _return(found, "sign"), seen=""),
    "screen": _screening,
    "retry": _shown(lambda found: f"/incidents/{found.incident}"),
    "repair": _sent(lambda found: f"/incidents/{found.incident}/variable", reason=""),
    "edit": _drawn,
    "publish": _sent(lambda found: f"/policy/drafts/{found.draft}/publish", where="all"),
    "administer": _shown(lambda found: f"/admin/units/{found.village}"),
}


def test_the_page_is_as_the_rules_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_table(text) == text


def test_no_verb_is_left_out() -> None:
    verbs = {verb for role in ROLES.values() for verb in role.verbs}
    assert verbs <= matrix_verbs() | ELSEWHERE
    assert set(PROBES) == matrix_verbs() - {"confirm"}


@pytest.fixture
def village(site: Site) -> tuple[Site, Subjects]:
    """The county with somebody of every role in each place, and what they try."""
    seat(site)
    return site, subjects(site)


@pytest.mark.parametrize("place", [OWN, BELOW, BESIDE])
def test_every_role_may_exactly_what_the_matrix_says(
    village: tuple[Site, Subjects], place: str
) -> None:
    site, found = village
    wrong = []
    for key, role in ROLES.items():
        browser = site.browser(f"{key.replace('_', '-')}-{place}")
        for right in RIGHTS:
            probe = PROBES.get(right.verb)
            if probe is None:
                continue
            wanted = place in places_of(role, right)
            if probe(browser, found) != wanted:
                wrong.append(f"{key} {right.verb} {place}: {'not' if wanted else 'may'}")
    assert "; ".join(wrong) == ""
