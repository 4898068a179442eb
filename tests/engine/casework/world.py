"""A small county at work: people in posts, the shipped ticket process, the escalation table."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.access import actors
from engine.access.actors import Actor
from engine.casework import cases
from engine.definitions import versions
from engine.models import Case, Due, Event, Task, Unit, User
from engine.records import attachments, audit
from engine.storage.db import reading, transaction
from engine.timing import calendars
from engine.worker import ticks
from tests.engine.org.county import County, make_county

ROOT = Path(__file__).resolve().parents[3]
# Friday, 09:00 in Shanghai.
FRIDAY_9AM = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
POSTS = (
    ("worker", "G1", "grid_worker"),
    ("grid_leader", "V1", "grid_leader"),
    ("dispatcher", "T1-ZZ", "dispatcher"),
    ("town_leader", "T1", "leader"),
    ("town_supervisor", "T1", "supervisor"),
    ("county_dispatcher", "620725-ZZ", "dispatcher"),
    ("handler", "620725-ZJJ", "handler"),
    ("colleague", "620725-ZJJ", "handler"),
    ("department_leader", "620725-ZJJ", "leader"),
    ("water_handler", "620725-SWJ", "handler"),
    ("county_supervisor", "620725", "supervisor"),
    ("county_leader", "620725", "leader"),
    ("sibling", "V3", "grid_leader"),
)
REPORT: dict[str, Any] = {
    "summary": "南湖小区楼道灯不亮",
    "category": "住房物业",
    "setting": "住宅小区",
    "details": "三单元楼道灯坏了一周。",
    "danger": "no",
    "place": "G1",
    "channel": "巡查发现",
    "has_reporter": "yes",
    "reporter_name": "赵小满",
    "reporter_phone": "13893612345",
    "settled": "no",
}
ACCEPT = {
    "checked_by": "到场查看",
    "check_note": "情况属实。",
    "acceptance": "上报分流",
    "hand_up_reason": "村里没有设备。",
}
HANDLE = {
    "handle_result": "已处置",
    "handle_measures": "更换灯具。",
    "started_on": "2026-11-20",
    "done_on": "2026-11-20",
    "public_answer": "已修好。",
}
TRACK = {"visited_at": "2026-11-20T17:00", "track_result": "已解决", "track_note": "灯已亮。"}
FEEDBACK = {"feedback_how": "电话", "feedback_at": "2026-11-20T17:30", "feedback_text": "已告知。"}
PHOTOS = {"handle": "handle_photos", "track": "track_photos"}
RATE = {"satisfaction": "满意", "stars": "5"}
WITHDRAW = {
    "withdrawn_on": "2026-11-20",
    "withdrawal_reason": "不再反映。",
    "safety_checked": "yes",
}
DISPATCH = {"dispatch_mode": "单位承办", "unit_choice": "按分流表", "requirement": "尽快修复。"}


@cache
def grey_photo() -> attachments.Upload:
    """A small photo, made ready once for all tests."""
    image = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(image, "JPEG")
    image.seek(0)
    return attachments.make_ready(image, "photo")


@dataclass
class World:
    """What a test needs to play a day in the county."""

    logins: dict[str, int] = field(default_factory=dict)
    now: datetime = FRIDAY_9AM

    def actor(self, db: Session, login: str) -> Actor:
        """The person with the seats they have now."""
        return actors.actor_of(db, self.logins[login], self.now)

    def do(self, **subject: Any) -> AbstractContextManager[Session]:
        """A transaction, as a view opens one."""
        return transaction(**subject)

    def report(self, **answers: Any) -> dict[str, Any]:
        """What a grid worker fills in to open a ticket."""
        return {**REPORT, **answers}

    def open(self, login: str = "worker", process: str = "ticket", **answers: Any) -> int:
        """Open a case; returns its id."""
        with transaction() as db:
            given = {**REPORT, **answers} if process == "ticket" else answers
            case = cases.open_case(db, self.actor(db, login), process, given, now=self.now)
            return case.id

    def photo(self, login: str = "worker") -> str:
        """Upload a small photo; returns the id that a form's answer names it by."""
        ready = grey_photo()
        with transaction() as db:
            actor = self.actor(db, login)
            county_id = db.scalars(select(Unit.id).where(Unit.code == "620725")).one()
            row = attachments.receive(
                db, actor, ready, "现场.jpg", county_id=county_id, now=self.now
            )
            return str(row.id)

    def task(self, case_id: int, node: str | None = None) -> Task:
        """The case's open task, or the one at ``node``."""
        with reading() as db:
            query = select(Task).where(Task.case_id == case_id, Task.done_at.is_(None))
            if node is not None:
                query = query.where(Task.node_id == node)
            return db.scalars(query.order_by(Task.id)).one()

    def complete(
        self, login: str, case_id: int, answers: Mapping[str, Any], node: str | None = None
    ) -> None:
        """Complete the case's open task as somebody, with the photo that some steps ask for."""
        task = self.task(case_id, node)
        if task.node_id in PHOTOS:
            answers = {**answers, PHOTOS[task.node_id]: [self.photo(login)]}
        with transaction() as db:
            cases.complete_task(db, self.actor(db, login), task.id, answers, now=self.now)

    def open_nodes(self, case_id: int) -> list[str]:
        """Nodes of the open tasks."""
        with reading() as db:
            query = select(Task.node_id).where(Task.case_id == case_id, Task.done_at.is_(None))
            return sorted(db.scalars(query))

    def kinds(self, case_id: int) -> list[str]:
        """Kinds of the case's events."""
        with reading() as db:
            return audit.kinds(db, db.get_one(Case, case_id))

    def events(self, case_id: int, kind: str) -> list[Event]:
        """The case's events of one kind."""
        with reading() as db:
            history = audit.history(db, db.get_one(Case, case_id))
            return [event for event in history if event.kind == kind]

    def due(self, case_id: int) -> list[Due]:
        """The case's future moments, soonest first."""
        with reading() as db:
            query = select(Due).where(Due.case_id == case_id).order_by(Due.fire_at, Due.id)
            return list(db.scalars(query))

    def work(self, now: datetime) -> dict[str, dict[str, int]]:
        """Let the worker run once at ``now``."""
        self.now = now
        return ticks.run_once(now)


def make_world(now: datetime = FRIDAY_9AM) -> World:
    """Build the county, seat its people and publish what ships."""
    world = World(now=now)
    with transaction() as db:
        calendars.seed(db, now)
        county = make_county(db, now)
        for login, unit, role in POSTS:
            _seat(db, county, world, login, unit, role)
        files = versions.read_directory(ROOT)
        for process in ("ticket", versions.ESCALATION):
            versions.publish(db, process, files[process], now=now)
    return world


def _seat(db: Session, county: County, world: World, login: str, unit: str, role: str) -> User:
    user = org.create_user(
        db, None, login=login, name=f"员工{login}", password_hash="x", now=county.now
    )
    org.create_post(db, None, unit=county[unit], role=role, user=user, now=county.now)
    world.logins[login] = user.id
    return user
