"""Words that mean one thing, as the county keeps them: a setting, groups of words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Setting
from engine.reading import folding
from engine.records import audit

KEY = "search.synonyms"
MOST_GROUPS, MOST_WORDS, LONGEST_WORD = 200, 12, 20
# What a county begins with.
USUAL = (
    ("暖气", "供暖", "供热", "取暖"),
    ("停水", "断水", "没水"),
    ("停电", "断电", "没电"),
    ("噪声", "噪音", "扰民"),
    ("欠薪", "拖欠工资", "讨薪"),
    ("路灯", "街灯"),
    ("垃圾", "废弃物"),
    ("物业", "物管"),
    ("电梯", "升降机"),
    ("低保", "最低生活保障"),
    ("医保", "医疗保险"),
    ("社保", "社会保险"),
)


def groups(db: Session) -> tuple[tuple[str, ...], ...]:
    """Return the groups in force; one statement."""
    kept = db.scalar(select(Setting.value).where(Setting.key == KEY))
    return USUAL if kept is None else tuple(tuple(group) for group in kept)


def cleaned(lines: Iterable[str]) -> list[list[str]]:
    """Return groups of two words and more out of lines, the words parted by marks or spaces."""
    found = []
    for line in lines:
        words = dict.fromkeys(one for one in folding.parts(line) if 2 <= len(one) <= LONGEST_WORD)
        if len(words) > 1:
            found.append(list(words)[:MOST_WORDS])
    return found[:MOST_GROUPS]


def keep(
    db: Session, actor_id: int | None, lines: Iterable[str], *, now: datetime
) -> list[list[str]]:
    """Store the groups that these lines name, with a link in the chain of administration."""
    found = cleaned(lines)
    db.merge(Setting(key=KEY, value=found, changed_at=now))
    audit.record_admin(db, "search.synonyms", actor_id, {"groups": found}, at=now)
    return found
