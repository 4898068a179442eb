"""What people register at the counters of the demo county, in the words of the forms."""

from __future__ import annotations

from typing import Any

from tests.browser.town import Town

VILLAGE = "620725101205"
GRID = f"{VILLAGE}01"
PARTIES = [
    {
        "side": "申请人",
        "party_name": "李秀兰",
        "party_kind": "自然人",
        "party_id": "11010519491231002X",
        "party_phone": "13893612345",
        "party_address": "南湖村三社 12 号",
    },
    {
        "side": "被申请人",
        "party_name": "王建国",
        "party_kind": "自然人",
        "party_sex": "男",
        "party_birth": "1970-03-01",
        "party_phone": "13993654321",
        "party_address": "南湖村三社 13 号",
    },
]
CALL: dict[str, Any] = {
    "request_kind": "投诉",
    "summary": "南湖小区旁工地夜间施工扰民",
    "topic": "住房建设",
    "details": "每天夜里十一点以后还在打混凝土，老人无法休息。",
    "urgent": "no",
    "place": VILLAGE,
    "area": "城区",
    "identity": "实名公开",
    "caller_name": "周晓梅",
    "caller_phone": "13809361111",
    "call_back_wanted": "yes",
    "answered_now": "no",
}
QUARREL: dict[str, Any] = {
    "summary": "李王两家界墙纠纷",
    "dispute_type": "邻里纠纷",
    "place": VILLAGE,
    "facts": "王家翻建院墙，李家认为占了自家宅基地。",
    "claim": "要求退还并恢复原状。",
    "amount": "3000",
    "people_count": "2",
    "parties": PARTIES,
    "violence": "no",
    "self_harm": "no",
    "gathering": "no",
    "pending_elsewhere": "没有",
    "other_willing": "愿意",
}


def call(town: Town) -> None:
    """The operator takes a call about noise at night."""
    town.register("operator1", "hotline", **CALL)


def quarrel(town: Town) -> None:
    """The mediator takes the application of two neighbours."""
    town.register("mediator1", "dispute", applied_on=town.day(), **QUARREL)
