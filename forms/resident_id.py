"""Resident identity numbers: 18 characters after GB 11643.

Six digits for the place, eight for the date of birth, three in sequence (odd for men), and a
check character after ISO 7064 MOD 11-2. Residence permits of people from Hong Kong, Macao and
Taiwan have the places 810000, 820000 and 830000; the permanent residence card of a foreigner
begins with 9, a province and a country, and is built alike from the date of birth on.
"""

from __future__ import annotations

import re
from datetime import date

from forms.characters import half_width
from forms.findings import WrongAnswer

PROVINCES = frozenset(
    str(number)
    for numbers in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71,),
        range(81, 84),
    )
    for number in numbers
)
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
_CHECKS = "10X98765432"


def normal(text: str) -> str:
    """Return a number as it is stored: ASCII digits, capital X, no spaces or hyphens."""
    return re.sub(r"[\s\-]", "", half_width(text)).upper()


def check_character(first17: str) -> str:
    """Compute the last character from the first seventeen digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first17, strict=True))
    return _CHECKS[total % 11]


def birth_date(number: str) -> date | None:
    """Read the date of birth from a normal number, or None if there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def valid(text: str, *, today: date | None = None) -> bool:
    """Return whether this is a possible resident identity number."""
    try:
        parse(text, today=today)
    except WrongAnswer:
        return False
    return True


def parse(text: str, *, today: date | None = None) -> str:
    """Return the number as it is stored. Raises WrongAnswer with the reason if it is impossible.

    With `today`, a date of birth in the future is refused too.
    """
    number = normal(text)
    if re.fullmatch(r"[0-9]{15}", number):
        raise WrongAnswer(
            "15 位的旧身份证号已停用，请填写 18 位的公民身份号码",
            "15-digit identity numbers are no longer in use; please give the 18-character one",
        )
    if not _SHAPE.fullmatch(number):
        raise WrongAnswer(
            "身份证号应为 18 位：17 位数字，最后一位是数字或 X",
            "an identity number has 18 characters: 17 digits, then a digit or X",
        )
    if number[1:3] not in PROVINCES if number[0] == "9" else number[:2] not in PROVINCES:
        raise WrongAnswer(
            "身份证号开头的地区代码不存在，请核对",
            "the place code at the beginning of the identity number does not exist",
        )
    born = birth_date(number)
    if born is None or born.year < 1850 or (today is not None and born > today):
        raise WrongAnswer(
            "身份证号中的出生日期不存在，请核对第 7 至 14 位",
            "the date of birth in the identity number is impossible; check characters 7 to 14",
        )
    if check_character(number[:17]) != number[17]:
        raise WrongAnswer(
            "身份证号的校验码不对，可能有一位填错了，请核对",
            "the last character does not fit the rest: a digit of the identity number is wrong",
        )
    return number
