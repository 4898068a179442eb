"""What a paper lacks, or says in contradiction to itself: named one by one, before it is final.

Of an agreement what the Ministry of Justice's rules on people's mediation (art. 35) name: the
particulars of the parties, the facts, the matter and each one's liability, rights and duties, and
by which way, where and by when they are performed. Signatures and the seal come on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.documents.papers.catalogue import KINDS
from engine.documents.papers.facts import CaseFacts, PaperPerson
from feel.text import Text

Words = Mapping[str, Any]


def of_paper(kind: str, words: Words, facts: CaseFacts) -> list[Text]:
    """Return what is missing or wrong, in the order of the paper; nothing where it may be final."""
    found = list(_parties(kind, facts))
    labels = {field.name: field.label for field in KINDS[kind].words.fields}
    for name in KINDS[kind].required_words:
        if words.get(name) in (None, "", [], False):
            label = _CALLED.get(name, labels[name])
            found.append(Text(f"缺少：{label.zh}", f"Missing: {label.en}"))
    return [*found, *_MORE.get(kind, _nothing)(words, facts)]


def _parties(kind: str, facts: CaseFacts) -> Iterator[Text]:
    if not KINDS[kind].sides:
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


def _empowered(words: Words, facts: CaseFacts) -> Iterator[Text]:
    if words.get("powers") == "特别代理" and not words.get("special"):
        yield Text("缺少：特别授权的事项", "Missing: the special powers")


def _received(words: Words, facts: CaseFacts) -> Iterator[Text]:
    if not words.get("amount") and not words.get("goods"):
        yield Text("缺少：金额，或者物品、行为", "Missing: an amount, goods or an act")


def _confirmed(words: Words, facts: CaseFacts) -> Iterator[Text]:
    applied, effective = words.get("applied_on"), words.get("effective_on")
    if applied and effective and applied < effective:
        yield Text("申请日期早于协议生效日期", "It is dated before the agreement took effect")


_MORE: Mapping[str, Callable[[Words, CaseFacts], Iterator[Text]]] = {
    "agreement": _agreed,
    "cover": _covered,
    "mandate": _empowered,
    "receipt": _received,
    "judicial": _confirmed,
}
# What a question on the page says shorter than a finding should.
_CALLED: Mapping[str, Text] = {
    "terms": Text("协议内容（各方的权利义务）", "terms: rights and duties of each"),
    "told": Text("权利义务告知", "that the parties were told their rights"),
}
