"""The figures of the statistics board, column by column: their names, and what each counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from engine.models import Version
from engine.reports.figures import SHARES, FigureRow, Rate
from engine.worktime import Limit, limit_text
from webapp import display, locales

MEASURES = {
    "opened": _lp("figures", "登记"),
    "matters": _l("并单后件数"),
    "open_before": _l("期初未办结"),
    "to_close": _l("应办结"),
    "open": _l("在办事项"),
    "closed": _l("已办结"),
    "closed_limited": _l("有期限的办结事项"),
    "closed_in_time": _l("按期答复的事项"),
    "closed_late": _l("超期答复的事项"),
    "answer_late_there": _l("答复已超期的在办事项"),
    "to_be_answered": _l("应按期答复的事项"),
    "waiting": _l("待签收"),
    "handling": _l("处理中"),
    "late": _l("已超期"),
    "soon": _l("将到期"),
    "came": _l("收到环节"),
    "done": _l("办结环节"),
    "there": _l("期末未办结环节"),
    "to_do": _l("应办结环节"),
    "done_limited": _l("结束的有期限环节"),
    "done_in_time": _l("按期结束的环节"),
    "done_late": _l("超期结束的环节"),
    "late_there": _l("超期未办结环节"),
    "to_be_in_time": _l("应按期结束的环节"),
    "late_time": _l("有超期时长的环节"),
    "late_minutes": _l("超期小时"),
    "sign_limited": _l("应签收且已有结果的环节"),
    "sign_in_time": _l("按期签收的环节"),
    "sign_late": _l("逾期签收的环节"),
    "unsigned_there": _l("逾期未签收环节"),
    "to_be_signed": _l("应签收的环节"),
    "unsigned_time": _l("有逾期签收时长的环节"),
    "sign_late_minutes": _l("逾期签收小时"),
    "escalated": _l("升级"),
    "rated": _l("回访有效"),
    "satisfied": _l("满意和基本满意"),
    "solve_asked": _l("回访问过是否解决"),
    "solved": _l("已解决的事项"),
    "contact_due": _l("应首次联系"),
    "contact_in_time": _l("24 小时内首次联系"),
    "mediated": _l("调解终结"),
    "settled": _l("调解成功"),
    "returned": _l("退回、退单"),
    "ended": _l("办结次数"),
    "reopened": _l("重新办理次数"),
    "step_here": _l("停在本环节"),
    "step_late": _l("停在本环节且已超期"),
    "step_done": _l("本环节办结"),
    "step_done_late": _l("本环节超期办结"),
    "way": _l("走这条路径的办结事项"),
}
PERIODS = {
    "today": _l("今天"),
    "week": _l("本周"),
    "month": _l("本月"),
    "year": _l("今年"),
}


def measure(name: str) -> str:
    """Return what a number is called."""
    return str(MEASURES[name])


def period(name: str) -> str:
    """Return what a period is called."""
    return str(PERIODS[name])


@dataclass(frozen=True)
class RateColumn:
    """A rate as a column: which figure of a line it is, and the numbers behind it."""

    name: LazyString
    of: Callable[[FigureRow], Rate]
    part: str
    whole: str


RATES = {
    "handled": RateColumn(_l("办结率"), lambda line: line.handling, "closed", "to_close"),
    "answers": RateColumn(
        _l("答复按期率"), lambda line: line.answers_in_time, "closed_in_time", "to_be_answered"
    ),
    "steps_done": RateColumn(_l("环节办结率"), lambda line: line.steps_done, "done", "to_do"),
    "steps": RateColumn(
        _l("环节按期率"), lambda line: line.steps_in_time, "done_in_time", "to_be_in_time"
    ),
    "signing": RateColumn(
        _l("签收按期率"), lambda line: line.signed_in_time, "sign_in_time", "to_be_signed"
    ),
    **{
        key: RateColumn(name, partial(FigureRow.share, name=key), *SHARES[key])
        for key, name in (
            ("satisfaction", _l("满意率")),
            ("solution", _l("解决率")),
            ("contact", _l("响应率")),
            ("settlement", _l("调解成功率")),
            ("returns", _l("退回率")),
            ("reopenings", _l("重新办理率")),
            ("answered", _l("办结事项按期答复率")),
        )
    },
}
# Sums of minutes, shown in hours, and the list behind each.
HOURS = {"late_minutes": "late_time", "sign_late_minutes": "unsigned_time"}
# What stands in the tables: of cases by who registered them, of tasks by who had them.
CASES = ("opened", "matters", "closed", "open", "handled", "answers")
QUALITY = ("satisfaction", "solution", "contact", "settlement", "returns", "reopenings")
TASKS = (
    *("came", "done", "waiting", "handling", "soon", "late", "steps_done", "steps", "signing"),
    *("late_minutes", "sign_late_minutes", "escalated"),
)


def heading(column: str) -> str:
    """Return what a column of a table is called."""
    return str(RATES[column].name) if column in RATES else measure(column)


def hours(minutes: int) -> str:
    """Minutes as hours to one place."""
    return f"{minutes / 60:.1f}"


def span(minutes: float | None) -> str:
    """A length of time to two figures, in minutes, hours or days; a dash of nothing."""
    if minutes is None:
        return "—"
    if minutes < 90:
        return _("%(number)s 分钟", number=f"{minutes:.0f}")
    if minutes < 48 * 60:
        return _("%(number)s 小时", number=f"{minutes / 60:.1f}")
    return _("%(number)s 天", number=f"{minutes / 60 / 24:.1f}")


def limit(amount: int, unit: str) -> str:
    """A limit as the diagram says it."""
    return display.localize(limit_text(Limit(amount, unit)))


def value(line: FigureRow, column: str) -> float:
    """Return what a table is sorted by; a rate of nothing comes below all."""
    if column not in RATES:
        return line[column]
    percent = RATES[column].of(line).percent
    return -1.0 if percent is None else percent


def ordered(lines: Iterable[FigureRow], column: str, *, down: bool) -> list[FigureRow]:
    """Return lines by a column; without one as they are."""
    found = list(lines)
    if column in (*CASES, *QUALITY, *TASKS):
        found.sort(key=lambda line: value(line, column), reverse=down)
    return found


def rate(found: Rate) -> str:
    """Return a rate in per cent; a dash of nothing."""
    return "—" if found.percent is None else f"{found.percent:.1f}%"


def process(key: str, processes: dict[str, Version]) -> str:
    """Return a process's name in the language of the page."""
    version = processes.get(key)
    if version is None:
        return key
    return version.name_en if locales.english() and version.name_en else version.name


def explained() -> list[tuple[str, str]]:
    """Return what each figure counts, for the foot of the page."""
    return [
        (
            _("登记、已办结、在办事项"),
            _("按登记单位计：统计期内登记、办结的事项，当前未办结的事项。"),
        ),
        (_("办结率"), _("统计期内办结的事项 ÷ 应办结的事项（期初未办结的，加上统计期内登记的）。")),
        (
            _("答复按期率"),
            _(
                "在答复时限内答复的办结事项 ÷"
                "（有期限的办结事项 + 期末没有办结、答复已超期的事项），按登记单位计。"
            ),
        ),
        *_explained_quality(),
        *_explained_tasks(),
    ]


def _explained_quality() -> list[tuple[str, str]]:
    return [
        (
            _("满意率"),
            _(
                "回访评价为满意和基本满意的事项 ÷ 回访有效的事项。"
                "每件以最近一次回访为准，计在回访之日；联系不上、未作评价和经审核剔除的不计。"
            ),
        ),
        (_("解决率"), _("回访确认已解决的事项 ÷ 问过是否解决的回访有效事项。")),
        (
            _("响应率"),
            _(
                "环节到达后 24 小时内首次联系诉求人的事项 ÷ 填报首次联系情况的事项；"
                "受理时直接答复的算按时。每件以第一次填报为准。"
            ),
        ),
        (
            _("调解成功率"),
            _(
                "达成协议的事项 ÷ 调解终结的事项，计在调解终结之日。"
                "达成过协议的算成功，再次调解的仍为一件。"
            ),
        ),
        (_("退回率"), _("退回、退单的次数 ÷ 收到环节，按退回的单位计。")),
        (_("重新办理率"), _("重新办理的次数 ÷ 办结次数，按登记单位计。")),
    ]


def _explained_tasks() -> list[tuple[str, str]]:
    return [
        (
            _("收到环节、办结环节"),
            _(
                "按承办单位计：统计期内到达本单位的环节，在本单位办结的环节；转入计为收到，转出、退回不计为办结。"
            ),
        ),
        (_("待签收、处理中"), _("当前环节数，与统计期无关。")),
        (_("环节办结率"), _("办结环节 ÷（办结环节 + 期末仍在本单位的环节）。")),
        (
            _("环节按期率"),
            _(
                "按期结束的环节 ÷（结束的有期限环节 + 期末超期未办结的环节）。"
                "转走、退回也是结束；取消的只在超期时计入。"
            ),
        ),
        (
            _("签收按期率"),
            _(
                "按期签收的环节 ÷（签收的环节 + 没有签收就离开且已逾期的 + 期末逾期未签收的）。"
                "直接转到人手里的不计签收。"
            ),
        ),
        (
            _("超期小时"),
            _(
                "统计期内，环节在本单位且办理时限已过的时间，按自然小时逐日累计；"
                "未办结的计至期末或当前。转办后的时间计入接收单位。"
            ),
        ),
        (_("逾期签收小时"), _("统计期内，签收时限已过而未签收的时间，算法相同。")),
        (_("升级"), _("统计期内升级至本单位的次数。")),
    ]
