"""What the words of a paper begin with: what was answered in the case, so that nothing is typed
twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.documents.papers import letters
from engine.documents.papers.catalogue import KINDS
from engine.documents.papers.facts import CaseFacts, PaperPerson
from forms.people import AGENT

Words = dict[str, Any]
_UNTIL_THE_END = "自签署之日起至调解结束"


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


def _rights(facts: CaseFacts) -> Words:
    return {"told_on": _of(facts, "rights").get("told_on"), "place": facts.unit}


def _mandate(facts: CaseFacts) -> Words:
    """Return the first mandate that somebody was told to have; another one is typed."""
    for one in facts.parties:
        for agent in one.agents:
            if agent.role == AGENT:
                return _mandate_of(one, agent, facts)
    return {"matter": facts.case_title, "term": _UNTIL_THE_END}


def _mandate_of(one: PaperPerson, agent: PaperPerson, facts: CaseFacts) -> Words:
    special = "特别" in agent.scope
    return {
        "principal": one.name,
        "agent": agent.name,
        "agent_sex": agent.sex,
        "agent_id": agent.resident_id,
        "relation": agent.relation,
        "agent_phone": agent.phone,
        "matter": facts.case_title,
        "powers": ("特别代理" if special else "一般代理") if agent.scope else None,
        "term": _UNTIL_THE_END,
    }


def _invitation(facts: CaseFacts) -> Words:
    said = _of(facts, "mediate")
    return {
        "to_whom": "、".join(_of(facts, "assign").get("invited") or ()),
        "held_at": said.get("next_session_at") or said.get("session_at"),
        "place": said.get("session_place"),
        "sent_on": facts.today.isoformat(),
    }


def _investigation(facts: CaseFacts) -> Words:
    return {"investigator": _mediator(facts), "place": facts.unit}


def _receipt(facts: CaseFacts) -> Words:
    owes, gets = _sides(facts)
    return {
        "payer": owes,
        "payee": gets,
        "number": _agreement_number(facts),
        "paid_on": facts.today.isoformat(),
    }


def _visit(facts: CaseFacts) -> Words:
    said = _of(facts, "visit") or _of(facts, "visit_spot")
    performed = (said.get("performance"), said.get("urging"), said.get("visit_note"))
    return {
        "number": _agreement_number(facts),
        "reason": "调解协议履行情况",
        "visited_on": said.get("visited_on") or facts.today.isoformat(),
        "performance": "。".join(str(one) for one in performed if one),
        "satisfaction": said.get("satisfaction"),
        "visitor": _mediator(facts),
    }


def _note(facts: CaseFacts) -> Words:
    return {
        "text": _of(facts, "dossier").get("missing_note"),
        "filed_by": _mediator(facts),
        "noted_on": facts.today.isoformat(),
    }


def _certificate(facts: CaseFacts) -> Words:
    return {
        "to_whom": _of(facts, "judicial").get("court"),
        "matter": facts.case_title,
        "held_on": str(_of(facts, "mediate").get("session_at") or "")[:10],
        "number": _agreement_number(facts),
        "agreed_on": _of(facts, "agreement").get("agreed_on"),
        "issued_on": facts.today.isoformat(),
    }


def _judicial(facts: CaseFacts) -> Words:
    agreed, number = _of(facts, "agreement"), _agreement_number(facts)
    named = f"编号{number}的人民调解协议" if number else "上述人民调解协议"
    return {
        "court": _of(facts, "judicial").get("court"),
        "number": number,
        "effective_on": _of(facts, "seal").get("sealed_on") or agreed.get("agreed_on"),
        "request": f"请求依法确认{named}有效。",
        "facts": agreed.get("agreed_facts") or _of(facts, "apply").get("facts"),
        "enclosed": "\n".join(("人民调解协议书", "人民调解委员会主持调解证明", "当事人身份证明")),
        "applied_on": facts.today.isoformat(),
    }


def _warning(facts: CaseFacts) -> Words:
    said = _of(facts, "early_warning")
    return {
        "to_whom": "、".join(facts.at_work),
        "level": said.get("warning_level"),
        "signs": "、".join(said.get("warning_signs") or ()),
        "facts": said.get("warning_facts") or _of(facts, "apply").get("facts"),
        "measures": said.get("taken_measures"),
        "reporter": _mediator(facts),
    }


def _contents(facts: CaseFacts) -> Words:
    """Return the final papers in the order of a volume; pages are known once it is bound."""
    left_out = ("cover", "contents", "back")
    made = [kind for key, kind in KINDS.items() if key in facts.finals and key not in left_out]
    return {"rows": [{"name": kind.title.zh} for kind in made]}


def _back(facts: CaseFacts) -> Words:
    said = _of(facts, "dossier")
    return {
        "pages": said.get("pages"),
        "filed_by": _mediator(facts),
        "bound_on": facts.today.isoformat(),
    }


def _agreement_number(facts: CaseFacts) -> str:
    return facts.finals.get("agreement") or facts.finals.get("oral") or ""


def _mediator(facts: CaseFacts) -> str:
    return facts.mediators[-1] if facts.mediators else ""


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
    "rights": _rights,
    "mandate": _mandate,
    "invitation": _invitation,
    "investigation": _investigation,
    "receipt": _receipt,
    "visit": _visit,
    "note": _note,
    "certificate": _certificate,
    "judicial": _judicial,
    "warning": _warning,
    "contents": _contents,
    "back": _back,
    **letters.BEGINNINGS,
}
