"""An opening form proposes what closed cases of the county teach, where that is right enough."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.definitions import versions
from engine.hotline import suggestions
from engine.models import Case, SuggestionModel
from engine.storage.db import reading, transaction
from engine.worker import learning
from forms import Form
from tests.webapp.site import Site
from tests.webapp.test_beside import NAMED
from tests.webapp.test_relations import with_people

ANSWERED = {"answered_now": "yes", "answer_text": "已告知。", "caller_content": "满意"}
MATTERS = (
    ("住房建设", "小区暖气不热，供热管网压力不够"),
    ("劳动社保", "工地老板拖欠工资，农民工讨薪无门"),
)


@pytest.fixture
def taught(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Twenty calls that were answered at once, and nothing learned of them yet."""
    monkeypatch.setattr(suggestions, "FEWEST", 20)
    site.run(with_people)
    operator = site.browser("operator")
    for number in range(20):
        topic, details = MATTERS[number % 2]
        call = {**NAMED, **ANSWERED, "topic": topic, "summary": details[:7], "details": details}
        assert operator.post("/cases/new/hotline", call).status_code == 303
    return site


def learn(site: Site) -> int:
    with site.app.app_context():
        return learning.learn(site.world.now)["learned"]


def beside(site: Site, **typed: str) -> str:
    answer = site.browser("operator").post("/cases/new/hotline/beside", typed)
    return answer.text


def test_it_proposes_what_closed_cases_teach(taught: Site) -> None:
    typed = {"details": "楼上楼下暖气都不热，供热公司不管"}
    assert "data-puts" not in beside(taught, **typed)
    assert learn(taught) == 1
    page = beside(taught, **typed)
    assert page.index('data-value="住房建设"') < page.index('data-value="劳动社保"')
    assert 'data-puts="topic"' in page and "100%" in page
    # Whoever has chosen needs no proposal, nor does who has said nothing.
    assert "data-puts" not in beside(taught, **typed, topic="其他")
    assert "data-puts" not in beside(taught, details="暖气")


def test_it_learns_once_a_day(taught: Site) -> None:
    assert (learn(taught), learn(taught)) == (1, 0)
    taught.world.now += timedelta(days=1)
    assert learn(taught) == 1


def test_it_is_silent_where_it_is_wrong_too_often(taught: Site) -> None:
    learn(taught)
    with taught.app.app_context(), transaction() as db:
        row = db.scalars(select(SuggestionModel)).one()
        assert (row.learned, row.held_back, row.first) == (20, 4, 1.0)
        row.first, row.among_three = 0.5, 0.79
        row.made_at = taught.world.now + timedelta(minutes=1)
    assert "data-puts" not in beside(taught, details="楼上楼下暖气都不热，供热公司不管")


def test_it_learns_nothing_of_a_confidential_case_nor_of_few(
    taught: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taught.app.app_context():
        with transaction() as db:
            newest = select(Case.id).order_by(Case.id.desc()).limit(1).scalar_subquery()
            db.execute(update(Case).where(Case.id == newest).values(guarded=True))
        assert learning.learn(taught.world.now)["learned"] == 0
        monkeypatch.setattr(suggestions, "FEWEST", 19)
        assert learning.learn(taught.world.now)["learned"] == 1
        with reading() as db:
            assert db.scalars(select(SuggestionModel.learned)).all() == [19]


def test_it_proposes_for_a_choice_of_many_alone(site: Site) -> None:
    site.run(with_people)
    with site.app.app_context(), reading() as db:
        found = {}
        for key in ("hotline", "dispute", "ticket"):
            published = versions.current(db, key, site.world.now)
            form = published.form(published.opens.form)
            assert isinstance(form, Form)
            choice = suggestions.choice_of(form)
            found[key] = choice.name if choice else None
    assert found["hotline"] == "topic" and None not in found.values()
