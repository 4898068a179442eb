"""Names for the templates of administration, in the language of the request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engine.models.people import KINDS
from engine.org.register import ChangeRow
from engine.roles import ROLES, WIDE
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.display import local_day, role_name

KIND_NAMES = {
    "area": _l("区域"),
    "department": _l("部门"),
    "committee": _l("调委会"),
    "centre": _l("中心"),
    "organisation": _l("单位组织"),
}


def kind_name(kind: str) -> str:
    """Return the kind of a unit as the screens call it."""
    return str(KIND_NAMES.get(kind, kind))


def kind_options() -> list[tuple[str, str]]:
    """Return every kind as an option of a form."""
    return [(kind, kind_name(kind)) for kind in KINDS]


def role_options(*, wide: bool) -> list[tuple[str, str]]:
    """Return the roles as options of a form, those with county-wide power if ``wide``."""
    return [(role, role_name(role)) for role in ROLES if wide or role not in WIDE]


def change_words(change: ChangeRow) -> str:
    """Return one line of a unit's history as a sentence."""
    values = {"before": change.before or "—", "after": change.after or "—"}
    if change.kind == "created":
        return _("设立，名称“%(after)s”", **values)
    if change.kind == "renamed":
        return _("由“%(before)s”更名为“%(after)s”", **values)
    if change.kind == "moved":
        return _("上级由“%(before)s”改为“%(after)s”", **values)
    if change.kind == "recoded":
        return _("编码由 %(before)s 改为 %(after)s", **values)
    if change.kind == "revived":
        return _("恢复使用")
    return _("停用，由“%(after)s”接收", **values) if change.after else _("停用")


def last_day(until: datetime) -> str:
    """Return the last local day of a period that ends at ``until``, a midnight as a rule."""
    return local_day(until - timedelta(microseconds=1))


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"change_words": change_words, "current_roles": lambda: current_actor().roles}


blueprint.add_app_template_filter(kind_name)
blueprint.add_app_template_filter(last_day)
