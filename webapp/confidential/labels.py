"""What disclosures are called on the screens."""

from __future__ import annotations

from flask_babel import gettext as _

from engine.models import Disclosure

VERDICTS = ("agree", "refuse", "justified", "unjustified")


def kind_name(row: Disclosure) -> str:
    """Return what was asked for."""
    return _("解除保密") if row.kind == "lift" else _("双人查看来电人")


def stand(row: Disclosure) -> str:
    """Return where a request stands, in words."""
    if row.outcome is None:
        return _("等待决定")
    if row.outcome == "refused":
        return _("未同意")
    if row.outcome == "lifted":
        return _("已解除保密")
    if row.reviewed_by is None:
        return _("已查看，待复核")
    return _("已复核：查看正当") if row.justified else _("已复核：查看不当")
