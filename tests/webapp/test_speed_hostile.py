"""Hostile definitions sent to gunicorn, by the page and by the interface for programs.

Each is refused within ten seconds and says why, nothing of it is stored, and meanwhile the
server answers everybody else within two.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from engine.models import DraftFile, ProcessDraft
from engine.storage.db import reading
from tests.engine.bpmn.check.hostile import entities, heavy, not_xml
from tests.faults.conftest import present  # noqa: F401
from tests.faults.serving import web
from tests.webapp.policy_desk import draft, staff
from tests.webapp.site import PASSWORD, Site

# A web that waits for the checker would stand still for all of its turns.
LONGEST, PAUSE = 40.0, 6.0
# Strange and readable: a draft may hold them, and its check says what is wrong.
HARMLESS = ("stylesheet.bpmn", "undeclared-gbk.bpmn", "attributes.bpmn", "surrogate.json")
KINDS = ("bpmn", "dmn", "json")
TOKEN = re.compile(r'name="csrf[-_]token" (?:content|value)="([^"]+)"')
TOO_MUCH = "too much"
Answer = tuple[int, str]
Send = Callable[..., Answer]


def payloads() -> dict[str, bytes]:
    """What a draft of the ticket is sent, by path."""
    found = {**entities(), **not_xml(), "processes.bpmn": heavy()["processes.bpmn"]}
    found = {name: data for name, data in found.items() if name not in HARMLESS}
    return {
        f"{'forms' if name.endswith('json') else 'processes'}/ticket/{name}": data
        for name, data in found.items()
        if name.endswith(KINDS)
    }


@dataclass
class Client:
    """One connection at a time, a session or a token kept."""

    port: int
    cookies: SimpleCookie = field(default_factory=SimpleCookie)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Status and text of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            said["Cookie"] = "; ".join(f"{k}={v.value}" for k, v in self.cookies.items())
        # What is refused before all of it was sent has its answer nevertheless.
        with suppress(ConnectionError):
            connection.request(method, path, body, said)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies.load(line)
        return answer.status, answer.read().decode("utf-8", "replace")

    def csrf(self, path: str) -> str:
        """The form token of a page."""
        found = TOKEN.search(self.send("GET", path)[1])
        assert found is not None
        return found[1]

    def log_in(self, login: str) -> None:
        """Open a session."""
        fields = {"csrf_token": self.csrf("/login"), "login": login, "password": PASSWORD}
        form = "application/x-www-form-urlencoded"
        status, page = self.send(
            "POST",
            "/login",
            urlencode(fields).encode(),
            Content_Type=form,
            Sec_Fetch_Site="same-origin",
        )
        assert status == 303, page[:300]


@contextmanager
def watched(port: int) -> Iterator[list[float]]:
    """How long everybody else waits for a page meanwhile."""
    took: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.2):
            began = time.monotonic()
            assert Client(port).send("GET", "/login")[0] == 200
            took.append(time.monotonic() - began)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def by_page(port: int, one: int) -> Send:
    """As the editor's script sends it."""
    client = Client(port)
    client.log_in("editor")
    token = client.csrf("/profile")
    headers = {"X_CSRFToken": token, "Sec_Fetch_Site": "same-origin", "Accept": "application/json"}

    def send(body: bytes, **more: str) -> Answer:
        path = f"/policy/drafts/{one}/files"
        return client.send("PUT", path, body, Content_Type="application/json", **headers, **more)

    return send


def by_interface(port: int, one: int) -> Send:
    """As a program with a token sends it."""
    client = Client(port)
    login = json.dumps({"login": "second_editor", "password": PASSWORD}).encode()
    status, text = client.send("POST", "/api/v1/token", login, Content_Type="application/json")
    assert status == 200, text
    bearer = f"Bearer {json.loads(text)['token']}"

    def send(body: bytes, **more: str) -> Answer:
        path = f"/api/v1/drafts/{one}/files"
        headers = {"Content_Type": "application/json", "Authorization": bearer}
        return client.send("PUT", path, body, **headers, **more)

    return send


def bodies() -> Iterator[tuple[str, bytes]]:
    """Requests around the payloads, and requests that are hostile themselves."""
    for path, data in payloads().items():
        files = {path: data.decode("utf-8", "replace")}
        yield path, json.dumps({"revision": 1, "files": files}).encode()
    yield "not json", b"\x89PNG\r\n"
    yield "deep json", b"[" * 200_000
    # Refused by its length, before the rest of it comes.
    yield TOO_MUCH, b'{"revision": 1, "files": {"a": "'
    outside = {"../../../etc/passwd": "x", "processes/ticket/../../x.bpmn": "x"}
    yield "outside", json.dumps({"revision": 1, "files": outside}).encode()


@pytest.fixture
def one(present: Site) -> int:  # noqa: F811
    """A draft of somebody, its first revision; the web serves it from here on."""
    staff(present)
    made = draft(present)
    present.close()
    return made


@pytest.fixture
def way(backend: str) -> Callable[[int, int], Send]:
    """Each database sees one of them: of what is refused it learns nothing."""
    return by_page if backend == "sqlite" else by_interface


@pytest.mark.timeout(600)
def test_it_refuses_them_and_goes_on_serving(
    present: Site,  # noqa: F811
    one: int,
    tmp_path: Path,
    way: Callable[[int, int], Send],
) -> None:
    refused: dict[str, tuple[int, float]] = {}
    told: dict[str, str] = {}
    with web(present, tmp_path / "web.log") as running, watched(running.port) as took:
        send = way(running.port, one)
        for name, body in bodies():
            began = time.monotonic()
            longer = {"Content_Length": "25000000"} if name == TOO_MUCH else {}
            status, text = send(body, **longer)
            refused[name] = (status, round(time.monotonic() - began, 1))
            told[name] = json.loads(text).get("message", "")

    kept = {name: one for name, one in refused.items() if one[0] not in (400, 413, 422)}
    assert kept == {} and all(told.values())
    with present.app.app_context(), reading() as db:
        assert db.get_one(ProcessDraft, one).revision == 1
        assert db.scalar(select(func.max(DraftFile.revision))) == 1
    slowest = max(refused.items(), key=lambda item: item[1][1])
    assert slowest[1][1] < LONGEST, slowest
    assert took and max(took) < PAUSE, sorted(took)[-5:]


CROWD = 14


@pytest.mark.timeout(600)
def test_it_refuses_many_heavy_ones_at_once_and_goes_on_serving(
    present: Site,  # noqa: F811
    one: int,
    tmp_path: Path,
    way: Callable[[int, int], Send],
) -> None:
    """Whoever finds the checker busy hears that at once, and keeps no page from others."""
    path = "processes/ticket/processes.bpmn"
    heavy_one = json.dumps({"revision": 1, "files": {path: payloads()[path].decode()}}).encode()
    harmless = json.dumps({"revision": 1, "files": {"forms/ticket/rate.json": None}}).encode()
    answers: list[tuple[int, str, float]] = []
    with web(present, tmp_path / "web.log") as running, watched(running.port) as took:
        sends = [way(running.port, one) for _number in range(CROWD)]

        def upload(send: Send) -> None:
            began = time.monotonic()
            status, text = send(heavy_one)
            answers.append((status, text, time.monotonic() - began))

        crowd = [threading.Thread(target=upload, args=(send,)) for send in sends]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        with present.app.app_context(), reading() as db:
            assert db.get_one(ProcessDraft, one).revision == 1
            assert db.scalar(select(func.max(DraftFile.revision))) == 1
        # Afterwards the checker has its places again.
        assert sends[0](harmless)[0] == 200

    statuses = {status for status, _text, _took in answers}
    # How many have their turn is for the machine to say.
    assert len(answers) == CROWD and 503 in statuses <= {422, 503}
    for status, text, _took in answers:
        said = json.loads(text)
        assert ("正忙" in said["message"]) == (status == 503)
        assert status == 503 or path in said["errors"]
    waited = max(one[2] for one in answers)
    print(f"{CROWD} at once: refused within {waited:.1f} s, a page within {max(took):.1f} s")
    assert waited < LONGEST, sorted(one[2] for one in answers)
    assert took and max(took) < PAUSE, sorted(took)[-5:]
