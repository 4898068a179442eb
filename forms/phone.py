"""Telephone numbers as they are given in China: mobile, landline with area code, 400, abroad."""

from __future__ import annotations

import re

from forms.characters import half_width
from forms.findings import WrongAnswer

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Area codes have three digits for 010 and 02x, four for the rest; a local number begins with 2-8.
_LANDLINE = re.compile(r"(010|02[0-9])([2-8][0-9]{7})|(0[3-9][0-9]{2})([2-8][0-9]{6,7})")
_SERVICE = re.compile(r"(400|800)([0-9]{3})([0-9]{4})")
_ABROAD = re.compile(r"\+(?!86)[1-9][0-9]{6,14}")
_EXTENSION = re.compile(r"(?i)(?:转|分机|ext\.?|x|#|-)\s*([0-9]{1,6})$")


def mobile(text: str) -> bool:
    """Return whether this is a mainland mobile number."""
    try:
        return _MOBILE.fullmatch(parse(text)) is not None
    except WrongAnswer:
        return False


def valid(text: str) -> bool:
    """Return whether this is a telephone number that can be dialled."""
    try:
        parse(text)
    except WrongAnswer:
        return False
    return True


def parse(text: str) -> str:
    """Return a number as it is stored: 13812345678, 0936-2721234-12, 400-123-4567, +85291234567.

    Raises WrongAnswer with the reason if nobody could dial it.
    """
    typed = half_width(text)
    # First, for 0936-2721234-5 without its signs would be a number with eight digits.
    extension = _EXTENSION.search(typed)
    if extension and (found := _landline(_digits(typed[: extension.start()]))):
        return f"{found}-{extension[1]}"
    digits = _digits(typed)
    found = _whole(digits)
    if not found:
        raise _reason(digits)
    return found


def _digits(typed: str) -> str:
    digits = re.sub(r"[\s\-()（）.·—–]", "", typed)
    national = re.sub(r"^(?:\+86|0086|86(?=1[3-9][0-9]{9}$))", "", digits)
    # Written with the country's code, an area code has lost its 0.
    return (
        f"0{national}" if national != digits and _LANDLINE.fullmatch(f"0{national}") else national
    )


def _whole(digits: str) -> str | None:
    if _MOBILE.fullmatch(digits) or _ABROAD.fullmatch(digits):
        return digits
    if match := _SERVICE.fullmatch(digits):
        return "-".join(match.groups())
    return _landline(digits)


def _landline(digits: str) -> str | None:
    match = _LANDLINE.fullmatch(digits)
    return "-".join(part for part in match.groups() if part) if match else None


def _reason(digits: str) -> WrongAnswer:
    if re.fullmatch(r"[2-8][0-9]{6,7}", digits):
        return WrongAnswer(
            "固定电话请加区号，例如 0936-2721234",
            "please add the area code to a landline number, such as 0936-2721234",
        )
    if re.fullmatch(r"1[0-9]*", digits):
        return WrongAnswer(
            f"手机号应为 11 位，以 13 至 19 开头（现在是 {len(digits)} 位）",
            f"a mobile number has 11 digits and begins with 13 to 19 (this has {len(digits)})",
        )
    return WrongAnswer(
        "请填写手机号或带区号的固定电话，例如 13812345678、0936-2721234",
        "please give a mobile number or a landline with its area code,"
        " such as 13812345678 or 0936-2721234",
    )
