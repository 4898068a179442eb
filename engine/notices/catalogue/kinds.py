"""What notices there are: their names, the words that ship, and how loud they are."""

from __future__ import annotations

from engine.notices.catalogue import citizen_kinds
from engine.notices.catalogue.kind import CASE as _CASE
from engine.notices.catalogue.kind import NoticeKind
from feel.text import Text

GROUPS = {
    "work": Text("新任务与指派", "New and assigned work"),
    "time": Text("期限、超期与督办", "Deadlines, overdue work and supervision"),
    "moves": Text("催办、撤回与延期", "Reminders, recalls and extensions"),
    "help": Text("协办", "Assistance"),
    "words": Text("留言与告知", "Comments and messages"),
    "drafts": Text("流程草稿", "Process drafts"),
    "rights": Text("账号与授权", "Accounts and authorizations"),
    "audit": Text("审计提醒", "Audit alerts"),
}
_STEP_ZH = f"{_CASE}，“{{{{ step }}}}”"
_STEP_EN = f"{_CASE}, “{{{{ step }}}}”"


def _step(key: str, group: str, name: Text, said: Text, *, red: bool = False) -> NoticeKind:
    """Return a kind whose words begin with what happened and end with the case and its step."""
    words = Text(f"{said.zh}：{_STEP_ZH}", f"{said.en}: {_STEP_EN}")
    return NoticeKind(key, group, name, words, red)


def _request(what: str, zh: str, en: str) -> tuple[NoticeKind, ...]:
    """Return the kinds about what a holder asks of a leader: asked, granted, refused."""
    told = (
        ("asked", Text(f"{zh}申请", f"{en} requested"), Text(f"请审批{zh}", f"{en} to decide on")),
        ("granted", Text(f"{zh}获批", f"{en} granted"), Text(f"{zh}已批准", f"{en} granted")),
        ("refused", Text(f"{zh}未批", f"{en} refused"), Text(f"{zh}未批准", f"{en} refused")),
    )
    return tuple(_step(f"{what}.{how}", "moves", name, said) for how, name, said in told)


def _demand(what: str, name: Text, said: Text, *, red: bool = False) -> NoticeKind:
    """Return a kind about a supervision notice or a centre's call, by its number."""
    number = "{{ note }}"
    words = Text(f"{said.zh}：{number}（{_CASE}）", f"{said.en}: {number} ({_CASE})")
    return NoticeKind(f"demand.{what}", "time", name, words, red)


def _confided(what: str, name: Text, said: Text, *, red: bool = False) -> NoticeKind:
    """Return a kind about disclosing a reporter; it says the number and nothing else."""
    words = Text(f"{said.zh}：{{{{ number }}}}", f"{said.en}: {{{{ number }}}}")
    return NoticeKind(f"disclosure.{what}", "work", name, words, red)


def _grant(what: str, name: Text, said: Text) -> NoticeKind:
    """Return a kind about powers that somebody gets: who, where, which role."""
    words = Text(f"{said.zh}：{{{{ note }}}}", f"{said.en}: {{{{ note }}}}")
    return NoticeKind(f"grant.{what}", "rights", name, words)


def _draft(what: str, name: Text, said: Text) -> NoticeKind:
    """Return a kind about a draft of a process, by its title."""
    words = Text(f"{said.zh}：{{{{ note }}}}", f"{said.en}: {{{{ note }}}}")
    return NoticeKind(f"draft.{what}", "drafts", name, words)


def _pile(what: str, said: Text) -> NoticeKind:
    """Return a kind about much of the same by one person within an hour, for auditors."""
    words = Text(
        f"一小时内{said.zh}次数较多：{{{{ note }}}}",
        f"Many {said.en} within an hour: {{{{ note }}}}",
    )
    name = Text(f"审计提醒：{said.zh}", f"Audit: {said.en}")
    return NoticeKind(f"audit.{what}", "audit", name, words)


_ALL = (
    NoticeKind(
        "task.opened",
        "work",
        Text("新任务", "New task"),
        Text(f"新任务：{_STEP_ZH}待签收", f"New task: {_STEP_EN} awaits signing for"),
    ),
    _step("task.assigned", "work", Text("指派", "Assigned"), Text("指派给您", "Assigned to you")),
    _step(
        "task.transferred",
        "work",
        Text("转办", "Transferred"),
        Text("转办给您", "Transferred to you"),
    ),
    NoticeKind(
        "case.reassigned",
        "work",
        Text("收回改派", "Reassignment needed"),
        Text(
            f"请改派：{_STEP_ZH}已收回待签收", f"Please reassign: {_STEP_EN} is back in its queue"
        ),
    ),
    _step(
        "task.taken",
        "work",
        Text("被收回", "Reassigned away from you"),
        Text("超期未办，已从您手中收回待签收", "Overdue; returned from you to the queue"),
    ),
    _step(
        "task.put_back",
        "work",
        Text("拆单后继续办理", "Taken out of a merge"),
        Text("已拆单，请继续办理", "Taken out of a merge, please go on with it"),
    ),
    _step("task.soon_due", "time", Text("将到期", "Due soon"), Text("将到期", "Due soon")),
    _step(
        "task.unsigned",
        "time",
        Text("逾期未签收", "Not signed for in time"),
        Text("签收时限已过", "Sign-for deadline passed"),
        red=True,
    ),
    _step("task.overdue", "time", Text("已超期", "Overdue"), Text("已超期", "Overdue"), red=True),
    _step(
        "task.supervised",
        "time",
        Text("督办单", "Supervision order"),
        Text("收到督办单", "Supervision order"),
        red=True,
    ),
    _step(
        "case.escalated",
        "time",
        Text("升级", "Escalation"),
        Text("下级超期，已提级至您", "Overdue in a unit below; escalated to you"),
        red=True,
    ),
    NoticeKind(
        "case.supervised",
        "time",
        Text("请督办", "Supervision needed"),
        Text(f"请督办：{_STEP_ZH}已超期", f"Please supervise: {_STEP_EN} is overdue"),
        red=True,
    ),
    _demand(
        "issued",
        Text("督办单、中心呼", "Reply required"),
        Text("请按期答复", "Please reply by the deadline"),
    ),
    _demand(
        "answered", Text("已答复", "Reply received"), Text("请审核答复", "Please review the reply")
    ),
    _demand("accepted", Text("答复通过", "Reply accepted"), Text("答复已通过", "Reply accepted")),
    _demand(
        "rejected",
        Text("答复退回", "Reply rejected"),
        Text("答复未通过，请重新答复", "Reply rejected; please reply again"),
        red=True,
    ),
    _demand("withdrawn", Text("已收回", "Withdrawn"), Text("不再要求答复", "No reply needed")),
    _demand(
        "overdue",
        Text("逾期未答复", "Reply overdue"),
        Text("答复期限已过", "The reply deadline has passed"),
        red=True,
    ),
    _demand(
        "escalated",
        Text("久未答复", "Still no reply"),
        Text("下级逾期仍未答复，已提级至您", "No reply from a unit below; escalated to you"),
        red=True,
    ),
    NoticeKind(
        "escalation.withdrawn",
        "time",
        Text("升级撤销", "Escalation withdrawn"),
        Text(f"此前的升级已撤销：{_CASE}", f"Earlier escalations are withdrawn: {_CASE}"),
    ),
    _step("task.urged", "moves", Text("催办", "Reminder"), Text("催办", "Reminder"), red=True),
    _step(
        "task.resumed",
        "moves",
        Text("恢复计时", "Deadline running again"),
        Text("暂停期满，已恢复计时", "The pause has ended; the deadline is running again"),
    ),
    _step(
        "task.recalled", "moves", Text("撤回", "Recalled"), Text("已被撤回", "Recalled from you")
    ),
    *_request("pause", "暂停", "Suspension"),
    *_request("extension", "延期", "Extension"),
    _step(
        "help.asked",
        "help",
        Text("协办请求", "Assist request"),
        Text("请您单位协办", "Your unit is asked to assist"),
    ),
    _step(
        "help.left_out",
        "help",
        Text("协办未派出", "Co-handler not asked"),
        Text("指定的一个协办单位无法派出，请另行联系", "A co-handler you named could not be asked"),
    ),
    _step(
        "help.answered",
        "help",
        Text("协办答复", "Assist reply"),
        Text("协办单位已答复", "An assisting unit has replied"),
    ),
    _step(
        "help.withdrawn",
        "help",
        Text("收回协办", "Assist request withdrawn"),
        Text("协办请求已收回", "The assist request was withdrawn"),
    ),
    _step(
        "help.overdue",
        "help",
        Text("协办超期（本单位）", "Assist reply overdue (our unit)"),
        Text("协办期限已过", "The deadline for the assist reply has passed"),
        red=True,
    ),
    _step(
        "help.late",
        "help",
        Text("协办超期（对方）", "Assist reply overdue (other unit)"),
        Text("协办单位逾期未答复", "An assisting unit has not replied in time"),
    ),
    NoticeKind(
        "case.mentioned",
        "words",
        Text("提到您", "Mentioned"),
        Text(f"留言中提到您：{_CASE}", f"You were mentioned in a comment: {_CASE}"),
    ),
    _confided(
        "asked",
        Text("查看或解除保密申请", "Disclosure requested"),
        Text("请审批保密件的查看或解除申请", "Please decide on a disclosure request"),
    ),
    _confided(
        "decided",
        Text("保密申请已审批", "Disclosure decided"),
        Text("您的查看或解除申请已审批", "Your disclosure request has been decided"),
    ),
    _confided(
        "shown",
        Text("来电人信息被查看", "Caller details viewed"),
        Text("保密件来电人已被双人查看，请复核", "Two people viewed the caller; please review"),
        red=True,
    ),
    NoticeKind(
        "deputy.appointed",
        "work",
        Text("请您代理", "You are now a deputy"),
        Text("请您代理岗位：{{ note }}", "You are now deputy for: {{ note }}"),
    ),
    NoticeKind(
        "return.sent",
        "work",
        Text("收到报表", "Return received"),
        Text("下级报送了报表：{{ note }}", "A return was sent to you: {{ note }}"),
    ),
    NoticeKind(
        "return.refused",
        "work",
        Text("报表被退回", "Return sent back"),
        Text(
            "报表被上级退回，请更正重报：{{ note }}",
            "A return was sent back; please restate it: {{ note }}",
        ),
        red=True,
    ),
    NoticeKind(
        "account.reset",
        "rights",
        Text("密码被重置", "Password reset"),
        Text(
            "您的密码已由{{ note }}重置；如非本人要求，请立即告知审计员。",
            "{{ note }} reset your password. If you did not request this, tell an auditor at once.",
        ),
    ),
    NoticeKind(
        "account.ended",
        "rights",
        Text("登录被结束", "Signed out"),
        Text(
            "您的登录或接口令牌已由{{ note }}结束；如有疑问，请联系管理员。",
            "{{ note }} ended your sessions or API tokens. Ask an administrator if in doubt.",
        ),
    ),
    NoticeKind(
        "account.factors",
        "rights",
        Text("二次验证被清除", "Second factors cleared"),
        Text(
            "您的二次验证已由{{ note }}清除；如非本人要求，请立即告知审计员。",
            "{{ note }} reset your two-step verification. If you did not ask, tell an auditor.",
        ),
    ),
    _grant(
        "asked",
        Text("授权待确认", "Authorization to confirm"),
        Text("请确认或退回授权申请", "Please confirm or refuse an authorization request"),
    ),
    _grant(
        "confirmed",
        Text("授权已确认", "Authorization confirmed"),
        Text("您的授权申请已确认生效", "Your authorization request was confirmed"),
    ),
    _grant(
        "refused",
        Text("授权被退回", "Authorization refused"),
        Text("您的授权申请被退回", "Your authorization request was refused"),
    ),
    _grant(
        "given",
        Text("岗位分配", "New post"),
        Text("已向您分配岗位", "You have been assigned a post"),
    ),
    _grant(
        "ended",
        Text("重要岗位终止", "Authorization ended"),
        Text("重要岗位已终止", "A post with wide authority has ended"),
    ),
    _draft(
        "submitted",
        Text("草稿送审", "Draft submitted"),
        Text("请审批流程草稿", "Please review a process draft"),
    ),
    _draft(
        "sent_back",
        Text("草稿退回", "Draft returned"),
        Text("流程草稿退回修改", "Process draft returned for changes"),
    ),
    _draft(
        "published",
        Text("草稿发布", "Draft published"),
        Text("流程草稿已批准发布", "Process draft approved and published"),
    ),
    _draft(
        "discarded",
        Text("草稿放弃", "Draft discarded"),
        Text("流程草稿已被放弃", "Process draft discarded"),
    ),
    _draft(
        "comment",
        Text("草稿留言", "Comment on a draft"),
        Text("流程草稿有新留言", "New comment on a process draft"),
    ),
    _pile("reveal", Text("查看个人信息", "views of personal data")),
    _pile("confidential", Text("变更保密事项", "changes to confidential cases")),
    _pile("grant", Text("授予岗位或重置密码", "post assignments or password resets")),
    _pile("export", Text("导出", "exports")),
    NoticeKind(
        "diagram.note",
        "words",
        Text("流程提示", "Process message"),
        Text(
            f"{{% if note %}}{{{{ note }}}}（{_CASE}）{{% else %}}{_CASE} 有新进展{{% endif %}}",
            f"{{% if note %}}{{{{ note }}}} ({_CASE}){{% else %}}Update: {_CASE}{{% endif %}}",
        ),
    ),
    *citizen_kinds.KINDS,
    NoticeKind(
        "channel.test",
        "words",
        Text("测试", "Test"),
        Text("这是一条测试消息，收到即表示渠道可用。", "This is a test; the channel works."),
        chosen=False,
    ),
)
KINDS: dict[str, NoticeKind] = {kind.key: kind for kind in _ALL}
OTHER = NoticeKind(
    "",
    "words",
    Text("新进展", "Update"),
    Text(f"{_CASE} 有新进展", f"Update: {_CASE}"),
    chosen=False,
)
RED = frozenset(key for key, kind in KINDS.items() if kind.red)
CHOSEN = tuple(key for key, kind in KINDS.items() if kind.chosen)


def kind_of(key: str) -> NoticeKind:
    """Return the kind of a notice; a key that nobody named says that there is news."""
    return KINDS.get(key, OTHER)
