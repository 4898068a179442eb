"""Every page of the product, opened once on an office screen and once on a phone.

Walks the URL map: an address that nobody opens here, and that is not among the exceptions, fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.routing import Rule

from tests.browser import rows
from tests.browser.desk import PHONE, Desk, Person
from tests.browser.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
SIZES: dict[str, dict[str, Any]] = {"desk": {}, "phone": PHONE}
FILE, DATA, PART = "a file", "for programs", "a part of a page, fetched by its script"
# Addresses that are no page, and why.
EXCEPTIONS = {
    "admin.index": "leads to the units",
    "admin.units": "leads to the top of one's reach",
    "api-docs.openapi_json": DATA,
    "cases.list_cases": DATA,
    "cases.one": DATA,
    "cases.people": DATA,
    "drafts.files": DATA,
    "tasks.list_tasks": DATA,
    "health.healthz": DATA,
    "health.readyz": DATA,
    "metrics.metrics": DATA,
    "desk.attachment": FILE,
    "desk.diagram_file": FILE,
    "desk.linked_paper": "opens with a token alone; see test_signing",
    "desk.linked_picture": FILE,
    "desk.paper_picture": FILE,
    "desk.signature_picture": FILE,
    "escalations.board_workbook": FILE,
    "guide.picture": FILE,
    "policy.draft_diagram": FILE,
    "policy.files": FILE,
    "policy.paper_template_file": FILE,
    "policy.paper_template_picture": FILE,
    "policy.template_file": FILE,
    "policy.version_diagram": FILE,
    "reports.map_areas": FILE,
    "reports.map_marks": FILE,
    "reports.process_file": FILE,
    "reports.workbook": FILE,
    "returns.award_workbook": FILE,
    "returns.workbook": FILE,
    "static": FILE,
    "demands.live": PART,
    "desk.palette": PART,
    "desk.palette_cases": PART,
    "desk.unread": PART,
    "desk.workbench_tabs": PART,
    "escalations.live": PART,
    "citizens.counties": "leads to the only county",
    "citizens.matter": "leads to asking for its keys",
    "citizens.matters": "leads to asking for its keys",
    "citizens.followed": "leads to asking for its keys",
    "citizens.spot": "leads to the report",
    "citizens.near": PART,
    "open311.services": DATA,
    "open311.definition": DATA,
    "open311.requests": DATA,
    "open311.one_request": DATA,
    "desk.notice": "leads to what it is about",
    "home.start": "leads to where a day begins",
    "desk.task": "leads to its case",
}
# Who opens the pages of which part, and those of single addresses.
STRANGER = ""
PEOPLE = {
    "account": "worker",
    "admin": "admin",
    "confidential": "officer",
    "demands": "county_supervisor",
    "desk": "grid_leader",
    "escalations": "county_leader",
    "guide": "worker",
    "home": "county_leader",
    "incidents": "admin",
    "knowledge": "grid_leader",
    "citizens": STRANGER,
    "policy": "editor",
    "reports": "county_leader",
    "returns": "grid_leader",
    "screenings": "grid_leader",
    "trail": "auditor",
    "account.login": STRANGER,
    "account.staff_absence": "grid_leader",
    "desk.case_move": "county_leader",
    "desk.opening": "worker",
    "desk.send_message": "worker",
    "escalations.withdrawals": "county_supervisor",
    "returns.award_rates": "county_leader",
    "returns.send_back": "town_leader",
}
# What an address asks for beside its path.
QUESTIONS = {
    "desk.sheets": "case={case_id}",
    "reports.cases": "measure=opened",
    "reports.map_cases": "place={unit_id}&state=opened&period=year",
    "returns.cases": "number=total",
}


@dataclass(frozen=True)
class Opened:
    """A page that somebody opens."""

    endpoint: str
    login: str
    path: str


def pages(live: Live, known: rows.Known) -> Iterator[Opened]:
    """Every page of the URL map, one person after another."""
    site = live.site
    gone = EXCEPTIONS.keys() - site.app.view_functions.keys()
    assert not gone, f"no address any more: {gone}"
    with site.app.test_request_context():
        found = [
            Opened(rule.endpoint, _opener(rule), _path(rule, known))
            for rule in site.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint not in EXCEPTIONS
        ]
    yield from sorted(found, key=lambda one: (one.login, one.path))


def _opener(rule: Rule) -> str:
    part = rule.endpoint.partition(".")[0]
    assert part in PEOPLE, f"say who opens {rule}, or why nobody does"
    return PEOPLE.get(rule.endpoint, PEOPLE[part])


def _path(rule: Rule, known: rows.Known) -> str:
    here = {**known, **rows.particular(rule.endpoint, known)}
    assert rule.arguments <= here.keys(), f"say what {rule} needs, or why nobody opens it"
    _domain, path = rule.build({name: here[name] for name in rule.arguments}) or ("", "")
    return "?".join(filter(None, (path, QUESTIONS.get(rule.endpoint, "").format(**here))))


@pytest.mark.parametrize("size", SIZES)
def test_every_page_opens(desk: Desk, size: str) -> None:
    """It answers, nothing it fetches fails, its scripts run, it fits; axe finds no fault."""
    known = rows.fill(desk.live)
    person, login, wrong = desk.stranger(**SIZES[size]), STRANGER, []
    failed = heard(person)
    for one in pages(desk.live, known):
        if one.login != login:
            person, login = desk.after_another(one.login), one.login
            failed = heard(person)
        wrong += [f"{one.endpoint} {one.path}: {what}" for what in seen(person, one, size)]
        wrong += [f"{one.endpoint} {one.path}: {what}" for what in failed]
        failed.clear()
    assert not wrong, "\n".join(wrong)


def heard(person: Person) -> list[str]:
    """Grows by every answer that a page got and could do nothing with."""
    failed: list[str] = []

    def listen(answer: Any) -> None:
        if answer.status >= 400:
            failed.append(f"{answer.status} of {answer.url}")

    person.page.on("response", listen)
    return failed


def seen(person: Person, one: Opened, size: str) -> Iterator[str]:
    """What is wrong with a page."""
    person.go(one.path)
    there = person.page.url.removeprefix(person.desk.live.url)
    if there.partition("?")[0] != one.path.partition("?")[0]:
        yield f"leads to {there}"
    try:
        person.fits()
        # The rules are the same in both sizes, and half of the time is theirs.
        if size == "desk":
            person.judge(one.endpoint)
    except AssertionError as error:
        yield str(error)
    yield from person.desk.problems
    person.desk.problems.clear()
