"""Who sits where in the demo county; every name is invented."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from engine.intake.demo.places import COUNTY, grids, offices, places

TOWN, VILLAGE = "620725101", "620725101205"  # 清泉镇, 南湖村: where the demo logins work
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
FIRST = "建国志明晓文秀玉海春永德丽红金学天雪俊小立兰"
SECOND = "军华强芳英梅平霞波林东涛敏燕云山龙辉萍花鹏玲"
# Vacant on purpose: a township's supervisor and a village's leader, whom escalation passes by.
VACANT = frozenset({("620725102-ZZ", "supervisor"), ("620725101202", "leader")})

# login, unit, role: the people whom the login page offers.
LOGINS = (
    ("grid1", f"{VILLAGE}01", "grid_worker"),
    ("grid2", f"{VILLAGE}02", "grid_worker"),
    ("gridleader1", VILLAGE, "grid_leader"),
    ("mediator1", f"{VILLAGE}-TW", "mediator"),
    ("leader1", VILLAGE, "leader"),
    ("dispatcher1", f"{TOWN}-ZZ", "dispatcher"),
    ("supervisor1", f"{TOWN}-ZZ", "supervisor"),
    ("mediator2", f"{TOWN}-TW", "mediator"),
    ("handler1", TOWN, "handler"),
    ("leader2", TOWN, "leader"),
    ("operator1", f"{COUNTY}-12345", "operator"),
    ("dispatcher2", f"{COUNTY}-ZZ", "dispatcher"),
    ("supervisor2", f"{COUNTY}-ZZ", "supervisor"),
    ("mediator3", f"{COUNTY}-TW", "mediator"),
    ("handler2", f"{COUNTY}-ZJJ", "handler"),
    ("handler3", f"{COUNTY}-SWJ", "handler"),
    ("handler4", f"{COUNTY}-CGJ", "handler"),
    ("handler5", f"{COUNTY}-GAJ", "handler"),
    ("leader4", f"{COUNTY}-ZJJ", "leader"),
    ("leader3", COUNTY, "leader"),
    ("editor1", COUNTY, "policy_editor"),
    ("publisher1", COUNTY, "policy_publisher"),
    ("admin1", COUNTY, "admin"),
    ("admin2", COUNTY, "admin"),
    ("confidential1", COUNTY, "confidential_officer"),
    ("confidential2", COUNTY, "confidential_officer"),
    ("auditor1", COUNTY, "auditor"),
    ("security1", COUNTY, "security_admin"),
)
# Stands in for the leader of the township while she is at the party school.
DEPUTY = ("deputy1", TOWN, "handler")
DEPUTISED = (TOWN, "leader")

COUNTY_ROLES = {
    COUNTY: ("leader", "policy_editor", "policy_publisher", "admin"),
    f"{COUNTY}-ZZ": ("dispatcher", "supervisor", "leader"),
    f"{COUNTY}-12345": ("operator", "operator", "leader"),
}
# Seated last, so that everybody before them keeps the name they had.
COUNTY_CONTROLS = (
    "admin",
    "confidential_officer",
    "confidential_officer",
    "auditor",
    "security_admin",
)
ROLES_OF = {
    ("county", "department"): ("handler", "leader"),
    ("county", "organisation"): ("handler", "leader"),
    ("county", "committee"): ("mediator",),
    ("township", "area"): ("leader", "handler"),
    ("township", "centre"): ("dispatcher", "supervisor"),
    ("township", "committee"): ("mediator",),
    ("village", "area"): ("leader", "grid_leader"),
    ("village", "committee"): ("mediator",),
    ("grid", "area"): ("grid_worker",),
}


@dataclass(frozen=True)
class DemoPost:
    """A post in a unit and who holds it; without a login it is vacant."""

    unit_code: str
    role: str
    login: str | None
    name: str = ""


def sittings() -> list[DemoPost]:
    """Return every post of the demo county, the same at every load."""
    names = _names()
    named: dict[tuple[str, str], list[str]] = {}
    for login, unit, role in (*LOGINS, DEPUTY):
        named.setdefault((unit, role), []).append(login)
    found: list[DemoPost] = []
    for unit, role, number in _seats():
        if (unit, role) in VACANT:
            found.append(DemoPost(unit, role, None))
            continue
        waiting = named.get((unit, role))
        login = waiting.pop(0) if waiting else f"{unit.lower()}.{SHORT[role]}{number}"
        found.append(DemoPost(unit, role, login, next(names)))
    return found


SHORT = {
    "mediator": "tj",
    "operator": "hw",
    "dispatcher": "fp",
    "handler": "cb",
    "grid_worker": "wg",
    "grid_leader": "wz",
    "leader": "fz",
    "supervisor": "db",
    "policy_editor": "bj",
    "policy_publisher": "fb",
    "confidential_officer": "bm",
    "auditor": "sj",
    "admin": "gl",
}


def _seats() -> Iterator[tuple[str, str, int]]:
    """Yield unit, role and number of every post; the deputy's own post is a second handler's."""
    for unit, kind, level in _units():
        roles = COUNTY_ROLES.get(unit) or ROLES_OF.get((level, kind), ())
        extra = (DEPUTY[2],) if unit == DEPUTY[1] else ()
        for number, role in enumerate((*roles, *extra), start=1):
            yield unit, role, number
    for number, role in enumerate(COUNTY_CONTROLS, start=1):
        yield COUNTY, role, number


def _units() -> Iterator[tuple[str, str, str]]:
    yield COUNTY, "area", "county"
    for office in offices():
        yield office["code"], office["kind"], "county"
    for place in places():
        code, level = place["code"], place["level"]
        if level in ("township", "village"):
            yield code, "area", level
            yield f"{code}-TW", "committee", level
        if level == "township":
            yield f"{code}-ZZ", "centre", level
        if level == "village":
            for grid in grids(place):
                yield grid["code"], "area", "grid"


def _names() -> Iterator[str]:
    """Yield names without end, always the same ones, none twice running out of the first
    thousand.
    """
    dice = random.Random(620725)
    given: set[str] = set()
    while True:
        name = dice.choice(SURNAMES) + dice.choice(FIRST) + dice.choice(SECOND)
        if name not in given:
            given.add(name)
            yield name
