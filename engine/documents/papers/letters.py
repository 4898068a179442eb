"""What letters of offices begin with: found by what questions are called, in whatever process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.documents.papers.facts import CaseFacts

Words = dict[str, Any]
# What happened, as shipped forms and those that follow them call it.
_TOLD = ("details", "facts")
# Who asked, where papers answer somebody.
_ASKED = ("caller_name", "reporter_name", "visitor_name")


def _refusal(facts: CaseFacts) -> Words:
    asked = "、".join(one.name for one in facts.parties if one.role == "applicant")
    why = (facts.any("refusal_reason", "refused_reason"), facts.any("refusal_note", "refused_note"))
    routes = facts.any("routes_named", "legal_route", "channels_named", "other_channels")
    return {
        "to_whom": asked or facts.any(*_ASKED),
        "reason": "：".join(str(one) for one in why if one),
        "routes": _lines(routes),
        "told_on": facts.any("informed_on") or facts.today.isoformat(),
    }


def _transfer(facts: CaseFacts) -> Words:
    return {
        "to_whom": facts.any("police_station", "handed_to"),
        "facts": facts.any("crime_facts", *_TOLD),
        "reason": facts.any("transfer_reason", "crime_kind"),
        "sent_on": facts.today.isoformat(),
    }


def _reply(facts: CaseFacts) -> Words:
    return {
        "to_whom": facts.any(*_ASKED),
        "request": facts.any(*_TOLD),
        "measures": facts.any("measures", "handle_measures", "settled_how"),
        "reply": facts.any(
            "reply", "public_answer", "feedback_text", "next_way", "answer_text", "answer_given"
        ),
        "basis": facts.any("policy_basis", "answer_source"),
        "replied_on": facts.any("replied_on", "told_on") or facts.today.isoformat(),
    }


def _urging(facts: CaseFacts) -> Words:
    return {
        "to_whom": "、".join(facts.at_work),
        "matter": facts.any(*_TOLD),
        "late": facts.any("late_reason"),
        "requirement": facts.any("urge_note", "supervision_note", "requirement"),
        "finish_by": facts.any("finish_by", "urge_until"),
        "sent_on": facts.today.isoformat(),
    }


def _notice(facts: CaseFacts) -> Words:
    return {
        "to_whom": "、".join(facts.at_work),
        "place": facts.any("address"),
        "matter": facts.any(*_TOLD),
        "requirement": facts.any("requirement"),
        "sent_on": facts.today.isoformat(),
    }


def _whistle(facts: CaseFacts) -> Words:
    return {
        "to_whom": "、".join(facts.at_work),
        "reason": facts.any("whistle_reason"),
        "meeting_at": facts.any("meeting_at"),
        "place": facts.any("meeting_place", "address"),
        "attendance": facts.any("attendance"),
        "requirement": facts.any("requirement"),
        "sent_on": facts.today.isoformat(),
    }


def _lines(said: Any) -> str:
    return "\n".join(str(one) for one in said) if isinstance(said, list) else str(said or "")


BEGINNINGS: Mapping[str, Callable[[CaseFacts], Words]] = {
    "refusal": _refusal,
    "transfer": _transfer,
    "reply": _reply,
    "urging": _urging,
    "supervision": _urging,
    "notice": _notice,
    "whistle": _whistle,
}
