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
# Regular ones end so; of the others, those that no verb or noun looks like.
REGULAR = re.compile(r"\w{2,}ed$")
IRREGULAR = """
    begun borne born bought broken brought built caught chosen done drawn driven felt flown found
    forgotten given gone grown heard held hidden kept known laid led left lent lost made meant met
    overtaken owed paid proven said seen sent shown sold spent spoken stolen stood struck stuck
    sworn taken taught thought thrown told torn understood withdrawn won worn written
"""
NOT_PARTICIPLES = {"need", "seed", "feed", "speed", "proceed", "exceed", "embed"}
# States of something and numbers of somethings in a state: there the participle says which.
OF_STATES = re.compile(r"bool|int|Counter\[.*|Mapped\[.*")
# The other side of the right one; what others read over the API.
SIDES = {("feel/syntax.py", "left")}
PUBLIC = "webapp/api/schemas.py"
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
    "of whoever": "of the person who",
    "what is none": "anything else",
    "what became of": "the outcome of",
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


def is_participle(name: str) -> bool:
    """A past participle alone."""
    if len(parts := words(name)) != 1 or parts[0] in NOT_PARTICIPLES:
        return False
    return bool(REGULAR.fullmatch(parts[0])) or parts[0] in IRREGULAR.split()


def members(cls: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Fields, attributes and methods of a class, each with what it is said to be."""
    for node in cls.body:
        if isinstance(node, ast.AnnAssign):
            yield ast.unparse(node.target), ast.unparse(node.annotation)
        elif isinstance(node, ast.Assign):
            yield from _assigned(node)
        elif isinstance(node, ast.FunctionDef):
            read = any("property" in ast.unparse(one) for one in node.decorator_list)
            yield node.name, ast.unparse(node.returns) if read and node.returns else "method"
            for inner in ast.walk(node):
                if isinstance(inner, ast.Assign):
                    yield from _assigned(inner, "self.")
                elif isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Attribute):
                    yield inner.target.attr, ast.unparse(inner.annotation)


def _assigned(node: ast.Assign, of: str = "") -> Iterator[tuple[str, str]]:
    kind = type(node.value.value).__name__ if isinstance(node.value, ast.Constant) else "?"
    for target in node.targets:
        name = ast.unparse(target)
        if name.startswith(of) and name.removeprefix(of).isidentifier():
            yield name.removeprefix(of), kind


def test_it_names_fields_and_methods_by_nouns_and_verbs() -> None:
    found: dict[str, list[str]] = {}
    helpers = (one for one in python_files("tests") if not one.name.startswith("test_"))
    for path in (*product(), *helpers):
        place = relative(path)
        if place == PUBLIC:
            continue
        found[place] = sorted(
            f"{node.name}.{name}"
            for node in nodes(path)
            if isinstance(node, ast.ClassDef)
            for name, kind in members(node)
            if is_participle(name) and not OF_STATES.fullmatch(kind) and (place, name) not in SIDES
        )
    assert not offenders(found)


def test_it_knows_a_participle_when_it_sees_one() -> None:
    source = "class A:\n said: str\n closed: bool\n told_at: str\n def kept(self): self.x = 1\n"
    cls = ast.parse(source + " def f(self): self.found = []").body[0]
    assert isinstance(cls, ast.ClassDef)
    bad = [one for one, kind in members(cls) if is_participle(one) and not OF_STATES.match(kind)]
    assert bad == ["said", "kept", "found"]


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
