"""No page asks the database more than a few times: what is new is bounded, too.

The lists and the case page have exact pins beside their other tests; this walks the URL map, so
that a page that somebody adds cannot be without a bound.
"""

from __future__ import annotations

from sqlalchemy import select

from engine import org
from engine.models import Unit, User
from engine.storage.db import transaction
from tests.webapp.site import Site

# What the operations page asks, the dearest: a page that needs more is a decision.
MOST = 19
# Made by a library, or no pages.
APART = frozenset({"static", "api-docs.openapi_json"})
# Without a question they answer with another page.
LEADS_ELSEWHERE = {
    "account.login",
    "admin.index",
    "admin.units",
    # No county here has switched its public site on.
    "citizens.counties",
    "desk.sheets",
    # For whoever holds a link alone.
    "desk.linked_paper",
    "desk.linked_picture",
    # For its own token alone.
    "metrics.metrics",
    # Leads to where a day begins.
    "home.start",
    "reports.cases",
    "reports.map_cases",
}


def appoint(site: Site, login: str, *roles: str) -> None:
    """Let somebody of the county hold more roles."""
    with site.app.app_context(), transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        user = db.scalars(select(User).where(User.login == login)).one()
        for role in roles:
            org.create_post(db, None, unit=unit, role=role, user=user, now=site.world.now)


def addresses(site: Site) -> dict[str, str]:
    """Every page that needs nothing but its address, by endpoint."""
    return {
        rule.endpoint: rule.rule
        for rule in site.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in APART
    }


def test_it_asks_the_database_a_few_times_for_any_page(site: Site) -> None:
    """Whoever may open it; a page that nobody here may open fails as well."""
    appoint(site, "county_leader", "admin", "policy_editor", "auditor")
    site.open(summary="路灯不亮")
    site.run(lambda world: world.work(world.now))
    browsers = [site.browser(login) for login in site.world.logins]
    dear, unseen = {}, set()
    for endpoint, path in addresses(site).items():
        for browser in browsers:
            if browser.get(path).status_code == 200:
                break
        else:
            unseen.add(endpoint)
            continue
        with site.statements() as seen:
            browser.get(path)
        if len(seen) > MOST:
            dear[endpoint] = len(seen)

    assert dear == {}
    assert unseen == LEADS_ELSEWHERE
