"""What the screens call the permissions of tokens."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.locales import comma_list

SCOPE_NAMES = {
    "cases.read": _l("查看事项和任务"),
    "tasks.complete": _l("办理任务"),
    "drafts.read": _l("查看流程草稿"),
    "drafts.write": _l("修改流程草稿"),
}

# What somebody with a role does here, in a line: for the list of a demo's logins.
ROLE_WORK = {
    "grid_worker": _l("巡查上报网格事件，跟踪处置结果"),
    "grid_leader": _l("受理网格事件，村内办理或上报"),
    "mediator": _l("受理、调解矛盾纠纷，整理卷宗"),
    "leader": _l("审批延期、指派，查看本单位统计"),
    "dispatcher": _l("核对分流结果，派单到责任单位"),
    "supervisor": _l("查看升级看板，发督办单"),
    "handler": _l("签收、处置、答复派来的事项"),
    "operator": _l("登记来电诉求，回访群众"),
    "policy_editor": _l("绘制流程、表单和决策表"),
    "policy_publisher": _l("审批并发布流程草稿"),
    "admin": _l("管理单位、岗位、人员和运行状态"),
    "confidential_officer": _l("审批、复核保密件的查看"),
    "auditor": _l("查阅审计记录和审计提醒"),
    "security_admin": _l("确认超出单位权限的授权"),
}


def role_work(role: str) -> str:
    """Return what a role does, in one line; nothing for one that a county has added."""
    return str(ROLE_WORK.get(role, ""))


def scope_names(scopes: str) -> str:
    """Return the permissions of a token in words."""
    return comma_list(str(SCOPE_NAMES[scope]) for scope in scopes.split() if scope in SCOPE_NAMES)
