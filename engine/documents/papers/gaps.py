"""What a paper lacks, or says in contradiction to itself: named one by one, before it is final.

Of an agreement what the Ministry of Justice's rules on people's mediation (art. 35) name: the
particulars of the parties, the facts, the matter and each one's liability, rights and duties, and
by which way, where and by when they are performed. Signatures and the seal come on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.documents.papers.facts import CaseFacts, PaperPerson
from feel.text import Text

Words = Mapping[str, Any]


def of_paper(kind: str, words: Words, facts: CaseFacts) -> list[Text]:
    """Return what is missing or wrong, in the order of the paper; nothing where it may be final."""
    found = list(_parties(kind, facts))
    for name, label in _NEEDED[kind].items():
        if words.get(name) in (None, "", [], False):
            found.append(Text(f"缺少：{label.zh}", f"Missing: {label.en}"))
    return [*found, *_MORE.get(kind, _nothing)(words, facts)]


def _parties(kind: str, facts: CaseFacts) -> Iterator[Text]:
    if kind == "cover":
        return
    for role, label in (
        ("applicant", Text("申请人", "an applicant")),
        ("respondent", Text("被申请人", "a respondent")),
    ):
        if not any(one.role == role for one in facts.parties):
            yield Text(f"缺少：{label.zh}", f"Missing: {label.en}")
    if kind in ("agreement", "oral"):
        for one in facts.parties:
            yield from _particulars(one)


def _particulars(one: PaperPerson) -> Iterator[Text]:
    """What tells one person from another, and where each can be found."""
    needed = (
        {"boss": Text("法定代表人", "legal representative"), "home": Text("地址", "address")}
        if one.firm
        else {
            "sex": Text("性别", "sex"),
            "age": Text("年龄（身份证号码或者出生日期）", "age (resident ID or date of birth)"),
            "home": Text("住址", "address"),
        }
    )
    for key, label in needed.items():
        if not getattr(one, key):
            yield Text(f"{one.side}{one.name}缺少：{label.zh}", f"{one.name} lacks: {label.en}")
    if one.minor and not any(agent.role == "guardian" for agent in one.agents):
        yield Text(
            f"{one.side}{one.name}是未成年人，缺少：法定代理人",
            f"{one.name} is a minor without a guardian",
        )


def _nothing(words: Words, facts: CaseFacts) -> Iterator[Text]:
    yield from ()


def _agreed(words: Words, facts: CaseFacts) -> Iterator[Text]:
    agreed_on, total = words.get("agreed_on"), words.get("total")
    terms = words.get("terms") or []
    for number, term in enumerate(terms, 1):
        zh, en = f"第 {number} 项", f"Term {number}"
        if not term.get("due_on"):
            yield Text(f"{zh}缺少：履行期限", f"{en} lacks: by when")
        elif agreed_on and term["due_on"] < agreed_on:
            yield Text(f"{zh}的履行期限早于签订日期", f"{en} is due before the agreement")
        if not term.get("manner"):
            yield Text(f"{zh}缺少：履行方式", f"{en} lacks: how")
        if term.get("amount") and not term.get("to_whom"):
            yield Text(f"{zh}有金额，缺少：权利人", f"{en} has an amount, but nobody to get it")
    summed = sum((Decimal(str(one["amount"])) for one in terms if one.get("amount")), Decimal(0))
    said = Decimal(str(total)) if total is not None else Decimal(0)
    if summed != said:
        yield Text(
            f"各项金额之和 {summed:,.2f} 元与合计 {said:,.2f} 元不一致",
            f"The terms add up to {summed:,.2f} yuan, not to {said:,.2f}",
        )
    if agreed_on and agreed_on > facts.today.isoformat():
        yield Text("签订日期晚于今天", "The agreement is dated after today")


def _covered(words: Words, facts: CaseFacts) -> Iterator[Text]:
    if not facts.mediators:
        yield Text("缺少：人民调解员（还没有人办理过调解环节）", "Missing: a mediator")
    begun, ended = words.get("begun_on"), words.get("ended_on")
    if begun and ended and begun > ended:
        yield Text("调解日期的起止颠倒", "Mediation ended before it began")


_MORE: Mapping[str, Callable[[Words, CaseFacts], Iterator[Text]]] = {
    "agreement": _agreed,
    "cover": _covered,
}
_FACTS = Text("纠纷主要事实、争议事项", "facts and matter in dispute")
_NEEDED: Mapping[str, Mapping[str, Text]] = {
    "application": {
        "facts": Text("纠纷简要情况", "the dispute in brief"),
        "claims": Text("当事人申请事项", "what is asked for"),
        "applied_on": Text("申请日期", "date"),
    },
    "register": {
        "accepted_on": Text("受理日期", "when it was accepted"),
        "dispute_type": Text("纠纷类型", "type"),
        "source": Text("案件来源", "source"),
        "facts": Text("纠纷简要情况", "the dispute in brief"),
    },
    "record": {
        "held_at": Text("时间", "when"),
        "place": Text("地点", "where"),
        "told": Text("权利义务告知", "that the parties were told their rights"),
        "record": Text("调解记录", "record"),
        "result": Text("调解结果", "result"),
    },
    "agreement": {
        "facts": _FACTS,
        "liability": Text("各方当事人的责任", "each party's liability"),
        "terms": Text("协议内容（各方的权利义务）", "terms: rights and duties of each"),
        "place": Text("履行地点", "place of performance"),
        "copies": Text("份数", "copies"),
        "agreed_on": Text("签订日期", "date"),
    },
    "oral": {
        "facts": _FACTS,
        "content": Text("口头协议内容", "what was agreed"),
        "performance": Text("履行方式、时限", "how and by when"),
        "agreed_on": Text("达成日期", "date"),
    },
    "termination": {
        "reason": Text("终止原因", "why it ended"),
        "routes": Text("可以通过的其他途径", "other routes"),
        "ended_on": Text("终止日期", "date"),
    },
    "cover": {
        "title": Text("卷名", "title"),
        "begun_on": Text("调解日期（起）", "mediated from"),
        "ended_on": Text("调解日期（止）", "mediated to"),
        "filed_by": Text("立卷人", "filed by"),
        "filed_on": Text("立卷日期", "filed on"),
        "retention": Text("保管期限", "kept for"),
    },
}
