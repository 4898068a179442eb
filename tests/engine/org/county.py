"""Builders of a small county and of cases as bare rows, without an engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import org
from engine.models import Case, CaseAccess, CaseState, Task, Unit, User, Version, new_id

# code, name, level, kind, parent
UNITS = (
    ("62", "甘肃省", "province", "area", None),
    ("6207", "张掖市", "city", "area", "62"),
    ("620725", "山丹县", "county", "area", "6207"),
    ("620725-ZJJ", "住房和城乡建设局", "county", "department", "620725"),
    ("620725-SWJ", "水务局", "county", "department", "620725"),
    ("620725-ZZ", "县综治中心", "county", "centre", "620725"),
    ("T1", "清泉镇", "township", "area", "620725"),
    ("T2", "霍城镇", "township", "area", "620725"),
    ("T1-ZZ", "清泉镇综治中心", "township", "centre", "T1"),
    ("T1-TW", "清泉镇调委会", "township", "committee", "T1"),
    ("V1", "南湖村", "village", "area", "T1"),
    ("V2", "北滩村", "village", "area", "T1"),
    ("V3", "西坡村", "village", "area", "T2"),
    ("G1", "南湖村第一网格", "grid", "area", "V1"),
    ("G9", "镇直属网格", "grid", "area", "T1"),
)


@dataclass
class County:
    """Units by code, users by login, and makers of cases."""

    db: Session
    now: datetime
    units: dict[str, Unit] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    grants: set[tuple[int, int, str]] = field(default_factory=set)

    def __getitem__(self, code: str) -> Unit:
        return self.units[code]

    def user(self, login: str) -> User:
        """A user with this login, made on first use."""
        if login not in self.users:
            self.users[login] = org.create_user(
                self.db, None, login=login, name=f"甲{login}", password_hash="x", now=self.now
            )
        return self.users[login]

    def case(
        self, place: str, *units: str, role: str = "handler", signed_by: str | None = None
    ) -> Case:
        """An open case at a place with one open task in each unit."""
        where = self[place]
        case = Case(
            id=new_id(),
            county_id=self["620725"].id,
            process="ticket",
            version_id=self._version(),
            number=f"山网〔2026〕{new_id()}",
            title="道路积水",
            place_id=where.id,
            place_name=where.name,
            level="village",
            unit_id=self[units[0]].id if units else where.id,
            opened_at=self.now,
        )
        self.db.add(case)
        self.db.flush()
        self.db.add(CaseState(case_id=case.id, county_id=case.county_id, state="{}"))
        self.db.flush()
        self._access(case, where, "place")
        for code in units:
            self.task(case, code, role, signed_by)
        return case

    def task(self, case: Case, code: str, role: str, signed_by: str | None = None) -> Task:
        """An open task of a case in a unit, perhaps signed for."""
        signed: dict[str, Any] = {}
        if signed_by is not None:
            signed = {"assignee_id": self.user(signed_by).id, "signed_at": self.now}
        task = Task(
            id=new_id(),
            county_id=case.county_id,
            case_id=case.id,
            engine_id=str(new_id()),
            node_id="handle",
            name="处置",
            role=role,
            level=self[code].level,
            unit_id=self[code].id,
            opened_at=self.now,
            **signed,
        )
        task.stamp(self[code])
        self.db.add(task)
        self._access(case, self[code], "handler")
        return task

    def _access(self, case: Case, unit: Unit, reason: str) -> None:
        if (case.id, unit.id, reason) in self.grants:
            return
        self.grants.add((case.id, unit.id, reason))
        access = CaseAccess(
            county_id=case.county_id,
            case_id=case.id,
            unit_id=unit.id,
            reason=reason,
            from_at=self.now,
        )
        access.stamp(unit)
        self.db.add(access)
        self.db.flush()

    def _version(self) -> int:
        version = self.db.query(Version).first()
        if version is None:
            version = Version(
                id=new_id(),
                process="ticket",
                number=1,
                name="网格事件",
                digest="0",
                published_at=self.now,
                effective_at=self.now,
            )
            self.db.add(version)
            self.db.flush()
        return version.id


def make_county(db: Session, now: datetime) -> County:
    """Create the units of the small county, parents first."""
    county = County(db, now)
    for code, name, level, kind, parent in UNITS:
        county.units[code] = org.create_unit(
            db,
            None,
            code=code,
            name=name,
            level=level,
            kind=kind,
            parent=county.units[parent] if parent else None,
            now=now,
        )
    return county
