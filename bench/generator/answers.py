"""What people answer: any form filled in, the usual choices more often than the rare ones."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bench.generator.stories import REPORTS, line
from forms import Field, Form, InvalidAnswers
from forms.people import ORGANISATION

# Shares of the choices that decide where a case goes; what is not listed is chosen evenly.
# Zero: ways that open a second case, which has no place in one case's rows.
SHARES: Mapping[str, Mapping[str, float]] = {
    "ticket/report.settled": {"yes": 0.3, "no": 0.7},
    "ticket/report.danger": {"yes": 0.05, "no": 0.95},
    "ticket/accept.acceptance": {"村内办理": 0.55, "上报分流": 0.4, "不予受理": 0.05},
    "ticket/dispatch.dispatch_mode": {"单位承办": 0.92, "中心吹哨": 0.08},
    "ticket/dispatch.unit_choice": {"按分流表": 1.0},
    "ticket/handle_village.village_result": {"办好": 0.9, "办不了": 0.1},
    "ticket/track.track_result": {"已解决": 0.88, "未解决": 0.06, "继续跟踪": 0.06},
    "ticket/rate.satisfaction": {"满意": 0.75, "基本满意": 0.17, "不满意": 0.05, "未作评价": 0.03},
    "ticket/rate.solved": {"yes": 0.93, "no": 0.07},
    "hotline/intake.request_kind": {"咨询": 0.4, "求助": 0.3, "投诉": 0.25, "建议": 0.05},
    "hotline/intake.identity": {"实名公开": 0.7, "实名保密": 0.3},
    "hotline/intake.call_back_wanted": {"yes": 0.9, "no": 0.1},
    "hotline/intake.answered_now": {"yes": 0.45, "no": 0.55},
    "hotline/intake.channel": {"电话": 0.8, "网站": 0.05, "微信小程序": 0.1, "扫码": 0.05},
    "hotline/intake.item": {"目录外": 1.0},
    "hotline/intake.refused_now": {"yes": 0.03, "no": 0.97},
    "hotline/intake.caller_content": {"满意": 0.8, "基本满意": 0.2},
    "hotline/intake.urgent": {"yes": 0.04, "no": 0.96},
    "hotline/dispatch.dispatch_mode": {"派单": 0.97, "不予受理": 0.03},
    "hotline/dispatch.unit_choice": {"按分流表": 1.0},
    "hotline/dispatch.statutory": {"no": 1.0},
    "hotline/check.reply_ok": {"yes": 0.9, "no": 0.1},
    "hotline/call_back.satisfaction": {"满意": 0.8, "基本满意": 0.13, "不满意": 0.07},
    "hotline/call_back.solved": {"yes": 0.93, "no": 0.07},
    "hotline/call_back.explained": {"yes": 0.7, "no": 0.3},
    "hotline/verify.verdict": {"责令重办": 0.2, "认定办结": 0.8},
    "centre/register.in_confidence": {"no": 1.0},
    "centre/register.answered_now": {"yes": 0.3, "no": 0.7},
    "centre/register.urgent": {"yes": 0.03, "no": 0.97},
    "centre/sort.mediable": {"yes": 0.4, "no": 0.6},
    "centre/route.route": {
        "行政调解": 0.4,
        "信访": 0.1,
        "劳动仲裁": 0.15,
        "诉讼": 0.1,
        "法律援助": 0.1,
        "其他部门办理": 0.15,
    },
    "centre/route.unit_choice": {"按分流表": 1.0},
    "centre/feedback.solved": {"yes": 0.9, "no": 0.1},
    "centre/feedback.explained": {"yes": 0.6, "no": 0.4},
    "centre/review.verdict": {"责令重办": 0.2, "认定办结": 0.8},
    "dispute/apply.party_kind": {"自然人": 0.93, "单位": 0.07},
    "centre/register.party_kind": {"自然人": 0.95, "单位": 0.05},
    "dispute/apply.minor": {"no": 1.0},
    "dispute/apply.agent_kind": {"委托代理人": 1.0},
    "dispute/apply.violence": {"yes": 0.03, "no": 0.97},
    "dispute/apply.self_harm": {"yes": 0.02, "no": 0.98},
    "dispute/apply.gathering": {"yes": 0.03, "no": 0.97},
    "dispute/apply.on_spot": {"no": 1.0},
    "dispute/apply.pending_elsewhere": {"没有": 1.0},
    "dispute/accept.in_scope": {"yes": 1.0},
    "dispute/accept.acceptance": {"受理": 0.96, "不予受理": 0.04},
    "dispute/rights.willing": {"同意": 0.97, "拒绝": 0.03},
    "dispute/mediate.mediation_result": {"达成协议": 0.8, "再次调解": 0.13, "调解不成": 0.07},
    "dispute/agreement.judicial_confirmation": {"yes": 0.05, "no": 0.95},
    "dispute/hand_up.applicant_agrees": {"yes": 1.0},
    "dispute/hand_up.respondent_agrees": {"yes": 1.0},
    "dispute/visit.performance": {"已履行": 0.88, "继续跟踪": 0.1, "拒不履行": 0.02},
    "dispute/check_dossier.dossier_ok": {"yes": 0.95, "no": 0.05},
}
ALWAYS_YES = frozenset(
    {"in_scope", "recusal_checked", "identity_checked", "safety_checked", "privacy_told"}
)
SURNAMES, GIVEN = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗",
    "军华强芳英梅平霞波林东涛敏燕云山龙辉萍花",
)
# Asked of everything that there is; of the other lists of choices one or two are ticked.
ALL_OF = frozenset({"told_items", "checks", "parts"})
# Few parties bring an agent, few need care.
SELDOM = frozenset({"agent_name", "care"})
FIRMS = ("物业服务", "建筑工程", "农业发展", "商贸", "装饰设计", "供热")
TRIES = 25
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class UnfillableForm(Exception):
    """A form that no try could fill in."""


def fill(
    form: Form,
    dice: random.Random,
    today: date,
    *,
    place: str,
    units: list[str],
    files: list[str],
    fixed: Mapping[str, Any],
) -> dict[str, Any]:
    """Return answers that the form accepts. ``files`` are uploads to attach.

    Raises UnfillableForm.
    """
    for _ in range(TRIES):
        writer = _Writer(form.key, dice, today, place, units, files)
        given = {field.name: writer.answer(field) for field in form.fields if field.asks}
        given.update(fixed)
        try:
            form.clean(given, today=today)
        except InvalidAnswers:
            continue
        return given
    raise UnfillableForm(form.key)


def person(dice: random.Random) -> str:
    """Return a name."""
    return dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2))))


def firm(dice: random.Random) -> str:
    """Return the name of a firm."""
    brand = "".join(dice.choices("恒瑞祥德信诚宏源泰丰", k=2))
    return f"山丹县{brand}{dice.choice(FIRMS)}有限公司"


def party(row: Mapping[str, Any], dice: random.Random) -> str:
    """Return a name for a party: a firm's where the row is one of an organisation."""
    return firm(dice) if row.get("party_kind") == ORGANISATION else person(dice)


def phone(dice: random.Random) -> str:
    """Return a mobile number."""
    return f"1{dice.choice('3589')}{dice.randrange(10**9):09d}"


def resident_id(dice: random.Random) -> str:
    """Return a resident ID with a right check digit."""
    born = date(1950, 1, 1) + timedelta(days=dice.randrange(18_000))
    digits = f"620725{born:%Y%m%d}{dice.randrange(1000):03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


class _Writer:
    """Fills in one form at one try."""

    def __init__(
        self,
        key: str,
        dice: random.Random,
        today: date,
        place: str,
        units: list[str],
        files: list[str],
    ) -> None:
        self.key, self.dice, self.today = key, dice, today
        self.place, self.units, self.files = place, units, files

    def answer(self, field: Field) -> Any:
        """Return an answer to one field; None leaves it out."""
        if field.name in SELDOM and not field.required and self.dice.random() > 0.1:
            return None
        shares = SHARES.get(f"{self.key}.{field.name}")
        if shares is not None:
            return self.dice.choices(list(shares), list(shares.values()))[0]
        return getattr(self, f"_{field.kind}")(field)

    def _choice(self, field: Field) -> str:
        return self.dice.choice(field.choices).value

    def _choices(self, field: Field) -> list[str]:
        every = [choice.value for choice in field.choices]
        if field.name in ALL_OF:
            return every
        some = self.dice.sample(every, min(len(every), self.dice.randint(1, 2)))
        return [one for one in every if one in some]

    def _yes_no(self, field: Field) -> str:
        return "yes" if field.name in ALWAYS_YES or self.dice.random() < 0.3 else "no"

    def _text(self, field: Field) -> str:
        return line(field.name, self.dice)[: field.max_length]

    def _textarea(self, field: Field) -> str:
        words = self.dice.sample(REPORTS, self.dice.randint(1, 2))
        return "".join(words)[: field.max_length]

    def _number(self, field: Field) -> int:
        low = int(field.min) if isinstance(field.min, int | float) else 0
        high = int(field.max) if isinstance(field.max, int | float) else low + 20
        return self.dice.randint(low, min(high, low + 20))

    def _money(self, field: Field) -> str:
        return f"{int(self.dice.lognormvariate(8.5, 1))}.50"

    def _date(self, field: Field) -> str:
        ahead = field.min == "today" or field.name in ("perform_by", "deadline")
        return (self.today + timedelta(days=self.dice.randint(3, 20) if ahead else 0)).isoformat()

    def _datetime(self, field: Field) -> str:
        day = self.today + timedelta(days=7 if field.name.startswith("next") else 0)
        return f"{day.isoformat()}T{self.dice.randint(9, 17):02}:00"

    def _staff(self, _field: Field) -> None:
        # Whoever signs for it mediates.
        return None

    def _phone(self, _field: Field) -> str:
        return phone(self.dice)

    def _resident_id(self, _field: Field) -> str:
        return resident_id(self.dice)

    def _person(self, _field: Field) -> str:
        return person(self.dice)

    def _address(self, _field: Field) -> str:
        return f"北街 {self.dice.randint(1, 300)} 号"

    def _place(self, _field: Field) -> str:
        return self.place

    def _unit(self, _field: Field) -> str | None:
        return self.dice.choice(self.units) if self.units else None

    def _units(self, _field: Field) -> list[str]:
        return self.dice.sample(self.units, min(2, len(self.units)))

    def _position(self, _field: Field) -> dict[str, float]:
        return {"lat": 38.78, "lon": 101.09, "accuracy": self.dice.randint(5, 40)}

    def _files(self, field: Field) -> list[str] | None:
        return self.files if field.required or field.required_when else None

    def _rating(self, _field: Field) -> int:
        return self.dice.choice((5, 5, 5, 4, 4, 3, 1))

    def _list(self, field: Field) -> list[dict[str, Any]]:
        least = int(field.min) if isinstance(field.min, int | float) else 1
        rows = max(least, 1)
        return [self._row(field, at) for at in range(rows)]

    def _row(self, field: Field, at: int) -> dict[str, Any]:
        """Return one row; the first parties stand on the sides in their order."""
        row = {one.name: self.answer(one) for one in field.fields if one.asks}
        for one in field.fields:
            if one.name == "side":
                row["side"] = one.choices[at % len(one.choices)].value
        if "party_name" in row:
            row["party_name"] = party(row, self.dice)
        return row
