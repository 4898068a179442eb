"""Nothing changes unseen: whatever is done to a shipped definition, the review tells it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache

import pytest

from engine.definitions import differences, versions
from engine.definitions.differences import DifferenceNote, files
from engine.definitions.differences.elements import DiagramWords
from tests.conftest import ROOT
from tests.engine.definitions.mutations import TOKEN, Mutation, of_json, of_xml

FILES = versions.read_directory(ROOT)
PATHS = [(key, path) for key, found in FILES.items() for path in found if "scenarios" not in path]
# In the ordinary run one of each kind and every so manieth; all of them where one explores.
STEP = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else 97
# What is no free text: a word that does not exist is read as none, and told as that.
CLOSED = frozenset(
    {"id", "sourceRef", "targetRef", "limit", "signLimit", "warn", "limitUnit", "signLimitUnit"}
    | {
        "role",
        "level",
        "isExecutable",
        "recall",
        "isSequential",
        "cancelActivity",
        "isInterrupting",
        "form",
    }
    | {"attachedToRef", "default", "accept", "kind", "sets", "name", "messageRef", "opens"}
    | {"expressionLanguage", "hitPolicy", "testBefore", "triggeredByEvent"}
)


@lru_cache(maxsize=1)
def chosen() -> dict[tuple[str, str], list[Mutation]]:
    """By file: the first of each kind in all of them, and every so manieth of the rest."""
    kinds: set[str] = set()
    found: dict[tuple[str, str], list[Mutation]] = {}
    for key, path in PATHS:
        for number, one in enumerate(mutations_of(key, path)):
            step = STEP if STEP == 1 or not one.picture else 20 * STEP
            if one.what not in kinds or number % step == 0:
                kinds.add(one.what)
                found.setdefault((key, path), []).append(one)
    return found


def told(key: str, path: str, mutation: Mutation) -> list[DifferenceNote]:
    old, words = FILES[key], words_of(key)
    return files.compared(path, old[path], mutation.data(), (words, words))


@lru_cache
def words_of(key: str) -> DiagramWords:
    return files.names_of_definition(FILES[key])


def mutations_of(key: str, path: str) -> Iterator[Mutation]:
    data = FILES[key][path]
    return of_json(data) if path.endswith(".json") else of_xml(data)


def empty(note: DifferenceNote) -> bool:
    """Does it say no more than that there is something?"""
    return "只是写法不同" in note.text.zh or note.text.zh.endswith(" 有改动。")


# All of a large diagram take minutes of processor time: where one explores there is no limit.
@pytest.mark.timeout(600 if STEP > 1 else 0)
@pytest.mark.parametrize(("key", "path"), PATHS, ids=[path for _, path in PATHS])
def test_it_tells_whatever_was_done_to_a_file(key: str, path: str) -> None:
    silent, vague = [], []
    for one in chosen().get((key, path), []):
        notes = told(key, path, one)
        if one.picture:
            drawn = [note for note in notes if "图的排布" in note.text.zh]
            assert notes == drawn and len(drawn) == 1, (one.what, one.where)
        elif not notes or all(map(empty, notes)):
            silent.append((one.what, one.where))
        elif one.text and one.text not in CLOSED:
            words = (f"{note.text.zh}{note.text.en}{note.after}" for note in notes)
            if not any(TOKEN in word for word in words):
                vague.append((one.what, one.where))
    assert (silent, vague) == ([], [])


def test_it_walks_every_kind_of_change() -> None:
    """The walk above is worth nothing if it walks past them."""
    kinds = {one.what for found in chosen().values() for one in found}
    assert len(kinds) > 300
    for known in (
        "exclusiveGateway default written over",
        "boundaryEvent attachedToRef written over",
        "boundaryEvent cancelActivity written over",
        "process caseType written over",
        "output label written over",
        "output typeRef written over",
        "rules.message.zh_CN written over",
        "shows written over",
        "groups.fields.max_length one more",
        "groups.fields.choices.value written over",
        "groups.fields.help.en written over",
    ):
        assert any(known.removeprefix("process ") in kind for kind in kinds), known


def test_it_tells_two_changes_as_well_as_one() -> None:
    """No sentence stands for more than it says."""
    path = "processes/ticket/ticket.bpmn"
    data = FILES["ticket"][path]
    pairs = [
        (b'limit="1" limitUnit="working_days"', b'limit="2" limitUnit="working_days"'),
        (b'citizen="', b'citizen="\xe6\x96\xb0'),
        (b'signLimit="4"', b'signLimit="3"'),
        (b"<bpmn:documentation>", b"<bpmn:documentation>\xe6\x96\xb0"),
        (b'targetNamespace="', b'targetNamespace="x'),
    ]
    alone = []
    for old, new in pairs:
        assert old in data
        changed = {**FILES["ticket"], path: data.replace(old, new, 1)}
        alone += [note.text.zh for note in differences.between(FILES["ticket"], changed).notes]
    both = data
    for old, new in pairs:
        both = both.replace(old, new, 1)
    together = differences.between(FILES["ticket"], {**FILES["ticket"], path: both})
    assert sorted(note.text.zh for note in together.notes) == sorted(alone)


def test_it_says_nothing_only_of_the_same_bytes() -> None:
    for key, found in FILES.items():
        assert not differences.between(found, found)
        for path, data in found.items():
            longer = {**found, path: data + b"\n"}
            assert versions.digest_of(longer) != versions.digest_of(found)
            (note,) = differences.between(found, longer).notes
            assert "只是写法不同" in note.text.zh, (key, path)
