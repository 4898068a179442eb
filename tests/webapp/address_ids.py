"""For the walk over the URL map: every id that an address takes, of rows that exist.

An address that takes something else fails the walk: say here what it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from engine.definitions import versions
from engine.desk import appointments
from engine.drafting import drafts
from engine.insight.statistics import definitions
from engine.models import (
    Article,
    Case,
    Channel,
    CitizenSpot,
    Deputy,
    IncidentRow,
    Notice,
    Outbox,
    Post,
    ScreeningRound,
    Unit,
    User,
)
from engine.registers import committees, mediators
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World

Ids = dict[str, list[str]]
# A table of the statistical returns that counts orders of the hotline, and one of its facts.
TABLE, FACT, NUMBER = "hotline_rates", "responded", "orders"
# What addresses below a folder take; the longest folder that fits says it. With @ of a row.
PARTICULAR: dict[str, Ids] = {
    "/admin/calendars/": {"key": ["office"]},
    "/api/v1/drafts/": {"draft_id": ["@draft"]},
    "/admin/notices/channels/new/": {"preset": ["mail"]},
    "/help/": {"name": ["desk"]},
    "/help/pictures/": {"name": ["processes/ticket.svg"]},
    "/policy/drafts/<int:id>": {"id": ["@draft"]},
    "/policy/drafts/<int:id>/tables": {"id": ["@tables"], "key": [TABLE]},
    "/policy/versions/<int:id>": {"id": ["@version"]},
    "/c/<code>/": {"code": ["620725"], "kind": ["report", "whistle"], "spot": ["@spot"]},
    "/reports/process/": {"id": ["@version"]},
    "/c/<code>/open311/v2/": {"form": ["json"], "service": ["道路设施"], "number": ["@case_id"]},
    "/returns/": {"key": [TABLE], "unit_id": ["@registrar", "@county"], "fact": [FACT]},
}
# What an address asks for beside its path.
QUESTIONS = {
    "desk.sheets": "case={case_id}",
    "reports.cases": "measure=opened",
    "reports.map_cases": "place={unit_id}&state=opened&period=year",
    "reports.map_marks": "zoom=9&state=opened&period=year",
    "citizens.near": "choice=道路设施&latitude=38.8&longitude=101.1",
    "returns.cases": f"number={NUMBER}",
}
# Walked where there are some: orders of the hotline have no papers, and no codes on them.
ELSEWHERE = {"paper_id", "signature_id", "code"}


def of_rule(rule: Rule, ids: Ids) -> Ids:
    """Return what is known for the arguments of a rule."""
    here = dict(ids)
    for folder in sorted(PARTICULAR, key=len):
        if rule.rule.startswith(folder):
            named = PARTICULAR[folder].items()
            here |= {name: [*_known(ids, values)] for name, values in named}
    return here


def question(rule: Rule, ids: Ids) -> str:
    """Return what an address asks for beside its path."""
    asked = QUESTIONS.get(rule.endpoint, "")
    known = {name: ids[name][0] for name in ids}
    # Where a walk has no such row, the page is opened without its question.
    return asked.format(**known) if set(re.findall(r"{(\w+)}", asked)) <= known.keys() else ""


def _known(ids: Ids, values: list[str]) -> Iterator[str]:
    for one in values:
        yield from ids.get(one[1:], []) if one.startswith("@") else [one]


def administration(world: World, case_id: int) -> Ids:
    """Make what is not about cases, and trouble with one; return ids of each."""
    with transaction() as db:
        county = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        worker = db.get_one(User, world.logins["worker"])
        admin, editor = (world.actor(db, login) for login in ("administrator", "editor"))
        asked = appointments.appoint(db, admin, county, "auditor", worker, now=world.now)
        article = _article(county, worker, world.now)
        robot = Channel(name="值班群", kind="webhook", audience="group")
        incident = _incident(db.get_one(Case, case_id), world.now)
        spot = CitizenSpot(county_id=county.id, unit_id=county.id, code="SPQT2345", name="南街")
        spot.made_by, spot.made_at = worker.id, world.now
        db.add_all([robot, incident, article, spot])
        version, ticket = (versions.current(db, key, world.now).id for key in ("hotline", "ticket"))
        tables = definitions.in_force(db, world.now).version_id
        kept = registers(db, world, admin.user_id)
        db.flush()
        return {
            "draft": [str(drafts.from_version(db, editor, ticket, now=world.now).id)],
            "tables": [str(drafts.from_version(db, editor, tables, now=world.now).id)],
            "version": [str(version)],
            "area_id": [str(county.id)],
            "channel_id": [str(robot.id)],
            "incident_id": [str(incident.id)],
            "request_id": [str(asked.id)],
            "article_id": [str(article.id)],
            "spot": [spot.code],
            **kept,
        }


def rows(case_id: int) -> Ids:
    """Return ids of what is there after a case was worked."""
    with reading() as db:
        case = db.get_one(Case, case_id)
        county = db.scalars(select(Unit.id).where(Unit.code == "620725")).one()
        told = db.scalars(select(Outbox.key).where(Outbox.case_id == case_id).distinct())
        one = {
            "deputy_id": Deputy,
            "post_id": Post,
            "user_id": User,
            "notice_id": Notice,
        }
        first = {name: [str(db.scalars(select(table.id)).first())] for name, table in one.items()}
        return {
            **first,
            "county": [str(county)],
            "registrar": [str(case.unit_id)],
            "unit_id": [str(county), str(case.unit_id)],
            "key": sorted(told),
            "part": ["text"],
            "locale": ["zh_CN"],
            "process": [case.process],
        }


def _incident(case: Case, now: datetime) -> IncidentRow:
    return IncidentRow(
        county_id=case.county_id,
        case_id=case.id,
        element="check",
        verb="complete",
        reason_zh="缺少变量",
        reason_en="A variable is missing",
        data={"task_id": None, "due_id": None, "by": None, "values": {"variables": ["topic"]}},
        at=now,
    )


def _article(county: Unit, writer: User, now: datetime) -> Article:
    return Article(
        county_id=county.id,
        unit_id=county.id,
        title="医保报销",
        answer="带上身份证，到窗口办理。",
        review_on=now.date() + timedelta(days=90),
        owner_id=writer.id,
        changed_at=now,
        changed_by=writer.id,
        confirm_due_at=now + timedelta(days=3),
    )


def registers(db: Session, world: World, actor_id: int) -> Ids:
    """Make a committee with a mediator, and a screening round of the village."""
    village = db.scalars(select(Unit).where(Unit.code == "V1")).one()
    today = world.now.date()
    typed = {"name": "南湖村人民调解委员会", "kind": "village"}
    committee = committees.create(db, actor_id, village, typed, today, now=world.now)
    person = {"name": "王秀英", "full_time": "yes", "office": "head", "appointed_on": "2024-01-01"}
    mediator = mediators.appoint(db, actor_id, committee, person, None, today, now=world.now)
    walked = ScreeningRound(
        county_id=village.at_county,
        unit_id=village.id,
        kind="regular",
        first_on=today,
        last_on=today,
        staff="王秀英",
        at=world.now,
        by=actor_id,
    )
    db.add(walked)
    db.flush()
    return {
        "committee_id": [str(committee.id)],
        "mediator_id": [str(mediator.id)],
        "round_id": [str(walked.id)],
    }
