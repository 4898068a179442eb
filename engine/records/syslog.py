"""Lines to another machine: RFC 5424 over TLS (RFC 5425), and what may be believed of it.

Syslog answers nothing: what was written into a dead connection is gone without an error. So a
batch counts as taken only when the receiver answers the farewell of TLS, for then its TLS has
read all of it; otherwise the batch is sent again, and may stand there twice. That proves that it
was read, not that it reached a disk: what is kept over there is compared by number.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

VERSION, AUDIT, NOTICE = 1, 13, 5  # facility "log audit", severity "notice"
# The number for documentation and private use (RFC 5612).
ENTERPRISE = 32473
APPLICATION = "fengqiao"
_QUOTED = re.compile(r'(["\\\]])')
_NO_NAME = re.compile(r'[^\x21-\x7e]|[=\]"]')


@dataclass(frozen=True)
class SyslogReceiver:
    """Where lines go, and which certificates are trusted."""

    host: str
    port: int
    # PEM of who may have made the receiver's certificate; None for those the system trusts.
    roots: Path | None = None
    # PEM of our own certificate and key, where the receiver asks for one.
    own: Path | None = None


def line(kind: str, text: str, *, at: datetime, data: Mapping[str, str]) -> bytes:
    """Return one record; its values are escaped and a line feed in it cannot begin another one."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    host = _NO_NAME.sub("_", socket.gethostname())[:255] or "-"
    head = f"<{AUDIT * 8 + NOTICE}>{VERSION} {stamp} {host} {APPLICATION} - {kind}"
    pairs = "".join(f' {name}="{_escaped(value)}"' for name, value in data.items())
    message = text.replace("\r", " ").replace("\n", " ")
    return f"{head} [{APPLICATION}@{ENTERPRISE}{pairs}] \ufeff{message}".encode()


def deliver(receiver: SyslogReceiver, lines: Sequence[bytes], seconds: float) -> None:
    """Send all lines over one connection; return when the receiver has said that it read them.

    Raises OSError: then none of them counts as taken.
    """
    context = ssl.create_default_context(cafile=receiver.roots)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if receiver.own is not None:
        context.load_cert_chain(receiver.own)
    with (
        socket.create_connection((receiver.host, receiver.port), seconds) as plain,
        context.wrap_socket(plain, server_hostname=receiver.host) as link,
    ):
        for one in lines:
            _require_open(link, seconds)
            # Counted in octets (RFC 5425, section 4.3).
            link.sendall(b"%d %s" % (len(one), one))
        _require_open(link, seconds)
        # The farewell; an answer proves that all before it was read.
        link.unwrap().close()


def _require_open(link: ssl.SSLSocket, seconds: float) -> None:
    """A receiver never speaks: what is there to read is its farewell, or a ticket of TLS 1.3."""
    if not select.select([link], [], [], 0)[0]:
        return
    link.setblocking(False)
    try:
        if link.recv(1) == b"":
            raise ConnectionResetError("the receiver closed in between")
    except ssl.SSLWantReadError:
        pass
    finally:
        link.settimeout(seconds)


def _escaped(value: str) -> str:
    return _QUOTED.sub(r"\\\1", value).replace("\n", " ")
