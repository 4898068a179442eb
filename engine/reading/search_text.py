"""What somebody typed into the box, as terms of the index: an AND of ORs of ANDs.

Of characters the terms are pairs of neighbours, of letters also pairs of syllables or triples of
initials, of a synonym what its fellows are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_lowercase as LETTERS

from engine.reading import folding

LONGEST = 100
# Letters of every tokenizer, which stand in no title: what follows is a sound, an initial, a block.
PHRASE, INITIALS, BLOCK = "ㄆ", "ㄕ", "ㄅ"
# Blocks of ids, by the time that they were made in: some 70 minutes, 37 hours, 12 days, 99 days.
SHIFTS = (44, 49, 52, 55)
# A part may have one character wrong from this length on.
FORGIVEN = 4

Way = tuple[str, ...]
Group = tuple[Way, ...]


@dataclass(frozen=True)
class SearchText:
    """What was typed: its parts between marks and spaces, and their runs of one script."""

    parts: tuple[str, ...]
    # Where somebody put spaces between syllables they stay together: ``xin nan lu``.
    words: tuple[str, ...]
    # For a word, what else it may be called.
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def compact(self) -> str:
        """All of it without spaces."""
        return "".join(self.words).replace(" ", "")

    @property
    def letters(self) -> bool:
        """Whether some of it may be pinyin."""
        return any(word[0] in LETTERS for word in self.words)

    @property
    def short(self) -> bool:
        """Whether many cases may hold it: by few pairs."""
        return len(self.compact) < 6

    @property
    def synonyms_by_part(self) -> tuple[tuple[str, ...], ...]:
        """Return per part without letters what a title must hold one of, as it was typed."""
        return tuple(
            (part, *_fellows(part, self.others))
            for part in self.parts
            if not any(one in LETTERS for one in part)
        )


def parse_search(text: str, synonyms: Iterable[Sequence[str]] = ()) -> SearchText:
    """Return what a text asks for; ``synonyms`` are groups of words that mean one thing."""
    words: list[str] = []
    parts = folding.parts(text[:LONGEST])
    known = folding.syllables()
    for chunk in (chunk for part in parts for chunk in folding.chunks(part)):
        if words and chunk in known and all(one in known for one in words[-1].split()):
            words[-1] += f" {chunk}"
        else:
            words.append(chunk)
    groups = tuple(tuple(folding.fold(one) for one in group) for group in synonyms)
    return SearchText(tuple(parts), tuple(words), groups)


def exact(ask: SearchText) -> tuple[Group, ...]:
    """Return what all of it means, word by word.

    A single character beside other words only ranks: it would read half of the index.
    """
    known = folding.syllables()
    telling = [one for one in ask.words if len(one) > 1 and one not in known] or ask.words[:1]
    return tuple(_meanings(word, ask.others) for word in telling)


def forgiving(ask: SearchText) -> tuple[Group, ...]:
    """Return what the longest part means with one character of it wrong, missing or too many.

    Nothing for what is short, in letters, or of too few different pairs.
    """
    typed = max(ask.parts, key=len, default="")
    if ask.letters or len(typed) < FORGIVEN:
        return ()
    two = _pairs(typed)
    # The wrong one spoils at most two pairs that stand together.
    ways = tuple(filter(None, (two[:at] + two[at + 2 :] for at in range(len(two) - 1))))
    if not ways:
        # One character over and over: nothing of it is left without the wrong one.
        return ()
    return (ways, *(_meanings(one, ask.others) for one in ask.parts if one != typed))


def for_postgres(groups: Iterable[Group]) -> str:
    """Return the groups as a tsquery."""
    return " & ".join(f"({_ways(ways, ' | ', ' & ', _POSTGRES)})" for ways in groups)


def for_sqlite(groups: Iterable[Group]) -> str:
    """Return the groups as a query of FTS5."""
    return " AND ".join(f"({_ways(ways, ' OR ', ' AND ', _SQLITE)})" for ways in groups)


def blocks(newest: int) -> list[Group]:
    """Return the two newest blocks of each size, the smallest first: a word that occurs in every
    tenth case is then looked for in a few of them.
    """
    return [
        tuple((f"{BLOCK}{shift}x{(newest >> shift) - back}",) for back in (0, 1))
        for shift in SHIFTS
    ]


def _meanings(word: str, synonyms: tuple[tuple[str, ...], ...]) -> Group:
    if word[0] not in LETTERS:
        return tuple(_pairs(one) for one in (word, *_fellows(word, synonyms)))
    cuts = [tuple(word.split())] if " " in word else folding.spelled(word)
    ways = [tuple(f"{PHRASE}{a}{b}" for a, b in pairwise(cut)) for cut in cuts if len(cut) > 1]
    if len(word) > 2 and " " not in word:
        ways.append(tuple(INITIALS + word[at : at + 3] for at in range(len(word) - 2)))
    return (sum(map(_pairs, word.split()), ()), *ways)


def _fellows(word: str, synonyms: tuple[tuple[str, ...], ...]) -> list[str]:
    """Return the word with each name in it replaced by the others of its group."""
    return [
        word.replace(one, other)
        for group in synonyms
        for one in group
        if one in word
        for other in group
        if other != one
    ]


def _pairs(word: str) -> Way:
    return tuple(dict.fromkeys(a + b for a, b in pairwise(word))) or (f"{word}*",)


def _ways(ways: Iterable[Way], either: str, both: str, quoted: dict[bool, str]) -> str:
    texts = (
        both.join(quoted[term.endswith("*")].format(term.removesuffix("*")) for term in way)
        for way in dict.fromkeys(ways)
        if way
    )
    return either.join(f"({text})" for text in texts)


_POSTGRES = {False: "'{}'", True: "'{}':*"}
_SQLITE = {False: '"{}"', True: '"{}"*'}
