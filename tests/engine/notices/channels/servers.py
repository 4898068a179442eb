"""Real servers on loopback: a mail server and a web server that do as they are told."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Mailbox:
    """A mail server: what it got, and how it answers."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    # Answers in place of 250, by command.
    refuse: dict[str, str] = field(default_factory=dict)
    hang: threading.Event | None = None


@dataclass
class Received:
    """One request that the web server got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """A web server: what it got, and how it answers."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    status: int = 200
    answer: bytes = b'{"errcode": 0}'
    headers: dict[str, str] = field(default_factory=dict)
    # Until it is set no answer comes.
    hang: threading.Event | None = None
    # Seconds between two bytes of the answer.
    drip: float = 0.0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


class _Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        if box.hang is not None:
            box.hang.wait(30)
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb in box.refuse:
                self._say(box.refuse[verb])
            elif verb == "RCPT":
                box.recipients.append(line.partition("<")[2].partition(">")[0])
                self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                box.letters.append(self._letter())
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _letter(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)  # type: ignore[return-value]

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class _Http(BaseHTTPRequestHandler):
    def answer(self) -> None:
        """Note the request and answer as told."""
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.requests.append(Received(self.command, self.path, headers, body))
        if receiver.hang is not None:
            receiver.hang.wait(30)
        self.send_response(receiver.status)
        for name, value in receiver.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(receiver.answer)))
        self.end_headers()
        for byte in receiver.answer:
            self.wfile.write(bytes([byte]))
            if receiver.drip:
                self.wfile.flush()
                time.sleep(receiver.drip)

    do_GET = do_POST = do_PUT = answer  # noqa: N815

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class _Quiet(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """A client that hangs up is part of the test."""


class _QuietHttp(ThreadingHTTPServer):
    def handle_error(self, *_args: Any) -> None:
        """A client that hangs up is part of the test."""


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server on a free port."""
    with _Quiet(("127.0.0.1", 0), _Smtp) as server:
        box = Mailbox(server.server_address[1])
        server.box = box  # type: ignore[attr-defined]
        with _served(server):
            yield box
            if box.hang is not None:
                box.hang.set()


@contextmanager
def web_server() -> Iterator[Receiver]:
    """A web server on a free port."""
    with _QuietHttp(("127.0.0.1", 0), _Http) as server:
        receiver = Receiver(server.server_address[1])
        server.receiver = receiver  # type: ignore[attr-defined]
        with _served(server):
            yield receiver
            if receiver.hang is not None:
                receiver.hang.set()


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
