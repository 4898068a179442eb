"""The rules of the layout: who may import whom, who commits, how long a file may be."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = {
    "feel": {"feel"},
    "forms": {"feel", "forms"},
    "engine": {"feel", "forms", "engine"},
    "webapp": {"feel", "forms", "engine", "webapp", "bench"},
    "bench": {"feel", "forms", "engine", "webapp", "bench"},
    "migrations": {"engine"},
}
BPMN_MAY_IMPORT = {"engine.bpmn", "engine.errors", "engine.isolation", "engine.roles"}
BPMN_MAY_IMPORT |= {"engine.terms", "engine.worktime"}
# The floors of engine/, lowest first; some rooms are still to be built.
ENGINE_FLOORS = (
    {"errors", "isolation", "roles", "terms", "worktime"},
    {"settings", "spreadsheets"},
    {"bpmn", "models"},
    {"storage", "access"},
    {"records"},
    {"org", "accounts", "definitions", "geo"},
    {"registers", "timing", "notices", "reading"},
    {"casework"},
    {"documents"},
    {"insight"},
    {
        "drafting",
        "reports",
        "intake",
        "operations",
        "desk",
        "mediation",
        "hotline",
        "citizens",
        "field",
    },
    {"worker"},
)
FLOOR = {room: number for number, rooms in enumerate(ENGINE_FLOORS) for room in rooms}
# The floors of webapp/, lowest first: what all pages share, who is logged in, one sub-package an
# audience (or a module, where one page is all that there is), what puts them together.
WEB_FLOORS = (
    {
        "assets",
        "clock",
        "downloads",
        "locales",
        "logs",
        "georeport_words",
        "passwords",
        "qr",
        "query_numbers",
        "shutdown",
        "statuses",
        "excel_style",
    },
    {"administration_log", "display", "period_query", "security"},
    {"change_forms", "form_pages", "names", "resubmission"},
    {"clock_labels"},
    {"account"},
    {"navigation"},
    {"refusals"},
    {"failures"},
    {
        "admin",
        "api",
        "citizens",
        "confidential",
        "demands",
        "desk",
        "knowledge",
        "escalations",
        "guide",
        "health",
        "home",
        "incidents",
        "metrics",
        "open311",
        "policy",
        "reports",
        "returns",
        "screenings",
        "trail",
    },
    {"__init__"},
    {"run", "supervisor"},
    {"cli"},
)
WEB_FLOOR = {room: number for number, rooms in enumerate(WEB_FLOORS) for room in rooms}
# Imported where a command needs it: the supervisor starts what the command line runs.
WEB_UPWARD = {("run", "cli"), ("run", "supervisor")}
REQUEST_GLOBALS = {"request", "session", "g", "current_app", "current_user"}
LONGEST_FILE, LONGEST_TEST_FILE = 400, 600
LONGEST_FUNCTION, LONGEST_TEST = 40, 60
DRAWERS = re.compile(r"^(utils?|helpers?|common|misc|manager|.*_utils?|.*_helpers?)\.py$")
CLASS_OF_NOTHING = re.compile(r"(Service|Manager|Helper|Utils?)$")


@lru_cache
def tracked() -> tuple[Path, ...]:
    """Files that belong to the project: those git knows, and new ones it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def python_files(*tops: str) -> list[Path]:
    chosen = (path for path in tracked() if path.suffix == ".py")
    return [path for path in chosen if not tops or relative(path).split("/")[0] in tops]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file; walking is what costs here, so it is done once."""
    return tuple(ast.walk(tree(path)))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Absolute dotted names that a file imports, `from a import b` as a and a.b."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = relative(path).removesuffix(".py").split("/")[:-1]
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, node.module] if node.module else above)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def offenders(rule: dict[str, list[str]]) -> str:
    return "\n".join(f"{name}: {', '.join(found)}" for name, found in rule.items() if found)


def top(name: str) -> str:
    return name.split(".")[0]


def room(name: str) -> str | None:
    """The room of engine/ that a dotted module name lies in."""
    parts = name.split(".")
    return parts[1] if parts[0] == "engine" and len(parts) > 1 else None


def upward(own: str, names: Iterable[str]) -> list[str]:
    """What a room may not import: rooms of its own floor and of those above."""
    others = {name: other for name in names if (other := room(name)) in FLOOR and other != own}
    return sorted(name for name, other in others.items() if FLOOR[other or ""] >= FLOOR[own])


def test_it_builds_the_engine_floor_on_floor():
    """A room imports rooms of lower floors; rooms of one floor do not know each other."""
    rooms = [path for path in python_files("engine") if path.parent != ROOT / "engine"]
    by_path = {path: path.parts[len(ROOT.parts) + 1] for path in rooms}
    assert not set(by_path.values()) - FLOOR.keys()
    assert not offenders({relative(p): upward(own, imports(p)) for p, own in by_path.items()})


def test_it_sees_a_file_on_the_wrong_floor():
    path = ROOT / "engine/casework/cases.py"
    assert not upward("casework", imports(path))
    assert upward("storage", imports(path)) and upward("desk", ["engine.reports.figures"])


def web_room(name: str) -> str | None:
    """The part of webapp/ that a dotted module name lies in."""
    parts = name.split(".")
    if parts[0] != "webapp":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in WEB_FLOOR else "__init__"


def test_it_builds_the_web_floor_on_floor():
    """Pages of one audience know nothing of another's; what both need stands below them."""

    def astray(path: Path) -> Iterator[str]:
        own = web_room(relative(path).removesuffix(".py").replace("/", "."))
        assert own is not None
        for name in imports(path):
            other = web_room(name)
            # The package itself stands for what is imported from it, which comes next.
            if other is None or name == "webapp" or other == own or (own, other) in WEB_UPWARD:
                continue
            if WEB_FLOOR[other] >= WEB_FLOOR[own]:
                yield name

    files = python_files("webapp")
    names = {path.parts[len(ROOT.parts) + 1].removesuffix(".py") for path in files}
    assert names == WEB_FLOOR.keys()
    assert not offenders({relative(path): sorted(set(astray(path))) for path in files})


def test_it_keeps_every_engine_file_in_a_room():
    loose = {path.name for path in python_files("engine") if path.parent == ROOT / "engine"}
    assert loose == {"__init__.py", "errors.py", "settings.py"}


@pytest.mark.parametrize("layer", LAYERS)
def test_it_imports_only_downwards(layer):
    above = LAYERS.keys() - LAYERS[layer]
    found = {
        relative(path): sorted({name for name in imports(path) if top(name) in above})
        for path in python_files(layer)
    }
    assert not offenders(found)


def test_it_lets_only_the_command_line_start_benchmarks():
    found = {
        relative(path): [name for name in imports(path) if top(name) == "bench"]
        for path in python_files("webapp")
        if relative(path) not in ("webapp/cli/benchmarks.py", "webapp/cli/simulation.py")
    }
    assert not offenders(found)


def test_it_keeps_the_bpmn_engine_pure():
    def strange(name: str, path: Path) -> bool:
        ours = top(name) == "engine" and name != "engine"
        known = any(name == own or name.startswith(f"{own}.") for own in BPMN_MAY_IMPORT)
        # The gate checks a process with its forms, a trial fills them in; running needs none.
        checks = relative(path).startswith(("engine/bpmn/check/", "engine/bpmn/trial/"))
        banned = {"webapp", "sqlalchemy", "flask"} | (set() if checks else {"forms"})
        return (ours and not known) or top(name) in banned

    found = {
        relative(path): [name for name in imports(path) if strange(name, path)]
        for path in python_files("engine")
        if relative(path).startswith("engine/bpmn/")
    }
    assert not offenders(found)


def test_it_uses_spiffworkflow_in_the_bpmn_engine_alone():
    found = {
        relative(path): [name for name in imports(path) if top(name) == "SpiffWorkflow"]
        for path in python_files("feel", "forms", "engine", "webapp", "bench", "migrations")
        # The benchmarks' floor is the bare engine, without ours.
        if not relative(path).startswith(("engine/bpmn/", "bench/floor"))
    }
    assert not offenders(found)


def test_it_decodes_pictures_in_a_child_process_alone():
    """What opens a picture is imported by the child and by nothing that answers pages."""
    coding = "engine.records.photo_coding"
    # The last sets papers, whose pages it draws; it is a child of its own.
    children = (
        "engine/records/photo_coding.py",
        "engine/records/photo_child.py",
        "engine/documents/papers/typesetting.py",
    )
    found = {
        relative(path): [name for name in imports(path) if top(name) == "PIL" or coding in name]
        for path in python_files("engine", "webapp", "forms", "feel")
        if relative(path) not in children
    }
    assert not offenders(found)


def test_it_commits_and_rolls_back_in_one_place():
    def calls(path: Path) -> list[str]:
        attributes = (
            node.func
            for node in nodes(path)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        )
        return [f"line {a.lineno}" for a in attributes if a.attr in {"commit", "rollback"}]

    found = {
        relative(path): calls(path)
        for path in python_files("feel", "forms", "engine", "webapp")
        if relative(path) != "engine/storage/db.py"
    }
    assert not offenders(found)


@pytest.mark.parametrize(
    ("model", "writer"),
    [("Event", "engine/records/locked_case.py"), ("AdminEvent", "engine/records/audit.py")],
)
def test_it_writes_events_in_one_place(model, writer):
    """An event of a case is written by ``record()`` of whoever locked it, and by nothing else."""

    def made(path: Path) -> list[str]:
        calls = (ast.unparse(node.func) for node in nodes(path) if isinstance(node, ast.Call))
        return [name for name in calls if name in (model, f"models.{model}")]

    found = {relative(path): made(path) for path in python_files("engine", "webapp")}
    assert found.pop(writer)
    assert not offenders(found)


def test_it_hides_nothing_in_the_session():
    """Who acts, and how, is a field of the work; only rows that wait are kept with a session."""
    found = {
        relative(path): [
            f"line {node.lineno}"
            for node in nodes(path)
            if isinstance(node, ast.Attribute)
            and node.attr == "info"
            and isinstance(node.value, ast.Name)
            and node.value.id in ("db", "session")
        ]
        for path in python_files("engine", "webapp", "bench")
        if relative(path) != "engine/storage/pending_rows.py"
    }
    assert not offenders(found)


def test_it_knows_no_request_below_the_web():
    def globals_of_flask(path: Path) -> list[str]:
        named = (
            alias.name
            for node in nodes(path)
            if isinstance(node, ast.ImportFrom) and top(node.module or "").startswith("flask")
            for alias in node.names
        )
        return [name for name in named if name in REQUEST_GLOBALS]

    found = {relative(p): globals_of_flask(p) for p in python_files("feel", "forms", "engine")}
    assert not offenders(found)


def test_it_reads_no_clock_below_the_worker():
    """`now` is an argument everywhere: otherwise no deadline can be tested or explained."""
    clocks = {"now", "today", "utcnow"}

    def readings(path: Path) -> list[str]:
        return [
            f"line {node.lineno}"
            for node in nodes(path)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in clocks
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"datetime", "date"}
        ]

    found = {
        relative(path): readings(path)
        for path in python_files("feel", "forms", "engine")
        if relative(path) not in {"engine/worker/ticks.py"}
    }
    assert not offenders(found)


def test_it_keeps_files_short():
    def lines(path: Path) -> int:
        return len(path.read_text(encoding="utf-8").splitlines())

    def ceiling(path: Path) -> int:
        return LONGEST_TEST_FILE if relative(path).startswith("tests/") else LONGEST_FILE

    # A migration is written once, by a generator, and never grows.
    written = [p for p in python_files() if not relative(p).startswith("migrations/versions/")]
    ours = [*written, *(p for p in tracked() if p.suffix in {".js", ".mjs", ".scss", ".html"})]
    assert not [f"{relative(p)}: {lines(p)} lines" for p in ours if lines(p) > ceiling(p)]


def test_it_keeps_functions_short():
    def too_long(path: Path) -> list[str]:
        limit = LONGEST_TEST if relative(path).startswith("tests/") else LONGEST_FUNCTION
        return [
            f"{node.name} {(node.end_lineno or 0) - node.lineno + 1} lines"
            for node in nodes(path)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (node.end_lineno or 0) - node.lineno + 1 > limit
        ]

    found = {
        relative(path): too_long(path)
        for path in python_files()
        if not relative(path).startswith("migrations/versions/")
    }
    assert not offenders(found)


def test_it_splits_by_noun():
    named = [relative(path) for path in python_files() if DRAWERS.match(path.name)]
    classes = {
        relative(path): [
            node.name
            for node in nodes(path)
            if isinstance(node, ast.ClassDef) and CLASS_OF_NOTHING.search(node.name)
        ]
        for path in python_files("feel", "forms", "engine", "webapp", "bench")
    }
    assert not named
    assert not offenders(classes)


def test_it_says_in_every_module_what_it_is_for():
    silent = [
        relative(path)
        for path in python_files("feel", "forms", "engine", "webapp", "bench", "tools")
        if tree(path).body and not ast.get_docstring(tree(path))
    ]
    assert not silent


def test_it_leaves_nothing_half_done():
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    found = {
        relative(path): [
            f"line {number}"
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if unfinished.search(line)
        ]
        for path in tracked()
        if path.suffix in {".py", ".js", ".mjs", ".scss", ".html"} and path != Path(__file__)
    }
    assert not offenders(found)


def test_it_names_no_colour_outside_the_tokens():
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![^\n]*\{\})")
    found = {
        relative(path): colour.findall(path.read_text(encoding="utf-8"))
        for path in tracked()
        if path.suffix in {".scss", ".css"} and path.name != "_tokens.scss"
    }
    assert not offenders(found)


def test_it_names_no_registry_and_no_place_of_its_makers():
    """Registries are reached through their clients' own settings, on any machine."""
    # Put together here, so that this file does not name them either.
    hosts = (
        f"registry.{'npmjs'}",
        f"pypi.{'org/simple'}",
        f"files.{'pythonhosted'}",
        f"/{'work'}/",
    )
    small = (path for path in tracked() if path.stat().st_size < 2_000_000)
    found = {}
    for path in small:
        text = path.read_bytes()
        found[relative(path)] = [host for host in hosts if host.encode() in text]
    assert not offenders(found)


def test_it_commits_no_code_of_others():
    """Third-party scripts come from the lockfile and are built; none lies in the tree."""
    minified = [relative(path) for path in tracked() if re.search(r"\.min\.(js|css)$", path.name)]
    lock = (ROOT / "assets/package-lock.json").read_text(encoding="utf-8")
    assert not minified
    assert '"resolved"' not in lock


# How functions do not begin: plain technical English says what is returned, refused or written.
DIALECT = re.compile(r"(Whether|Tell whether|Let|Say|Give (the|an|every|what|it|all)|Does|Is)\b")


def test_its_functions_say_what_they_return() -> None:
    """Docstrings of functions begin with a verb, as in "Return whether ..."; commands are help."""
    found = []
    for path in python_files():
        if relative(path).split("/")[0] in {"tests", "migrations"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or _is_outward(node):
                continue
            first = (ast.get_docstring(node) or "").split("\n")[0]
            if DIALECT.match(first) and not re.match(r"Give (the \w+ (back|another))", first):
                found.append(f"{relative(path)}: {node.name}: {first}")
    assert found == []


def _is_outward(node: ast.FunctionDef) -> bool:
    """Properties are nouns, a command's docstring is its help, a view's that of its page."""
    names = [ast.unparse(one).split("(")[0] for one in node.decorator_list]
    return any(name.endswith("property") or "." in name for name in names)
