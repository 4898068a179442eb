"""The certificate with which sealed papers are signed, so that any reader can check them."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.sign import signers

from engine import settings
from engine.errors import InvalidInput
from feel.text import Text

MISSING = Text(
    "没有配置签章证书，请联系系统管理员。",
    "No certificate is set up for sealing; ask an administrator.",
)
UNREADABLE = Text(
    "签章证书读不出来，请联系系统管理员。", "The certificate cannot be read; ask an administrator."
)
DEMO = "枫桥演示签章"
YEARS = 10


def load(now: datetime) -> signers.SimpleSigner:
    """Return the signer of the county's certificate; a demo makes one for itself, once.

    Raises InvalidInput where there is none, or it cannot be read. A demo's is valid from ``now``.
    """
    own = settings.current()
    path = own.signing_certificate
    if path is None:
        if own.production:
            raise InvalidInput({"": MISSING})
        path = _of_demo(own.data_dir / "secrets", now)
    password = own.signing_password.encode() or None
    try:
        found = signers.SimpleSigner.load_pkcs12(str(path), passphrase=password)
    except (OSError, ValueError):
        found = None
    if found is None:
        raise InvalidInput({"": UNREADABLE})
    return found


def _of_demo(folder: Path, now: datetime) -> Path:
    path = folder / "signing.p12"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Two that make one at once: the first stays.
        made = folder / f"signing.{os.getpid()}.p12"
        with os.fdopen(os.open(made, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(_make(now))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path


def _make(now: datetime) -> bytes:
    """Return a key with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")
    name = x509.Name([country, x509.NameAttribute(NameOID.COMMON_NAME, DEMO)])
    uses = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(uses, critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    return pkcs12.serialize_key_and_certificates(DEMO.encode(), key, certificate, None, plain)
