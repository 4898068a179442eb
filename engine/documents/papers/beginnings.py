"""What the words of a paper begin with: what was answered in the case, so that nothing is typed
twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.documents.papers.facts import CaseFacts

Words = dict[str, Any]


def begin(kind: str, facts: CaseFacts) -> Words:
    """Return the words that a new draft of a kind begins with."""
    found = _BEGINNINGS[kind](facts)
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _application(facts: CaseFacts) -> Words:
    said = _of(facts, "apply")
    return {
        "facts": said.get("facts"),
        "claims": said.get("claim"),
        "applied_on": said.get("applied_on"),
    }


def _register(facts: CaseFacts) -> Words:
    said = _of(facts, "apply")
    own = said.get("channel") in ("主动介入", "网格员排查")
    accepted = facts.days.get("accept")
    return {
        "accepted_on": accepted.isoformat() if accepted else None,
        "dispute_type": facts.category,
        "source": "主动调解" if own else "当事人申请",
        "facts": said.get("facts"),
    }


def _record(facts: CaseFacts) -> Words:
    said = _of(facts, "mediate")
    done = said.get("mediation_result")
    return {
        "held_at": said.get("session_at"),
        "place": said.get("session_place"),
        "told": bool(_of(facts, "rights")),
        "record": said.get("record"),
        "result": ("达成协议" if done == "达成协议" else "未达成协议") if done else None,
    }


def _agreement(facts: CaseFacts) -> Words:
    said, apply = _of(facts, "agreement"), _of(facts, "apply")
    return {
        "facts": said.get("agreed_facts") or apply.get("facts"),
        "terms": _terms(facts, said),
        "total": said.get("agreed_amount") or None,
        "place": said.get("performance_place"),
        "copies": len(facts.parties) + 1,
        "agreed_on": said.get("agreed_on") or facts.today.isoformat(),
    }


def _terms(facts: CaseFacts, said: Mapping[str, Any]) -> list[Words]:
    """Return one term of what was agreed, or one an instalment; who pays is left to be said."""
    manner = str(said.get("performance_manner") or "")
    what = str(said.get("agreed_terms") or "")
    rows = said.get("instalments") or [
        {"due_on": said.get("perform_by"), "due_amount": said.get("agreed_amount")}
    ]
    owes, gets = _sides(facts)
    base = {"who": owes, "to_whom": gets, "does": what[:300], "manner": manner}
    found = [
        {**base, "amount": row.get("due_amount") or None, "due_on": row.get("due_on")}
        for row in rows
    ]
    return [{key: one for key, one in row.items() if one} for row in found] if what else []


def _sides(facts: CaseFacts) -> tuple[str, str]:
    """Return who usually owes whom where there is one on each side; somebody looks it over."""
    applicants = [one.name for one in facts.parties if one.role == "applicant"]
    others = [one.name for one in facts.parties if one.role == "respondent"]
    if len(applicants) == len(others) == 1:
        return others[0], applicants[0]
    return "", ""


def _oral(facts: CaseFacts) -> Words:
    apply = _of(facts, "apply")
    spot = apply.get("on_spot") is True
    said = {"performance_manner": "即时履行", **apply} if spot else _of(facts, "agreement")
    parts = (said.get("performance_manner"), said.get("performance_place"), said.get("perform_by"))
    return {
        "facts": said.get("agreed_facts") or apply.get("facts"),
        "content": said.get("agreed_terms"),
        "performance": "，".join(str(one) for one in parts if one),
        "agreed_on": said.get("agreed_on") or facts.today.isoformat(),
    }


def _termination(facts: CaseFacts) -> Words:
    said = _of(facts, "tell_routes")
    return {
        "reason": said.get("ended_reason"),
        "routes": "\n".join(said.get("routes_named") or ()),
        "ended_on": said.get("ended_on") or facts.today.isoformat(),
    }


def _cover(facts: CaseFacts) -> Words:
    parties = "、".join(one.name for one in facts.parties[:4])
    begun, ended = facts.days.get("rights"), facts.days.get("agreement")
    return {
        "title": f"{parties}{facts.case_title}",
        "begun_on": begun.isoformat() if begun else None,
        "ended_on": (ended or facts.today).isoformat(),
        "filed_by": facts.mediators[-1] if facts.mediators else None,
        "filed_on": facts.today.isoformat(),
    }


def _of(facts: CaseFacts, node: str) -> Mapping[str, Any]:
    return facts.answers.get(node, {})


_BEGINNINGS: Mapping[str, Callable[[CaseFacts], Words]] = {
    "application": _application,
    "register": _register,
    "record": _record,
    "agreement": _agreement,
    "oral": _oral,
    "termination": _termination,
    "cover": _cover,
}
