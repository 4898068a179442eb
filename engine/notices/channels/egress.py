"""Connections to other machines: only where an administrator sent us, and never for long."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from engine import settings
from engine.errors import DomainError
from feel.text import Text

# Where clouds hand out the machine's own credentials; no gateway lives there.
METADATA = frozenset({"169.254.169.254", "100.100.100.200", "fd00:ec2::254"})
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Inside as well, though not every release of Python calls them so: compatible and translated IPv4,
# a provider's own NAT64, site-local, documentation, segment routing.
INSIDE = tuple(
    ipaddress.ip_network(one)
    for one in ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "fec0::/10", "3fff::/20", "5f00::/16")
)


class NotSent(DomainError):
    """The other side did not take the message; what is said holds nothing of it.

    ``lasting`` means that trying again cannot help and that the channel itself works;
    ``silent`` that the server could not be reached, so the next message would wait as long.
    """

    def __init__(
        self, text: Text, *, status: int | None = None, lasting: bool = False, silent: bool = False
    ) -> None:
        super().__init__(text=text)
        self.status, self.lasting, self.silent = status, lasting, silent


@dataclass(frozen=True)
class ServerAddress:
    """A server as it is written in a channel."""

    host: str
    port: int


def connect(place: ServerAddress, seconds: float) -> socket.socket:
    """Return a connection to the place; the address that was checked is the one that is used.

    Raises NotSent.
    """
    networks = settings.current().outgoing_allow
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise unreachable("找不到服务器", "the server was not found") from error
    allowed = [one for one in found if is_allowed(str(one[4][0]), networks)]
    if not allowed:
        raise unreachable("此地址不允许访问", "this address is not allowed")
    last: OSError | None = None
    for family, kind, protocol, _name, address in allowed:
        made = socket.socket(family, kind, protocol)
        made.settimeout(seconds)
        try:
            made.connect(address)
            return made
        except OSError as error:
            made.close()
            last = error
    raise unreachable("连接不上服务器", "the server does not answer") from last


def is_allowed(address: str, networks: Sequence[str] = ()) -> bool:
    """Return whether a channel may lead to this address.

    Whoever keeps channels is no keeper of the machine: loopback, private and link-local addresses
    are reached only within the networks that the deployment names. An IPv4 address inside of an
    IPv6 one is judged as what it is; where clouds hand out credentials is never reached.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if any(str(one) in METADATA for one in (ip, _inner(ip))):
        return False
    named = [ipaddress.ip_network(network) for network in networks]
    if any(_inner(ip) in network or ip in network for network in named):
        return not (ip.is_unspecified or ip.is_multicast)
    return all(_is_outside(one) for one in (ip, _inner(ip)))


def _is_outside(ip: IPv4Address | IPv6Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in INSIDE)


def _inner(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one leads to: mapped, by NAT64, 6to4 or Teredo."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


@contextmanager
def at_most(seconds: float, link: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Cut the connection when the time is over, however slowly the other side goes on talking.

    A socket's own time-out starts again with every byte. Raises NotSent for whatever the
    connection does not survive.
    """
    over = threading.Event()

    def cut() -> None:
        over.set()
        sock = link()
        if sock is not None:
            _shut(sock)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, ssl.SSLError, ValueError) as error:
        if over.is_set() or isinstance(error, TimeoutError):
            raise unreachable("服务器响应超时", "the server took too long") from error
        raise unreachable("连接中断", "the connection broke") from error
    finally:
        timer.cancel()


def secured(sock: socket.socket, host: str) -> ssl.SSLSocket:
    """Return the connection under TLS, the server's name checked."""
    context = ssl.create_default_context()
    return context.wrap_socket(sock, server_hostname=host)


def unreachable(zh: str, en: str) -> NotSent:
    """The server did not take the message, and would not take the next one either."""
    return NotSent(Text(f"{zh}。", f"{en[0].upper()}{en[1:]}."), silent=True)


def _shut(sock: socket.socket) -> None:
    try:
        # Of the plain socket: the TLS object belongs to the thread that waits on it.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return
