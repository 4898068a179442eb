"""How a difference is said: names, values from and to, the words for roles and limits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from engine.bpmn.labels import NOTHING
from engine.bpmn.nodes import CASE_LIMIT
from engine.worktime import Limit, limit_text
from feel.text import Text

# The owner of a value and where it stands below it; with "*" at the end, all that begins so.
Place = tuple[str, str]
WHOLE = "*"


@dataclass(frozen=True)
class DifferenceNote:
    """One sentence; ``element`` is what the picture marks as added, changed or removed.

    ``tells`` are the values of the file that the sentence says. A note of something that has no
    sentence of its own shows the values themselves: ``where``, ``before`` and ``after``.
    """

    topic: str
    text: Text
    element: str = ""
    state: str = "changed"
    tells: frozenset[Place] = frozenset()
    where: Text | None = None
    before: str | None = None
    after: str | None = None


def places(owner: str, *below: str) -> frozenset[Place]:
    """Return what a sentence about ``owner`` tells."""
    return frozenset((owner, at) for at in below)


def plain(value: object) -> Text:
    """Return a value as it stands."""
    if value in (None, "", ()):
        return NOTHING
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    return Text(str(value), str(value))


def limit(amount: int | str | None, unit: str) -> Text:
    """Return a limit in words."""
    if amount == CASE_LIMIT:
        return Text("按事项的时限", "as the case's limit says")
    if not isinstance(amount, int):
        return Text("不限时", "no limit")
    try:
        return limit_text(Limit(amount, unit or "working_days"))
    except (KeyError, ValueError):
        return Text(f"{amount} {unit}", f"{amount} {unit}")


def joined(parts: Collection[str]) -> Text:
    """Return names one after the other."""
    return Text("、".join(parts), ", ".join(parts)) if parts else NOTHING


def as_list(parts: Collection[Text], nothing: Text = NOTHING) -> Text:
    """Return words one after the other in both languages."""
    if not parts:
        return nothing
    return Text("、".join(one.zh for one in parts), ", ".join(one.en for one in parts))


def turned(subject: Text, what: Text, old: Text, new: Text) -> Text:
    """“签收”的时限由 1 个工作日改为 2 个工作日。

    Where only one of the two languages has changed, both sentences say which.
    """
    zh_what, zh_old, zh_new = what.zh, old.zh, new.zh
    en_what, en_old, en_new = what.en, old.en, new.en
    if old.zh == new.zh:
        zh_what, zh_old, zh_new = f"{what.zh}的英文", old.en, new.en
    elif old.en == new.en:
        en_what, en_old, en_new = f"the Chinese of {what.en}", old.zh, new.zh
    return Text(
        f"{subject.zh}的{zh_what}由{_set_off(zh_old)}改为{_set_off(zh_new)}。",
        f"{begins(en_what)} of {subject.en}: from {_set_off(en_old)} to {_set_off(en_new)}.",
    )


def begins(sentence: str) -> str:
    """Return a sentence with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


def inside(text: Text) -> Text:
    """Return a sentence as part of another one: without its full stop."""
    return Text(text.zh.rstrip("。"), text.en.rstrip("."))


def _set_off(text: str) -> str:
    """Return a text in quotation marks; one that begins with some of its own is set off already."""
    return text if text.startswith("“") else f"“{text}”"


def quoted(name: str, english: str = "") -> Text:
    """Return a name in quotation marks."""
    return Text(f"“{name}”", f"“{english or name}”")
