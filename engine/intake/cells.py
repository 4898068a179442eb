"""What a cell says: full-width digits, dates and amounts as offices spell them. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

# Excel counts days from here, because it believes in 29 February 1900.
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_DAYS = range(20_000, 80_000)

_DATE = r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
_TIME = (
    r"(?:[T\s]*(?P<half>上午|下午|AM|PM)?\s*(?P<hour>\d{1,2})\s*[:：时点]\s*(?P<minute>\d{1,2})?"
    r"\s*分?(?:[:：]?\s*(?P<second>\d{1,2})(?:\.\d+)?秒?)?)?"
)
_ISO_ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(rf"^{_DATE}{_TIME}\s*{_ISO_ZONE}$", re.IGNORECASE)
_COMPACT = re.compile(r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})$")
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")

# Fifteen digits are what a JSON number carries without loss.
_YUAN = re.compile(
    r"^(?:人民币|RMB|CNY|¥)?\s*(?P<number>\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?)"
    r"\s*(?P<unit>[万亿])?\s*(?:元|圆)?整?$",
    re.IGNORECASE,
)
_UNITS = {None: 1, "万": 10_000, "亿": 100_000_000}


def tidy(text: str) -> str:
    """The cell without surrounding space, its full-width letters and digits made plain."""
    return unicodedata.normalize("NFKC", text).replace("\x00", "").strip()


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """The moment (UTC) that a cell names, local in ``zone``; None for an empty cell.

    Reads 2026-11-22 16:05, 2026/11/22, 2026.11.22, 2026年11月22日下午4时5分, 20261122, ISO 8601
    with a zone, and Excel's day numbers. Raises ValueError for anything else: a date that could
    be read in two ways (03/04/2026) is refused rather than guessed.
    """
    text = tidy(text)
    if not text:
        return None
    if _SERIAL.match(text) and int(float(text)) in EXCEL_DAYS:
        whole = datetime.combine(EXCEL_EPOCH, time()) + timedelta(days=float(text))
        return _to_utc(whole.replace(microsecond=0, tzinfo=zone))
    found = _YEAR_FIRST.match(text) or _COMPACT.match(text)
    if found is None:
        raise ValueError(f"no date that can be read: {text!r}")
    parts = found.groupdict()
    local = datetime(
        int(parts["year"]),
        int(parts["month"]),
        int(parts["day"]),
        _hour(parts.get("hour"), parts.get("half")),
        int(parts.get("minute") or 0),
        int(parts.get("second") or 0),
    )
    given = parts.get("zone")
    if given:
        return _to_utc(datetime.fromisoformat(local.isoformat() + given.replace("Z", "+00:00")))
    return _to_utc(local.replace(tzinfo=zone))


def number(text: str) -> float | None:
    """A decimal number, or None for an empty cell. Raises ValueError."""
    text = tidy(text).replace(",", "")
    return float(text) if text else None


def day(text: str, zone: ZoneInfo) -> str | None:
    """The day in ``zone`` that a cell names, as YYYY-MM-DD; None if empty. Raises ValueError."""
    found = moment(text, zone)
    return found.astimezone(zone).date().isoformat() if found is not None else None


def yuan(text: str) -> int | float | None:
    """An amount in yuan: 3000, 3,000元, ￥3000.50, 1.2万元; None for an empty cell.

    Raises ValueError for anything else: what is only about an amount (约3000元) is not guessed.
    """
    text = tidy(text)
    if not text:
        return None
    found = _YUAN.match(text)
    if found is None:
        raise ValueError("no amount that can be read")
    amount = Decimal(found["number"].replace(",", "")) * _UNITS[found["unit"]]
    return int(amount) if amount == int(amount) else float(amount)


def _hour(hour: str | None, half: str | None) -> int:
    value = int(hour or 0)
    afternoon = (half or "").upper() in ("下午", "PM")
    if afternoon and value < 12:
        return value + 12
    return 0 if half and not afternoon and value == 12 else value


def _to_utc(local: datetime) -> datetime:
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        # 0001-01-01, which stands for nothing in other systems, lies before UTC's first year.
        raise ValueError("a date at the end of time") from error
