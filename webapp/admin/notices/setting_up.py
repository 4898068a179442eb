"""Setting a channel up and changing it, beginning with a preset of the usual services."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.models import Channel
from engine.notices.catalogue.kinds import CHOSEN, KINDS
from engine.notices.channels import register as channels
from engine.storage.db import reading
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.admin.notices.channels import channel_page
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, posted_text
from webapp.clock import now
from webapp.locales import localize

JSON_HEADER = "Content-Type: application/json"
ROBOT_BODY = '{"msgtype": "text", "text": {"content": {{ text|json }}}}'
SMS_BODY = '{"phone": {{ phone|json }}, "content": {{ text|json }}, "id": {{ id|json }}}'
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={{ secrets.key }}"
DINGTALK = (
    "https://oapi.dingtalk.com/robot/send?access_token={{ secrets.token }}"
    "&timestamp={{ timestamp }}&sign={{ sign|urlencode }}"
)


@dataclass(frozen=True)
class Preset:
    """What a new channel begins with."""

    name: Any
    help: Any
    kind: str
    audience: str
    config: dict[str, Any]
    secrets: str = ""


ROBOT = {
    "method": "POST",
    "headers": JSON_HEADER,
    "body": ROBOT_BODY,
    "success_path": "errcode",
    "success_value": "0",
}
GATEWAY = {**ROBOT, "url": "https://", "body": SMS_BODY, "success_path": "", "success_value": ""}
PRESETS = {
    "mail": Preset(
        _l("邮件"),
        _l("通过单位的邮件服务器发给工作人员。"),
        "mail",
        "person",
        {"port": 587, "security": "starttls"},
    ),
    "sms": Preset(
        _l("短信（工作人员）"), _l("通过短信网关发给工作人员。"), "http", "person", GATEWAY
    ),
    "citizen": Preset(
        _l("短信（群众）"),
        _l("流程里要告知群众的话，按登记时留的电话发出。"),
        "http",
        "citizen",
        GATEWAY,
    ),
    "citizen_mail": Preset(
        _l("邮件（群众）"),
        _l("流程里要告知群众的话，登记时选择邮件的，发到所留的邮箱。"),
        "mail",
        "citizen",
        {"port": 587, "security": "starttls"},
    ),
    "wecom": Preset(
        _l("企业微信群机器人"),
        _l("发到企业微信群。"),
        "http",
        "group",
        {**ROBOT, "url": WECOM},
        "key=",
    ),
    "dingtalk": Preset(
        _l("钉钉群机器人"),
        _l("发到钉钉群，用加签方式。"),
        "http",
        "group",
        {**ROBOT, "url": DINGTALK},
        "token=\nsign=SEC",
    ),
    "webhook": Preset(
        _l("Webhook（其他系统）"),
        _l("把事件推送给其他系统，带签名，不含个人信息。"),
        "webhook",
        "group",
        {"url": "https://"},
    ),
}
SECURITY_NAMES = {"starttls": "STARTTLS", "tls": "TLS", "none": _l("不加密")}


@blueprint.get("/notices/channels/new")
def choose_channel() -> str:
    """What kind of channel is it to be."""
    require()
    return render_template("admin/notices/choose.html", presets=PRESETS)


@blueprint.route("/notices/channels/new/<preset>", methods=["GET", "POST"])
def new_channel(preset: str) -> Answer:
    """Set a channel up; it begins switched off."""
    require()
    chosen = PRESETS.get(preset)
    if chosen is None:
        raise NotFound(preset)
    change = ChangeForm(
        title=_("新增渠道：%(name)s", name=chosen.name),
        button=_("新增"),
        back=url_for("admin.notices"),
        consequence=(_("新渠道默认停用；启用并测试成功后再投入使用。"),),
        fields=_fields(chosen, str(chosen.name), chosen.config, (), chosen.secrets),
    )

    def act(db: Session) -> tuple[Channel, str]:
        draft = _draft(chosen.kind, chosen.audience)
        return channels.create(db, current_actor().user_id, draft, now=now())

    def done(made: tuple[Channel, str]) -> Answer:
        if made[1]:
            return channel_page(made[0].id, made[1])
        return _to(made[0].id, _("渠道已新增。"))

    return carry_out(change, act, done)


@blueprint.route("/notices/channels/<int:channel_id>/edit", methods=["GET", "POST"])
def edit_channel(channel_id: int) -> Answer:
    """Change a channel; secrets that are left empty stay."""
    require()
    with reading() as db:
        one = channels.one(db, channel_id)
        names = channels.secret_names(one)
        area = one.unit.code if one.unit else ""
    like = Preset("", "", one.kind, one.audience, {})
    fields = [*_fields(like, one.name, one.config, one.kinds, "", names)]
    change = ChangeForm(
        title=_("修改渠道：%(name)s", name=one.name),
        button=_("保存"),
        back=url_for("admin.channel", channel_id=channel_id),
        fields=[replace(field, value=area) if field.name == "unit" else field for field in fields],
    )

    def act(db: Session) -> Channel:
        draft = _draft(one.kind, one.audience)
        return channels.change(db, current_actor().user_id, channel_id, draft, now=now())

    return carry_out(change, act, lambda _changed: _to(channel_id, _("已保存。")))


def _draft(kind: str, audience: str) -> channels.ChannelDraft:
    given = {name: value.strip() for name, value in request.form.items() if name != "csrf_token"}
    chosen = tuple(request.form.getlist("kinds"))
    return channels.ChannelDraft(
        posted_text("name"), kind, audience, given, chosen, posted_text("unit")
    )


def _fields(
    preset: Preset,
    name: str,
    config: dict[str, Any],
    kinds: tuple[str, ...] | list[str],
    secrets: str,
    known: list[str] | None = None,
) -> list[ChangeField]:
    value = {key: str(one) for key, one in config.items()}
    makers = {"mail": _mail_fields, "http": _http_fields, "webhook": _webhook_fields}
    fields = [ChangeField("name", _("名称"), value=name, longest=40)]
    fields += makers[preset.kind](value, secrets, known or [])
    if preset.audience != "citizen":
        fields.append(_kinds_field(preset.audience, kinds))
    fields.append(
        ChangeField(
            "unit",
            _("只发这个区域的事项（单位编码）"),
            required=False,
            help=_("不填表示全部区域。"),
            longest=32,
        )
    )
    seconds = value.get("seconds", "10")
    limit = _("每次发送最多等几秒")
    return [*fields, ChangeField("seconds", limit, "number", seconds, required=False, longest=2)]


def _kinds_field(audience: str, kinds: tuple[str, ...] | list[str]) -> ChangeField:
    label = _("发送哪些通知") if audience == "group" else _("默认发送的通知")
    options = [(key, localize(KINDS[key].name)) for key in CHOSEN]
    return ChangeField("kinds", label, "checks", ",".join(kinds), options, required=False)


def _mail_fields(value: dict[str, str], _secrets: str, known: list[str]) -> list[ChangeField]:
    options = [(key, str(SECURITY_NAMES[key])) for key in channels.SECURITIES]
    kept = _("已设置，不填则不变。") if known else ""
    return [
        ChangeField("host", _("服务器"), value=value.get("host", "")),
        ChangeField("port", _("端口"), value=value.get("port", ""), longest=5),
        ChangeField("security", _("加密方式"), "select", value.get("security", ""), options),
        ChangeField("login", _("用户名"), value=value.get("login", ""), required=False),
        ChangeField("password", _("密码"), "secret", help=kept, required=False, longest=200),
        ChangeField("sender", _("发件地址"), value=value.get("sender", ""), longest=200),
        ChangeField(
            "sender_name", _("发件人名称"), value=value.get("sender_name", ""), required=False
        ),
    ]


def _http_fields(value: dict[str, str], secrets: str, known: list[str]) -> list[ChangeField]:
    variables = _(
        "可用变量：text、subject、phone、name、link、id、kind、timestamp、sign、"
        "secrets.名称；写进 JSON 时加 |json。"
    )
    kept = _("每行一个“名称=值”，保存后不再显示。")
    if known:
        kept += _("已设置：%(names)s，不填则不变。", names=", ".join(known))
    methods = [(one, one) for one in channels.METHODS]
    path, expected = value.get("success_path", ""), value.get("success_value", "")
    rule = _("回答是 JSON 时要检查的字段，例如 errcode；不填则只看状态码 2xx。")
    return [
        ChangeField("url", _("网址"), "area", value.get("url", ""), help=variables, longest=500),
        ChangeField("method", _("方法"), "select", value.get("method", ""), methods),
        _area("headers", _("请求头"), value.get("headers", ""), _("每行一个“名称: 值”。")),
        _area("body", _("正文模板"), value.get("body", ""), ""),
        _area("secrets", _("密钥"), secrets, kept),
        ChangeField("success_path", _("成功的标志"), value=path, help=rule, required=False),
        ChangeField("success_value", _("应等于"), value=expected, required=False, longest=40),
    ]


def _webhook_fields(value: dict[str, str], _secrets: str, _known: list[str]) -> list[ChangeField]:
    said = _("签名密钥由系统生成，只显示一次。")
    return [ChangeField("url", _("网址"), value=value.get("url", ""), help=said, longest=500)]


def _area(name: str, label: str, value: str, help_text: str) -> ChangeField:
    longest = channels.LONGEST
    return ChangeField(name, label, "area", value, help=help_text, required=False, longest=longest)


def _to(channel_id: int, words: str) -> Answer:
    flash(words, "success")
    return redirect(url_for("admin.channel", channel_id=channel_id), 303)
