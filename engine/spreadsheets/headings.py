"""The row of headings: found below a title, distinguished where two are the same."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from engine.spreadsheets.errors import UnreadableTable

# How many rows may stand above the headings: a title, a unit, a date, a line of totals.
DEEPEST = 20
Spelling = Callable[[str], str]


@dataclass(frozen=True)
class Headings:
    """The headings of a table, one label a column, no label twice."""

    line: int
    labels: tuple[str, ...]
    # Which column each name is in, by the names in their comparable spelling.
    columns: dict[str, int]
    # Names, spelt comparably, that stand above more than one column.
    duplicates: dict[str, str]
    # Columns whose heading is empty.
    nameless: frozenset[int]

    def column(self, name: str) -> int | None:
        """Return the column of that name, or None."""
        return self.columns.get(comparable(name))


def comparable(text: str) -> str:
    """Return the text as two spellings of one name are compared: NFKC, no spaces, one case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def parse(cells: Sequence[str], line: int, spelling: Spelling = str) -> Headings:
    """Return the headings that a row makes.

    What stands there twice is distinguished as ``电话[1]`` and ``电话[2]``, an empty one is called
    by its place, ``第5列``. ``spelling`` turns a heading into the name it is known by.
    """
    names = [" ".join(spelling(cell.strip()).split()) for cell in cells]
    counts = Counter(comparable(name) for name in names)
    taken = {comparable(name) for name in names}
    labels: list[str] = []
    seen: Counter[str] = Counter()
    repeated: dict[str, str] = {}
    for place, name in enumerate(names, start=1):
        plain = comparable(name)
        if not plain:
            label = _free(f"第{place}列", taken)
        elif counts[plain] > 1:
            seen[plain] += 1
            repeated[plain] = name
            label = _free(f"{name}[{seen[plain]}]", taken)
        else:
            label = name
        taken.add(comparable(label))
        labels.append(label)
    return Headings(
        line=line,
        labels=tuple(labels),
        columns={comparable(label): place for place, label in enumerate(labels)},
        duplicates=repeated,
        nameless=frozenset(place for place, name in enumerate(names) if not name),
    )


def fits(headings: Headings, needed: Collection[str]) -> bool:
    """Return whether every needed name is a heading, if only one that stands there twice."""
    return not missing(headings, needed)


def missing(headings: Headings, needed: Collection[str]) -> list[str]:
    """Return the needed names that no heading has."""
    known = headings.columns.keys() | headings.duplicates.keys()
    return sorted(name for name in needed if comparable(name) not in known)


def require_single(headings: Headings, needed: Iterable[str]) -> None:
    """Raise Unreadable where a needed name stands above two columns: which one is meant?"""
    for name in needed:
        if comparable(name) in headings.columns:
            continue
        if comparable(name) in headings.duplicates:
            raise UnreadableTable(
                f"第 {headings.line} 行的列名“{name}”不止一列。请在映射文件中写明是哪一列："
                f"“{name}[1]”“{name}[2]”……，或者改列名。",
                f"Line {headings.line}: the heading “{name}” stands there more than once. Say "
                f"which one is meant (“{name}[1]”, “{name}[2]”, ...), or rename it.",
            )


def _free(label: str, taken: Collection[str]) -> str:
    while comparable(label) in taken:
        label += "′"
    return label
