"""The kinds of papers that ship: title, editable words, sheet, what each needs and its number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from feel.text import Text
from forms import Form, load


@dataclass(frozen=True)
class PaperKind:
    """One kind of paper.

    ``numbered`` kinds take a number of the unit's when they are final; ``series`` is shared by
    kinds that are numbered together, under the same ``letters``: an agreement, written or
    recorded, has one count. Without its ``required_words`` it is not final; ``sides`` says that
    it names the parties of both sides. ``like`` is the kind whose sheet it shares.
    """

    key: str
    title: Text
    required_words: tuple[str, ...]
    series: str = ""
    letters: str = "人调"
    sides: bool = False
    like: str = ""

    @property
    def numbered(self) -> bool:
        """Whether it has a number."""
        return bool(self.series)

    @property
    def words(self) -> Form:
        """The form of what people write in it."""
        return _words(self.key)

    @property
    def sheet(self) -> str:
        """The name of the template that ships for it."""
        return f"{self.like or self.key}.html"


def _kind(key: str, zh: str, en: str, needed: str, **more: str | bool) -> PaperKind:
    return PaperKind(key, Text(zh, en), tuple(needed.split()), **more)  # type: ignore[arg-type]


_MEDIATION = (
    _kind(
        "application", "人民调解申请书", "Application for mediation", "facts claims applied_on",
        sides=True,
    ),
    _kind(
        "register", "人民调解受理登记表", "Acceptance register",
        "accepted_on dispute_type source facts", sides=True,
    ),
    _kind("refusal", "不予受理告知书", "Refusal notice", "to_whom reason routes told_on"),
    _kind(
        "rights", "人民调解当事人权利义务告知书", "Notice of rights and duties", "told_on",
        sides=True,
    ),
    _kind(
        "mandate", "授权委托书", "Mandate of an agent",
        "principal agent agent_id relation matter powers term signed_on",
    ),
    _kind("invitation", "人民调解邀请函", "Invitation", "to_whom purpose held_at place sent_on"),
    _kind(
        "investigation", "人民调解调查记录", "Record of investigation",
        "held_at place person talk read_back investigator",
    ),
    _kind(
        "record", "人民调解记录", "Record of mediation", "held_at place told record result",
        sides=True,
    ),
    _kind(
        "agreement", "人民调解协议书", "Mediation agreement",
        "facts liability terms place copies agreed_on", series="agreement", sides=True,
    ),
    _kind(
        "oral", "人民调解口头协议登记表", "Register of an oral agreement",
        "facts content performance agreed_on", series="agreement", sides=True,
    ),
    _kind(
        "termination", "终止调解告知书", "Notice that mediation has ended",
        "reason routes ended_on", sides=True,
    ),
    _kind("receipt", "收条", "Receipt", "payer payee manner paid_on"),
    _kind(
        "visit", "人民调解回访记录", "Record of a visit",
        "reason visited_on performance visitor", sides=True,
    ),
    _kind(
        "certificate", "人民调解委员会主持调解证明", "Certificate of mediation",
        "to_whom matter agreed_on number issued_on", sides=True,
    ),
    _kind(
        "judicial", "司法确认申请书", "Application for judicial confirmation",
        "court number effective_on request facts applied_on", sides=True,
    ),
    _kind(
        "warning", "重大纠纷报告单", "Report of a serious dispute",
        "to_whom level facts measures reported_at reporter",
    ),
    _kind("note", "卷宗情况说明", "Note on the file", "text filed_by noted_on"),
    _kind(
        "cover", "调解卷宗封面", "Cover of the volume",
        "title begun_on ended_on filed_by filed_on retention", series="volume",
    ),
    _kind("contents", "卷内目录", "Contents", "rows"),
    _kind("back", "卷宗封底", "Back cover", "pages filed_by bound_on"),
)  # fmt: skip
_DUNNED = "to_whom matter requirement finish_by sent_on"
_OFFICES = (
    _kind(
        "transfer", "移送函", "Letter of transfer", "to_whom facts reason sent_on",
        series="transfer", letters="移",
    ),
    _kind("reply", "诉求办理答复书", "Reply", "to_whom request measures reply replied_on"),
    _kind(
        "urging", "催办通知书", "Reminder", _DUNNED, series="urging", letters="催",
        like="supervision",
    ),
    _kind(
        "supervision", "督办通知书", "Supervision notice", _DUNNED, series="supervision",
        letters="督",
    ),
    _kind(
        "notice", "网格事件交办通知单", "Notice of a ticket",
        "to_whom place matter requirement sent_on",
    ),
    _kind(
        "whistle", "吹哨单", "Call to departments", "to_whom reason meeting_at place sent_on"
    ),
)  # fmt: skip
KINDS: Mapping[str, PaperKind] = {kind.key: kind for kind in (*_MEDIATION, *_OFFICES)}


@cache
def _words(key: str) -> Form:
    path = files(__package__) / "words" / f"{key}.json"
    return load(json.loads(path.read_text("utf-8")), source=path.name)
