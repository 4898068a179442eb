"""Which files a path given on the command line stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.bpmn.parsing.xml import MAX_BYTES

_DEFINITIONS = (".bpmn", ".dmn", ".bpmn20.xml")


@dataclass(frozen=True)
class CheckInput:
    """Files to report on, and those that lie beside them and are only seen."""

    files: dict[str, bytes]
    beside: dict[str, bytes]


def find_files(paths: Iterable[str | Path]) -> CheckInput:
    """Read the files that paths name; a directory stands for the definitions in it.

    A file in ``processes/<key>`` sees its whole folder and the forms in ``forms/<key>``, as
    it does when it is published. Raises OSError for what cannot be read.
    """
    named = list(dict.fromkeys(found for path in paths for found in _expand(Path(path))))
    files = {str(path): _content(path) for path in named}
    around = dict.fromkeys(other for path in named for other in _around(path))
    given = {path.resolve() for path in named}
    beside = {str(path): _content(path) for path in around if path.resolve() not in given}
    return CheckInput(files, beside)


def _expand(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for found in sorted(path.rglob("*")):
        if found.is_file() and _is_definition(found):
            yield found


def _is_definition(path: Path) -> bool:
    if path.name.lower().endswith(_DEFINITIONS):
        return True
    folders = path.resolve().parts[:-1]
    return path.suffix.lower() == ".json" and bool({"forms", "scenarios"} & set(folders))


def _around(path: Path) -> Iterator[Path]:
    folder = path.resolve().parent
    here = path.parent
    if folder.name == "scenarios":
        folder, here = folder.parent, here.parent
    if folder.parent.name != "processes":
        return
    forms = folder.parent.parent / "forms" / folder.name
    yield from (other for other in sorted(here.iterdir()) if _is_definition_file(other))
    if forms.is_dir():
        yield from sorted(forms.glob("*.json"))


def _is_definition_file(path: Path) -> bool:
    return path.is_file() and path.name.lower().endswith(_DEFINITIONS)


def _content(path: Path) -> bytes:
    """Read no more than is needed to see that a file is too large."""
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)
