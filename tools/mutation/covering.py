"""Which tests run which lines of the guard modules, recorded once and kept.

A pytest plugin writes it (``-p tools.mutation.covering``), one JSON file for each file of tests:
``{"digest", "sources": {module: digest}, "tests": {test id: [seconds, {module: mask}]}}``, a mask
being a number whose bit n stands for line n, in hexadecimal. Beside them lie the sources as they
were, so that a module that has changed since can still be looked up by its functions.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage
import pytest

from tools.mutation.operators import Mutant, spans

# In the environment of a recording: the modules, and where to write.
MODULES, FOLDER = "FENGQIAO_MUTANTS_MODULES", "FENGQIAO_MUTANTS_FOLDER"


@dataclass
class CoverageRecord:
    """What was recorded: seconds and masks by test."""

    root: Path
    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)
    masks: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)

    def load(self, files: Iterable[str]) -> CoverageRecord:
        """Read what is known of these files of tests."""
        for name in files:
            kept = _load(self.folder / _file_name(name))
            for test, (seconds, masks) in kept.get("tests", {}).items():
                self.seconds[test] = seconds
                for module, mask in masks.items():
                    told = int(mask, 16), kept["sources"][module]
                    self.masks.setdefault(module, {})[test] = told
        return self

    def tests_of(self, mutant: Mutant, source: str) -> list[str]:
        """Return ids of the tests that run the mutant's line; for one at import, whoever uses
        it.
        """
        masks = self.masks.get(mutant.module, {})
        now, wanted = digest(source), {}
        for mask, at in set(masks.values()):
            if (mask, at) not in wanted:
                old = source if at == now else self._source(at)
                lines = self._lines(mutant, source, old, at == now)
                wanted[mask, at] = bool(mask & lines)
        return [test for test, told in masks.items() if wanted[told]]

    def _lines(self, mutant: Mutant, source: str, old: str, same: bool) -> int:
        """Return the lines, as a mask, of which a covering test runs at least one."""
        if mutant.function is None or _is_cached(source, mutant.line):
            return _users(old, source, mutant.line)
        if same:
            first, last = _statement(source, mutant.line)
            return _bits(first, last)
        span = spans(old).get(mutant.function)
        return _bits(*span) if span else -1

    def _source(self, digested: str) -> str:
        path = self.folder / f"{digested}.py"
        return path.read_text(encoding="utf-8") if path.exists() else ""


def unrecorded(root: Path, folder: Path, files: Iterable[str]) -> list[str]:
    """Return the files of tests that are new or have changed since they were recorded."""
    return [
        name
        for name in files
        if _load(folder / _file_name(name)).get("digest") != _digest_of(root / name)
    ]


def digest(source: str) -> str:
    """Return a short name for a text."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _digest_of(path: Path) -> str:
    return digest(path.read_text(encoding="utf-8"))


def _file_name(test_file: str) -> str:
    return test_file.replace("/", "__") + ".json"


def _load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _bits(first: int, last: int) -> int:
    return (1 << last + 1) - (1 << first)


def _statement(source: str, line: int) -> tuple[int, int]:
    """First and last line of the smallest simple statement, or head of one, at a line."""
    found = line, line
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or line
            if line <= last or not body:
                found = node.lineno, max(last, node.lineno)
    return found


def _is_cached(source: str, line: int) -> bool:
    """Return whether a line is of a function that runs once: only the first test is seen to run
    it.
    """
    return any(
        isinstance(node, ast.FunctionDef)
        and node.lineno <= line <= (node.end_lineno or 0)
        and any("cache" in ast.unparse(one) for one in node.decorator_list)
        for node in ast.walk(ast.parse(source))
    )


def _users(old: str, source: str, line: int) -> int:
    """Return lines of the functions that use what is bound at a line; else all of the module."""
    names = _bound(source, line)
    mask = 0
    for node in ast.walk(ast.parse(old)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            used |= {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
            if used & names or node.name in names:
                mask |= _bits(node.body[0].lineno, node.end_lineno or node.lineno)
    return mask or -1


def _bound(source: str, line: int) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            for target in filter(None, targets):
                names |= {one.id for one in ast.walk(target) if isinstance(one, ast.Name)}
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.add(node.name)
    return names


class Recorder:
    """The plugin: measures each test by itself and writes a file when its tests are over."""

    def __init__(self, root: Path, folder: Path, modules: list[str]) -> None:
        self.root, self.folder, self.modules = root, folder, modules
        self.names = {str(root / module): module for module in modules}
        # As they are now, when they are about to be imported.
        self.sources = {one: (root / one).read_text(encoding="utf-8") for one in modules}
        self.tests: dict[str, list[Any]] = {}
        self.failed_ids: set[str] = set()
        self.written_files: set[str] = set()
        self.measure = coverage.Coverage(
            data_file=None, config_file=False, include=list(self.names), messages=False
        )
        # Many tests run none of these lines.
        self.measure.set_option("run:disable_warnings", ["no-data-collected"])
        self.measure.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Iterator[None]:
        self.measure.get_data().erase()
        began = time.process_time()
        yield
        self.measure.stop()
        # Of work, not of the clock on the wall: another process may have been at work, too.
        seconds = round(time.process_time() - began, 3)
        data = self.measure.get_data()
        masks = {}
        for path in data.measured_files():
            lines = sum(1 << line for line in data.lines(path) or ())
            if lines:
                masks[self.names[path]] = f"{lines:x}"
        self.measure.erase()
        if item.nodeid not in self.failed_ids:
            self.tests[item.nodeid] = [seconds, masks]
        if nextitem is None or nextitem.path != item.path:
            self._write(item.path.relative_to(self.root).as_posix())
        self.measure.start()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.skipped:
            self.failed_ids.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Files of which no test was chosen are known, too: they need not be asked again."""
        if session.testscollected:
            for name in session.config.args:
                if name not in self.written_files and (self.root / name).is_file():
                    self._write(name)

    def _write(self, name: str) -> None:
        for text in self.sources.values():
            (self.folder / f"{digest(text)}.py").write_text(text, encoding="utf-8")
        sources = {module: digest(text) for module, text in self.sources.items()}
        kept = {"digest": _digest_of(self.root / name), "sources": sources, "tests": self.tests}
        (self.folder / _file_name(name)).write_text(json.dumps(kept), encoding="utf-8")
        self.tests = {}
        self.written_files.add(name)


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record when the environment says what."""
    if MODULES in os.environ:
        modules = os.environ[MODULES].split(os.pathsep)
        recorder = Recorder(config.rootpath, Path(os.environ[FOLDER]), modules)
        config.pluginmanager.register(recorder)
