"""What disclosures are called on the screens."""

from __future__ import annotations

from flask_babel import gettext as _

from engine.models import Disclosure

VERDICTS = ("agree", "refuse", "justified", "unjustified")


def kind_name(row: Disclosure) -> str:
    """Return what was asked for."""
    return _("解除保密") if row.kind == "lift" else _("两人查看来电人")


def stand(row: Disclosure) -> str:
    """Return where a request stands, in words."""
    if row.outcome is None:
        return _("等待决定")
    if row.outcome == "refused":
        return _("没有同意")
    if row.outcome == "lifted":
        return _("已解除保密")
    if row.reviewed_by is None:
        return _("已查看，等待复核")
    return _("已复核：应当查看") if row.justified else _("已复核：不应当查看")
