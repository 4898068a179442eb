"""Who asked for confidence in a dispute, told as one of its people with every particular.

Canaries stand in each of them; whoever handles, oversees or audits asks every address that knows
the case. Who took the case in sees them: else the search would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from engine import org
from engine.casework import attaching, cases
from engine.definitions import versions
from engine.models import Base, Case, CasePerson, Paper, Post, User, new_id
from engine.records import vault
from engine.records.bindings import of_paper
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World
from tests.processes.desk import Desk
from tests.processes.walk import ROOT
from tests.webapp.seats import seat
from tests.webapp.site import Site, plain
from tests.webapp.test_canary import Report, addresses, asked, handed_in, seen

FIRM = {
    "side": "申请人", "party_kind": "单位", "party_name": "金雀商行",
    "credit_code": "91620725MA7CANARY1", "legal_representative": "雀代表",
    "representative_post": "雀岗位经理", "party_phone": "13877700778",
    "party_address": "金雀路一号",
}  # fmt: skip
PERSON = {
    "side": "申请人", "party_kind": "自然人", "party_name": "金丝雀",
    "party_sex": "女", "party_birth": "1957-07-17", "party_nation": "雀族",
    "party_job": "雀厂会计", "party_phone": "13877700777", "party_address": "金丝雀路七号",
    "minor": False, "care": ["需要翻译"], "agent_name": "雀代理", "agent_kind": "委托代理人",
    "agent_phone": "13877700779", "agent_relation": "雀之表妹", "agent_scope": "一般授权",
}  # fmt: skip
OTHER = {"side": "被申请人", "party_kind": "自然人", "party_name": "王建国"}
CANARIES = (
    "金雀", "91620725MA7CANARY1", "雀代表", "雀岗位", "1387770077", "金丝雀", "1957-07-17",
    "雀族", "雀厂", "需要翻译", "雀代理", "雀之表妹", "一般授权",
)  # fmt: skip
# As a part of them is masked elsewhere.
PARTS = ("138****077", "金**", "雀**", "Interpreter")
SEATS = (
    ("registrar", "V1", "mediator"),
    ("operator", "620725-ZZ", "operator"),
    ("village_leader", "V1", "leader"),
    ("administrator", "620725", "admin"),
    ("auditor", "620725", "auditor"),
    ("officer", "620725", "confidential_officer"),
)
WATCHERS = (
    "village_leader",
    "town_leader",
    "town_supervisor",
    "county_supervisor",
    "county_leader",
    "administrator",
    "auditor",
    "department_leader",
)


@pytest.fixture
def told(site: Site) -> Iterator[Report]:
    """A dispute in confidence about the housing bureau, taken in by the village's mediator."""
    made = Report(site, Desk(site.world, "dispute"))
    with site.app.app_context():
        world = site.world
        for login, code, role in SEATS:
            seat(world, login, code, role)
        with transaction() as db:
            files = versions.read_directory(ROOT)["dispute"]
            versions.publish(db, "dispute", files, now=world.now)
        made.desk.open(
            "registrar",
            in_confidence=True,
            against="620725-ZJJ",
            parties=[PERSON, FIRM, OTHER],
            place="V1",
            people_count=3,
            amount=0,
        )
        made.note(case_id=made.desk.case_id, message="withdraw", move="urge", kind="register")
        task = seen(made, "accept")
        with transaction() as db:
            leader = world.actor(db, "village_leader")
            attaching.file(db, leader, task.id, *handed_in(), now=world.now)
        made.note(paper_id=kept_paper(world, made.desk.case_id))
    yield made


def kept_paper(world: World, case_id: int) -> int:
    """A paper that was begun before anybody asked for confidence."""
    with transaction() as db:
        case = db.get_one(Case, case_id)
        by = world.logins["registrar"]
        row = Paper(id=new_id(), county_id=case.county_id, case_id=case_id, kind="application")
        row.state, row.payload = "draft", vault.seal({"request": "金丝雀"}, of_paper(row))
        row.made_by, row.made_at, row.changed_at = by, world.now, world.now
        db.add(row)
        return row.id


def found_in(said: str) -> list[str]:
    """Which canaries a text gives away, however it is written."""
    return [
        one
        for one in (*CANARIES, *PARTS)
        if one in said or one.encode("unicode_escape").decode() in said
    ]


@pytest.mark.timeout(600)
def test_no_particular_of_whoever_asked_for_confidence_is_told(told: Report) -> None:
    """By any page, list, paper, print or interface; pressing the button tells nothing either."""
    case_id = told.ids["case_id"][0]
    leaks, saw = {}, 0
    assert any(path.endswith("/picture.png") for path in addresses(told))
    for login in WATCHERS:
        browser = told.site.browser(login)
        for path in addresses(told):
            if found := found_in(asked(browser, path)):
                leaks[login, path] = found
        saw += browser.get(f"/cases/{case_id}").status_code == 200
        for path in ("people", "papers/register", "reveal"):
            answer = browser.post(
                f"/cases/{case_id}/{path}", {"node": "apply", "name": "parties-0-party_job"}
            )
            assert answer.status_code in (403, 404), (login, path)
            assert not found_in(answer.text)
        assert browser.get(f"/cases/{case_id}/people/edit").status_code in (403, 404)
    assert leaks == {}
    assert saw > 3


def test_how_many_people_stand_in_it_is_not_told_either(told: Report) -> None:
    case_id = told.ids["case_id"][0]
    page = plain(told.site.browser("village_leader").get(f"/cases/{case_id}/people"))
    assert "（保密）" in page and "申请人" not in page and "委托代理人" not in page
    said = told.site.browser("village_leader").get(f"/api/v1/cases/{case_id}/people")
    assert said.get_json() == {"items": []}


def test_whoever_took_it_in_knows_them(told: Report) -> None:
    case_id = told.ids["case_id"][0]
    browser = told.site.browser("registrar")
    assert "金**" in plain(browser.get(f"/cases/{case_id}/people"))
    shown = browser.post(f"/cases/{case_id}/people")
    assert shown.status_code == 200 and "雀厂会计" in shown.text and "金丝雀" in shown.text


def test_nobody_is_found_by_name_or_number_of_theirs(told: Report) -> None:
    case_id = told.ids["case_id"][0]
    for login in ("registrar", "village_leader", "county_leader"):
        for query in ("q=13877700777", "q=金丝雀&by=person", "q=91620725MA7CANARY1"):
            page = told.site.browser(login).get(f"/cases?{query}")
            assert f"/cases/{case_id}" not in page.text, (login, query)


def test_the_database_without_its_keys_does_not_tell(told: Report) -> None:
    with told.site.app.app_context(), reading() as db:
        for table in Base.metadata.sorted_tables:
            for row in db.execute(select(table)):
                assert not found_in(" ".join(map(str, row))), table.name
        rows = db.scalars(select(CasePerson)).all()
        assert len(rows) == 4 and db.scalars(select(Case)).one().guarded
        assert all((row.id_mac, row.phone_mac, row.name_mac) == (None,) * 3 for row in rows)


def test_who_stands_in_for_the_registrar_begins_with_an_empty_form(told: Report) -> None:
    """The application was sent back to be mended; what was said before is confided to its taker."""
    case_id = int(told.ids["case_id"][0])
    with told.site.app.app_context():
        world = told.site.world
        with transaction() as db:
            accept = world.task(case_id, "accept")
            leader = world.actor(db, "village_leader")
            cases.return_task(db, leader, accept.id, "apply", "请写明争议经过", now=world.now)
        with transaction() as db:
            post = db.scalars(select(Post).where(Post.user_id == world.logins["registrar"])).one()
            user = db.get_one(User, world.logins["town_leader"])
            until = world.now.replace(year=2027)
            made = {"post": post, "user": user, "from_at": world.now, "until_at": until}
            org.create_deputy(db, None, **made, now=world.now)
        task = world.task(case_id, "apply")
        with transaction() as db:
            cases.sign(db, world.actor(db, "town_leader"), task.id, now=world.now)
    page = told.site.browser("town_leader").get(f"/cases/{case_id}?task={task.id}")
    assert "请写明争议经过" in page.text and 'name="parties-0-party_name"' in page.text
    # What the form offers to everybody stands in it.
    assert set(found_in(page.text)) <= {"需要翻译", "一般授权"}
