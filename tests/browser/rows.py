"""A county in which every page of the product has something to show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from engine import org
from engine.definitions import versions
from engine.documents.papers import check_codes, printing, writing
from engine.documents.signing import signers
from engine.hotline import knowledge
from engine.hotline.knowledge import ArticleDraft
from engine.models import (
    Attachment,
    Deputy,
    GrantRequest,
    IncidentRow,
    ProcessDraft,
    Unit,
    User,
)
from engine.storage.db import reading, transaction
from tests.browser.live import Live
from tests.engine.casework.test_demands import issue
from tests.engine.casework.world import ACCEPT, ROOT, World
from tests.processes.desk import Desk
from tests.webapp import policy_desk
from tests.webapp.address_ids import registers
from tests.webapp.site import PASSWORD, Browser, Site
from tests.webapp.test_admin import post_of, unit_of, user_of
from tests.webapp.test_canary import people
from tests.webapp.test_channels import ROBOT
from tests.webapp.test_incidents_page import broken
from tests.webapp.test_people_page import PARTIES
from tests.webapp.test_returns import sign
from webapp import passwords

Known = dict[str, Any]
CITIZENS = ("home", "mine", "report", "mediation", "rates")
# A table of the statistical returns, and a dispute that has its line in it.
TABLE, AWARDS = "mediation_cases", "mediation_award"
SETTLED: dict[str, Any] = {
    "place": "V1",
    "people_count": 2,
    "amount": 0,
    "channel": "网格员排查",
    "violence": False,
    "self_harm": False,
    "gathering": False,
    "pending_elsewhere": "没有",
    "dispute_type": "邻里纠纷",
    "on_spot": True,
    "spot_told": True,
    "agreed_terms": "互相谅解。",
    "agreed_amount": 300,
    "visit_after": 7,
}


def fill(live: Live) -> Known:
    """Fill the county; a value for every argument of an address, of things that exist."""
    site = live.site
    site.world.now = datetime.now(UTC) - timedelta(days=2)
    known = site.run(_cases)
    site.run(broken)
    site.run(_let_in)
    policy_desk.staff(site)
    known |= _administration(site)
    known |= site.run(_registers)
    known |= _returns(site)
    known["draft"] = policy_desk.draft(site)
    known["tables"] = policy_desk.draft(site, process=versions.STATISTICS)
    known["templates"] = _templates(site)
    known["version"] = policy_desk.version_of(site)
    known["article_id"] = site.run(_article)
    site.run(lambda world: world.work(datetime.now(UTC)))
    return known | site.run(_written)


def _templates(site: Site) -> int:
    """A draft of the templates of papers, with one of staff's."""
    _sent(site.browser("editor"), "/policy/paper-templates")
    with site.app.app_context(), reading() as db:
        mine = select(ProcessDraft.id).where(ProcessDraft.process == "papers")
        return db.scalars(mine).one()


def _cases(world: World) -> Known:
    """A ticket in hand with a photo and an order, a dispute with a paper, a report."""
    people(world)
    for login, role in (("worker", "mediator"), ("grid_leader", "leader")):
        with transaction() as db:
            unit = db.scalars(select(Unit).where(Unit.code == "V1")).one()
            user = db.get_one(User, world.logins[login])
            org.create_post(db, None, unit=unit, role=role, user=user, now=world.now)
    ticket = world.open(photos=[world.photo()])
    demand = issue(world, ticket)
    world.complete("grid_leader", world.open(summary="水渠堵塞"), ACCEPT)
    mediation = Desk(world, "dispute")
    mediation.open("worker", parties=PARTIES, place="V1", people_count=2, amount=0)
    with transaction() as db:
        mediator = world.actor(db, "worker")
        paper = writing.draft(db, mediator, mediation.case_id, "application", now=world.now).id
    final = _final_paper(world, mediation.case_id)
    with transaction() as db:
        files = versions.read_directory(ROOT)
        for key in (versions.STATISTICS, versions.CITIZENS):
            versions.publish(db, key, files[key], now=world.now)
    settled = Desk(world, "dispute")
    settled.open("worker", **SETTLED, agreed_on=f"{world.now:%Y-%m-%d}")
    report = Desk(world, "hotline")
    about = {"request_kind": "举报", "identity": "实名保密", "against": "V1", "place": "V1"}
    report.open("operator", **about, caller_name="王五")
    return {
        "ticket": ticket,
        "task_id": world.task(ticket).id,
        "demand_id": demand,
        "dispute": mediation.case_id,
        "settled": settled.case_id,
        "paper_id": paper,
        **final,
        "report": report.case_id,
    }


def _final_paper(world: World, case_id: int) -> Known:
    """The code of a paper that is final, and where it is signed."""
    with transaction() as db:
        mediator = world.actor(db, "worker")
        paper = writing.draft(db, mediator, case_id, "register", now=world.now)
        db.flush()
        file = writing.opened(db, mediator, paper.id, now=world.now)
        made = printing.printed(file.html(), picture=False)
        writing.finish(db, mediator, file, made, "", now=world.now)
        db.flush()
        place = next(one.row.id for one in signers.of_paper(db, paper))
        return {"code": check_codes.code_of(paper.id), "final": paper.id, "signature_id": place}


def _let_in(world: World) -> None:
    """Everybody has the password that everybody has here."""
    with transaction() as db:
        values = {"password_hash": passwords.hashed(PASSWORD), "must_change": False}
        db.execute(update(User).values(values))
        for login in ("admin", "auditor"):
            world.logins[login] = db.scalars(select(User.id).where(User.login == login)).one()


def _article(world: World) -> int:
    """An article of the grid leader's unit, and a question without one."""
    with transaction() as db:
        actor = world.actor(db, "grid_leader")
        village = db.scalars(select(Unit).where(Unit.code == "V1")).one()
        assert village.at_county is not None
        today = world.now.date()
        draft = ArticleDraft(
            "V1", "垃圾几点收", "", "早上七点、晚上七点。", "", today + timedelta(days=30), True
        )
        county = village.at_county
        made = knowledge.write(db, actor, county, draft, now=world.now, today=today)
        knowledge.miss(db, county, "公交卡怎么办", now=world.now)
        return made.id


def _administration(site: Site) -> Known:
    """What administrators leave behind: vacant, ended, asked for, set up, switched on."""
    admin, leader = site.browser("admin"), site.browser("county_leader")
    county, ended = unit_of(site, "620725").id, unit_of(site, "V2").id
    _sent(admin, f"/admin/posts/{post_of(site, 'T1', 'supervisor').id}/vacate")
    # Whoever comes next has a row of their own.
    vacant = post_of(site, "T1", "supervisor").id
    _sent(admin, f"/admin/units/{ended}/end", heir="V1")
    # A power that goes beyond a unit waits for a second administrator.
    _sent(admin, f"/admin/units/{county}/posts/new", role="auditor", user="worker")
    calendar = _sent(admin, "/admin/calendars/new", name="值班室")
    robot = {**ROBOT, "url": "http://127.0.0.1:9/robot"}
    channel = _sent(admin, "/admin/notices/channels/new/wecom", **robot)
    emergency = {"factor": "50", "reason": "防汛", "unit": str(county), "confirmed": "yes"}
    _sent(leader, "/supervision/emergencies/new", **emergency)
    return {
        "county": county,
        "unit_id": unit_of(site, "V1").id,
        "ended": ended,
        "vacant": vacant,
        "post_id": post_of(site, "V1", "grid_leader").id,
        "user_id": user_of(site, "worker").id,
        "own_calendar": calendar,
        "channel_id": channel,
    }


def _registers(world: World) -> Known:
    """A committee with a mediator, and a screening round of the village."""
    with transaction() as db:
        made = registers(db, world, world.logins["grid_leader"])
        return {name: found[0] for name, found in made.items()}


def _returns(site: Site) -> Known:
    """The village's table of this quarter, filled in, and of the one before, signed."""
    leader, unit = site.browser("grid_leader"), unit_of(site, "V1").id
    quarter = site.world.now.year * 4 + (site.world.now.month - 1) // 3
    earlier, period = (f"{one // 4}-Q{one % 4 + 1}" for one in (quarter - 1, quarter))
    for one in (earlier, period):
        _sent(leader, f"/returns/{TABLE}/{unit}/{one}/fill")
    _sent(leader, f"/returns/{AWARDS}/{unit}/{period}/fill")
    sign(site, "grid_leader", f"/returns/{TABLE}/{unit}/{earlier}")
    _sent(leader, f"/returns/{TABLE}/{unit}/{earlier}/send")
    return {"period": period, "earlier": earlier}


def _sent(browser: Browser, path: str, **fields: Any) -> str:
    """The last part of the address that it leads to."""
    answer = browser.post(path, fields)
    assert answer.status_code == 303, f"{path} answers {answer.status_code}"
    return answer.headers["Location"].rstrip("/").rpartition("/")[2]


def _written(_world: World) -> Known:
    with reading() as db:
        return {
            "attachment_id": db.scalars(select(Attachment.id).order_by(Attachment.id)).first(),
            "deputy_id": db.scalars(select(Deputy.id)).first(),
            "request_id": db.scalars(select(GrantRequest.id)).first(),
            "incident_id": db.scalars(select(IncidentRow.id)).first(),
        }


def particular(endpoint: str, known: Known) -> Known:
    """What an address takes other than the rest; ids of tickets, where nothing is said."""
    part = endpoint.partition(".")[0]
    common = {
        "case_id": known["report" if part == "confidential" else "ticket"],
        "id": known["draft"],
        "process": "ticket",
        "locale": "zh_CN",
    }
    if part == "returns":
        common["key"] = TABLE
    return common | {
        "admin.fill_post": {"post_id": known["vacant"]},
        "admin.name_confidential": {"area_id": known["county"]},
        "admin.new_channel": {"preset": "mail"},
        "admin.notice_text": {"key": "task.opened", "part": "text"},
        "admin.number_series": {"unit_id": known["county"]},
        "admin.numbers": {"unit_id": known["county"]},
        "admin.population": {"unit_id": known["county"]},
        "admin.remove_calendar": {"key": known["own_calendar"]},
        "admin.revive_unit": {"unit_id": known["ended"]},
        "admin.work_calendar": {"key": "office"},
        **{f"citizens.{one}": {"code": "620725", "kind": "report"} for one in CITIZENS},
        "desk.amend_people": {"case_id": known["dispute"]},
        "desk.case_move": {"move": "call"},
        "desk.papers": {"case_id": known["dispute"]},
        "desk.people": {"case_id": known["dispute"]},
        "desk.send_message": {"message": "withdraw"},
        "desk.task_move": {"move": "urge"},
        "escalations.switch_off": {"unit_id": known["county"]},
        "guide.page": {"name": "clocks"},
        "policy.running_cases": {"id": known["version"]},
        "desk.check_paper": {"code": known["code"]},
        "desk.signing": {"paper_id": known["final"]},
        "policy.paper_template": {"id": known["templates"], "key": "agreement"},
        "policy.paper_templates": {"id": known["templates"]},
        "policy.table": {"id": known["tables"], "key": TABLE},
        "policy.tables": {"id": known["tables"]},
        "policy.version": {"id": known["version"]},
        "returns.correct": {"case_id": known["settled"], "fact": "amount"},
        "returns.award_list": {"key": AWARDS},
        "returns.award_rates": {"key": AWARDS},
        "returns.restate": {"period": known["earlier"]},
        "returns.send_back": {"period": known["earlier"]},
    }.get(endpoint, {})
