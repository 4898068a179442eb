"""What `deploy/` and the guide say can be done: units and nginx accept it, commands are there."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.settings import Settings
from tests.conftest import ROOT
from tests.left_out import leave_out
from webapp.cli import COMMANDS

DEPLOY, GUIDE = ROOT / "deploy", ROOT / "docs/operations.zh-CN.md"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
# What keeps a service that was broken into from the rest of the machine.
HARDENED = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
            "PrivateTmp": "yes", "CapabilityBoundingSet": "", "User": "fengqiao"}  # fmt: skip


def unit(path: Path) -> configparser.ConfigParser:
    """A unit file's sections, read strictly: no key twice."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def commands() -> set[str]:
    """Every command of `fengqiao` that the guide and the units name."""
    texts = [GUIDE.read_text(encoding="utf-8"), *(p.read_text("utf-8") for p in UNITS)]
    named = re.findall(r"(?:^|`)fengqiao ([a-z]+)", texts[0], re.M)
    return set(named) | set(re.findall(r"webapp\.cli ([a-z]+)", "\n".join(texts)))


def test_it_names_only_commands_that_there_are() -> None:
    assert commands() >= {"init", "admin", "units", "doctor", "restore", "backup", "worker"}
    assert commands() <= {command.name for command in COMMANDS}


def test_it_names_only_settings_that_there_are() -> None:
    known = {f"FENGQIAO_{name.upper()}" for name in Settings.__dataclass_fields__}
    named = set()
    for path in (GUIDE, *DEPLOY.iterdir()):
        if path.is_file():
            named |= set(re.findall(r"FENGQIAO_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8")))
    assert named and named <= known


def test_it_names_only_files_that_there_are() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    named = set(re.findall(r'"\$DEPLOY(?:/|"/)([\w.*-]+)', guide))
    named |= set(re.findall(r'"\$DEPLOY"/([\w.*-]+)', guide))
    assert named >= {"environment.example", "nginx.conf", "fengqiao"}
    assert all(list(DEPLOY.glob(name)) for name in named)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_its_units_are_whole(path: Path) -> None:
    found = unit(path)
    if path.suffix == ".timer":
        assert found["Timer"]["Persistent"] == "yes"
        assert (DEPLOY / path.with_suffix(".service").name).exists()
        return
    service = found["Service"]
    assert {name: service[name] for name in HARDENED} == HARDENED
    assert service["EnvironmentFile"] == "/etc/fengqiao/environment"
    assert service["ExecStart"].startswith("/opt/fengqiao/venv/bin/python -m ")


def test_systemd_understands_its_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        leave_out("no systemd-analyze here", "systemd")
    for path in UNITS:
        # The program is not installed in its place here.
        text = re.sub(r"/opt/\S+/python", "/bin/true", path.read_text(encoding="utf-8"))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    files = [tmp_path / path.name for path in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "fengqiao" in line]
    assert ours == []


def test_nginx_understands_its_site(tmp_path: Path) -> None:
    if not shutil.which("nginx") or not shutil.which("openssl") or os.geteuid() != 0:
        leave_out("no nginx here that may be tried", "nginx")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a.example"]
    subprocess.run([*made, "-keyout", key, "-out", cert], check=True, capture_output=True)
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    site = site.replace("/etc/fengqiao/tls", str(tmp_path))
    site = site.replace("/var/lib/nginx/fengqiao", str(tmp_path / "cache"))
    # Folders of its own: trying a site takes those of the machine's nginx away from its user.
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "\n".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    whole = tmp_path / "whole.conf"
    whole.write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{own}\n{site}\n}}\n", encoding="utf-8"
    )
    tried = ["nginx", "-t", "-c", whole, "-e", tmp_path / "errors.log"]
    done = subprocess.run(tried, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@contextmanager
def nginx(tmp_path: Path, upstream: int) -> Iterator[int]:
    """The site at work on a port of its own, without TLS, before a port where somebody may be."""
    if not shutil.which("nginx"):
        leave_out("no nginx here that may be tried", "nginx")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    cut = site.index("server {\n    listen 443")
    site = site[: site.index("server {")] + site[cut:]
    site = re.sub(r"\n    listen \[::\].*|\n    ssl_.*", "", site)
    site = site.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    site = site.replace("/var/lib/nginx/fengqiao", str(tmp_path / "cache"))
    site = site.replace("/var/www/fengqiao", str(DEPLOY))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "\n".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    types = "types { text/html html; application/json json; }"
    whole = tmp_path / "whole.conf"
    # As root its children would be somebody who may not read this folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    whole.write_text(
        f"{user}pid {tmp_path}/pid;\nevents {{}}\n"
        f"http {{\n{types}\naccess_log off;\n{own}\n{site}\n}}\n",
        encoding="utf-8",
    )
    command = ["nginx", "-c", whole, "-e", tmp_path / "errors.log", "-g", "daemon off;"]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 30
        while asked(port, "/login") is None:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def asked(port: int, path: str) -> tuple[int, dict[str, str], str] | None:
    """What is answered at a port; None where nobody listens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, {name.lower(): kept for name, kept in answer.getheaders()}, text
    except ConnectionError:
        return None
    finally:
        connection.close()


def test_its_proxy_says_in_both_languages_that_nobody_answers(tmp_path: Path) -> None:
    """A page for people, words for programs, and when to come again; figures stay hidden."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = probe.getsockname()[1]
    with nginx(tmp_path, nobody) as port:
        for path in ("/", "/cases/1", "/static/dist/app.js"):
            status, headers, text = asked(port, path) or (0, {}, "")
            assert status == 502 and headers["retry-after"] == "30", path
            assert headers["content-type"].startswith("text/html")
            assert "系统暂时无法打开" in text and "Fengqiao cannot be reached" in text
        status, headers, text = asked(port, "/api/cases") or (0, {}, "")
        assert status == 502 and headers["content-type"].startswith("application/json")
        assert set(json.loads(text)) == {"error", "message"}
        assert (asked(port, "/unavailable.html") or (0,))[0] == 404
        assert (asked(port, "/metrics") or (0,))[0] == 404


def test_its_proxy_passes_on_what_the_program_says(tmp_path: Path) -> None:
    """A database that is away is told by the program, in the reader's language."""

    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()
            self.wfile.write("数据库连接不上".encode())

        def log_message(self, *_given: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as program:
        threading.Thread(target=program.serve_forever, daemon=True).start()
        with nginx(tmp_path, program.server_address[1]) as port:
            status, _headers, text = asked(port, "/") or (0, {}, "")
            assert (status, text) == (503, "数据库连接不上")
        program.shutdown()


def test_its_page_needs_nothing_else() -> None:
    """Whoever shows it has no program behind it: no address but the page's own and the first."""
    page = (DEPLOY / "unavailable.html").read_text(encoding="utf-8")
    assert set(re.findall(r'(?:href|src)="([^"]*)"', page)) == {"", "/"}
    assert "<script" not in page and "url(" not in page


def test_its_proxy_hides_what_is_for_the_machine_itself() -> None:
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert re.search(r"location = /metrics \{\s*return 404;", site)
    # What a visitor says of his own address is overwritten, never added to.
    assert "X-Forwarded-For $remote_addr;" in site and "$proxy_add_x_forwarded_for" not in site
    megabytes = int(re.search(r"client_max_body_size (\d+)m", site)[1])  # type: ignore[index]
    settings = (DEPLOY / "environment.example").read_text(encoding="utf-8")
    assert f"FENGQIAO_UPLOAD_MB={megabytes - 1}\n" in settings
    assert "FENGQIAO_PROXIES=1\n" in settings


def test_its_first_process_loads_nothing_of_the_program() -> None:
    """What it has loaded stays until it ends: a reload would go on with half of the old program."""
    ours = "{name for name in sys.modules if name.split('.')[0] in ('engine', 'webapp', 'forms')}"
    code = f"import sys, deploy.serving; print({ours} or 'nothing')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "nothing", done.stdout + done.stderr
