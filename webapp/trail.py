"""The auditor's page: who logged in, was appointed, exported or unmasked what, and when."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from engine.errors import NotFound
from engine.reading import admin_trail
from engine.reading.admin_trail import TrailQuery
from engine.roles import with_verb
from engine.storage.db import reading
from webapp.account.people import current_actor
from webapp.clock import midnight

blueprint = Blueprint("trail", __name__, url_prefix="/audit")
GROUP_NAMES = {
    "login": _l("登录与退出"),
    "token": _l("接口令牌"),
    "account": _l("账号与二次验证"),
    "grant": _l("岗位与代理"),
    "reveal": _l("查看个人信息与保密事项"),
    "export": _l("导出"),
    "definition": _lp("heading", "流程"),
    "unit": _l("单位与日历"),
}
KIND_NAMES = {
    "login.succeeded": _l("登录成功"),
    "login.failed": _l("登录失败"),
    "logout": _l("退出登录"),
    "session.ended": _l("结束登录"),
    "sessions.ended": _l("结束全部登录"),
    "token.issued": _l("新建令牌"),
    "token.revoked": _l("作废令牌"),
    "factor.added": _l("添加二次验证"),
    "factor.removed": _l("删除二次验证"),
    "factor.codes": _l("生成恢复码"),
    "factor.code_used": _l("使用恢复码"),
    "factors.reset": _l("清除二次验证"),
    "user.created": _l("新增人员"),
    "user.renamed": _l("更正姓名"),
    "user.ended": _l("停用人员"),
    "user.password_set": _l("重置密码"),
    "user.password_changed": _l("修改密码"),
    "post.created": _l("设立岗位"),
    "post.filled": _lp("record", "分配岗位"),
    "post.vacated": _lp("record", "解除岗位"),
    "post.ended": _lp("record", "停用岗位"),
    "deputy.created": _l("设置代理"),
    "deputy.ended": _l("结束代理"),
    "personal.shown": _l("查看个人信息"),
    "document.opened": _l("打开含个人信息的文书"),
    "export.made": _l("导出"),
    "grant.asked": _l("申请重要授权"),
    "grant.confirmed": _l("确认重要授权"),
    "grant.refused": _l("不同意重要授权"),
    "grant.withdrawn": _l("撤回授权申请"),
    "disclosure.asked": _l("申请查看举报人"),
    "disclosure.decided": _l("审批查看举报人"),
    "disclosure.shown": _l("查看举报人"),
    "disclosure.reviewed": _l("复核查看举报人"),
    "disclosure.released": _l("交出保密材料"),
    "confidential_unit.asked": _l("申请指定保密受理单位"),
    "confidential_unit.doubted": _l("申请取消保密受理单位"),
    "confidential_unit.withdrawn": _l("撤回保密受理单位的申请"),
    "confidential_unit.named": _l("指定保密受理单位"),
    "confidential_unit.forgotten": _l("取消保密受理单位"),
    "draft.begun": _l("新建流程草稿"),
    "draft.proposed": _l("新版流程定义转为草稿"),
    "draft.submitted": _l("流程草稿送审"),
    "draft.sent_back": _l("流程草稿退回修改"),
    "draft.discarded": _l("放弃流程草稿"),
    "version.published": _l("发布流程版本"),
    "version.rolled_out": _l("调整版本适用范围"),
    "clock.confirmed": _l("确认时钟跳动后的到期处理"),
    "escalations.withdrawn": _l("撤销误升级"),
    "calendar.created": _l("新建工作日历"),
    "calendar.changed": _l("修改工作日历"),
    "calendar.removed": _l("删除工作日历"),
    "calendar.used": _l("指定工作日历"),
    "emergency.on": _lp("record", "启动应急状态"),
    "emergency.off": _l("解除应急状态"),
    "boundaries.published": _l("启用单位边界"),
    "population.changed": _l("修改单位人口数"),
    "public_site.opened": _l("开通公众服务"),
    "public_site.closed": _l("关闭公众服务"),
    "search.synonyms": _l("修改搜索同义词"),
    "return.signed": _l("签发统计报表"),
    "return.sent": _l("报送统计报表"),
    "awards.rates": _l("修改以案定补标准"),
    "return.discarded": _l("放弃统计报表草稿"),
    "return.refused": _l("退回统计报表"),
    "return.restated": _l("更正统计报表"),
    "fact.corrected": _l("补正统计事实"),
    "exchange.codes": _l("修改交换代码表"),
    "moves.allowances": _l("修改办理规则"),
    "georeport.issued": _l("生成开放接口密钥"),
    "georeport.revoked": _l("停用开放接口密钥"),
    "spots.made": _l("生成地点二维码"),
    "spots.withdrawn": _l("停用地点二维码"),
    "stars.opinions": _l("修改星级对应的评价"),
    "numbers.set": _l("设置编号规则"),
    "notices.hours": _l("设置免打扰时段"),
    "text.changed": _l("修改通知文字"),
    "text.restored": _l("恢复通知文字"),
    "letters.resent": _l("重新发送未送达消息"),
    "contact.changed": _l("修改联系方式"),
    "units.imported": _l("导入单位"),
    "screening.entered": _l("登记排查"),
    "screening.changed": _l("修改排查"),
    "screening.voided": _l("作废排查"),
    "screening.found": _l("登记排查发现的纠纷"),
    "committee.created": _l("登记调委会"),
    "committee.changed": _l("修改调委会"),
    "committee.ended": _l("撤销调委会"),
    "mediator.created": _l("登记调解员"),
    "mediator.changed": _l("修改调解员名册"),
    "mediator.ended": _l("解聘调解员"),
    "mediator.course": _l("登记调解员培训"),
    "unit.recoded": _l("变更单位编码"),
    "demo.loaded": _l("载入演示数据"),
}


@blueprint.before_request
def _only_auditors() -> None:
    # For everybody else the page does not exist.
    if current_actor().roles.isdisjoint(with_verb("audit")):
        raise NotFound()


@blueprint.get("/")
def index() -> str:
    """The newest events, narrowed by group, person, address and days."""
    args = request.args
    after = args.get("after", "")
    query = TrailQuery(
        group=args.get("group", ""),
        person=args.get("person", "").strip()[:64],
        source=args.get("source", "").strip()[:12],
        since=midnight(args.get("since", "")),
        until=midnight(args.get("until", ""), 1),
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None,
    )
    with reading() as db:
        rows, more = admin_trail.page(db, current_actor(), query)
    return render_template(
        "trail/index.html",
        rows=rows,
        after=more,
        groups=GROUP_NAMES,
        kinds=KIND_NAMES,
        spoken=spoken,
    )


def spoken(data: dict[str, Any]) -> str:
    """Return what else an event says, as auditors compare it."""
    return _("；").join(f"{key}={value}" for key, value in data.items())
