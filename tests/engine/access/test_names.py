"""Who somebody is to a case: their line of units, the concealment, and whom a text names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from engine.access import audience, confidentiality
from engine.access.actors import Actor, Seat
from engine.access.audience import CaseReader
from engine.access.confidentiality import CONCEALED, NOTHING_CONCEALED
from engine.errors import InvalidInput

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def seat(unit: int, *stamps: int | None, lent_by: int | None = None) -> Seat:
    return Seat(9, unit, "某单位", "department", "handler", "county", stamps, lent_by)


def test_a_line_is_of_ones_own_units_and_all_above_them() -> None:
    lent = seat(70, 11, 71, lent_by=2)
    actor = Actor(1, "某人", (seat(21, 10, 20, None), seat(31, 10, 20, 30), lent), NOW)
    assert confidentiality.own_line(actor) == {10, 20, 21, 30, 31}
    assert confidentiality.by_own_posts(actor).seats == actor.seats[:2]


@pytest.mark.parametrize(
    ("around", "against", "guarded", "goes"),
    [
        (20, 21, True, True),
        (99, 21, True, True),
        (20, 99, True, True),
        (99, 98, True, False),
        (20, 21, False, False),
        (None, 21, True, False),
    ],
)
def test_a_case_goes_round_a_line_that_it_is_about(
    around: int | None, against: int, guarded: bool, goes: bool
) -> None:
    kept = SimpleNamespace(around_id=around, against_id=against)
    case: Any = SimpleNamespace(guarded=guarded, confidentiality=kept)
    assert confidentiality.goes_round(case, {10, 20, 21}) == goes
    none: Any = SimpleNamespace(guarded=True, confidentiality=None)
    assert not confidentiality.goes_round(none, {10, 20, 21})


@pytest.mark.parametrize(
    ("user", "at", "hidden"),
    [
        (1, NOW, True),
        (1, NOW + timedelta(microseconds=1), False),
        (2, NOW, False),
        (None, NOW, False),
        (1, None, False),
    ],
)
def test_a_veil_hides_who_opened_a_case_as_they_opened_it(
    user: int | None, at: datetime | None, hidden: bool
) -> None:
    case: Any = SimpleNamespace(opened_by=1, opened_at=NOW)
    nobody: Any = SimpleNamespace(opened_by=None, opened_at=NOW)
    assert CONCEALED.covers_opening(case, user, at) == hidden
    assert not NOTHING_CONCEALED.covers_opening(case, user, at) and not CONCEALED.covers_opening(
        nobody, None, NOW
    )


def reader(number: int, name: str, label: str = "", unit: int = 5) -> CaseReader:
    return CaseReader(number, name, label or name, "某单位", "handler", frozenset({unit}))


WANG, WANGER = reader(1, "王五"), reader(2, "王五二", unit=6)
READERS = (WANG, WANGER, reader(3, "李四", "李四（一村）"), reader(4, "李四", "李四（二村）"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("没有人", [("没有人", 0)]),
        ("@王五", [("@王五", 1)]),
        ("@王五二请看", [("@王五二", 2), ("请看", 0)]),
        ("请@王五看", [("请", 0), ("@王五", 1), ("看", 0)]),
        ("@王五@王五二", [("@王五", 1), ("@王五二", 2)]),
        ("@@王五", [("@", 0), ("@王五", 1)]),
        ("@没有", [("@没有", 0)]),
        ("王五@", [("王五@", 0)]),
        ("@李四（二村）", [("@李四（二村）", 4)]),
    ],
)
def test_a_text_is_cut_at_the_names_in_it(text: str, wanted: list[tuple[str, int]]) -> None:
    found = list(audience.parts(text, READERS))
    assert [(one.text, one.reader.user_id if one.reader else 0) for one in found] == wanted
    assert "".join(one.text for one in found) == text


def test_a_name_that_several_share_says_which() -> None:
    assert [one.user_id for one in audience.mentioned_readers("@王五 @王五二 @王五", READERS)] == [
        1,
        2,
    ]
    with pytest.raises(InvalidInput):
        audience.mentioned_readers("请@李四看", READERS)
    assert [one.user_id for one in audience.mentioned_readers("@李四（一村）", READERS)] == [3]


def test_a_note_inside_is_for_those_of_the_unit() -> None:
    assert audience.inside(READERS, 6) == [WANGER]
    assert audience.inside(READERS, None) == list(READERS)
