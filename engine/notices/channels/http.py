"""HTTP channels: a request by template, a rule that says when it was taken; SMS and robots."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from engine.notices.catalogue import rendering
from engine.notices.channels.egress import NotSent, ServerAddress, at_most, connect, secured
from engine.notices.channels.message import ChannelSnapshot, Message
from feel.text import Text

LARGEST_ANSWER = 64 * 1024
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class HttpRequest:
    """What goes over the wire."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpResponse:
    """What came back, as far as it is read."""

    status: int
    body: bytes


def send(way: ChannelSnapshot, message: Message) -> int:
    """Send one message by the channel's template; return the status. Raises NotSent."""
    request = compose(way, message)
    answer = exchange(request, way.seconds, allowed=way.config["url"])
    require_taken(way.config, answer)
    return answer.status


def compose(way: ChannelSnapshot, message: Message) -> HttpRequest:
    """Return the request: address, headers and body filled in. Raises InvalidInput."""
    config, known = way.config, _values(way, message)
    headers = {"User-Agent": "Fengqiao", "Idempotency-Key": message.key}
    for name, value in header_lines(config.get("headers", "")):
        headers[name] = rendering.fill_in(value, known)
    url = rendering.fill_in(config["url"], known)
    body = rendering.fill_in(config.get("body", ""), known) if config["method"] != "GET" else ""
    return HttpRequest(config["method"], url, headers, body.encode())


def header_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield names and values of ``Name: value`` lines."""
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip():
            yield name.strip(), value.strip()


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; what a template may never change."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)


def exchange(request: HttpRequest, seconds: float, *, allowed: str) -> HttpResponse:
    """Return one request to the address that an administrator wrote, within the time. Raises
    NotSent.

    Redirects are not followed: where they lead was written by somebody else.
    """
    try:
        here = origin(request.url)
        parts = urlsplit(request.url)
    except ValueError as error:
        raise NotSent(Text("网址不正确。", "The address is wrong.")) from error
    if here != origin(allowed):
        raise NotSent(Text("网址不是所配置的服务器。", "The address leads to another server."))
    link: list[socket.socket] = [connect(ServerAddress(here[1], here[2]), seconds)]
    with at_most(seconds, lambda: link[0]):
        try:
            if here[0] == "https":
                link[0] = secured(link[0], here[1])
            return _over(link[0], parts, request)
        except http.client.HTTPException as error:
            raise ConnectionError() from error
        finally:
            link[0].close()


def require_taken(config: Mapping[str, Any], answer: HttpResponse) -> None:
    """Hold an answer against the channel's rule. Raises NotSent."""
    if not 200 <= answer.status < 300:
        raise _refused(answer.status, f"HTTP {answer.status}")
    path = config.get("success_path", "")
    if not path:
        return
    try:
        found = json.loads(answer.body)
        for name in path.split("."):
            found = found[int(name)] if isinstance(found, list) else found[name]
    except (ValueError, LookupError, TypeError) as error:
        raise _refused(answer.status, f"{path}?") from error
    said = found if isinstance(found, str) else json.dumps(found)
    if said != config.get("success_value", ""):
        # Codes only: words of the other side may repeat a number or a name.
        code = said if said.isascii() and said.isalnum() and len(said) <= 20 else "?"
        raise _refused(answer.status, f"{path}={code}")


def _over(sock: socket.socket, parts: SplitResult, request: HttpRequest) -> HttpResponse:
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.sock = sock
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    host = {"Host": parts.netloc, "Connection": "close"}
    body = request.body if request.method != "GET" else None
    connection.request(request.method, path, body=body, headers={**host, **request.headers})
    answer = connection.getresponse()
    return HttpResponse(answer.status, answer.read(LARGEST_ANSWER))


def _values(way: ChannelSnapshot, message: Message) -> dict[str, Any]:
    stamp = _milliseconds(message.at)
    key = way.secrets.get("sign", "")
    first = message.lines[0] if message.lines else None
    return {
        "subject": message.subject,
        "text": message.text,
        "name": message.name,
        "phone": message.to.phone,
        "link": first.link if first else "",
        "id": message.key,
        "kind": message.kind,
        "timestamp": str(stamp),
        # As DingTalk's robots want it.
        "sign": base64.b64encode(_mac(key, f"{stamp}\n{key}")).decode(),
        "secrets": dict(way.secrets),
    }


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _mac(key: str, text: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()


def _refused(status: int, mark: str) -> NotSent:
    said = Text(f"对方没有接受（{mark}）。", f"The other side did not take it ({mark}).")
    return NotSent(said, status=status)
