"""What the screens call the permissions of tokens."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.locales import listed

SCOPE_NAMES = {
    "cases.read": _l("查看事项和任务"),
    "tasks.complete": _l("办理任务"),
    "drafts.read": _l("查看流程草稿"),
    "drafts.write": _l("修改流程草稿"),
}


def scope_names(scopes: str) -> str:
    """Return the permissions of a token in words."""
    return listed(str(SCOPE_NAMES[scope]) for scope in scopes.split() if scope in SCOPE_NAMES)
