"""A choice follows from the words of a text, as examples have taught it."""

from __future__ import annotations

from engine.hotline import bayes
from engine.hotline.bayes import BayesModel
from engine.reading import folding

TEXTS = {
    "供热": ("暖气不热", "小区供暖温度低", "家里暖气片漏水不热", "供热管网压力不足不热"),
    "噪声": ("工地夜间施工噪声扰民", "广场舞音响噪声大", "楼下噪声扰民", "夜间噪声无法休息"),
    "工资": ("老板拖欠工资", "工地拖欠农民工工资", "拖欠三个月工资", "离职后工资不发"),
}
EXAMPLES = [(text, label) for label, texts in TEXTS.items() for text in texts]


def taught() -> BayesModel:
    return bayes.train(lambda: EXAMPLES, least=2)


def test_it_proposes_the_likeliest_first_and_says_what_spoke_for_it() -> None:
    for text, label, because in (
        ("三号楼的暖氣一直不熱", "供热", "不热"),
        ("夜里装修噪声太大", "噪声", "噪声"),
        ("公司拖欠我两个月工资", "工资", "拖欠"),
    ):
        first, *others = taught().proposals(text)
        assert first.label == label and len(others) == 2
        assert because in first.because or first.because in folding.fold(text)


def test_it_knows_nothing_of_what_nobody_said() -> None:
    assert taught().proposals("龘龘") == [] == taught().proposals("13812345678")
    assert bayes.train(lambda: []).proposals("暖气") == []


def test_it_keeps_no_run_that_few_texts_hold_and_no_number() -> None:
    """What a model holds may be read by whoever reads the database."""
    told = [(f"{text}，请回电王小二13893612345", label) for text, label in EXAMPLES[:1]]
    made = bayes.train(lambda: [*EXAMPLES, *told], least=2)
    assert "王小二" not in made.rare and not any(one.isdigit() for run in made.rare for one in run)
    assert "噪声" in made.rare


def test_it_is_the_same_after_it_was_kept() -> None:
    made = taught()
    again = BayesModel.load(made.dump())
    assert again.proposals("暖气不热") == made.proposals("暖气不热")
    assert bayes.shares(again, EXAMPLES) == bayes.shares(made, EXAMPLES) == (1.0, 1.0, 12)
    assert bayes.shares(made, []) == (0.0, 0.0, 0)
