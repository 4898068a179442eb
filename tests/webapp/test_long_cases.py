"""A case that goes to and fro for a year costs what any other does, and loses none of it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from engine.access import confidentiality
from engine.casework import cases
from engine.records import vault
from engine.storage.db import transaction
from tests.engine.casework.world import ACCEPT, DISPATCH, HANDLE, TRACK, World
from tests.webapp.site import Browser, Site, plain

ROUNDS = 150
TABS = ("", "/story", "/diagram", "/former")


def sent_back(world: World, case_id: int, first: int, last: int) -> None:
    """Send the case back so many times, each time with other words."""
    for number in range(first, last):
        task = world.task(case_id)
        with transaction() as db:
            actor = world.actor(db, "handler")
            cases.return_task(
                db, actor, task.id, "dispatch", f"第{number}次不属于本局", now=world.now
            )
        world.complete("dispatcher", case_id, {**DISPATCH, "requirement": f"要求{number}。"})


def opened(world: World) -> int:
    """A ticket at the department's handlers."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    world.complete("dispatcher", case_id, {**DISPATCH, "requirement": "最初的要求。"})
    return case_id


def costs(
    site: Site, browser: Browser, case_id: int, monkeypatch: pytest.MonkeyPatch
) -> dict[str, tuple[int, int, int]]:
    """Of each tab its statements, its kilobytes, and how many sets of answers are decrypted."""
    found = {}
    unseal, count = vault.unseal, [0]

    def counting(*given: object) -> object:
        count[0] += 1
        return unseal(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(vault, "unseal", counting)
    for tab in TABS:
        browser.get(f"/cases/{case_id}{tab}")
        count[0] = 0
        with site.statements() as seen:
            page = browser.get(f"/cases/{case_id}{tab}")
        assert page.status_code == 200
        found[tab] = (len(seen), round(len(page.data) / 1024), count[0])
    monkeypatch.undo()
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_costs_the_same_after_150_rounds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside 40, which fill each page once."""
    case_id = site.run(opened)
    handler = site.browser("handler")
    few = costs(site, handler, case_id, monkeypatch)
    site.run(lambda world: sent_back(world, case_id, 0, 40))
    some = costs(site, handler, case_id, monkeypatch)
    site.run(lambda world: sent_back(world, case_id, 40, ROUNDS))
    many = costs(site, handler, case_id, monkeypatch)

    assert many == some
    assert [one[0] for one in many.values()] == [one[0] for one in few.values()]
    # The page that people work on: one line more than at the beginning, one reason read more.
    assert many[""][1] <= few[""][1] + 1 and many[""][2] <= few[""][2] + 2
    assert max(one[1] for one in many.values()) < 32


def walked(browser: Browser, path: str) -> list[str]:
    """The pages of a list from the first to the last."""
    pages = []
    while path:
        page = browser.get(path)
        assert page.status_code == 200
        pages.append(page.text)
        onward = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = unescape(onward[1]) if onward else ""
        assert len(pages) < 50
    return pages


def test_it_keeps_every_answer_and_every_sentence(site: Site) -> None:
    """Page after page, the newest first, each once."""
    case_id = site.run(opened)
    handler = site.browser("handler")
    assert "重新办理前的填写记录" not in plain(handler.get(f"/cases/{case_id}"))
    assert "无重新办理的环节" in plain(handler.get(f"/cases/{case_id}/former"))
    site.run(lambda world: sent_back(world, case_id, 0, 25))

    page = handler.get(f"/cases/{case_id}")
    assert "重新办理前的填写记录 25 次" in plain(page)
    assert "要求24。" in page.text and "要求23。" not in page.text
    pages = walked(handler, f"/cases/{case_id}/former")
    told = re.findall(r"要求\d+。|最初的要求。", "".join(pages))
    assert told == [*(f"要求{number}。" for number in range(23, -1, -1)), "最初的要求。"]
    assert len(pages) == 3

    stories = walked(handler, f"/cases/{case_id}/story")
    assert len(stories) == 2
    assert "".join(stories).count("退回“处置") == 25
    assert stories[-1].count("登记事项") == 1 and "登记事项" not in stories[0]


def test_it_names_everybody_who_ever_did_a_step(site: Site) -> None:
    """Also those whose answers were replaced by somebody else's."""
    case_id = site.run(opened)

    def again(world: World) -> None:
        world.complete("handler", case_id, HANDLE)
        world.complete("worker", case_id, {**TRACK, "track_result": "未解决"})
        world.complete("colleague", case_id, HANDLE)

    site.run(again)
    page = plain(site.browser("handler").get(f"/cases/{case_id}"))

    assert "员工handler" in page and "员工colleague" in page
    assert "重新办理前的填写记录 1 次" in page


def test_it_shows_the_way_in_the_diagram(site: Site) -> None:
    """Who finished each step last, whatever came before."""
    case_id = site.run(opened)
    site.run(lambda world: sent_back(world, case_id, 0, 3))
    marks = unescape(site.browser("handler").get(f"/cases/{case_id}/diagram").text)

    for node, name in (("report", "worker"), ("accept", "grid_leader"), ("dispatch", "dispatcher")):
        assert re.search(rf'"{node}": {{"state": "done", "text": "员工{name} ', marks), node


def test_it_keeps_the_reporter_of_a_confidential_case_from_the_older_pages(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Former answers are concealed as those that stand are."""
    case_id = site.run(opened)
    site.run(lambda world: sent_back(world, case_id, 0, 2))
    monkeypatch.setattr(confidentiality, "concealment", lambda *_given: confidentiality.CONCEALED)
    handler = site.browser("handler")
    for tab in TABS:
        page = plain(handler.get(f"/cases/{case_id}{tab}"))
        assert "员工worker" not in page and "赵小满" not in page, tab


def test_it_hides_the_older_pages_from_strangers(site: Site) -> None:
    case_id = site.run(opened)
    assert site.browser("sibling").get(f"/cases/{case_id}/former").status_code == 404
