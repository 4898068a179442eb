"""Pages of the ways out: channels and how they fare, texts, dead letters, quiet hours."""

from __future__ import annotations

from engine import settings
from engine.errors import NotAllowed, NotFound
from engine.notices.channels import register
from engine.storage.db import reading
from feel.text import Text
from webapp.admin import blueprint, reach

NOT_YOURS = Text(
    "通知渠道由管理全部区域的管理员设置。",
    "Channels are kept by administrators who look after every area.",
)


def require() -> None:
    """Require an administrator of the whole tree. Raises NotFound, NotAllowed."""
    if not offered():
        raise NotFound()
    with reading() as db:
        if not register.reaches_all(db, reach()):
            raise NotAllowed("channels", text=NOT_YOURS)


def offered() -> bool:
    """Return whether the tab is shown: to administrators of the highest handling level or above."""
    mine = reach()
    top = f"at_{settings.current().levels[0]}"
    return bool(mine.roots) or any(column in (top, "at_city") for column, _unit in mine.areas)


blueprint.app_context_processor(lambda: {"notices_offered": offered})

# Each module registers its views on the blueprint.
from webapp.admin.notices import channels, dead_letters, hours, setting_up, texts  # noqa: E402,F401
