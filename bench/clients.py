"""People at browsers, over HTTP: logged in, with a token against forgery, connections kept."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

HOST = "127.0.0.1"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", **SAME_ORIGIN}
Fields = Sequence[tuple[str, str]]
Request = tuple[str, Fields]


class Client:
    """One browser: a kept connection, a session, the token of its pages."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection(HOST, port, timeout=60)
        self.cookie = self.token = ""

    def log_in(self, login: str, password: str) -> None:
        """As anybody does. Raises RuntimeError when it is refused."""
        self._begin("/login")
        self._keep_session(self.post("/login", [("login", login), ("password", password)]))
        self._begin("/")

    def post(self, path: str, fields: Fields) -> HTTPResponse:
        """Send a form. Raises RuntimeError unless it was accepted."""
        body = urlencode([*fields, ("csrf_token", self.token)]).encode()
        answer, text = self._ask("POST", path, body)
        if answer.status != 303:
            raise RuntimeError(f"{path} answered {answer.status}")
        return answer

    def _begin(self, path: str) -> None:
        """Look at a page, which gives the session its token."""
        answer, text = self._ask("GET", path, None)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        self._keep_session(answer)
        self.token = token_of(text.decode())

    def _keep_session(self, answer: HTTPResponse) -> None:
        # Later ones add a message for the page that follows, which nobody asks for here.
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[HTTPResponse, bytes]:
        headers = {**(FORM if body is not None else {}), "Cookie": self.cookie}
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except ConnectionError:
            # The server closes what was idle for long; like a browser, connect again.
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        text = answer.read()
        return answer, text


def token_of(page: str) -> str:
    """Return the token against forgery that a page carries."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None
    return found[1]


def all_at_once(clients: Sequence[Client], work: Sequence[Request]) -> tuple[float, list[float]]:
    """Each client takes the next form as soon as its last was answered.

    Gives the seconds of all and those of each. Raises RuntimeError when one was refused.
    """
    waiting, taken, faults = iter(work), list[float](), list[Exception]()
    lock = threading.Lock()

    def run(client: Client) -> None:
        with suppress(StopIteration):
            while not faults:
                with lock:
                    path, fields = next(waiting)
                began = time.perf_counter()
                try:
                    client.post(path, fields)
                except Exception as error:
                    faults.append(error)
                    return
                taken.append(time.perf_counter() - began)

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return time.perf_counter() - began, taken


def form_fields(answers: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return answers as the fields that a browser sends, rows of lists numbered."""
    return list(_fields("", answers))


def _fields(prefix: str, answers: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in answers.items():
        if isinstance(value, list):
            for place, row in enumerate(value):
                yield from _fields(f"{prefix}{name}-{place}-", row)
        elif isinstance(value, bool):
            yield f"{prefix}{name}", "yes" if value else "no"
        else:
            yield f"{prefix}{name}", str(value)
