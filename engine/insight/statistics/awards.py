"""Allowances per case (以案定补): what the quarter's list comes to for each mediator.

What a class is worth, and the words above and below the list, are the county's own; nothing is
laid down here. Several mediators of one case share it equally.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.errors import InvalidInput, NotAllowed
from engine.insight.statistics import rights
from engine.insight.statistics.listing import ReturnLine
from engine.models import Setting, Unit
from engine.records import audit
from feel.text import Text

TABLE = "mediation_award"
CLASSES = ("简易", "一般", "疑难复杂", "重大")
LARGEST = Decimal(100_000)
LONGEST_TITLE, LONGEST_NOTE = 60, 1000
CENT = Decimal("0.01")
_SEPARATORS = re.compile(r"[、，,;；\s]+")
NO_AMOUNT = Text("请填写 0 到 100000 的金额。", "An amount from 0 to 100000.")


@dataclass(frozen=True)
class AwardRates:
    """A county's rates in yuan by class, and the words around the list."""

    title: str = ""
    note: str = ""
    rates: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass
class MediatorAward:
    """What one mediator has: cases by class, and the amount, as far as there are rates."""

    name: str
    unit: str
    cases: Counter[str] = field(default_factory=Counter)
    amount: Decimal = Decimal(0)
    lacking: bool = False

    @property
    def total(self) -> int:
        """How many cases in all."""
        return sum(self.cases.values())


def rates_of(db: Session, county_id: int | None) -> AwardRates:
    """Return a county's rates; nothing where none were set."""
    row = db.get(Setting, _key(county_id or 0))
    if row is None:
        return AwardRates()
    told: Mapping[str, Any] = row.value
    rates = {name: Decimal(str(amount)) for name, amount in told.get("rates", {}).items()}
    return AwardRates(str(told.get("title", "")), str(told.get("note", "")), rates)


def set_rates(
    db: Session, actor: Actor, county: Unit, typed: Mapping[str, str], *, now: datetime
) -> AwardRates:
    """Keep what whoever signs for the county typed; an empty rate is none.

    Raises NotAllowed, or InvalidInput with a text for each rate that is no amount.
    """
    if county.level != "county" or not rights.may_sign(actor, county):
        raise NotAllowed("sign_return", county.id)
    rates: dict[str, Decimal] = {}
    errors: dict[str, Text] = {}
    for place, name in enumerate(CLASSES):
        said = typed.get(f"rate_{place}", "").strip()
        try:
            amount = Decimal(said or "0")
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount <= LARGEST or amount % CENT:
            errors[f"rate_{place}"] = NO_AMOUNT
        elif said:
            rates[name] = amount
    if errors:
        raise InvalidInput(errors)
    title = typed.get("title", "").strip()[:LONGEST_TITLE]
    note = typed.get("note", "").strip()[:LONGEST_NOTE]
    plain = {name: str(amount) for name, amount in rates.items()}
    value = {"title": title, "note": note, "rates": plain}
    db.merge(Setting(key=_key(county.id), value=value, changed_at=now))
    audit.record_admin(
        db, "awards.rates", actor.user_id, {"county": str(county.id), **plain}, at=now
    )
    return AwardRates(title, note, rates)


def of_lines(lines: Iterable[ReturnLine], known: AwardRates) -> list[MediatorAward]:
    """Return what the cases of a list that meet its conditions come to, by mediator."""
    found: dict[tuple[str, str], MediatorAward] = {}
    for line in lines:
        texts = line.texts
        if texts.get("eligible") != "是":
            continue
        names = [one for one in _SEPARATORS.split(str(texts.get("mediators") or "")) if one]
        kind = str(texts.get("class") or "")
        rate = known.rates.get(kind)
        for name in names or [""]:
            one = found.setdefault((line.unit, name), MediatorAward(name, line.unit))
            one.cases[kind] += 1
            one.lacking = one.lacking or rate is None
            if rate is not None:
                one.amount += rate / max(len(names), 1)
    for one in found.values():
        one.amount = one.amount.quantize(CENT, ROUND_HALF_UP)
    return [found[key] for key in sorted(found)]


def _key(county_id: int) -> str:
    return f"awards:{county_id}"
