"""The project as a whole: what its packages carry, what they declare, how set-up behaves."""

from __future__ import annotations

import ast
import gzip
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.left_out import leave_out
from tests.test_architecture import imports, python_files, relative, top, tracked
from tools import settings_table

ROOT = Path(__file__).resolve().parent.parent
OURS = {"bench", "engine", "feel", "forms", "migrations", "processes", "tests", "webapp"}
LARGEST_PAGE_SCRIPT = 150 * 1024


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's files, without anything built."""
    copy = tmp_path_factory.mktemp("source")
    for path in tracked():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return copy


def build_wheel(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(target), "."]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=170)


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built as a release would be."""
    built, packed = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("wheel")
    whole = shutil.copytree(source, built / "whole")
    shutil.copytree(ROOT / "webapp/static/dist", whole / "webapp/static/dist")
    for catalogue in ROOT.glob("webapp/translations/*/LC_MESSAGES/*.mo"):
        shutil.copyfile(catalogue, whole / catalogue.relative_to(ROOT))
    done = build_wheel(whole, packed)
    assert done.returncode == 0, done.stderr
    return next(packed.glob("*.whl"))


@pytest.mark.slow
def test_it_refuses_to_build_a_wheel_without_assets(source, tmp_path):
    done = build_wheel(source, tmp_path)

    assert done.returncode != 0
    assert re.search(r"error: not built yet: .*manifest\.json.*make setup", done.stderr)
    assert not list(tmp_path.glob("*.whl"))


@pytest.mark.slow
def test_it_carries_everything_in_the_wheel(wheel):
    carried = set(zipfile.ZipFile(wheel).namelist())
    manifest = json.loads((ROOT / "webapp/static/dist/manifest.json").read_text())

    assert {f"webapp/static/dist/{file}" for file in manifest.values()} <= carried
    assert "webapp/static/dist/LICENSES.txt" in carried
    parts = tuple(f"{name}/" for name in OURS - {"tests"})
    wanted = {relative(path) for path in tracked() if relative(path).startswith(parts)}
    assert not wanted - carried
    assert not {name for name in carried if name.startswith(("tests/", "assets/"))}


@pytest.mark.slow
def test_it_finds_its_parts_when_installed_from_the_wheel(wheel, tmp_path):
    place = tmp_path / "place"
    zipfile.ZipFile(wheel).extractall(place)
    script = "import webapp; from webapp.cli import main; print(webapp.__file__); main(['init'])"
    environment = {**os.environ, "PYTHONPATH": str(place), "FENGQIAO_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-P", "-c", script]

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert str(place) in done.stdout and "ticket" in done.stdout


def test_it_declares_what_it_imports():
    """Nothing works only because a developer happens to have it installed."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup["options"]["install_requires"].split("\n")
    declared = {normal(re.split(r"[ \[<>=]", line)[0]) for line in lines if line.strip()}
    belongs_to = packages_distributions()
    known = set(sys.stdlib_module_names) | OURS

    undeclared = {
        f"{relative(path)}: {name}"
        for path in python_files(*OURS - {"tests"})
        for name in map(top, imports(path))
        if name and name not in known
        if not {normal(found) for found in belongs_to.get(name, [name])} & declared
    }

    assert not undeclared


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_it_keeps_the_script_of_an_ordinary_page_small():
    dist = ROOT / "webapp/static/dist"
    script = dist / json.loads((dist / "manifest.json").read_text())["app.js"]

    assert len(gzip.compress(script.read_bytes())) < LARGEST_PAGE_SCRIPT


def test_it_does_nothing_when_nothing_changed():
    if not (ROOT / ".venv/stamps/packages-test").is_file():
        leave_out("this tree was not set up by `make test`")
    command = [sys.executable, "tools/setup.py", "--tests"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    # Each thing that it does is announced with dots.
    assert done.returncode == 0 and "..." not in done.stdout


def test_it_refuses_an_old_python_in_one_line():
    script = ROOT / "tools/setup.py"
    # An old Python has to read the file before it can refuse.
    ast.parse(script.read_text(encoding="utf-8"), feature_version=(3, 7))
    pretend = "import runpy, sys; sys.version_info, sys.version = (3, 9, 2), '3.9.2 (main)'; "
    command = [sys.executable, "-c", f"{pretend}runpy.run_path({str(script)!r})"]

    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr == "error: Fengqiao needs Python 3.11 or newer; this is 3.9.2\n"


def test_it_says_what_is_missing_where_python_has_no_venv(source):
    hide = "import runpy, sys; sys.modules['ensurepip'] = None; sys.argv = ['setup']; "
    start = f"runpy.run_path({str(source / 'tools/setup.py')!r}, run_name='__main__')"

    done = subprocess.run([sys.executable, "-c", hide + start], capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "python3-venv" in done.stderr


def test_it_lets_no_ci_run_pass_that_leaves_tests_out(monkeypatch, capsys):
    script = runpy.run_path(str(ROOT / "tools/test.py"))
    missing = script["Need"]("the browser tests (no Chromium)", ("chromium",), lambda: False)
    changed = script["main"].__globals__
    monkeypatch.setitem(changed, "NEEDS", (missing,))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("CI", "true")

    assert script["main"]([]) == 1
    assert "cannot run the browser tests" in capsys.readouterr().err


def test_it_documents_every_setting():
    for language, path in settings_table.READMES.items():
        readme = path.read_text(encoding="utf-8")

        assert readme == settings_table.with_table(readme, language), "run tools/settings_table.py"
        assert "`FENGQIAO_DATABASE_URL`" in readme
