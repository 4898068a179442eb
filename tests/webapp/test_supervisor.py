"""The supervisor of web and worker: nothing starts in vain, nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from webapp import supervisor

# A child with a child of its own, as gunicorn has; both write their ids to a file.
FAMILY = """
import os, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1], "w") as file:
    file.write(f"{os.getpid()} {grandchild.pid}")
time.sleep(600)
"""
STUBBORN = "import signal, sys; signal.signal(15, signal.SIG_IGN)\n" + FAMILY
ANSWERING = """
import http.server, socket, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
server = http.server.HTTPServer(("", 0), Page, bind_and_activate=False)
server.socket = socket.socket(fileno=int(sys.argv[1]))
server.serve_forever()
"""
SUPERVISOR = """
import sys
from webapp import supervisor
supervisor.SECONDS_TO_END = 1
code, path = sys.argv[1:]
family = supervisor.SupervisedProgram("family", [sys.executable, "-c", code, path])
supervisor.supervise([family], lambda: True)
print("ended in order")
"""


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def start_family(code: str, path: Path) -> tuple[subprocess.Popen[str], list[int]]:
    command = [sys.executable, "-c", SUPERVISOR, code, str(path)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: path.exists() and len(path.read_text().split()) == 2)
    return parent, [int(pid) for pid in path.read_text().split()]


@pytest.fixture
def family_file(tmp_path: Path) -> Iterator[Path]:
    """Where a family notes its ids; whoever is left after the test is ended."""
    path = tmp_path / "family"
    yield path
    for pid in path.read_text().split() if path.exists() else []:
        if alive(int(pid)):
            os.kill(int(pid), signal.SIGKILL)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_the_whole_family_when_asked(asked, family_file):
    parent, family = start_family(FAMILY, family_file)

    parent.send_signal(asked)

    assert parent.communicate(timeout=15)[0].strip() == "ended in order"
    assert parent.returncode == 0
    wait_for(lambda: not any(map(alive, family)))


def test_it_insists_when_a_child_ignores_the_request(family_file):
    parent, family = start_family(STUBBORN, family_file)

    parent.send_signal(signal.SIGTERM)

    assert parent.wait(15) == 0
    wait_for(lambda: not any(map(alive, family)))


def test_it_leaves_no_child_behind_when_it_is_killed_outright(family_file):
    parent, (child, _grandchild) = start_family(FAMILY, family_file)

    parent.kill()
    parent.wait(15)

    wait_for(lambda: not alive(child))


def test_it_stops_everything_when_one_program_ends_by_itself(family_file):
    steady = supervisor.SupervisedProgram("web", [sys.executable, "-c", FAMILY, str(family_file)])
    failing = "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists():"
    failing += " time.sleep(0.05)\ntime.sleep(0.3); sys.exit(3)"
    brief = supervisor.SupervisedProgram(
        "worker", [sys.executable, "-c", failing, str(family_file)]
    )

    with pytest.raises(supervisor.ChildEnded) as ended:
        supervisor.supervise([steady, brief], lambda: True)

    assert (ended.value.name, ended.value.code) == ("worker", 3)
    wait_for(lambda: not any(alive(int(pid)) for pid in family_file.read_text().split()))


def test_it_says_which_port_is_taken_and_how_to_take_another():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(supervisor.PortTaken) as refusal, supervisor.claim(port):
            pass

    assert str(port) in refusal.value.text.zh and "FENGQIAO_PORT" in refusal.value.text.en


def test_it_hands_its_listening_socket_to_the_program():
    answers: list[int] = []

    with supervisor.claim(0) as listener:
        number, port = listener.fileno(), listener.getsockname()[1]

        def ask_then_stop() -> bool:
            with urlopen(f"http://127.0.0.1:{port}/") as answer:
                answers.append(answer.status)
            signal.raise_signal(signal.SIGTERM)
            return True

        command = [sys.executable, "-c", ANSWERING, str(number)]
        supervisor.supervise(
            [supervisor.SupervisedProgram("web", command, (number,))], ask_then_stop
        )

    assert answers == [200]
