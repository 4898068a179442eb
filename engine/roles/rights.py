"""The matrix of rights: role by verb by place, as the rules have it; docs/rights.md shows it.

Three places are distinguished: the unit in which somebody holds the post, what lies below it, and
everything beside it. Whatever is not named here is done by whoever holds the task.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.roles.registry import CONFIRMED, ROLES, Role
from feel.text import Text

OWN: Final = "own"
BELOW: Final = "below"
BESIDE: Final = "beside"
PLACES: Final = (OWN, BELOW, BESIDE)


@dataclass(frozen=True)
class Right:
    """A verb with its name; ``spread`` says when it holds below the own unit.

    ``overseer``: for roles that oversee their area. ``always``: for each role that has it.
    ``never``: it ends with the unit.
    """

    verb: str
    name: Text
    spread: str


RIGHTS: Final = (
    Right("see", Text("查看事项", "see a case"), "overseer"),
    Right("answer", Text("答复督办单", "reply to an order"), "never"),
    Right("urge", Text("催办", "send reminders"), "overseer"),
    Right("assign", Text("指派", "assign"), "overseer"),
    Right("decide", Text("审批延期", "decide on an extension"), "overseer"),
    Right("decide_pause", Text("审批暂停", "decide on a suspension"), "overseer"),
    Right("supervise", Text("发督办单", "issue an order"), "overseer"),
    Right("call", Text("中心呼", "call units"), "overseer"),
    Right("reclassify", Text("改分类", "reclassify"), "overseer"),
    Right("merge", Text("并单、拆单", "merge cases, take them out"), "overseer"),
    Right("reopen", Text("重开", "reopen"), "overseer"),
    Right("arrange", Text("安排代理", "set deputies"), "never"),
    Right("emergency", Text("应急状态", "emergency mode"), "overseer"),
    Right("figures", Text("统计", "figures"), "overseer"),
    Right("fill_return", Text("填报统计报表", "fill returns"), "never"),
    Right("sign_return", Text("签发统计报表", "sign returns"), "never"),
    Right("screen", Text("登记排查", "enter screening rounds"), "never"),
    Right("retry", Text("重试异常", "retry an incident"), "always"),
    Right("repair", Text("修复异常", "repair an incident"), "always"),
    Right("edit", Text("起草流程", "draw processes"), "always"),
    Right("publish", Text("发布流程", "publish processes"), "always"),
    Right("administer", Text("管理单位与人员", "administer"), "always"),
    Right("confirm", Text("确认授权", "confirm authorizations"), "always"),
)


def places_of(role: Role, right: Right) -> frozenset[str]:
    """Return where somebody of a role in an area may do this."""
    if right.verb == "see":
        return frozenset({OWN, BELOW} if role.oversees else {OWN})
    if right.verb not in role.verbs:
        return frozenset()
    spreads = right.spread == "always" or (right.spread == "overseer" and role.oversees)
    return frozenset({OWN, BELOW} if spreads else {OWN})


def matrix_verbs() -> frozenset[str]:
    """Return the verbs that the matrix shows."""
    return frozenset(right.verb for right in RIGHTS)


def table() -> str:
    """Return the matrix as two Markdown tables, in English and in Chinese."""
    return "\n".join(_table(english) for english in (True, False))


def _table(english: bool) -> str:
    def word(text: Text) -> str:
        return text.en if english else text.zh

    marks = {0: "", 1: word(Text("本单位", "unit")), 2: word(Text("本单位及下辖", "area"))}
    head = word(Text("权限", "may"))
    lines = [
        f"| {head} | " + " | ".join(word(role.name) for role in ROLES.values()) + " |",
        "|---|" + "---|" * len(ROLES),
    ]
    for right in RIGHTS:
        cells = (marks[len(places_of(role, right))] for role in ROLES.values())
        lines.append(f"| {word(right.name)} | " + " | ".join(cells) + " |")
    two = word(Text("须两名管理员", "given by two administrators"))
    yes = word(Text("是", "yes"))
    cells = (yes if key in CONFIRMED else "" for key in ROLES)
    lines.append(f"| *{two}* | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
