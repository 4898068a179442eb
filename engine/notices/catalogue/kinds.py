"""What notices there are: their names, the words that ship, and how loud they are."""

from __future__ import annotations

from dataclasses import dataclass

from feel.text import Text

GROUPS = {
    "work": Text("新任务与指派", "New and assigned work"),
    "time": Text("期限、超期与督办", "Deadlines, overdue work and supervision"),
    "moves": Text("催办、撤回与延期", "Urging, recalls and extensions"),
    "help": Text("协办", "Co-handling"),
    "words": Text("留言与告知", "Remarks and messages"),
    "drafts": Text("流程草稿", "Drafts of processes"),
    "rights": Text("账号与授权", "Accounts and powers"),
    "audit": Text("审计提醒", "Audit alerts"),
}
_CASE = "{{ number }} {{ title }}"
_STEP_ZH = f"{_CASE}，“{{{{ step }}}}”"
_STEP_EN = f"{_CASE}, “{{{{ step }}}}”"


@dataclass(frozen=True)
class NoticeKind:
    """One kind of notice; ``red`` ones mean that a limit has passed."""

    key: str
    group: str
    name: Text
    words: Text
    red: bool = False
    # Not offered for choosing: it answers somebody who has just asked for it.
    chosen: bool = True


def _step(key: str, group: str, name: Text, said: Text, *, red: bool = False) -> NoticeKind:
    """Return a kind whose words begin with what happened and end with the case and its step."""
    words = Text(f"{said.zh}：{_STEP_ZH}", f"{said.en}: {_STEP_EN}")
    return NoticeKind(key, group, name, words, red)


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
        Text(f"新任务：{_STEP_ZH}待签收", f"New task: {_STEP_EN} is to be signed for"),
    ),
    _step("task.assigned", "work", Text("指派", "Assigned"), Text("指派给您", "Assigned to you")),
    _step(
        "task.transferred", "work", Text("转办", "Transferred"), Text("转办给您", "Passed to you")
    ),
    NoticeKind(
        "case.reassigned",
        "work",
        Text("收回改派", "To be reassigned"),
        Text(
            f"请改派：{_STEP_ZH}已收回待签收", f"Please reassign: {_STEP_EN} is back in its queue"
        ),
    ),
    _step(
        "task.taken",
        "work",
        Text("被收回", "Taken from you"),
        Text("超期未办，已从您手中收回待签收", "Overdue, taken from you and back in its queue"),
    ),
    _step("task.soon_due", "time", Text("将到期", "Soon due"), Text("将到期", "Soon due")),
    _step(
        "task.unsigned",
        "time",
        Text("逾期未签收", "Not signed for in time"),
        Text("签收期限已过", "The time to sign has passed"),
        red=True,
    ),
    _step("task.overdue", "time", Text("已超期", "Overdue"), Text("已超期", "Overdue"), red=True),
    _step(
        "task.supervised",
        "time",
        Text("督办单", "Supervision notice"),
        Text("收到督办单", "Supervision notice"),
        red=True,
    ),
    _step(
        "case.escalated",
        "time",
        Text("升级", "Escalation"),
        Text("下级超期，已升级到您", "Overdue below you and escalated to you"),
        red=True,
    ),
    NoticeKind(
        "case.supervised",
        "time",
        Text("请督办", "To be supervised"),
        Text(f"请督办：{_STEP_ZH}已超期", f"Please supervise: {_STEP_EN} is overdue"),
        red=True,
    ),
    _demand(
        "issued", Text("督办单、中心呼", "Called to answer"), Text("请按期答复", "Please answer")
    ),
    _demand(
        "answered", Text("已答复", "Answered"), Text("请审核答复", "Please decide on the answer")
    ),
    _demand("accepted", Text("答复通过", "Answer accepted"), Text("答复已通过", "Answer accepted")),
    _demand(
        "rejected",
        Text("答复退回", "Answer rejected"),
        Text("答复未通过，请重新答复", "Answer rejected, please answer again"),
        red=True,
    ),
    _demand("withdrawn", Text("已收回", "Withdrawn"), Text("不再要求答复", "No answer is needed")),
    _demand(
        "overdue",
        Text("逾期未答复", "Not answered in time"),
        Text("答复期限已过", "The time to answer has passed"),
        red=True,
    ),
    _demand(
        "escalated",
        Text("久未答复", "Still not answered"),
        Text("下级逾期仍未答复，已升级到您", "Not answered below you and escalated to you"),
        red=True,
    ),
    _step("task.urged", "moves", Text("催办", "Urged"), Text("催办", "Urged"), red=True),
    _step(
        "task.resumed",
        "moves",
        Text("恢复计时", "Clock running again"),
        Text("暂停期满，已恢复计时", "The suspension is over, the clock runs again"),
    ),
    _step(
        "task.recalled", "moves", Text("撤回", "Recalled"), Text("已被撤回", "Recalled from you")
    ),
    _step(
        "extension.asked",
        "moves",
        Text("延期申请", "Extension asked for"),
        Text("请审批延期", "Please decide on an extension"),
    ),
    _step(
        "extension.granted",
        "moves",
        Text("延期获批", "Extension granted"),
        Text("延期已批准", "Extension granted"),
    ),
    _step(
        "extension.refused",
        "moves",
        Text("延期未批", "Extension refused"),
        Text("延期未批准", "Extension refused"),
    ),
    _step(
        "help.asked",
        "help",
        Text("协办请求", "Co-handling asked for"),
        Text("请您单位协办", "Your unit is asked to co-handle"),
    ),
    _step(
        "help.answered",
        "help",
        Text("协办答复", "Co-handler answered"),
        Text("协办单位已答复", "A co-handler has answered"),
    ),
    _step(
        "help.withdrawn",
        "help",
        Text("收回协办", "Co-handling withdrawn"),
        Text("协办请求已收回", "The request to co-handle was withdrawn"),
    ),
    _step(
        "help.overdue",
        "help",
        Text("协办超期（本单位）", "Our co-handling is overdue"),
        Text("协办期限已过", "The time to co-handle has passed"),
        red=True,
    ),
    _step(
        "help.late",
        "help",
        Text("协办超期（对方）", "A co-handler is late"),
        Text("协办单位逾期未答复", "A co-handler has not answered in time"),
    ),
    NoticeKind(
        "case.mentioned",
        "words",
        Text("提到您", "Mentioned"),
        Text(f"有人在留言里提到您：{_CASE}", f"Somebody mentioned you in a remark: {_CASE}"),
    ),
    _confided(
        "asked",
        Text("查看或者解除保密的申请", "A disclosure asked for"),
        Text("请决定保密件的查看或者解除申请", "Please decide on a disclosure"),
    ),
    _confided(
        "decided",
        Text("保密申请有了决定", "A disclosure decided"),
        Text("您的查看或者解除申请有了决定", "Your request for a disclosure was decided"),
    ),
    _confided(
        "shown",
        Text("来电人信息被查看", "A reporter was disclosed"),
        Text("两人一起查看了保密件的来电人，请复核", "Two people looked who reported; review it"),
        red=True,
    ),
    NoticeKind(
        "deputy.appointed",
        "work",
        Text("请您代理", "Standing in"),
        Text("请您代理岗位：{{ note }}", "You are to stand in for a post: {{ note }}"),
    ),
    NoticeKind(
        "account.reset",
        "rights",
        Text("密码被重置", "Password reset"),
        Text(
            "您的密码已由{{ note }}重置；如非本人要求，请立即告知审计员。",
            "Your password was reset by {{ note }}; if you did not ask for it, tell an auditor.",
        ),
    ),
    NoticeKind(
        "account.ended",
        "rights",
        Text("登录被结束", "Signed out"),
        Text(
            "您的登录或接口令牌已由{{ note }}结束；如有疑问，请联系管理员。",
            "{{ note }} ended log-ins or tokens of yours; ask an administrator if you wonder why.",
        ),
    ),
    NoticeKind(
        "account.factors",
        "rights",
        Text("二次验证被清除", "Second factors cleared"),
        Text(
            "您的二次验证已由{{ note }}清除；如非本人要求，请立即告知审计员。",
            "Your second factors were cleared by {{ note }}; if you did not ask, tell an auditor.",
        ),
    ),
    _grant(
        "asked",
        Text("授权待确认", "Powers to be confirmed"),
        Text("请确认或退回授权申请", "Please confirm or refuse a request for powers"),
    ),
    _grant(
        "confirmed",
        Text("授权已确认", "Powers confirmed"),
        Text("您的授权申请已确认生效", "Your request for powers was confirmed"),
    ),
    _grant(
        "refused",
        Text("授权被退回", "Powers refused"),
        Text("您的授权申请被退回", "Your request for powers was refused"),
    ),
    _grant(
        "ended",
        Text("重要岗位终止", "A power has ended"),
        Text("重要岗位已终止", "A post of power has ended"),
    ),
    _grant("given", Text("新任岗位", "A new post"), Text("您已任职", "You now hold a post")),
    _draft(
        "submitted",
        Text("草稿送审", "Draft to be approved"),
        Text("请审批流程草稿", "Please decide on the draft of a process"),
    ),
    _draft(
        "sent_back",
        Text("草稿退回", "Draft sent back"),
        Text("流程草稿退回修改", "The draft of a process was sent back to be changed"),
    ),
    _draft(
        "published",
        Text("草稿发布", "Draft published"),
        Text("流程草稿已批准发布", "The draft of a process was approved and published"),
    ),
    _draft(
        "discarded",
        Text("草稿放弃", "Draft discarded"),
        Text("流程草稿已被放弃", "The draft of a process was discarded"),
    ),
    _draft(
        "comment",
        Text("草稿留言", "Remark on a draft"),
        Text("流程草稿有新留言", "There is a new remark on the draft of a process"),
    ),
    _pile("reveal", Text("查看个人信息", "personal data shown")),
    _pile("confidential", Text("变更保密事项", "changes of confidential cases")),
    _pile("grant", Text("授予岗位或重置密码", "posts granted or passwords reset")),
    _pile("export", Text("导出", "exports")),
    NoticeKind(
        "diagram.note",
        "words",
        Text("流程提示", "Message of a process"),
        Text(
            f"{{% if note %}}{{{{ note }}}}（{_CASE}）{{% else %}}{_CASE} 有新进展{{% endif %}}",
            f"{{% if note %}}{{{{ note }}}} ({_CASE}){{% else %}}{_CASE} has news{{% endif %}}",
        ),
    ),
    NoticeKind(
        "citizen.tell",
        "words",
        Text("请告知群众", "Tell the citizen"),
        Text(
            f"请告知群众：{{{{ note }}}}（{_CASE}）", f"Tell the citizen: {{{{ note }}}} ({_CASE})"
        ),
    ),
    NoticeKind(
        "citizen.sms",
        "words",
        Text("发给群众的短信", "Message to the citizen"),
        Text("{{ note }}（编号 {{ number }}）", "{{ note }} (number {{ number }})"),
        chosen=False,
    ),
    NoticeKind(
        "channel.test",
        "words",
        Text("试发", "Trial"),
        Text("这是一条试发的消息，收到说明渠道可用。", "This is a trial; the channel works."),
        chosen=False,
    ),
)
KINDS: dict[str, NoticeKind] = {kind.key: kind for kind in _ALL}
OTHER = NoticeKind(
    "",
    "words",
    Text("新进展", "News"),
    Text(f"{_CASE} 有新进展", f"{_CASE} has news"),
    chosen=False,
)
RED = frozenset(key for key, kind in KINDS.items() if kind.red)
CHOSEN = tuple(key for key, kind in KINDS.items() if kind.chosen)


def kind_of(key: str) -> NoticeKind:
    """Return the kind of a notice; a key that nobody named says that there is news."""
    return KINDS.get(key, OTHER)
