"""The small county with everybody whom the three processes need, and their whole answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine import org
from engine.casework import cases
from engine.definitions import versions
from engine.models import Case, CaseState, Task, Unit
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World, make_world
from tests.processes.test_definitions import shipped_forms
from tests.processes.test_forms import filled
from tests.processes.walk import ROOT, definition

PEOPLE = (
    ("mediator", "V1", "mediator"),
    ("village_leader", "V1", "leader"),
    ("town_mediator", "T1-TW", "mediator"),
    ("operator", "620725-ZZ", "operator"),
)


@dataclass
class Desk:
    """One case, worked off by people who fill in whole forms."""

    world: World
    process: str
    case_id: int = 0

    def answers(self, login: str, form: str, **chosen: Any) -> dict[str, Any]:
        """Every question answered; files only where one must be attached."""
        fields = shipped_forms(self.process)[form].fields
        found = filled(shipped_forms(self.process)[form], chosen)
        for field in fields:
            if field.kind == "files" and field.name not in chosen:
                del found[field.name]
                if field.required or field.required_when:
                    found[field.name] = [self.world.photo(login)]
            elif field.kind in ("place", "unit", "units", "staff") and field.name not in chosen:
                del found[field.name]
        return found

    def open(self, login: str, **chosen: Any) -> None:
        """Open the case."""
        opens = definition(self.process).opens
        assert opens is not None
        given = self.answers(login, opens.form, **chosen)
        with transaction() as db:
            actor = self.world.actor(db, login)
            self.case_id = cases.open_case(db, actor, self.process, given, now=self.world.now).id

    def do(self, login: str, node: str, **chosen: Any) -> None:
        """Complete an open task as somebody."""
        task = self.world.task(self.case_id, node)
        self.complete(login, task.id, definition(self.process).nodes[node].form, **chosen)

    def complete(self, login: str, task_id: int, form: str, **chosen: Any) -> None:
        """Complete one of several open tasks of a node."""
        given = self.answers(login, form, **chosen)
        with transaction() as db:
            actor = self.world.actor(db, login)
            cases.complete_task(db, actor, task_id, given, now=self.world.now)

    def send(self, login: str, message: str, **chosen: Any) -> None:
        """Press a button of the case as somebody."""
        given = self.answers(login, f"{self.process}/{message}", **chosen)
        with transaction() as db:
            actor = self.world.actor(db, login)
            case = db.get_one(Case, self.case_id)
            cases.send_message(db, actor, case.id, message, given, now=self.world.now)

    def where(self) -> dict[str, tuple[str, str]]:
        """Unit code and role of each open task, by node."""
        query = (
            select(Task.node_id, Unit.code, Task.role)
            .join(Unit, Unit.id == Task.unit_id)
            .where(Task.case_id == self.case_id, Task.done_at.is_(None))
        )
        with reading() as db:
            return {node: (unit, role) for node, unit, role in db.execute(query)}

    def outcome(self) -> str | None:
        """The end event that the case reached."""
        with reading() as db:
            return db.get_one(Case, self.case_id).outcome

    def state(self) -> str:
        """The engine's state as it is stored."""
        with reading() as db:
            return db.scalars(
                select(CaseState.state).where(CaseState.case_id == self.case_id)
            ).one()


def make_people_of_all() -> World:
    """The county with mediators and operators too, all processes published."""
    world = make_world()
    with transaction() as db:
        for login, code, role in PEOPLE:
            unit = org.unit_by_code(db, code)
            assert unit is not None
            user = org.create_user(
                db, None, login=login, name=f"员工{login}", password_hash="x", now=world.now
            )
            org.create_post(db, None, unit=unit, role=role, user=user, now=world.now)
            world.logins[login] = user.id
        files = versions.read_directory(ROOT)
        for key in ("dispute", "hotline", "centre", "citizens"):
            versions.publish(db, key, files[key], now=world.now)
    return world
