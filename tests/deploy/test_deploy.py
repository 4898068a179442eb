"""What `deploy/` and the guide say can be done: units and nginx accept it, commands are there."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
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
