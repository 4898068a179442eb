"""What a search costs, by kind of question, and how often the right case comes first.

Asked through the list of cases, with the rights of people of a county and of a township; the
floor is the newest page of all that they may see. ``relevance`` alters titles as people type them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import select

from bench.pages import percentiles
from bench.site import Site, site
from engine.access import actors, policy
from engine.access.actors import Actor
from engine.models import Case
from engine.reading import case_lists, folding
from engine.reading.case_lists import CaseSearch
from engine.storage.db import reading

SIZES = {"sqlite": 100_000, "postgresql": 1_000_000}
ROUNDS = 3
# Titles of generated cases are few; among the same ones none is the right one.
SAMPLE = 200
# What people type of a title, and what it is called.
Variant = Callable[[str, random.Random], str]


def run(sizes: Sequence[int] = (), backend: str | None = None) -> dict[str, Any]:
    """Return the figures by database and size; each at its own size unless told."""
    found: dict[str, Any] = {}
    for one in (backend,) if backend else tuple(SIZES):
        with site(one) as here:
            for size in sorted(sizes or (SIZES[one],)):
                here.fill(size)
                found.setdefault(one, {})[str(size)] = _at(here)
    return found


def _at(here: Site) -> dict[str, Any]:
    people = {
        "county": here.holders("dispatcher", "supervisor", level="county")[0],
        "township": here.holders("leader", "supervisor", level="township")[0],
        "grid": here.holders("grid_worker", level="grid")[0],
    }
    with here.app.app_context(), reading() as db:
        from webapp.clock import now

        seen = {name: actors.actor_of(db, user_id, now()) for name, user_id in people.items()}
        titles = _titles(db, seen["county"], here.dice)
        figures: dict[str, Any] = {
            name: {kind: _times(db, actor, texts) for kind, texts in questions(titles, here.dice)}
            for name, actor in seen.items()
        }
        return {**figures, "relevance": relevance(db, seen["county"], titles, here.dice)}


def questions(titles: Sequence[str], dice: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Yield kinds of questions with their texts; ``floor`` asks for nothing."""
    some = [dice.choice(titles) for _ in range(20)]
    yield "floor", [""] * 20
    yield "frequent", ["井盖", "漏水", "施工", "纠纷", "噪声", "路"] * 3
    yield "title", some
    yield "two words", [f"{one[:2]} {one[-3:-1]}" for one in some]
    yield "nothing", ["暖气幼儿园", "医院 秸秆", "红绿灯 食堂", "龘龘"] * 4
    yield "pinyin", ["".join(folding.readings(folding.fold(one))[0])[:24] for one in some]
    yield "initials", [_initials(one)[:6] for one in some]
    yield "wrong character", [_wrong(one, dice) for one in some]


def relevance(
    db: Any, actor: Actor, titles: Sequence[str], dice: random.Random
) -> dict[str, dict[str, float]]:
    """Return by kind of variant how often a case of that title came first, and among five."""
    found = {}
    for name, change in VARIANTS.items():
        first = five = 0
        chosen = [dice.choice(titles) for _ in range(SAMPLE // len(VARIANTS))]
        for title in chosen:
            query = CaseSearch(text=change(title, dice))
            rows = case_lists.cases(db, actor, query, size=5).rows
            hits = [row.title == title for row in rows]
            first, five = first + any(hits[:1]), five + any(hits)
        found[name] = {"first": first / len(chosen), "among_five": five / len(chosen)}
    return found


def _times(db: Any, actor: Actor, texts: Sequence[str]) -> dict[str, float]:
    taken = []
    for turn in range(ROUNDS + 1):
        for text in texts:
            began = time.perf_counter()
            case_lists.cases(db, actor, CaseSearch(text=text))
            if turn:
                taken.append((time.perf_counter() - began) * 1000)
    return percentiles(taken)


def _titles(db: Any, actor: Actor, dice: random.Random) -> list[str]:
    """Return different titles of some of the newest cases that somebody may see."""
    mine = select(Case.title).where(policy.listed_cases(actor))
    newest = db.scalars(mine.order_by(Case.id.desc()).limit(5000)).all()
    titles = sorted(set(newest))
    return dice.sample(titles, min(len(titles), SAMPLE))


def _initials(title: str) -> str:
    return "".join(one[0] for one in folding.readings(folding.fold(title))[0])


def _wrong(title: str, dice: random.Random) -> str:
    at = dice.randrange(1, max(2, len(title) - 1))
    return f"{title[:at]}龘{title[at + 1 :]}"


def _wide(title: str, _dice: random.Random) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in title)


def _traditional(title: str, _dice: random.Random) -> str:
    back = {plain: chr(point) for point, plain in folding.traditional()}
    return "".join(back.get(one, one) for one in title)


VARIANTS: dict[str, Variant] = {
    "itself": lambda title, _dice: title,
    "full width": _wide,
    "traditional": _traditional,
    "beginning": lambda title, _dice: title[: max(4, len(title) * 2 // 3)],
    "punctuation": lambda title, dice: f"{title[:4]}，{title[4:]}。",
    "words": lambda title, _dice: f"{title[:3]} {title[-4:]}",
    "pinyin": lambda title, _dice: "".join(folding.readings(folding.fold(title))[0]),
    "initials": lambda title, _dice: _initials(title),
    "wrong character": _wrong,
    "missing character": lambda title, dice: title[:2] + title[3:],
}
