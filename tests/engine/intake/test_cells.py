"""Dates as offices export them: read when they can mean one thing, refused when they cannot."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.intake import cells
from engine.intake.dates import DateReader

SHANGHAI = DateReader(ZoneInfo("Asia/Shanghai"))
BOSTON = DateReader(ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2026-11-22 16:05", (2026, 11, 22, 16, 5)),
        ("2026/11/22 16:05:09", (2026, 11, 22, 16, 5)),
        ("2026.1.2", (2026, 1, 2, 0, 0)),
        ("20261122", (2026, 11, 22, 0, 0)),
        ("2026年11月22日", (2026, 11, 22, 0, 0)),
        ("2026年11月22日 下午4时5分", (2026, 11, 22, 16, 5)),
        ("２０２６年９月２０日", (2026, 9, 20, 0, 0)),
        ("2026-11-22 上午12:30", (2026, 11, 22, 0, 30)),
        ("46310.5", (2026, 10, 15, 12, 0)),
    ],
)
def test_it_reads_what_offices_write(text: str, local: tuple[int, ...]) -> None:
    """Every spelling names the same kind of moment."""
    found = SHANGHAI.moment(text)
    assert found is not None
    assert found.astimezone(SHANGHAI.zone).replace(second=0, tzinfo=None) == datetime(*local)


@pytest.mark.parametrize(
    "text",
    ["3/4/2026", "2026-13-01", "2026-02-30", "昨天", "1.5", "99999999", "9999-12-31T23:59-05:00"],
)
def test_it_refuses_what_it_would_have_to_guess(text: str) -> None:
    """A date that means two days, or none, is an error and not a guess."""
    with pytest.raises(ValueError):
        SHANGHAI.moment(text)


def test_it_keeps_the_zone_of_an_iso_date_and_the_mappings_otherwise() -> None:
    """Local times are the source's, not the server's."""
    assert BOSTON.moment("2011-07-01 08:00") == datetime(2011, 7, 1, 12, tzinfo=UTC)
    assert BOSTON.moment("2011-07-01T08:00:00+08:00") == datetime(2011, 7, 1, tzinfo=UTC)
    assert BOSTON.moment("") is None


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)))
def test_it_reads_back_any_moment_it_could_have_written(local: datetime) -> None:
    """Round trip through three spellings, to the minute."""
    local = local.replace(second=0, microsecond=0, fold=0)
    expected = local.replace(tzinfo=SHANGHAI.zone).astimezone(UTC)
    for pattern in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H时%M分"):
        assert SHANGHAI.moment(local.strftime(pattern)) == expected


@given(st.text(max_size=40))
def test_it_never_fails_otherwise(text: str) -> None:
    """Any text gives a moment, nothing, or ValueError."""
    try:
        found = SHANGHAI.moment(text)
    except ValueError:
        return
    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("3000", 3000),
        ("3,000元", 3000),
        ("３，０００元", 3000),
        ("￥4,500.50", 4500.5),
        ("人民币 800 圆整", 800),
        ("1.2万元", 12_000),
        ("0.00015万", 1.5),
        ("2亿", 200_000_000),
        (" ", None),
    ],
)
def test_it_reads_amounts(text: str, amount: float | None) -> None:
    """In yuan, without the rounding that binary fractions bring."""
    assert cells.yuan(text) == amount


@pytest.mark.parametrize(
    "text", ["约3000元", "1万2千", "3,00元", "三千元", "-5", "1e9", "nan", "1" * 5000, "500美元"]
)
def test_it_refuses_what_is_only_about_an_amount(text: str) -> None:
    """Nobody's money is guessed."""
    with pytest.raises(ValueError, match="no amount"):
        cells.yuan(text)
