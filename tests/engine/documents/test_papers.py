"""Papers without a database: what they lack, amounts in words, glyphs, whole sheets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.documents.papers import amounts, beginnings, gaps, glyphs, printing
from engine.documents.papers.catalogue import KINDS
from engine.documents.papers.facts import CaseFacts, PaperPerson, committee, letters_of
from engine.errors import InvalidInput
from engine.terms.papers import PAPERS

TODAY = date(2026, 11, 30)
GUARDIAN = PaperPerson("法定代理人", "王建国", role="guardian")
WOMAN = PaperPerson(
    "申请人", "李秀兰", sex="女", age="46岁", home="南湖村三社 12 号", role="applicant"
)
FIRM = PaperPerson(
    "被申请人",
    "南湖农产品购销有限责任公司",
    firm=True,
    boss="王建国",
    home="北街 1 号",
    role="respondent",
)
CHILD = PaperPerson(
    "第三人", "王小明", sex="男", age="9岁", home="南湖村", role="third_party", minor=True,
    agents=(GUARDIAN,),
)  # fmt: skip
FACTS = CaseFacts(
    case_number="山调〔2026〕0001",
    case_title="浇水纠纷",
    category="邻里纠纷",
    unit_id=1,
    unit="南湖村人民调解委员会",
    letters="南湖",
    people=[WOMAN, FIRM, CHILD],
    mediators=["员工甲"],
    answers={},
    today=TODAY,
)
TERM = {
    "who": FIRM.name,
    "does": "赔偿青苗损失",
    "to_whom": WOMAN.name,
    "amount": 6000,
    "due_on": "2026-12-31",
    "manner": "银行转账",
}
AGREEMENT: dict[str, Any] = {
    "facts": "渠水漫入温室。",
    "liability": "公司负主要责任。",
    "terms": [TERM, {**TERM, "amount": 3000.5, "due_on": "2027-03-31"}],
    "total": 9000.5,
    "place": "南湖村委会",
    "copies": 4,
    "agreed_on": "2026-11-30",
}


def lacks(words: dict[str, Any] = AGREEMENT, facts: CaseFacts = FACTS) -> list[str]:
    return [one.zh for one in gaps.of_paper("agreement", words, facts)]


def changed(**term: Any) -> dict[str, Any]:
    """The agreement with its first term told otherwise."""
    return {**AGREEMENT, "terms": [{**TERM, **term}, AGREEMENT["terms"][1]]}


def people(*several: PaperPerson) -> CaseFacts:
    return replace(FACTS, people=list(several))


def test_an_agreement_with_everything_lacks_nothing() -> None:
    assert lacks() == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("facts", "纠纷主要事实、争议事项"),
        ("liability", "各方当事人的责任"),
        ("place", "履行地点"),
        ("copies", "份数"),
        ("agreed_on", "签订日期"),
    ],
)
def test_each_part_of_an_agreement_is_missed_by_name(name: str, said: str) -> None:
    assert lacks({**AGREEMENT, name: None}) == [f"缺少：{said}"]


def test_an_agreement_without_terms_is_missed_by_name() -> None:
    assert lacks({**AGREEMENT, "terms": [], "total": None}) == ["缺少：协议内容（各方的权利义务）"]


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ({"due_on": None}, "第 1 项缺少：履行期限"),
        ({"due_on": "2026-11-29"}, "第 1 项的履行期限早于签订日期"),
        ({"manner": None}, "第 1 项缺少：履行方式"),
        ({"to_whom": None}, "第 1 项有金额，缺少：权利人"),
        ({"amount": 6000.01}, "各项金额之和 9,000.51 元与合计 9,000.50 元不一致"),
        ({"amount": None}, "各项金额之和 3,000.50 元与合计 9,000.50 元不一致"),
    ],
)
def test_each_term_has_a_date_a_manner_and_adds_up(term: dict[str, Any], said: str) -> None:
    assert lacks(changed(**term)) == [said]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: people(replace(WOMAN, sex=""), FIRM), "申请人李秀兰缺少：性别"),
        (
            lambda: people(replace(WOMAN, age=""), FIRM),
            "申请人李秀兰缺少：年龄（身份证号码或者出生日期）",
        ),
        (lambda: people(replace(WOMAN, home=""), FIRM), "申请人李秀兰缺少：住址"),
        (lambda: people(WOMAN, replace(FIRM, boss="")), f"被申请人{FIRM.name}缺少：法定代表人"),
        (lambda: people(WOMAN, FIRM, replace(CHILD, agents=())),
         "第三人王小明是未成年人，缺少：法定代理人"),
        (lambda: people(WOMAN), "缺少：被申请人"),
    ],
)  # fmt: skip
def test_the_particulars_of_each_party_are_missed_by_name(
    change: Callable[[], CaseFacts], said: str
) -> None:
    assert lacks(facts=change()) == [said]


def test_a_paper_dated_tomorrow_is_refused() -> None:
    assert lacks({**AGREEMENT, "agreed_on": "2026-12-01"}) == ["签订日期晚于今天"]


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.5", "伍角整"),
        ("0.05", "伍分"),
        ("1.05", "壹元零伍分"),
        ("18000", "壹万捌仟元整"),
        ("100305.07", "壹拾万零叁佰零伍元零柒分"),
        ("1001000", "壹佰万壹仟元整"),
        ("10000000", "壹仟万元整"),
        ("100000001", "壹亿零壹元整"),
        ("1234567.89", "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
    ],
)
def test_amounts_are_written_in_words(amount: str, words: str) -> None:
    assert amounts.in_words(Decimal(amount)) == f"人民币{words}"


@pytest.mark.parametrize("amount", ["-1", "0.001", "10000000000000000"])
def test_no_other_amount_is(amount: str) -> None:
    with pytest.raises(ValueError, match=re.escape(amount[:3])):
        amounts.in_words(Decimal(amount))


def test_characters_that_nothing_draws_are_named_once() -> None:
    assert glyphs.missing("李秀兰𠮷㐂（2026）\n") == []
    assert glyphs.missing("李\ue000兰\ue000\U0001fffe") == ["\ue000", "\U0001fffe"]


def test_the_kinds_are_those_that_a_diagram_can_name() -> None:
    assert tuple(KINDS) == PAPERS


@pytest.mark.parametrize("key", PAPERS)
def test_a_sheet_is_whole_whatever_is_not_said_yet(key: str) -> None:
    kind = KINDS[key]
    begun, wrong = kind.words.tidy(beginnings.begin(key, FACTS), today=TODAY)
    assert wrong == {}
    for words in ({}, begun, AGREEMENT if key == "agreement" else {}):
        html = printing.as_html(kind, words, FACTS)
        title = "调解卷宗" if key == "cover" else kind.title.zh
        assert f"<h1>{title}</h1>" in html and "None" not in html


@pytest.mark.parametrize("key", [key for key in PAPERS if key not in ("agreement", "oral")])
def test_each_word_that_a_paper_needs_is_missed_by_its_name(key: str) -> None:
    kind = KINDS[key]
    labels = {field.name: field.label.zh for field in kind.words.fields}
    said = [one.zh.removeprefix("缺少：") for one in gaps.of_paper(key, {}, FACTS)]
    for name in kind.required_words:
        assert any(labels[name] in one or one == "权利义务告知" for one in said), name
    assert kind.sides == any("被申请人" in one.zh for one in gaps.of_paper(key, {}, people(WOMAN)))


@pytest.mark.parametrize(
    ("key", "words", "said"),
    [
        ("mandate", {"powers": "特别代理"}, "缺少：特别授权的事项"),
        ("receipt", {"payer": "甲"}, "缺少：金额，或者物品、行为"),
        ("judicial", {"effective_on": "2026-11-20", "applied_on": "2026-11-19"},
         "申请日期早于协议生效日期"),
        ("cover", {"begun_on": "2026-11-20", "ended_on": "2026-11-19"}, "调解日期的起止颠倒"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_named(key: str, words: dict[str, Any], said: str) -> None:
    assert said in [one.zh for one in gaps.of_paper(key, words, FACTS)]


def test_a_receipt_tells_the_amount_in_words() -> None:
    words = {"payer": "王建国", "payee": "李秀兰", "amount": 6000, "manner": "现金"}
    html = printing.as_html(KINDS["receipt"], words, FACTS)
    assert "6000.00 元（人民币陆仟元整）" in html and "按人民调解协议" not in html


def test_a_conversation_stands_as_questions_and_answers() -> None:
    talk = [{"question": "渠水何时漫入？", "answer": "十日夜里。"}]
    html = printing.as_html(KINDS["investigation"], {"talk": talk, "read_back": True}, FACTS)
    assert "问：渠水何时漫入？" in html and "答：十日夜里。" in html and "核对无误" in html


def test_words_are_escaped_and_no_template() -> None:
    words = {**AGREEMENT, "facts": "<img src='file:///etc/passwd'>{{ ''.__class__ }}"}
    html = printing.as_html(KINDS["agreement"], words, FACTS)
    assert "&lt;img" in html and "{{ &#39;&#39;.__class__ }}" in html


def test_a_paper_is_set_the_same_twice_with_its_pages_as_a_picture() -> None:
    html = printing.as_html(KINDS["agreement"], AGREEMENT, FACTS, "（2026）南湖人调字第1号")
    first, second = (printing.printed(html, picture=one) for one in (True, False))
    assert first.pdf == second.pdf and first.pdf.startswith(b"%PDF-1.7")
    assert first.pages >= 1 and first.picture.startswith(b"\x89PNG") and second.picture == b""


def test_a_sheet_that_asks_for_anything_outside_is_not_set() -> None:
    with pytest.raises(InvalidInput):
        printing.printed("<p>甲</p><img src='file:///etc/hostname'>", picture=False)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("南湖村", "南湖"),
        ("南湖村人民调解委员会", "南湖"),
        ("霍城镇", "霍城"),
        ("城关社区居民委员会", "城关"),
    ],
)
def test_units_are_named_short_in_numbers(name: str, letters: str) -> None:
    assert letters_of(name) == letters
    assert committee(name).endswith("人民调解委员会")
