"""What a register may say: kinds, trades, offices, education, with their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.models import screenings
from engine.models.registers import COMMITTEE_KINDS, OFFICES
from feel.text import Text

Choices = Mapping[str, Text]

KINDS: Final[Choices] = dict(
    zip(
        COMMITTEE_KINDS,
        (
            Text("村", "village"),
            Text("居", "residents"),
            Text("乡镇", "township"),
            Text("街道", "street"),
            Text("企事业单位", "enterprise or institution"),
            Text("社会团体和其他组织", "social and other organisation"),
            Text("人民调解工作室", "mediation studio"),
        ),
        strict=True,
    )
)
# What specialised committees are for; which trades there are is not laid down: any may be typed.
TRADES: Final = (
    "医疗",
    "道路交通",
    "劳动",
    "物业",
    "消费",
    "旅游",
    "知识产权",
    "金融",
)
SEXES: Final[Choices] = {"female": Text("女", "female"), "male": Text("男", "male")}
OFFICE_NAMES: Final[Choices] = dict(
    zip(
        OFFICES,
        (
            Text("主任", "head"),
            Text("副主任", "deputy head"),
            Text("委员", "member"),
            Text("聘任调解员", "appointed mediator"),
        ),
        strict=True,
    )
)
# From college on is what the statistics ask.
EDUCATIONS: Final[Choices] = {
    "primary": Text("小学", "primary school"),
    "middle": Text("初中", "middle school"),
    "secondary": Text("高中、中专", "secondary school"),
    "college": Text("大专", "college"),
    "bachelor": Text("本科", "bachelor"),
    "graduate": Text("研究生", "graduate"),
}
POLITICS: Final[Choices] = {
    "party": Text("中共党员", "Communist Party"),
    "league": Text("共青团员", "Youth League"),
    "other": Text("民主党派", "another party"),
    "none": Text("群众", "none"),
}
RANKS: Final[Choices] = {
    "1": Text("一级", "first"),
    "2": Text("二级", "second"),
    "3": Text("三级", "third"),
    "4": Text("四级", "fourth"),
}
ROUND_KINDS: Final[Choices] = dict(
    zip(
        screenings.ROUND_KINDS,
        (
            Text("定期排查", "regular"),
            Text("节日、重要时段排查", "before holidays and events"),
            Text("专项排查", "special"),
        ),
        strict=True,
    )
)
RISKS: Final[Choices] = dict(
    zip(
        screenings.RISKS,
        (Text("低", "low"), Text("中", "medium"), Text("高", "high")),
        strict=True,
    )
)
RESULTS: Final[Choices] = dict(
    zip(
        screenings.RESULTS,
        (
            Text("当场化解", "settled there and then"),
            Text("登记为纠纷", "registered"),
            Text("移交其他单位", "handed over"),
            Text("跟踪关注", "watched"),
        ),
        strict=True,
    )
)
YES_NO: Final[Choices] = {"yes": Text("专职", "full-time"), "no": Text("兼职", "part-time")}
NOT_OFFERED = Text("请从列出的选项中选择。", "Choose one of those that are listed.")
NO_NAME = Text("请填写名称。", "Give a name.")
NO_DATE = Text("请填写日期。", "Give a date.")
FUTURE = Text("日期不能晚于今天。", "The day must not come after today.")


def key_of(choices: Choices, said: str) -> str | None:
    """Return the key of what somebody typed: the key or its name in either language."""
    said = said.strip()
    if said in choices:
        return said
    return next((key for key, name in choices.items() if said in (name.zh, name.en)), None)
