"""Amounts of money as papers write them in words: 人民币壹万捌仟元整."""

from __future__ import annotations

from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES, GROUPS = ("", "拾", "佰", "仟"), ("", "万", "亿", "万亿")


def in_words(amount: Decimal) -> str:
    """Return an amount of up to 16 digits before the point in capital numerals.

    Raises ValueError for a negative one and for parts of a fen.
    """
    fen = amount * 100
    if amount < 0 or fen != fen.to_integral_value() or amount >= 10**16:
        raise ValueError(f"no amount that is written in words: {amount}")
    yuan, rest = divmod(int(fen), 100)
    jiao, fen_digit = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan or not rest else ""
    if not rest:
        return f"人民币{words}整"
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif yuan:
        words += "零"
    words += f"{DIGITS[fen_digit]}分" if fen_digit else "整"
    return f"人民币{words}"


def _whole(number: int) -> str:
    if number == 0:
        return DIGITS[0]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    found = ""
    for at in range(len(groups) - 1, -1, -1):
        group = groups[at]
        if not group:
            continue
        # A gap between groups, or at the head of a later one, is said once.
        gap = found and (group < 1000 or groups[at + 1] == 0)
        found += ("零" if gap else "") + _group(group) + GROUPS[at]
    return found


def _group(number: int) -> str:
    found, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            found += ("零" if gap and found else "") + DIGITS[digit] + PLACES[place]
            gap = False
        else:
            gap = True
    return found
