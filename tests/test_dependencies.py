"""What the product is made of: nothing unused, everything locked by hash, everything listed."""

from __future__ import annotations

import json
import re
from configparser import ConfigParser
from functools import lru_cache
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.left_out import leave_out
from tests.test_architecture import ROOT, imports, python_files, top, tracked
from tools import sbom

SHIPPED = ("bench", "deploy", "engine", "feel", "forms", "migrations", "webapp")
# Used, though no file of ours imports it.
WITHOUT_IMPORT = {
    "tzdata": "time zones for systems that have none",
}
TOOLS = {
    "build": "builds the wheel",
    "lxml-stubs": "types for mypy",
    "mkdocs-material": "the look of the documentation's site",
    "mypy": "a program",
    "pytest-playwright": "a plugin",
    "pytest-timeout": "a plugin",
    "pytest-xdist": "a plugin",
    "ruff": "a program",
}
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock"}


def declared(kind: str) -> dict[str, Requirement]:
    """The requirements of setup.cfg: those to run, or those that the tests add."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = (
        setup["options"]["install_requires"]
        if kind == "run"
        else setup["options.extras_require"]["test"]
    )
    found = [Requirement(line) for line in lines.splitlines() if line.strip()]
    return {canonicalize_name(one.name): one for one in found}


@lru_cache
def locked(name: str) -> tuple[tuple[str, Requirement, int], ...]:
    """The entries of a lock file, and how many hashes each has.

    A package has several where newer versions want a newer Python.
    """
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8"))
    found = []
    for entry in entries:
        if not entry.startswith("#"):
            one = Requirement(entry.split("\\")[0].strip())
            found.append((canonicalize_name(one.name), one, len(sbom.HASH.findall(entry))))
    return tuple(found)


def imported(*tops: str) -> set[str]:
    """The distributions that files of ours import."""
    belongs = packages_distributions()
    names = {top(name) for path in python_files(*tops) for name in imports(path)}
    return {canonicalize_name(found) for name in names for found in belongs.get(name, ())}


def test_it_declares_nothing_that_it_does_not_use() -> None:
    """What nobody imports would be installed, updated and trusted for nothing."""
    idle = declared("run").keys() - imported(*SHIPPED)
    assert idle == WITHOUT_IMPORT.keys()


def test_it_declares_no_script_that_no_page_is_built_with() -> None:
    """npm's side: each package is named by a script or style of ours, or by a test."""
    found = json.loads((ROOT / "assets/package.json").read_text(encoding="utf-8"))
    folders = (ROOT / "assets", ROOT / "tests")
    ours = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (".js", ".mjs", ".scss", ".py") and "node_modules" not in path.parts
    ]
    said = "\n".join(path.read_text(encoding="utf-8") for path in ours)
    idle = [
        name
        for name in {**found["dependencies"], **found["devDependencies"]}
        if not re.search(rf"[\"'/]{re.escape(name)}[\"'/]", said)
    ]
    assert idle == []


def test_it_declares_no_tool_of_the_tests_that_it_does_not_use() -> None:
    assert declared("test").keys() - imported("tests", "tools", "bench") - TOOLS.keys() == set()


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("kind", LOCKS)
def test_it_locks_every_requirement(kind: str, python: str) -> None:
    """`make lock` writes them; a requirement that was added or raised since fails here."""
    environment = {**default_environment(), "python_version": python, "sys_platform": "linux"}
    lock = {
        name: one
        for name, one, _hashes in locked(LOCKS[kind])
        if one.marker is None or one.marker.evaluate(environment)
    }
    wanted = declared("run") | (declared("test") if kind == "test" else {})
    fitting = {
        name
        for name, one in wanted.items()
        if name in lock and one.specifier.contains(_pin(lock[name]), prereleases=True)
    }
    assert wanted.keys() - fitting == set(), "run `make lock`"


@pytest.mark.parametrize("name", [*LOCKS.values(), "requirements-node.lock"])
def test_it_locks_by_hash_and_to_one_version(name: str) -> None:
    entries = locked(name)
    assert entries
    assert all(hashes and str(one.specifier).startswith("==") for _name, one, hashes in entries)
    # Where packages come from is the machine's own business.
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def test_it_tests_what_it_runs() -> None:
    """The same versions in both lock files, and installed here."""
    run, test = (locked(name) for name in LOCKS.values())
    names = {name for name, _one, _n in run}
    assert {(name, _pin(one)) for name, one, _n in run} == {
        (name, _pin(one)) for name, one, _n in test if name in names
    }
    if not (ROOT / ".venv/stamps/packages-test").is_file():
        leave_out("this tree was not set up by `make test`")
    here = [
        (name, _pin(one)) for name, one, _n in test if one.marker is None or one.marker.evaluate()
    ]
    assert here == [(name, version(name)) for name, _pinned in here]


def test_it_lists_every_part() -> None:
    """What is locked is in the list of parts, with its address; the same locks, the same list."""
    bill = sbom.bill()
    purls = [part["purl"] for part in bill["components"]]

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert len(purls) == len(set(purls))
    for name, one, _n in locked(LOCKS["run"]):
        assert f"pkg:pypi/{name}@{_pin(one)}" in purls
    lock = json.loads((ROOT / "assets/package-lock.json").read_text(encoding="utf-8"))
    direct = lock["packages"][""]["dependencies"]
    assert {f"pkg:npm/{n.replace('@', '%40')}@{v}" for n, v in direct.items()} <= set(purls)
    assert not any("pytest" in purl or "esbuild" in purl for purl in purls)
    assert sbom.bill() == bill


def test_it_says_of_every_part_under_which_licence_it_comes(tmp_path: Path) -> None:
    target = tmp_path / "parts.json"
    sbom.main([str(target)])
    parts = json.loads(target.read_text())["components"]
    silent = {
        part["name"]
        for part in parts
        if part["purl"].startswith("pkg:pypi/") and "licenses" not in part
    }
    # For another Python than this one, so not installed.
    assert silent <= {"brotlicffi"}


def test_it_excuses_findings_of_the_security_rules_one_by_one() -> None:
    """A line that ruff's S rules find is fixed, or names the rule and stands beside a reason."""
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix == ".py" and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"#\s*(ruff:\s*)?noqa\s*(?!:)", line.split("noqa:")[0]) and "noqa:" not in line
    ]
    assert not bare


def _pin(one: Requirement) -> str:
    return str(one.specifier).removeprefix("==")
