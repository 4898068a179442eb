"""Who may not see a case gets 404 at every address that names it, its tasks or its files."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from engine import org
from engine.documents.papers import writing
from engine.models import Attachment, Case, Post
from engine.storage.db import reading, transaction
from tests.engine.casework.test_demands import issue
from tests.engine.casework.world import ACCEPT
from tests.webapp.site import Browser, Site
from tests.webapp.test_people_page import dispute
from webapp.desk.lists import QUEUE_NAMES

NAMES = {"case_id", "task_id", "attachment_id", "demand_id"}
# What a ticket has none of; a dispute's mediator has.
OF_DISPUTES = ("/papers", "/people")
WATCHED = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Address:
    """One method of one address of the case."""

    method: str
    path: str


@pytest.fixture
def ticket(site: Site) -> dict[str, int | str]:
    """A ticket with a photo that waits for the grid leader of its village."""

    def walk(world):  # type: ignore[no-untyped-def]
        case_id = world.open(photos=[world.photo()])
        with reading() as db:
            photo = db.scalars(select(Attachment.id)).one()
        return {
            "case_id": case_id,
            "task_id": world.task(case_id).id,
            "attachment_id": photo,
            "demand_id": issue(world, case_id),
            "disclosure_id": 1,
            "message_id": 1,
            "verdict": "agree",
            "kind": "application",
            "unit_id": world.task(case_id).unit_id,
        }

    # A fact of the case in a return of the unit that has it.
    a_return = {"key": "ticket_ledger", "period": "2026-10", "fact": "settled"}
    return {**site.run(walk), **a_return, "message": "withdraw", "move": "urge"}


@pytest.fixture
def drafted(site: Site) -> dict[str, int | str]:
    """A dispute with people, and a paper that its mediator has begun."""
    case_id = dispute(site)

    def begin(world):  # type: ignore[no-untyped-def]
        with transaction() as db:
            mediator = world.actor(db, "worker")
            paper = writing.draft(db, mediator, case_id, "application", now=world.now)
            return {"case_id": case_id, "paper_id": paper.id, "kind": "application"}

    return site.run(begin)


def addresses(site: Site, ticket: dict[str, int | str]) -> list[Address]:
    """Every address of the URL map that takes an id of the ticket; of papers and people where
    there are some.
    """
    found = []
    with site.app.test_request_context():
        for rule in site.app.url_map.iter_rules():
            if "paper_id" in ticket:
                if not any(part in rule.rule for part in OF_DISPUTES):
                    continue
            elif not rule.arguments & NAMES:
                continue
            assert rule.arguments <= ticket.keys(), f"say what {rule} needs"
            found += _addresses(rule, ticket)
    return found


def _addresses(rule: Rule, ticket: dict[str, int | str]) -> list[Address]:
    _domain, path = rule.build({name: ticket[name] for name in rule.arguments}) or ("", "")
    return [Address(method, path) for method in WATCHED if method in (rule.methods or ())]


def answer(browser: Browser, address: Address) -> int:
    """The status of a request with a valid token and plausible fields."""
    if address.method == "GET":
        return browser.get(address.path).status_code
    fields = {**ACCEPT, "target": "report", "reason": "x", "node": "report", "name": "summary"}
    if address.method == "POST" and not address.path.startswith("/api/"):
        return browser.post(address.path, fields).status_code
    headers = {"X-CSRFToken": browser.token(), "Sec-Fetch-Site": "same-origin"}
    with browser.site.at_its_time():
        return browser.client.open(
            address.path, method=address.method, headers=headers, json={"answers": ACCEPT}
        ).status_code


def test_it_knows_the_addresses_of_a_case(site: Site, ticket: dict[str, int | str]) -> None:
    """The walk below is worth nothing if it walks past the addresses."""
    paths = [address.path for address in addresses(site, ticket)]
    assert len(paths) >= 14
    leader = site.browser("grid_leader")
    for address in addresses(site, ticket):
        if "/confidential" in address.path or address.path.endswith("/people/edit"):
            # An ordinary case has no such page, nor has one whose form names no people.
            continue
        if address.path.startswith("/returns/"):
            # No return is filled here; test_returns corrects facts in one.
            continue
        # The button belongs to the grid worker; its page is nobody else's.
        asked = site.browser("worker") if "/messages/" in address.path else leader
        # A case without a secret has no page for disclosing it, for anybody.
        if address.method == "GET" and "/confidential" not in address.path:
            assert answer(asked, address) in (200, 303), address


def end_post(site: Site, login: str) -> None:
    with site.app.app_context(), transaction() as db:
        post = db.scalars(select(Post).where(Post.user_id == site.world.logins[login])).one()
        org.end_post(db, None, post, now=site.world.now)


@pytest.mark.parametrize("login", ["water_handler", "sibling", "grid_leader"])
def test_it_hides_every_address_from_who_may_not_see_the_case(
    site: Site, ticket: dict[str, int | str], login: str
) -> None:
    """A stranger's department, the leader of another village, and a leader whose post ended."""
    browser = site.browser(login)
    if login == "grid_leader":
        end_post(site, login)
        # The session ended with the post.
        browser = site.fresh(login)

    seen = {address: answer(browser, address) for address in addresses(site, ticket)}
    assert {address: status for address, status in seen.items() if status != 404} == {}


def test_it_hides_papers_and_people_from_who_may_not_see_the_case(
    site: Site, drafted: dict[str, int | str]
) -> None:
    """Its mediator reads every page; a stranger, and the mediator after the last post, none.

    That the mediator sees the picture, which is slow to draw, is among the tests of papers.
    """
    found = addresses(site, drafted)
    assert len([one for one in found if one.path.startswith("/papers/")]) == 8
    mediator = site.browser("worker")
    # A draft is signed by nobody yet.
    apart = (".png", "/signing")
    pages = [one for one in found if one.method == "GET" and not one.path.endswith(apart)]
    assert {answer(mediator, one) for one in pages} == {200}

    with site.app.app_context(), transaction() as db:
        for post in db.scalars(select(Post).where(Post.user_id == site.world.logins["worker"])):
            org.end_post(db, None, post, now=site.world.now)
    for browser in (site.browser("water_handler"), site.fresh("worker")):
        seen = {address: answer(browser, address) for address in found}
        assert {address: status for address, status in seen.items() if status != 404} == {}


@pytest.mark.parametrize("login", ["water_handler", "sibling", "grid_leader"])
def test_it_lists_and_finds_nothing_for_them(
    site: Site, ticket: dict[str, int | str], login: str
) -> None:
    with site.app.app_context(), reading() as db:
        number, title = db.execute(select(Case.number, Case.title)).one()
    browser = site.browser(login)
    if login == "grid_leader":
        end_post(site, login)
        # The session ended with the post.
        browser = site.fresh(login)
    lists = ["/cases", f"/cases?q={number}", f"/cases?q={title}", "/supervision", "/notices"]
    lists += ["/demands", "/demands?kind=call", "/demands?stand=closed"]
    lists += [f"/?queue={queue}" for queue in QUEUE_NAMES]
    for path in lists:
        assert f"/cases/{ticket['case_id']}" not in browser.get(path).text, path
    assert f"/cases/{ticket['case_id']}" in site.browser("worker").get(f"/cases?q={title}").text


def test_it_sends_strangers_to_the_login_without_a_word(
    site: Site, ticket: dict[str, int | str]
) -> None:
    for address in addresses(site, ticket):
        stranger = site.browser()
        if address.method == "GET":
            status = stranger.get(address.path).status_code
            assert status in (303, 401), address
        elif address.method == "POST":
            assert stranger.post(address.path, {"x": "y"}).status_code in (400, 401), address


def test_it_gives_a_fresh_upload_to_who_uploaded_it_alone(site: Site) -> None:
    photo = site.run(lambda world: world.photo("worker"))
    assert site.browser("worker").get(f"/attachments/{photo}").status_code == 200
    assert site.browser("grid_leader").get(f"/attachments/{photo}").status_code == 404


def test_it_names_no_file_of_a_case_that_is_hidden(
    site: Site, ticket: dict[str, int | str]
) -> None:
    """A guessed id in a posted form shows no file name and attaches nothing."""
    report = {"summary": "试探", "photos": str(ticket["attachment_id"])}
    own = site.browser("worker").post("/cases/new/ticket", report)
    assert own.status_code == 422 and "现场.jpg" in own.text
    with site.app.app_context(), transaction() as db:
        db.get_one(Attachment, ticket["attachment_id"]).uploaded_by = site.world.logins["handler"]
        post = db.scalars(select(Post).where(Post.user_id == site.world.logins["sibling"])).one()
        post.role = "grid_worker"

    guessed = site.browser("sibling").post("/cases/new/ticket", report)
    assert guessed.status_code == 422 and "现场.jpg" not in guessed.text


def test_it_serves_attachments_as_files_of_their_own_type(
    site: Site, ticket: dict[str, int | str]
) -> None:
    page = site.browser("grid_leader").get(f"/attachments/{ticket['attachment_id']}")
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert page.headers["Content-Type"] == "image/jpeg"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert page.data[:3] == b"\xff\xd8\xff"
