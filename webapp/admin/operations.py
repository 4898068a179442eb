"""The page of operations: how the installation fares, and what to do about what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from engine.operations import vitals
from engine.operations.vitals.facts import QueueVitals, Vitals
from engine.roles import OVERSEERS, with_verb
from engine.storage.db import reading
from engine.terms.lamps import GREEN, LATE, RED, YELLOW
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.clock import now
from webapp.display import lasting, moment, size

LAMP_NAMES = {GREEN: _l("正常"), YELLOW: _l("请留意"), RED: _l("需处理")}
NAMES = {
    "migrations": _l("数据库结构"),
    "worker": _l("后台服务"),
    "held": _l("时钟与到期处理"),
    "disk": _l("磁盘空间"),
    "backup": _l("最近备份"),
    "witness": _l("外部存证"),
    "clocks": _l("到期处理"),
    "outbox": _l("站内消息"),
    "channels": _l("通知渠道"),
    "incidents": _l("流程异常"),
    "holidays": _l("放假安排"),
    "seats": _l("空缺岗位"),
    "letters": _l("未送达的消息"),
}
ADVICE = {
    "migrations": _l("程序与数据库版本不一致：先备份，再执行升级，然后重新加载网页服务。"),
    "worker": _l("后台服务未正常运行，时限不会触发，消息不会发送：请查看状态与日志并重新启动。"),
    "held": _l("时钟跳变，到期处理已暂停：请核对服务器时间和待处理内容后确认。"),
    "disk": _l("空间不足时上传和办理都会被拒绝：清理旧备份与日志，或扩充磁盘。"),
    "backup": _l("请检查备份定时任务；也可立即手工备份，并将备份文件复制到其他机器。"),
    "witness": _l("审计锚点未在第二处存证：请设置时间戳服务或其他机器上的日志接收端。"),
    "clocks": _l("到期时限未及时处理：请检查后台服务；个别事项反复失败的，请查看“异常”。"),
    "outbox": _l("站内消息积压：请检查后台服务。"),
    "channels": _l("有渠道超过一小时发送失败：请在渠道页面查看最近一次失败原因，并发送测试。"),
    "incidents": _l("有流程中断待修复：请打开异常列表，按提示重试或修复。"),
    "holidays": _l("下一年的放假通知公布后请导入工作日历，有关期限随即重新计算。"),
    "seats": _l("有环节待空缺岗位办理：请分配岗位、设置代理，或转办至其他单位。"),
    "letters": _l("多次重试仍未送达：查明原因后重新发送。"),
}
COMMANDS = {
    "migrations": "fengqiao init",
    "worker": "systemctl status fengqiao-worker",
    "held": "timedatectl; fengqiao clock show",
    "disk": "df -h",
    "backup": "systemctl start fengqiao-backup",
    "clocks": "journalctl -u fengqiao-worker -n 50",
    "outbox": "journalctl -u fengqiao-worker -n 50",
}
TICK_NAMES = {
    "sweep": _l("到期处理"),
    "outbox": _l("站内消息"),
    "channels": _l("对外通知"),
    "restamp": _l("单位调整"),
    "recount": _l("期限重算"),
    "deserted": _l("空缺岗位"),
    "tallies": _l("统计汇总"),
    "anchor": _l("审计存证"),
    "witness": _l("外部存证"),
    "files": _l("文件清理"),
    "messages": _l("旧消息清理"),
    "logins": _l("过期登录清理"),
    "alerts": _l("审计提醒"),
}


@dataclass(frozen=True)
class VitalLine:
    """One line of the page: the lamp, what it is now, and what to do."""

    name: str
    lamp: str
    now: str
    advice: str = ""
    command: str = ""
    link: str = ""


@blueprint.get("/operations")
def operations() -> str:
    """Health, lags, dead letters, incidents, disk, last backup and last tick, on one page."""
    require()
    with reading() as db:
        found = vitals.look(db, now())
    lines = [_line(sign, found) for sign in vitals.signs(found, current_app.config["FENGQIAO"])]
    return render_template(
        "admin/operations.html",
        lines=lines,
        lamps=LAMP_NAMES,
        ticks=[(str(TICK_NAMES.get(name, name)), tick) for name, tick in found.ticks.items()],
        worst=next((lamp for lamp in LATE if lamp in {x.lamp for x in lines}), ""),
        revision=found.revision,
    )


def _line(sign: vitals.VitalSign, found: Vitals) -> VitalLine:
    known = _NOW[sign.name](found)
    if sign.lamp == GREEN:
        return VitalLine(str(NAMES[sign.name]), sign.lamp, known)
    advice, command = str(ADVICE[sign.name]), COMMANDS.get(sign.name, "")
    return VitalLine(str(NAMES[sign.name]), sign.lamp, known, advice, command, _link(sign.name))


def _link(name: str) -> str:
    """Return the page on which one acts."""
    if name == "held":
        return url_for("admin.clock")
    if name == "channels":
        return url_for("admin.notices")
    if name == "holidays":
        return url_for("admin.work_calendars")
    if name == "seats" and current_actor().roles & OVERSEERS:
        return url_for("escalations.empty")
    if name == "letters":
        return url_for("admin.dead_letters")
    if name == "incidents" and current_actor().roles & with_verb("retry"):
        return url_for("incidents.index")
    return ""


def _migrations(found: Vitals) -> str:
    if found.revision == found.head:
        return _("版本 %(number)s，与程序一致", number=found.revision)
    return _("版本 %(now)s，程序需要 %(head)s", now=found.revision or "—", head=found.head)


def _worker(found: Vitals) -> str:
    if found.last_tick is None:
        return _("尚未运行")
    return _("最近一次运行：%(when)s", when=moment(found.last_tick))


def _hold_text(found: Vitals) -> str:
    if found.hold is None:
        return _("正常")
    return ngettext(
        "已暂停，%(count)s 项等待确认",
        "已暂停，%(count)s 项等待确认",
        found.hold.count,
        count=found.hold.count,
    )


def _disk(found: Vitals) -> str:
    return _(
        "剩余 %(free)s，共 %(total)s（剩 %(share)s%%）",
        free=_gigabytes(found.disk_free),
        total=_gigabytes(found.disk_total),
        share=round(100 * found.disk_free / max(1, found.disk_total)),
    )


def _backup(found: Vitals) -> str:
    if found.backup is None or found.backup_at is None:
        return _("尚无备份")
    words: dict[str, Any] = {"when": moment(found.backup_at), "size": size(found.backup["bytes"])}
    if found.backup.get("missing"):
        return ngettext(
            "%(when)s，%(size)s；缺少 %(count)s 个附件文件",
            "%(when)s，%(size)s；缺少 %(count)s 个附件文件",
            found.backup["missing"],
            count=found.backup["missing"],
            **words,
        )
    return _("%(when)s，%(size)s", **words)


def _witness_text(found: Vitals) -> str:
    if found.witness_delay is None:
        return _("未设置")
    if not found.witness_delay:
        return _("全部锚点已存证")
    return _("最早的锚点已等待 %(age)s", age=lasting(found.witness_delay))


def _holidays(found: Vitals) -> str:
    if found.notice_missing is None:
        return _("已导入")
    return _("%(year)s 年放假通知尚未导入，暂按法定节日推算", year=found.notice_missing)


def _channels(found: Vitals) -> str:
    if found.channels_in_trouble:
        return "、".join(found.channels_in_trouble)
    return _waiting(found.deliveries)


def _incidents(found: Vitals) -> str:
    if not found.incidents.count:
        return _("无")
    oldest = lasting(found.incidents.lag)
    return _("未解决 %(count)s 件，最早的已 %(age)s", count=found.incidents.count, age=oldest)


def _letters(found: Vitals) -> str:
    if not found.dead_inside and not found.dead_outside:
        return _("无")
    return _("站内 %(inside)s 条，对外 %(outside)s 条", inside=found.dead_inside,
             outside=found.dead_outside)  # fmt: skip


def _waiting(queue: QueueVitals) -> str:
    if not queue.count:
        return _("无积压")
    return _("%(count)s 条待处理，最早的已等 %(age)s", count=queue.count, age=lasting(queue.lag))


def _gigabytes(octets: int) -> str:
    return f"{octets / 1024**3:.1f} GB"


_NOW: dict[str, Callable[[Vitals], str]] = {
    "migrations": _migrations,
    "worker": _worker,
    "held": _hold_text,
    "disk": _disk,
    "backup": _backup,
    "witness": _witness_text,
    "clocks": lambda found: _waiting(found.due),
    "outbox": lambda found: _waiting(found.outbox),
    "channels": _channels,
    "incidents": _incidents,
    "holidays": _holidays,
    "seats": lambda found: _waiting(found.empty_queues),
    "letters": _letters,
}
