"""Names and words that the pages of the policy desk share."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from engine.roles import EDITOR
from webapp import locales
from webapp.account.people import current_actor
from webapp.policy import blueprint

STAGES = {
    "editing": _l("修改中"),
    "review": _l("待审批"),
    "published": _l("已发布"),
    "discarded": _l("已放弃"),
}
REMARKS = {
    "comment": _l("留言"),
    "submitted": _l("送审"),
    "sent_back": _l("退回修改"),
    "published": _l("批准发布"),
}
SEVERITIES = {"error": _l("错误"), "warning": _l("提醒"), "info": _l("说明")}


@blueprint.context_processor
def _abilities() -> dict[str, Any]:
    return {"may_edit": lambda: EDITOR in current_actor().roles}


@blueprint.app_template_filter("stage_name")
def stage_name(stage: str) -> str:
    """How far a draft has come."""
    return str(STAGES.get(stage, stage))


@blueprint.app_template_filter("remark_name")
def remark_name(kind: str) -> str:
    """What a line of the review is."""
    return str(REMARKS.get(kind, kind))


@blueprint.app_template_filter("severity_name")
def severity_name(severity: str) -> str:
    """How bad a finding is."""
    return str(SEVERITIES.get(severity, severity))


@blueprint.app_template_filter("process_name")
def process_name(version: Any) -> str:
    """A version's name in the language of the request."""
    return str(version.name_en if locales.english() and version.name_en else version.name)
