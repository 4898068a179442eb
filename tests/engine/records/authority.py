"""A certificate authority, a time-stamp authority and a receiver of syslog, all on loopback."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import SHUT_RDWR, create_server

CONFIG = """[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/middle.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
EXTENSIONS = {
    "middle": "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign",
    "tsa": "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature",
    "server": "extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1",
    "client": "extendedKeyUsage=clientAuth",
    "other": "basicConstraints=critical,CA:TRUE",
}
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
RSA = ("-newkey", "rsa:2048")


def openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def make(folder: Path, kind: tuple[str, ...] = RSA) -> Path:
    """Everything that is needed in ``folder``; the stamps' signer stands below a middle one."""
    subject = ("-nodes", "-days", 30, "-subj")
    openssl("req", "-x509", *EC, *subject, "/CN=Root", "-keyout", folder / "ca.key",
            "-out", folder / "ca.pem")  # fmt: skip
    for name, extensions in EXTENSIONS.items():
        (folder / "ext").write_text(extensions)
        key = kind if name == "tsa" else EC
        issuer = "middle" if name == "tsa" else "ca"
        openssl("req", *key, *subject, f"/CN={name}", "-keyout", folder / f"{name}.key",
                "-out", folder / "csr")  # fmt: skip
        openssl("x509", "-req", "-in", folder / "csr", "-CA", folder / f"{issuer}.pem",
                "-CAkey", folder / f"{issuer}.key", "-CAcreateserial", "-days", 30,
                "-extfile", folder / "ext", "-out", folder / f"{name}.pem")  # fmt: skip
    (folder / "serial").write_text("01\n")
    (folder / "tsa.conf").write_text(CONFIG.format(folder=folder))
    both = (folder / "client.pem").read_text() + (folder / "client.key").read_text()
    (folder / "own.pem").write_text(both)
    return folder


@contextmanager
def stamping(folder: Path) -> Iterator[str]:
    """The address of a time-stamp authority that openssl plays."""

    class Stamp(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query, answer = folder / "query", folder / "answer"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            openssl("ts", "-reply", "-config", folder / "tsa.conf", "-queryfile", query,
                    "-out", answer)  # fmt: skip
            body = answer.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Stamp)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


class SyslogReceiver(threading.Thread):
    """Reads records by their counts; ``drop`` ends the first connections after so many."""

    def __init__(self, folder: Path, drops: tuple[int, ...] = ()) -> None:
        super().__init__(daemon=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        self.listening = context.wrap_socket(create_server(("127.0.0.1", 0)), server_side=True)
        self.drops, self.received = list(drops), list[bytes]()
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                connection, _address = self.listening.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            with suppress(OSError, ValueError):
                self._read(connection, self.drops.pop(0) if self.drops else None)
            connection.close()

    def _read(self, connection: ssl.SSLSocket, drop: int | None) -> None:
        stream, count = connection.makefile("rb"), 0
        while size := b"".join(iter(lambda: stream.read(1).strip(), b"")):
            self.received.append(stream.read(int(size)))
            count += 1
            if count == drop:
                connection.shutdown(SHUT_RDWR)
                return
        # As a good receiver: answers the farewell when all is read.
        connection.unwrap()

    def stop(self) -> None:
        """End it."""
        self.listening.shutdown(SHUT_RDWR)
        self.listening.close()
        self.join(10)
