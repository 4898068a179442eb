"""Notices about citizens: what to pass on to them, and what they say on the public site."""

from __future__ import annotations

from engine.notices.catalogue.kind import CASE, NoticeKind
from feel.text import Text

KINDS: tuple[NoticeKind, ...] = (
    NoticeKind(
        "citizen.tell",
        "words",
        Text("请告知群众", "Tell the citizen"),
        Text(f"请告知群众：{{{{ note }}}}（{CASE}）", f"Tell the citizen: {{{{ note }}}} ({CASE})"),
    ),
    NoticeKind(
        "citizen.wrote",
        "words",
        Text("群众来信", "A citizen wrote"),
        Text(f"群众在网上留言，请回复：{CASE}", f"The citizen wrote; please answer: {CASE}"),
    ),
    NoticeKind(
        "citizen.photos",
        "words",
        Text("群众补充照片", "A citizen sent photos"),
        Text(f"群众补充了照片：{CASE}", f"The citizen sent more photos: {CASE}"),
    ),
    NoticeKind(
        "citizen.withdraws",
        "words",
        Text("群众申请撤回", "A citizen asks to withdraw"),
        Text(
            f"群众申请撤回，请核对后办理：{CASE}",
            f"The citizen asks to withdraw; verify and decide: {CASE}",
        ),
    ),
    NoticeKind(
        "citizen.unsolved",
        "words",
        Text("群众反映没有解决", "The citizen says it is not solved"),
        Text(
            f"群众反映没有解决，请看是否重新办理：{CASE}",
            f"The citizen says it is not solved; see whether to reopen it: {CASE}",
        ),
    ),
    NoticeKind(
        "citizen.code",
        "words",
        Text("发给群众的验证码", "Code for a citizen's telephone"),
        Text(
            "验证码 {{ note }}，10 分钟内有效，请不要告诉别人。",
            "Your code is {{ note }}. It holds for 10 minutes; tell it to nobody.",
        ),
        chosen=False,
    ),
    NoticeKind(
        "citizen.sms",
        "words",
        Text("发给群众的短信、邮件", "Message to the citizen"),
        Text(
            "{% if unit %}{{ unit }}：{% endif %}{{ note }}（编号 {{ number }}）",
            "{% if unit %}{{ unit }}: {% endif %}{{ note }} (number {{ number }})",
        ),
        chosen=False,
    ),
)
