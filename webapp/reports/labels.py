"""What figures are called, and what each of them counts."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engine.models import Version
from engine.reports.figures import Rate
from webapp import locales

MEASURES = {
    "opened": _l("登记"),
    "open_before": _l("期初未办结"),
    "to_close": _l("应办结"),
    "open": _l("在办事项"),
    "closed": _l("已办结"),
    "closed_limited": _l("有期限的办结事项"),
    "closed_in_time": _l("按期答复的事项"),
    "closed_late": _l("超期答复的事项"),
    "waiting": _l("待签收"),
    "handling": _l("处理中"),
    "late": _l("已超期"),
    "soon": _l("将到期"),
    "done_limited": _l("有期限的办结环节"),
    "done_in_time": _l("按期办结的环节"),
    "done_late": _l("超期办结的环节"),
    "escalated": _l("升级"),
}
PERIODS = {
    "today": _l("今天"),
    "week": _l("本周"),
    "month": _l("本月"),
    "year": _l("今年"),
}


def measure(name: str) -> str:
    """What a number is called."""
    return str(MEASURES[name])


def period(name: str) -> str:
    """What a period is called."""
    return str(PERIODS[name])


def rate(found: Rate) -> str:
    """A rate in per cent; a dash of nothing."""
    return "—" if found.percent is None else f"{found.percent:.1f}%"


def process(key: str, processes: dict[str, Version]) -> str:
    """A process's name in the language of the page."""
    version = processes.get(key)
    if version is None:
        return key
    return version.name_en if locales.english() and version.name_en else version.name


def explained() -> list[tuple[str, str]]:
    """What each figure counts, for the foot of the page."""
    return [
        (_("登记"), _("统计期内本辖区单位登记的事项。")),
        (_("应办结"), _("期初未办结的事项，加上统计期内登记的事项。")),
        (_("办结率"), _("统计期内办结的事项 ÷ 应办结的事项。")),
        (_("环节按期率"), _("按期办结的环节 ÷ 有期限的办结环节，按承办单位计。")),
        (_("答复按期率"), _("按期答复的事项 ÷ 有期限的办结事项，按群众时钟计。")),
        (_("待签收、处理中"), _("此刻的环节数，与统计期无关。")),
    ]
