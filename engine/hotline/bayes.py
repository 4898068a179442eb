"""A complement naive Bayes over runs of one to three characters: which choice a text asks for.

After Rennie et al. (2003): each label is judged by what the others say, with weights normed by
length, so that frequent labels do not swallow rare ones. A model is numbers and words, kept as
JSON.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.reading import folding

SIZES = (1, 2, 3)
SMOOTH = 0.1
# Runs that fewer texts hold are left out: they tell little, and may be somebody's name.
LEAST = 5
DIGITS = 4
Example = tuple[str, str]


@dataclass(frozen=True)
class Proposal:
    """A label, and the run of characters that spoke most for it."""

    label: str
    because: str


@dataclass(frozen=True)
class BayesModel:
    """Labels, how rare each run is, and what it says of each label."""

    labels: tuple[str, ...]
    rare: Mapping[str, float]
    weights: Mapping[str, tuple[float, ...]]

    def proposals(self, text: str, most: int = 3) -> list[Proposal]:
        """Return the likeliest labels; none for a text of which nothing is known."""
        said = _weighed(_runs(text), self.rare)
        if not said or not self.labels:
            return []
        sums = [
            sum(value * self.weights[run][at] for run, value in said.items())
            for at in range(len(self.labels))
        ]
        order = sorted(range(len(sums)), key=lambda at: -sums[at])[:most]
        return [Proposal(self.labels[at], self._because(said, at)) for at in order]

    def _because(self, said: Mapping[str, float], at: int) -> str:
        """Return the run that sets this label apart most; a single character says nothing."""
        telling = {
            run: value * (self.weights[run][at] - sum(self.weights[run]) / len(self.labels))
            for run, value in said.items()
            if len(run) > 1
        }
        best = max(telling, key=lambda run: telling[run], default="")
        return best if best and telling[best] > 0 else ""

    def dump(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return {"labels": self.labels, "rare": self.rare, "weights": self.weights}

    @classmethod
    def load(cls, kept: Mapping[str, Any]) -> BayesModel:
        """Return what ``dump`` gave."""
        weights = {run: tuple(values) for run, values in kept["weights"].items()}
        return cls(tuple(kept["labels"]), kept["rare"], weights)


def train(examples: Callable[[], Iterable[Example]], least: int = LEAST) -> BayesModel:
    """Return a model of (text, label) pairs, which are read twice and not kept."""
    held: Counter[str] = Counter()
    number = 0
    for text, _ in examples():
        held.update(_runs(text).keys())
        number += 1
    rare = {run: math.log(number / count) + 0.1 for run, count in held.items() if count >= least}
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    every: dict[str, float] = defaultdict(float)
    for text, label in examples():
        for run, value in _weighed(_runs(text), rare).items():
            sums[label][run] += value
            every[run] += value
    labels = tuple(sorted(sums))
    whole = sum(every.values()) + SMOOTH * len(rare)
    columns = [_column(sums[label], every, rare, whole) for label in labels]
    weights = {run: tuple(column[run] for column in columns) for run in rare}
    return BayesModel(labels, {run: round(value, DIGITS) for run, value in rare.items()}, weights)


def shares(model: BayesModel, examples: Iterable[Example]) -> tuple[float, float, int]:
    """Return how often the first proposal, and one of three, is the label; and of how many."""
    first = three = number = 0
    for text, label in examples:
        found = [one.label for one in model.proposals(text)]
        first, three, number = first + (label in found[:1]), three + (label in found), number + 1
    return (first / number, three / number, number) if number else (0.0, 0.0, 0)


def _column(
    mine: Mapping[str, float], every: Mapping[str, float], rare: Mapping[str, float], whole: float
) -> dict[str, float]:
    others = whole - sum(mine.values())
    row = {run: -math.log((every[run] - mine.get(run, 0.0) + SMOOTH) / others) for run in rare}
    norm = sum(map(abs, row.values())) / len(row) if row else 1.0
    return {run: round(value / norm, DIGITS) for run, value in row.items()}


def _runs(text: str) -> Counter[str]:
    joined = folding.fold(text)
    # Numbers are telephones, houses and sums.
    joined = "".join(one for one in joined if not one.isdigit())
    return Counter(joined[at : at + n] for n in SIZES for at in range(len(joined) - n + 1))


def _weighed(counted: Mapping[str, int], rare: Mapping[str, float]) -> dict[str, float]:
    vector = {run: (1 + math.log(n)) * rare[run] for run, n in counted.items() if run in rare}
    norm = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {run: value / norm for run, value in vector.items()}
