"""What people call roles and levels, where no page is asked: in findings and differences."""

from __future__ import annotations

from collections.abc import Mapping

from feel.text import Text

NOTHING = Text("无", "none")
ROLES = {
    "mediator": Text("调解员", "mediator"),
    "operator": Text("话务员", "operator"),
    "dispatcher": Text("分派员", "dispatcher"),
    "handler": Text("承办人", "handler"),
    "grid_worker": Text("网格员", "grid worker"),
    "grid_leader": Text("网格长", "grid leader"),
    "leader": Text("负责人", "leader"),
    "supervisor": Text("督办员", "supervisor"),
    "policy_editor": Text("流程编辑", "policy editor"),
    "policy_publisher": Text("流程发布", "policy publisher"),
    "confidential_officer": Text("保密专员", "confidential officer"),
    "auditor": Text("审计员", "auditor"),
    "admin": Text("系统管理员", "administrator"),
}
LEVELS = {
    "province": Text("省级", "province"),
    "city": Text("市级", "city"),
    "county": Text("县级", "county"),
    "township": Text("乡镇级", "township"),
    "village": Text("村级", "village"),
    "grid": Text("网格", "grid"),
    "handling": Text("当前办理层级", "the level that handles the case"),
}


def word(words: Mapping[str, Text], value: str) -> Text:
    """The word for a value; the value itself where there is none."""
    return words.get(value, Text(value, value)) if value else NOTHING
