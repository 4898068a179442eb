"""Channels: how each fares, one in detail, on and off, a trial, a webhook's secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.models import Channel
from engine.notices.catalogue.kinds import kind_of
from engine.notices.channels import dead_letters, health
from engine.notices.channels import register as channels
from engine.storage.db import reading, transaction
from engine.terms.lamps import GREEN, RED, YELLOW
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.change_forms import Answer, ChangeForm, carry_out
from webapp.clock import now
from webapp.locales import localize

WAY_NAMES = {"mail": _l("邮件"), "http": _l("HTTP 接口"), "webhook": _l("Webhook")}
AUDIENCE_NAMES = {"person": _l("工作人员"), "citizen": _l("群众"), "group": _l("群或系统")}
LAMPS = {
    "off": ("done", _l("已停用")),
    GREEN: (GREEN, _l("正常")),
    YELLOW: (YELLOW, _l("发送失败，正在重试")),
    RED: (RED, _l("发送失败超过一小时")),
}


@blueprint.get("/notices")
def notices() -> str:
    """Every channel, its lamp, and what to do about it."""
    require()
    with reading() as db:
        return render_template(
            "admin/notices/ways.html",
            rows=health.overview(db, now()),
            dead=dead_letters.counts(db),
        )


@blueprint.get("/notices/channels/<int:channel_id>")
def channel(channel_id: int) -> str:
    """One channel: how it is set, how it fares, what went over it last."""
    return channel_page(channel_id)


def channel_page(channel_id: int, secret: str = "") -> str:
    """Return the page of a channel; ``secret`` is shown this once."""
    require()
    with reading() as db:
        one = channels.one(db, channel_id)
        fares = next(row for row in health.overview(db, now()) if row.channel.id == one.id)
        return render_template(
            "admin/notices/way.html",
            channel=one,
            fares=fares,
            recent=channels.recent(db, channel_id),
            secrets=channels.secret_names(one),
            area=one.unit.name if one.unit else "",
            secret=secret,
        )


@blueprint.post("/notices/channels/<int:channel_id>/switch")
def switch_channel(channel_id: int) -> Response:
    """Switch a channel on or off."""

    def act(db: Session) -> str:
        on = channels.one(db, channel_id).active_from is None
        channels.switch(db, current_actor().user_id, channel_id, on, now=now())
        return _("已启用，此后的通知将发送。") if on else _("已停用，待发消息保留。")

    return _perform(channel_id, act)


@blueprint.post("/notices/channels/<int:channel_id>/trial")
def try_channel(channel_id: int) -> Response:
    """Send a trial, to oneself or to the group."""

    def act(db: Session) -> str:
        if channels.one(db, channel_id).active_from is None:
            return _("请先启用渠道。")
        channels.try_out(db, current_actor(), channel_id, now=now())
        return _("测试消息已排队，请稍后刷新本页查看结果。")

    return _perform(channel_id, act)


@blueprint.route("/notices/channels/<int:channel_id>/secret", methods=["GET", "POST"])
def renew_channel_secret(channel_id: int) -> Answer:
    """Give a webhook a new secret, shown once."""
    change = _change_form(
        channel_id,
        _("换新密钥：%(name)s", name="%s"),
        _("换新密钥"),
        _("旧密钥立即失效，对方在换上新密钥之前会拒收。新密钥只显示一次。"),
    )

    def act(db: Session) -> str:
        return channels.renew_secret(db, current_actor().user_id, channel_id, now=now())

    return carry_out(change, act, lambda fresh: channel_page(channel_id, fresh))


@blueprint.route("/notices/channels/<int:channel_id>/drop", methods=["GET", "POST"])
def drop_waiting(channel_id: int) -> Answer:
    """Give up what waits in a channel."""
    change = _change_form(
        channel_id,
        _("取消待发的消息：%(name)s", name="%s"),
        _("取消发送"),
        _("等待发送的消息移到未送达列表，需要时可在那里重新发送。"),
    )

    def act(db: Session) -> int:
        return channels.drop_waiting(db, current_actor().user_id, channel_id, now=now())

    def done(count: int) -> Answer:
        return _redirect(channel_id, _("已取消 %(count)s 条。", count=count))

    return carry_out(change, act, done)


def kind_words(key: str) -> str:
    """Return a kind of notice in the language of the request."""
    return localize(kind_of(key).name)


def _change_form(channel_id: int, title: str, button: str, consequence: str) -> ChangeForm:
    require()
    with reading() as db:
        name = channels.one(db, channel_id).name
    back = url_for("admin.channel", channel_id=channel_id)
    return ChangeForm(title.replace("%s", name), button, back, (), (consequence,), danger=True)


def _perform(channel_id: int, act: Callable[[Session], str]) -> Response:
    require()
    with transaction() as db:
        words = act(db)
    return _redirect(channel_id, words)


def _redirect(channel_id: int, words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("admin.channel", channel_id=channel_id), 303)


def way_name(channel: Channel) -> str:
    """Return what a channel is and whom it reaches."""
    return f"{WAY_NAMES[channel.kind]} · {AUDIENCE_NAMES[channel.audience]}"


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"channel_lamps": LAMPS}


blueprint.add_app_template_filter(kind_words)
blueprint.add_app_template_filter(way_name)
