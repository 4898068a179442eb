"""What a script in a page must not do alone asks again who sits there, and loses nothing."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from engine.models import AdminEvent, Case, Post, UserSession
from engine.records import attachments
from engine.storage.db import reading, transaction
from tests.conftest import ROOT
from tests.webapp.site import PASSWORD, Browser, Site, hidden, plain
from tests.webapp.test_admin import admin, appoint  # noqa: F401
from tests.webapp.test_sessions import kinds
from webapp.account import step_up

# The verbs of the domain that a view may offer only after a proof, by module and name.
VERBS = {
    "review.publish",
    "review.send_back",
    "review.use_again",
    "appointments.appoint",
    "appointments.depute",
    "appointments.decide",
    "appointments.reset_password",
    "org.create_user",
    "appointments.clear_factors",
    "account_access.end_session",
    "account_access.end_sessions",
    "dismissals.vacate",
    "dismissals.abolish",
    "dismissals.end_user",
    "dismissals.end_unit",
    "org.end_deputy",
    "confidential_units.name",
    "confidential_units.forget",
    "confidential_units.confirm",
    "absences.arrange",
    "unmask.unmask",
    "unmask.source_row",
    "unmask.open_document",
    "disclosures.ask_lift",
    "disclosures.ask_look",
    "disclosures.decide",
    "disclosures.review",
    "disclosures.release_file",
    "logins.issue_token",
    "second_factors.add_app",
    "second_factors.remove",
    "second_factors.fresh_codes",
    "passkeys.register",
}
# A program has no page: it proves who it is with every token, by password and second factor.
APART = {"webapp/api/tokens.py"}


def later(site: Site) -> None:
    site.world.now += step_up.FRESH


def unit_id(site: Site) -> int:
    with site.app.app_context(), reading() as db:
        return db.scalars(select(Post.unit_id).limit(1)).one()


def posts(site: Site) -> int:
    with site.app.app_context(), reading() as db:
        return db.scalar(select(func.count()).select_from(Post)) or 0


@pytest.fixture
def plain_admin(admin: Browser) -> Browser:  # noqa: F811
    """An administrator who is not asked on the way."""
    admin.proves = False
    return admin


def test_it_asks_again_after_ten_minutes_and_goes_on_with_what_was_sent(
    site: Site, plain_admin: Browser
) -> None:
    path, before = f"/admin/units/{unit_id(site)}/posts/new", posts(site)
    later(site)
    fields = {"role": "mediator", "user": ""}
    page = plain_admin.post(path, fields)
    assert page.status_code == 403 and "请再次确认身份" in plain(page)
    assert posts(site) == before

    word = hidden(page, "kept")
    wrong = plain_admin.post("/proof", {"password": "wrong", "kept": word})
    assert wrong.status_code == 401 and hidden(wrong, "kept") == word
    assert kinds(site)[-1] == "login.failed"
    page = plain_admin.post("/proof", {"password": PASSWORD, "kept": word})
    assert page.status_code == 200 and "data-resend" in page.text
    found = re.search(r'<form action="([^"]+)" method="post" data-resend>', page.text)
    assert found is not None and found[1] == path
    assert hidden(page, "role") == "mediator"

    assert plain_admin.post(path, fields).status_code == 303
    assert posts(site) == before + 1


def test_it_does_not_ask_within_ten_minutes(site: Site, plain_admin: Browser) -> None:
    path = f"/admin/units/{unit_id(site)}/posts/new"
    site.world.now += step_up.FRESH - timedelta(seconds=1)
    assert plain_admin.post(path, {"role": "mediator", "user": ""}).status_code == 303


def test_it_keeps_what_waits_for_its_owner_alone(site: Site, plain_admin: Browser) -> None:
    later(site)
    page = plain_admin.post(f"/admin/units/{unit_id(site)}/posts/new", {"role": "mediator"})
    word = hidden(page, "kept")
    worker = site.fresh("worker")
    answer = worker.post("/proof", {"password": PASSWORD, "kept": word})
    assert answer.status_code == 303


def test_it_asks_a_script_in_json(site: Site, plain_admin: Browser) -> None:
    later(site)
    token = plain_admin.token()
    with site.at_its_time():
        answer = plain_admin.client.post(
            f"/admin/units/{unit_id(site)}/posts/new",
            headers={"Accept": "application/json", "X-CSRFToken": token},
        )
    assert answer.status_code == 403 and answer.json["error"] == "proof"


def marked(site: Site) -> set[str]:
    return {name for name, view in site.app.view_functions.items() if hasattr(view, "proven")}


def test_it_asks_at_every_marked_address(site: Site, plain_admin: Browser) -> None:
    """Walks the URL map: nothing marked does anything for who proved nothing lately."""
    with site.app.app_context(), transaction() as db:
        db.execute(update(UserSession).values(proved_at=site.world.now - step_up.FRESH))
    count = count_events(site)
    walked = 0
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint not in marked(site) or "POST" not in (rule.methods or ()):
            continue
        _domain, path = rule.build(dict.fromkeys(rule.arguments, 1)) or ("", "")
        answer = plain_admin.post(path, {"reason": "x"})
        assert answer.status_code == 403 and "data-proof" in answer.text, path
        walked += 1
    assert walked >= 14 and count_events(site) == count


def count_events(site: Site) -> int:
    with site.app.app_context(), reading() as db:
        return db.scalar(select(func.count()).select_from(AdminEvent)) or 0


ASK_AGAIN = ("@step_up.with_fresh_proof", "@step_up.proven_where", "@step_up.proven_to_read")


def views_that_reach(path: Path) -> dict[str, set[str]]:
    """Views of a module by name -> the verbs that they, or what they call there, carry out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def verbs(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        found = set()
        for node in ast.walk(functions[name]):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.add(f"{node.value.id}.{node.attr}")
            if isinstance(node, ast.Name) and node.id in functions and node.id not in seen | {name}:
                found |= verbs(node.id, seen | {name})
        return found & VERBS

    return {
        name: verbs(name)
        for name, node in functions.items()
        if any("blueprint" in ast.unparse(one) for one in node.decorator_list)
    }


def test_it_marks_every_view_that_carries_out_such_a_verb() -> None:
    carried, bare = set(), []
    for path in sorted((ROOT / "webapp").rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        if where in APART or where.startswith("webapp/cli/"):
            continue
        source = path.read_text(encoding="utf-8")
        for view, verbs in views_that_reach(path).items():
            carried |= verbs
            head = source[: source.index(f"def {view}(")].rsplit("\n\n\n", 1)[-1]
            if verbs and not any(one in head for one in ASK_AGAIN):
                bare.append(f"{where}: {view} {sorted(verbs)}")
    assert bare == [] and carried == VERBS


def test_who_works_on_a_case_sees_its_people_without_being_asked(site: Site) -> None:
    """It is no unmasking, though each time is on record; for whoever only may, it is."""
    case_id = site.open(reporter_phone="13893600001")
    leader = site.browser("grid_leader")
    leader.proves = False
    later(site)
    fields = {"node": "report", "name": "reporter_phone"}
    assert leader.post(f"/cases/{case_id}/reveal", fields).status_code == 200

    dispatcher = site.browser("dispatcher")
    dispatcher.proves = False
    later(site)
    assert dispatcher.post(f"/cases/{case_id}/reveal", fields).status_code == 403
    dispatcher.proves = True
    assert dispatcher.post(f"/cases/{case_id}/reveal", fields).status_code == 200


def paper(site: Site, case_id: int, proof: dict[str, str]) -> int:
    """A file that the system made of a case."""

    def act(_world: object) -> int:
        with transaction() as db:
            case, mime = db.get_one(Case, case_id), "application/pdf"
            at = site.world.now
            return attachments.file_away(db, case, b"%PDF-1", "x.pdf", mime, proof, now=at).id

    return site.run(act)


def test_a_paper_that_names_people_opens_after_a_proof_alone(site: Site) -> None:
    """Also for who works on the case: it goes away with everything at once."""
    case_id = site.open()
    path = f"/attachments/{paper(site, case_id, {'document': 'volume'})}"
    leader = site.browser("grid_leader")
    assert leader.get(path).data == b"%PDF-1"
    later(site)
    for open_it in (leader.get, leader.client.head):
        with site.at_its_time():
            assert open_it(path).status_code == 403
    page = leader.get(path)
    asked = page.text.partition("data-proof")[2]
    assert f'name="next" value="{path}"' in asked
    assert len(site.run(lambda world: world.events(case_id, "document.opened"))) == 1

    answer = leader.post("/proof", {"password": PASSWORD, "next": path})
    assert answer.status_code == 303 and answer.location == path
    assert leader.get(path).data == b"%PDF-1"
    assert kinds(site).count("document.opened") == 2


def test_other_files_open_without_being_asked(site: Site) -> None:
    leader, case_id = site.browser("grid_leader"), site.open()
    later(site)
    assert leader.get(f"/attachments/{paper(site, case_id, {})}").status_code == 200
