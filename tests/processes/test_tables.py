"""The shipped decision tables: no gap, no surprise, and a ladder for every clock."""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product
from typing import Any

import pytest
from lxml import etree

import feel
from engine.definitions.escalation_table import Rung, RungTable
from tests.processes.test_definitions import choices_of
from tests.processes.walk import PLACE, ROOT

DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
LEVELS = ("county", "township", "village", "grid")
CLOCKS = ("sign", "handle", "citizen")
ROLES = {"leader", "supervisor"}
ESCALATION = ROOT / "processes/escalation.dmn"


@cache
def model(key: str) -> feel.DmnModel:
    """The decision tables of a process."""
    return feel.load_dmn((ROOT / "processes" / key / "triage.dmn").read_bytes())


@cache
def ladder_table() -> RungTable:
    """The escalation table as the worker loads it."""
    return RungTable.load(ESCALATION.read_bytes(), 1, 1)


def decide(key: str, decision: str, **inputs: Any) -> Any:
    """What a table of a process answers; its errors fail the test."""
    case = {"level": inputs.pop("level", "village"), "place": PLACE, "department": None}
    outcome = model(key).decisions[decision].decide({**inputs, "case": case})
    assert outcome.errors == ()
    return outcome.result


def ladder(level: str | None, clock: str, priority: str | None = "normal") -> tuple[Rung, ...]:
    """The rungs of one clock."""
    return ladder_table().rungs(
        process="ticket", step="handle", level=level, category=None, priority=priority, clock=clock
    )


def test_it_sends_every_category_of_ticket_from_every_place_somewhere() -> None:
    categories = choices_of("ticket", "ticket/report", "category")
    settings = choices_of("ticket", "ticket/report", "setting")

    for category, setting in product(categories, settings):
        found = decide("ticket", "ticket_triage", category=category, setting=setting)
        assert found is None or found.endswith(("局", "大队"))
    # Most of it goes to a department; what the township does itself is the exception.
    own = [c for c in categories if not decide("ticket", "ticket_triage", category=c, setting="")]
    assert own == ["环境卫生", "政策宣传代办", "其他"]


def test_it_knows_every_category_that_the_tables_name() -> None:
    for key, form, field, decision in (
        ("ticket", "ticket/report", "category", "ticket_triage"),
        ("ticket", "ticket/report", "setting", "ticket_triage"),
        ("ticket", "ticket/report", "category", "ticket_matters"),
        ("hotline", "hotline/intake", "topic", "hotline_triage"),
        ("hotline", "hotline/intake", "area", "hotline_triage"),
        ("hotline", "hotline/intake", "request_kind", "hotline_limit"),
        ("hotline", "hotline/intake", "item", "hotline_catalogue"),
        ("dispute", "dispute/apply", "dispute_type", "dispute_triage"),
    ):
        assert named(key, decision, field) <= set(choices_of(key, form, field)), (key, field)


def named(key: str, decision: str, variable: str) -> set[str]:
    """The strings that a table's column for a variable compares with."""
    root = etree.parse(ROOT / "processes" / key / "triage.dmn").getroot()
    table = root.find(f"{DMN}decision[@id='{decision}']/{DMN}decisionTable")
    assert table is not None
    columns = [one.text for one in table.iterfind(f"{DMN}input/{DMN}inputExpression/{DMN}text")]
    path = f"{DMN}inputEntry[{columns.index(variable) + 1}]/{DMN}text"
    cells = [str(rule.findtext(path)) for rule in table.iterfind(f"{DMN}rule")]
    return {part.strip().strip('"') for cell in cells if cell != "-" for part in cell.split(",")}


@pytest.mark.parametrize(
    ("category", "day", "listed"),
    [
        ("露天焚烧", "2027-05-31", True),
        ("露天焚烧", "2027-06-01", False),
        ("露天焚烧", None, True),
        ("违法建设", "2026-11-23", False),
        ("住房物业", "2026-11-23", True),
    ],
)
def test_matters_are_listed_from_their_entry_to_their_exit(
    category: str, day: str | None, listed: bool
) -> None:
    found = decide("ticket", "ticket_matters", category=category, found_on=day)

    assert found["listed"] is listed


def test_the_catalogue_knows_every_matter_that_can_be_chosen() -> None:
    for item in choices_of("hotline", "hotline/intake", "item"):
        found = decide("hotline", "hotline_catalogue", item=item)
        listed = item != "目录外"
        assert (found["item_department"] is not None) == listed, item
        assert (found["item_basis"] or "").endswith("（未核对）") == listed


def test_it_sets_a_limit_and_a_priority_for_every_ticket() -> None:
    for category in choices_of("ticket", "ticket/report", "category"):
        for danger in (True, False):
            found = decide("ticket", "ticket_limit", category=category, danger=danger)
            assert found["limit"] > 0 and found["limit_unit"] in ("hours", "working_days")
            assert (found["priority"] == "紧急") == danger


def test_it_sends_every_call_somewhere_within_a_limit() -> None:
    for topic in choices_of("hotline", "hotline/intake", "topic"):
        found = decide("hotline", "hotline_triage", topic=topic, area="城区", item_department=None)
        assert found is None or found.endswith(("局", "中心"))
    for kind in choices_of("hotline", "hotline/intake", "request_kind"):
        found = decide("hotline", "hotline_limit", request_kind=kind, urgent=False, item_limit=None)
        assert found["limit"] in (3, 13)


@pytest.mark.parametrize(
    ("people", "violence", "self_harm", "gathering", "risk"),
    [
        (2, True, False, False, "高"),
        (2, False, True, False, "高"),
        (5, False, False, True, "高"),
        (4, False, False, True, "中"),
        (10, False, False, False, "中"),
        (9, False, False, False, "低"),
    ],
)
def test_it_weighs_the_risk_of_a_dispute(
    people: int, violence: bool, self_harm: bool, gathering: bool, risk: str
) -> None:
    found = decide(
        "dispute",
        "dispute_risk",
        people_count=people,
        violence=violence,
        self_harm=self_harm,
        gathering=gathering,
    )

    assert found["risk"] == risk


@pytest.mark.parametrize(
    ("level", "kind", "amount", "people", "route"),
    [
        ("grid", "邻里纠纷", 0, 2, "上报"),
        ("village", "邻里纠纷", 99_999, 9, "本级调解"),
        ("village", "邻里纠纷", 100_000, 2, "上报"),
        ("village", "邻里纠纷", 0, 10, "上报"),
        ("village", "医疗纠纷", 0, 2, "上报"),
        ("township", "其他劳动争议纠纷", 999_999, 29, "本级调解"),
        ("township", "其他劳动争议纠纷", 1_000_000, 2, "上报"),
        ("township", "其他劳动争议纠纷", 0, 30, "上报"),
        ("township", "医疗纠纷", 0, 2, "上报"),
        ("county", "医疗纠纷", 9_000_000, 500, "本级调解"),
    ],
)
def test_it_finds_the_level_of_a_dispute(
    level: str, kind: str, amount: int, people: int, route: str
) -> None:
    found = decide(
        "dispute", "dispute_triage", level=level, dispute_type=kind, amount=amount,
        people_count=people,
    )  # fmt: skip

    assert found["route"] == route


def test_it_never_sends_a_dispute_up_from_the_county() -> None:
    for kind in choices_of("dispute", "dispute/apply", "dispute_type"):
        found = decide(
            "dispute", "dispute_triage", level="county", dispute_type=kind, amount=10**9,
            people_count=9999,
        )  # fmt: skip
        assert found["route"] == "本级调解"


@pytest.mark.parametrize(("level", "clock"), list(product((*LEVELS, None), CLOCKS)))
@pytest.mark.parametrize("priority", ["normal", "一般", "重要", "紧急", None])
def test_it_has_a_ladder_for_every_clock(
    level: str | None, clock: str, priority: str | None
) -> None:
    rungs = ladder(level, clock, priority)

    assert rungs[0].after.amount == 0, "somebody hears of it at once"
    assert {rung.role for rung in rungs} <= ROLES
    ups = [LEVELS.index(level) - rung.levels_up for rung in rungs] if level else []
    if level and priority != "紧急" and clock != "citizen":
        # One level above a county department is the county itself.
        assert min(ups) == (-1 if level == "county" else 0), "it ends at the county"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("clock", CLOCKS)
def test_it_climbs_and_never_comes_down_again(level: str, clock: str) -> None:
    hours = {"hours": 1, "working_hours": 1, "working_days": 7}
    rungs = sorted(
        (rung.after.amount * hours[rung.after.unit], rung.levels_up)
        for rung in ladder(level, clock)
        if rung.act != "escalate" and rung.role == "supervisor"
    )

    assert all(lower[1] <= higher[1] for lower, higher in pairwise(rungs))


@pytest.mark.parametrize("level", LEVELS)
def test_it_throws_the_overdue_event_exactly_once(level: str) -> None:
    for priority in ("一般", "紧急"):
        acts = [rung.act for rung in ladder(level, "handle", priority)]
        assert acts.count("escalate") == 1


def test_it_is_quicker_with_what_is_urgent() -> None:
    hours = {"hours": 1, "working_hours": 1, "working_days": 7}

    def first_supervision(priority: str) -> int:
        return min(
            rung.after.amount * hours[rung.after.unit]
            for rung in ladder("township", "handle", priority)
            if rung.act == "supervise"
        )

    assert first_supervision("紧急") < first_supervision("一般")
