"""Names and sentences of the product: one class a name, nouns and verbs, plain English."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.test_architecture import ROOT, nodes, offenders, python_files, relative, tree

PRODUCT = ("feel", "forms", "engine", "webapp", "bench", "tools")
# Neither a thing nor an action: what was done to something that the name does not say.
PARTICIPLES = """
    abolished added answered applied armed asked attempted broken called cancelled carried
    changed checked chosen claimed clocked closed compiled counted damaged decided deleted
    derived done drawn ended failed filled filtered fired found given gone heard held
    inspected involved joined kept known left lent lifted listed made matched met moved
    named numbered opened outdated overtaken owed paused played posted prepared printed
    proved proven published reached read reckoned refused rejected said sealed seated seen
    sent shown skipped spent stamped stopped struck stuck suggested taken told typed used
    wanted withdrawn written wrong
"""
# The same of functions: those of everyday speech.
SPEECH = """
    asked broken called deserted done drawn filled found given gone heard hears held here kept known
    lately left lent listed made named posted proved proven reached read reckon said say says sealed
    seen sent shown spent stamped taken tell tells there told typed wanted whereabouts written
"""
# Right where it stands: what the set-up prints for whoever waits.
RIGHT = {("tools/setup.py", "say")}
DIALECT = {
    "anew": "again",
    "reckon": "calculate",
    "reckoned": "calculated",
    "reckoning": "calculation",
    "vouches for": "attests",
    "vouch for": "attest",
    "told apart": "distinguished",
    "tells apart": "distinguishes",
    "struck out": "cancelled",
    "hears of": "is notified of",
    "in the house": "in the application",
    "whereabouts": "place",
    "betimes": "early",
}
_SPOKEN = re.compile(r"\b(" + "|".join(DIALECT) + r")\b", re.IGNORECASE)


def words(name: str) -> list[str]:
    """`_AsChain` as its words: as, chain."""
    return [one.lower() for one in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def is_one_of(name: str, group: str) -> bool:
    """Such a word alone: with a noun beside it, it says which one of those."""
    return len(parts := words(name)) == 1 and parts[0] in group.split()


def product() -> list[Path]:
    return list(python_files(*PRODUCT))


def test_it_gives_no_two_classes_one_name() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in product():
        for node in nodes(path):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(relative(path))
    assert not offenders({name: found for name, found in places.items() if len(found) > 1})


def test_it_names_things_by_nouns_and_actions_by_verbs() -> None:
    found: dict[str, list[str]] = {}
    for path in product():
        things = [node.name for node in nodes(path) if isinstance(node, ast.ClassDef)]
        actions = [one.name for one in tree(path).body if isinstance(one, ast.FunctionDef)]
        bad = [one for one in (*things, path.stem) if is_one_of(one, PARTICIPLES)]
        bad += [one for one in actions if is_one_of(one, SPEECH)]
        found[relative(path)] = [one for one in bad if (relative(path), one) not in RIGHT]
    assert not offenders(found)


def test_it_documents_itself_in_plain_english() -> None:
    found = {
        relative(path): [f"{one} (better: {DIALECT[one]})" for one in _spoken(path)]
        for path in product()
    }
    for page in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        if "zh-CN" not in page.name and page.name != "glossary.md":
            found[relative(page)] = [
                one.lower() for one in _SPOKEN.findall(page.read_text("utf-8"))
            ]
    assert not offenders(found)


def _spoken(path: Path) -> Iterator[str]:
    """Words of the dialect in docstrings and comments of a module."""
    for node in nodes(path):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield from (one.lower() for one in _SPOKEN.findall(ast.get_docstring(node) or ""))
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("# "):
            yield from (one.lower() for one in _SPOKEN.findall(line))
