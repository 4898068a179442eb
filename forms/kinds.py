"""The kinds of fields: what each may be told, and how its answer is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from feel import Text
from forms import characters, dates, numbers, phone, resident_id, times
from forms.definition import Field
from forms.findings import WrongAnswer

Read = Callable[[Field, Any], Any]

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._\-]{0,63}")
_COORDINATE = re.compile(r"[+-]?[0-9]{1,8}(?:\.[0-9]{0,20})?")
_YES = frozenset({"yes", "true", "on", "1", "y", "是", "有"})
_NO = frozenset({"no", "false", "off", "0", "n", "否", "无", "没有"})


@dataclass(frozen=True)
class FieldKind:
    """How fields of a kind are defined and read.

    `options` are the keys that its definition may have besides those of every kind. `many`
    says that the answer is a list. `read` gives the clean answer or raises Wrong.
    `feel` is FEEL's type of an answer, as expressions see it.
    """

    read: Read
    options: frozenset[str] = frozenset()
    many: bool = False
    personal: bool = False
    max_length: int = 0
    feel: str = "string"


def blank(value: Any) -> bool:
    """Return whether a question was left unanswered."""
    if isinstance(value, str):
        return not value.strip(" \t\r\n\u3000\u200b\ufeff")
    return value is None or (isinstance(value, list | tuple | Mapping) and not value)


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    # Numbers are taken for what is written with digits alone: a code, a telephone number.
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
        return str(value)
    raise WrongAnswer("这一项应该是文字", "this should be a text")


def _within(field: Field, text: str) -> str:
    if len(text) > field.max_length:
        raise WrongAnswer(
            f"最多 {field.max_length} 个字，现在有 {len(text)} 个",
            f"at most {field.max_length} characters; this has {len(text)}",
        )
    return text


def _text(field: Field, value: Any) -> str:
    return _within(field, characters.one_line(_bounded(value)))


def _textarea(field: Field, value: Any) -> str:
    return _within(field, characters.tidy(_bounded(value)))


def _bounded(value: Any) -> str:
    text = _string(value)
    if len(text) > 200_000:
        raise WrongAnswer(
            "内容太长了，请缩短或作为附件上传", "too long; shorten it or attach a file"
        )
    return text


def _short(value: Any) -> str:
    text = _string(value)
    if len(text) > 200:
        raise WrongAnswer("内容太长了", "this is too long")
    return text


def _person(field: Field, value: Any) -> str:
    name = _within(field, characters.name(_bounded(value)))
    if not any(character.isalpha() for character in name):
        raise WrongAnswer("请填写姓名", "please give a name")
    return name


def _yes_no(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = characters.half_width(_short(value)).lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise WrongAnswer("请选择“是”或“否”", "please choose yes or no")


def _choice(field: Field, value: Any) -> str:
    wanted = value if isinstance(value, str) else _short(value)
    if not any(choice.value == wanted for choice in field.choices):
        raise WrongAnswer("请从列出的选项中选择", "please choose one of those listed")
    return wanted


def _code(field: Field, value: Any) -> str:
    code = characters.half_width(_short(value))
    if not _CODE.fullmatch(code):
        raise WrongAnswer("没有这个编码，请重新选择", "there is no such code; please choose again")
    return code


def _attachment(field: Field, value: Any) -> int | str:
    code = _code(field, value)
    return int(code) if re.fullmatch(r"[1-9][0-9]{0,18}", code) else code


def _several(one: Read) -> Read:
    def read(field: Field, value: Any) -> list[Any]:
        items = value if isinstance(value, list | tuple) else [value]
        limit = len(field.choices) if field.choices else int(field.max or 0)
        if len(items) > max(limit, 1) * 2:
            # Refused before each is looked at: nobody picks that many by hand.
            raise WrongAnswer(f"最多选择 {limit} 项", f"at most {limit} can be chosen")
        return list(dict.fromkeys(one(field, item) for item in items if not blank(item)))

    return read


def _number(field: Field, value: Any) -> int | float:
    return numbers.parse(value, decimals=field.decimals, money=field.kind == "money")


def _rating(field: Field, value: Any) -> int:
    try:
        stars = numbers.parse(value, decimals=0)
    except WrongAnswer:
        stars = 0
    if not 1 <= stars <= 5:
        raise WrongAnswer("请选择 1 至 5 星", "please choose 1 to 5 stars")
    return int(stars)


def _position(field: Field, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        parts = re.split(r"[,，\s]+", characters.half_width(_short(value)))
        value = dict(zip(("lat", "lon", "accuracy"), parts, strict=False))
    if not isinstance(value, Mapping):
        raise _no_position()
    lat, lon = (_degrees(value.get(name), most) for name, most in (("lat", 90), ("lon", 180)))
    accuracy = value.get("accuracy")
    return {"lat": lat, "lon": lon, "accuracy": None if blank(accuracy) else _metres(accuracy)}


def _degrees(value: Any, most: int) -> int | float:
    try:
        degrees = numbers.parse(_rounded(value, 7), decimals=7)
    except WrongAnswer:
        raise _no_position() from None
    if abs(degrees) > most:
        raise _no_position()
    return degrees


def _metres(value: Any) -> int | float:
    try:
        metres = numbers.parse(_rounded(value, 1), decimals=1)
    except WrongAnswer:
        raise _no_position() from None
    if not 0 <= metres <= 40_000_000:
        raise _no_position()
    return metres


def _rounded(value: Any, places: int) -> Any:
    """Drop the digits that a positioning device gives and nobody can measure."""
    if isinstance(value, str):
        value = value.strip()
        if not _COORDINATE.fullmatch(value):
            raise _no_position()
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise _no_position()
    try:
        return round(float(value), places)
    except OverflowError:
        raise _no_position() from None


def _no_position() -> WrongAnswer:
    return WrongAnswer("位置不对，请重新定位", "this is not a position; please locate it again")


def _staff(field: Field, value: Any) -> str:
    person = characters.half_width(_short(value))
    if not re.fullmatch(r"[1-9][0-9]{0,18}", person):
        raise WrongAnswer("没有这个人，请重新选择", "there is no such person; please choose again")
    return person


def _nothing(field: Field, value: Any) -> None:
    return None


def _rows(field: Field, value: Any) -> Any:
    raise AssertionError("the rows of a list are read by forms.schema")


_BOUNDS = frozenset({"min", "max"})
_TEXT = frozenset({"max_length"})

KINDS: Mapping[str, FieldKind] = {
    "text": FieldKind(_text, _TEXT, max_length=200),
    "textarea": FieldKind(_textarea, _TEXT | {"rows"}, max_length=5_000),
    "number": FieldKind(_number, _BOUNDS | {"decimals"}, feel="number"),
    "money": FieldKind(_number, _BOUNDS | {"decimals"}, feel="number"),
    "date": FieldKind(lambda field, value: dates.read_date(value), _BOUNDS, feel="date"),
    "datetime": FieldKind(
        lambda field, value: dates.read_datetime(value), _BOUNDS, feel="date and time"
    ),
    "time": FieldKind(lambda field, value: times.read_time(value), _BOUNDS, feel="time"),
    "duration": FieldKind(
        lambda field, value: times.read_duration(value),
        _BOUNDS,
        feel="days and time duration",
    ),
    "yes_no": FieldKind(_yes_no, feel="boolean"),
    "choice": FieldKind(_choice, frozenset({"choices"})),
    "choices": FieldKind(_several(_choice), _BOUNDS | {"choices"}, many=True, feel="list<string>"),
    "phone": FieldKind(lambda field, value: phone.parse(_short(value)), personal=True),
    "resident_id": FieldKind(lambda field, value: resident_id.parse(_short(value)), personal=True),
    "person": FieldKind(_person, _TEXT, personal=True, max_length=50),
    "address": FieldKind(_text, _TEXT, personal=True, max_length=200),
    "place": FieldKind(_code),
    "unit": FieldKind(_code),
    "units": FieldKind(_several(_code), _BOUNDS, many=True, feel="list<string>"),
    "staff": FieldKind(_staff, frozenset({"role"})),
    "position": FieldKind(_position, feel="context<lat: number, lon: number, accuracy: number>"),
    "files": FieldKind(_several(_attachment), _BOUNDS | {"accept"}, many=True, feel="list"),
    "list": FieldKind(_rows, _BOUNDS | {"fields"}, many=True, feel="list"),
    # Read as the list that it is made into.
    "people": FieldKind(_rows, _BOUNDS | {"roles", "asks"}, many=True, feel="list"),
    "note": FieldKind(_nothing),
    "rating": FieldKind(_rating, feel="number"),
}


def check_bounds(field: Field, value: Any, today: date) -> None:
    """Hold a clean answer against the `min` and `max` of its field.

    For lists they bound how many; for dates they are a date or `today`. Raises WrongAnswer.
    """
    if field.kind == "resident_id":
        resident_id.parse(value, today=today)
    low, high = (_bound(field, bound, today) for bound in (field.min, field.max))
    measured = len(value) if KINDS[field.kind].many else value
    if field.kind == "datetime":
        measured = value[:10]
    if field.kind == "duration":
        _check_length(field, times.length_of(value), low, high)
        return
    if low is not None and measured < low:
        raise _too_low(field, low)
    if high is not None and measured > high:
        raise _too_high(field, high)


def _check_length(field: Field, length: timedelta, low: Any, high: Any) -> None:
    if low is not None and length < times.length_of(low):
        raise _too_low(field, Text(*(times.duration_words(low, one) for one in ("zh_CN", "en"))))
    if high is not None and length > times.length_of(high):
        raise _too_high(field, Text(*(times.duration_words(high, one) for one in ("zh_CN", "en"))))


def _bound(field: Field, bound: Any, today: date) -> Any:
    return today.isoformat() if bound == "today" else bound


def _too_low(field: Field, low: Any) -> WrongAnswer:
    if KINDS[field.kind].many:
        return WrongAnswer(f"至少要有 {low} 项", f"at least {low} needed")
    if field.kind in ("date", "datetime", "time"):
        return WrongAnswer(f"不能早于 {low}", f"not before {low}")
    if isinstance(low, Text):
        return WrongAnswer(f"不能少于 {low.zh}", f"not less than {low.en}")
    return WrongAnswer(f"不能小于 {low}", f"not less than {low}")


def _too_high(field: Field, high: Any) -> WrongAnswer:
    if KINDS[field.kind].many:
        return WrongAnswer(f"最多 {high} 项", f"at most {high}")
    if field.kind in ("date", "datetime", "time"):
        return WrongAnswer(f"不能晚于 {high}", f"not after {high}")
    if isinstance(high, Text):
        return WrongAnswer(f"不能超过 {high.zh}", f"not more than {high.en}")
    return WrongAnswer(f"不能大于 {high}", f"not more than {high}")
