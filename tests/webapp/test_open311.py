"""Open311 GeoReport v2: services, definition, requests with filters, post with a key; JSON, XML."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from lxml import etree
from sqlalchemy import select, update

from engine.models import Case, GeoreportKey
from engine.storage.db import reading, transaction
from tests.webapp.seats import seat
from tests.webapp.site import Browser, Site
from tests.webapp.test_citizens import cases, open_site, send

__all__ = ["open_site"]
BASE = "/c/620725/open311/v2"
POINT = {"latitude": "38.80001", "longitude": "101.1"}
SENT = {
    "service_code": "道路设施",
    "description": "井盖破损，电话13893612345。",
    "address_id": "V1",
    "lat": "38.8",
    "long": "101.1",
    "attribute[danger]": "no",
}
KEYS = {
    *("service_request_id", "status", "status_notes", "service_name", "service_code"),
    *("description", "agency_responsible", "service_notice", "requested_datetime"),
    *("updated_datetime", "expected_datetime", "address", "address_id", "zipcode"),
    *("lat", "long", "media_url"),
}


def key(site: Site) -> str:
    site.run(lambda world: seat(world, "boss", "620725", "admin"))
    admin = site.browser("boss")
    page = admin.post("/admin/public-site/keys", {"county": "620725", "name": "城管热线"})
    found = re.search(r"data-key>([^<]+)<", page.text)
    assert found is not None, page.text
    return found[1]


def post(browser: Browser, form: str = "json", **changed: str) -> Any:
    with browser.site.at_its_time():
        return browser.client.post(f"{BASE}/requests.{form}", data={**SENT, **changed})


def listed(browser: Browser, **asked: str) -> list[dict[str, Any]]:
    answer = browser.get(f"{BASE}/requests.json", query_string=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json or [])


def test_services_and_their_definition(open_site: Site) -> None:
    program = open_site.browser()
    found = program.get(f"{BASE}/services.json").json
    assert {"道路设施", "农田水利"} <= {one["service_code"] for one in found}
    assert "邻里矛盾" not in {one["service_code"] for one in found}
    one = program.get(f"{BASE}/services/道路设施.json").json
    assert one["attributes"][0]["code"] == "danger"
    assert program.get(f"{BASE}/services/邻里矛盾.json").status_code == 404
    tree = etree.fromstring(program.get(f"{BASE}/services.xml").data)
    assert tree.tag == "services" and len(tree.findall("service/service_code")) == len(found)
    tree = etree.fromstring(program.get(f"{BASE}/services/道路设施.xml").data)
    assert tree.findtext("attributes/attribute/values/value/key") == "yes"


def test_requests_show_what_is_public_and_no_more(open_site: Site) -> None:
    send(open_site.browser(), **POINT)
    send(open_site.browser(), choice="邻里矛盾", **POINT)
    program = open_site.browser()
    (one,) = listed(program)
    assert one.keys() == KEYS
    assert (one["status"], one["service_code"], one["lat"]) == ("open", "道路设施", 38.8)
    assert one["status_notes"] == "您反映的问题正在核实。"
    text = program.get(f"{BASE}/requests.xml").text
    for private in ("北街", "赵小满", "13893612345"):
        assert private not in text and private not in str(one)
    tree = etree.fromstring(text.encode())
    assert tree.findtext("request/service_request_id") == one["service_request_id"]
    single = program.get(f"{BASE}/requests/{one['service_request_id']}.json").json
    assert single == [one]
    with open_site.app.app_context(), transaction() as db:
        db.execute(update(Case).values(guarded=True))
    assert listed(program) == []
    gone = program.get(f"{BASE}/requests/{one['service_request_id']}.json")
    assert gone.status_code == 404 and gone.json[0]["code"] == "404"


def test_it_filters_and_pages(open_site: Site) -> None:
    for choice in ("道路设施", "农田水利", "道路设施"):
        send(open_site.browser(), choice=choice, near="seen", **POINT)
    program = open_site.browser()
    assert len(listed(program)) == 3
    assert len(listed(program, service_code="农田水利")) == 1
    assert len(listed(program, status="closed")) == 0
    ids = [one["service_request_id"] for one in listed(program)]
    assert len(listed(program, service_request_id=",".join(ids[:2]))) == 2
    pages = [listed(program, page_size="2", page=page) for page in ("1", "2", "3")]
    assert [one["service_request_id"] for page in pages for one in page] == ids
    day = f"{open_site.world.now:%Y-%m-%d}"
    later = f"{open_site.world.now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    assert len(listed(program, start_date=day)) == 3
    assert listed(program, start_date=later, end_date=later) == []
    assert len(listed(program, updated_after=day)) == 3
    for wrong in ({"status": "x"}, {"page": "0"}, {"page_size": "9999"}, {"start_date": "x"}):
        answer = program.get(f"{BASE}/requests.json", query_string=wrong)
        assert answer.status_code == 400 and answer.json[0]["code"] == "400"
    wrong_id = program.get(f"{BASE}/requests.json", query_string={"service_request_id": "x"})
    assert wrong_id.status_code == 404


def test_a_report_is_taken_from_who_has_a_key(open_site: Site) -> None:
    program, issued = open_site.browser(), key(open_site)
    assert post(program).status_code == 403
    assert post(program, api_key="wrong").status_code == 403
    answer = post(program, api_key=issued)
    assert answer.status_code == 201, answer.text
    number = answer.json[0]["service_request_id"]
    assert [one["service_request_id"] for one in listed(program)] == [number]
    tree = etree.fromstring(post(program, "xml", api_key=issued).data)
    assert tree.findtext("request/service_request_id")
    assert cases(open_site) == 2
    with open_site.app.app_context(), reading() as db:
        assert db.scalars(select(GeoreportKey.reports)).one() == 2
        assert issued not in str([vars(one) for one in db.scalars(select(GeoreportKey))])
    bad = post(program, api_key=issued, description="", phone="1")
    assert bad.status_code == 400 and len(bad.json) == 2
    assert post(program, api_key=issued, service_code="邻里矛盾").status_code == 404
    assert post(program, api_key=issued, address_id="", lat="x").status_code == 400


def test_a_revoked_key_is_worth_nothing(open_site: Site) -> None:
    program, issued = open_site.browser(), key(open_site)
    admin = open_site.browser("boss")
    page = admin.get("/admin/public-site/keys").text
    found = re.search(r'name="key" value="(\d+)"', page)
    assert found is not None and issued not in page
    assert admin.post("/admin/public-site/keys/revoke", {"key": found[1]}).status_code == 303
    assert post(program, api_key=issued).status_code == 403
    assert admin.post("/admin/public-site/keys/revoke", {"key": found[1]}).status_code == 404
    assert admin.post("/admin/public-site/keys", {"name": " "}).status_code == 422
    assert open_site.browser("worker").get("/admin/public-site/keys").status_code == 404


def test_elsewhere_there_is_nothing(open_site: Site) -> None:
    program = open_site.browser()
    for path in ("/c/1/open311/v2/services.json", f"{BASE}/services.html", f"{BASE}/x.json"):
        assert program.get(path).status_code == 404
    other = program.get(f"{BASE}/services.json", query_string={"jurisdiction_id": "elsewhere"})
    assert other.status_code == 404
