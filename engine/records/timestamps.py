"""Time stamps (RFC 3161): an authority's signed word that a text was there at a moment.

What is stamped are the ASCII letters of an anchor's hash, so that anybody can examine a stamp
without this program: ``openssl ts -verify -token_in -in stamp -data hash -CAfile roots``.
Signatures by RSA (PKCS 1.5) and ECDSA are known; revocation lists are not asked.
"""

from __future__ import annotations

import hashlib
import http.client
import secrets
import ssl
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as parsed
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from engine.errors import DomainError
from feel.text import Text

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
# What cryptography says of a signature or certificate that it does not take.
UNPROVED = (InvalidSignature, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion)
STAMPING = x509.ExtendedKeyUsageOID.TIME_STAMPING
LARGEST_ANSWER = 100_000
# Certificates between the authority's own and a trusted root.
LONGEST_CHAIN = 4


class TimestampNotProved(DomainError):
    """No stamp, or one that proves nothing; the text says why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(text=Text(zh, en))


class _CertificateId(core.Sequence):
    """RFC 5035, section 4."""

    _fields = [
        ("hash_algorithm", algos.DigestAlgorithm, {"default": {"algorithm": "sha256"}}),
        ("cert_hash", core.OctetString),
        ("issuer_serial", core.Any, {"optional": True}),
    ]


class _CertificateIds(core.SequenceOf):
    _child_spec = _CertificateId


class _SigningCertificate(core.Sequence):
    _fields = [("certs", _CertificateIds), ("policies", core.Any, {"optional": True})]


def ask(url: str, text: str, seconds: float) -> tuple[bytes, int]:
    """Ask the authority to stamp ``text``; return the token and the nonce that it must repeat.

    Raises OSError or TimestampNotProved.
    """
    nonce = secrets.randbits(63)
    digest = hashlib.sha256(text.encode()).digest()
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    query = {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    answer = _post(url, tsp.TimeStampReq(query).dump(), seconds)
    try:
        found = tsp.TimeStampResp.load(answer, strict=True)
        status = found["status"]["status"].native
        if status not in ("granted", "granted_with_mods"):
            raise TimestampNotProved(f"时间戳服务拒绝：{status}", f"the authority says {status}")
        return found["time_stamp_token"].dump(), nonce
    except (ValueError, TypeError, KeyError) as error:
        raise TimestampNotProved("时间戳服务的回答无法读取", "the answer cannot be read") from error


def check(token: bytes, text: str, roots: bytes, nonce: int | None = None) -> datetime:
    """Return when ``text`` was there, by the word of somebody whom ``roots`` (PEM) attest.

    Raises TimestampNotProved.
    """
    try:
        return _checked(token, text, roots, nonce)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise TimestampNotProved("时间戳已损坏", "the stamp is damaged") from error
    except (*UNPROVED, x509.ExtensionNotFound) as error:
        raise TimestampNotProved(
            "时间戳的签名无效", "the stamp's signature does not hold"
        ) from error


def _checked(token: bytes, text: str, roots: bytes, nonce: int | None) -> datetime:
    signed = cms.ContentInfo.load(token, strict=True)["content"]
    content = signed["encap_content_info"]
    if content["content_type"].native != "tst_info" or len(signed["signer_infos"]) != 1:
        raise TimestampNotProved("不是只有一个签名的时间戳", "this is no stamp with one signature")
    info = content["content"].parsed
    _require_imprint(info["message_imprint"], text)
    if nonce is not None and info["nonce"].native != nonce:
        raise TimestampNotProved("时间戳答非所问", "the stamp answers another question")
    signer = signed["signer_infos"][0]
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    used = signer["digest_algorithm"]["algorithm"].native
    digest = hashlib.new(_hash_name(used), content["content"].contents).digest()
    if attributes["message_digest"][0].native != digest:
        raise TimestampNotProved("时间戳的内容与签名不符", "what was signed is something else")
    if attributes["content_type"][0].native != "tst_info":
        raise TimestampNotProved("签名的不是时间戳", "what was signed is no stamp")
    given = [one.chosen.dump() for one in signed["certificates"] if _is_certificate(one)]
    certificate = _signer(attributes, given)
    made: datetime = info["gen_time"].native
    _require_trusted(certificate, given, roots, made)
    # Signed are the attributes as a SET (0x31), though they stand there as [0].
    blob = b"\x31" + signer["signed_attrs"].dump()[1:]
    _require_signature(certificate, signer["signature"].native, blob, HASHES[used])
    return made


def _require_imprint(imprint: Any, text: str) -> None:
    name = _hash_name(imprint["hash_algorithm"]["algorithm"].native)
    if imprint["hashed_message"].native != hashlib.new(name, text.encode()).digest():
        raise TimestampNotProved("时间戳属于别的内容", "the stamp is of something else")


def _require_signature(
    certificate: x509.Certificate, signature: bytes, blob: bytes, used: hashes.HashAlgorithm
) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, blob, padding.PKCS1v15(), used)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, blob, ec.ECDSA(used))
    else:
        raise TimestampNotProved(
            "时间戳的签名算法不受支持", "signed by a kind of key not known here"
        )


def _signer(attributes: Any, given: list[bytes]) -> x509.Certificate:
    """Return the certificate that the signature itself names by its hash: no other one will do."""
    if "signing_certificate_v2" in attributes:
        named = attributes["signing_certificate_v2"][0].dump()
        first = _SigningCertificate.load(named)["certs"][0]
        name, wanted = (
            _hash_name(first["hash_algorithm"]["algorithm"].native),
            first["cert_hash"].native,
        )
    elif "signing_certificate" in attributes:
        # The older attribute has no other hash; it names, the signature proves.
        name, wanted = "sha1", attributes["signing_certificate"][0]["certs"][0]["cert_hash"].native
    else:
        raise TimestampNotProved("时间戳没有指明证书", "the stamp names no certificate")
    for one in given:
        if hashlib.new(name, one).digest() == wanted:
            return x509.load_der_x509_certificate(one)
    raise TimestampNotProved("时间戳没有附证书", "the stamp comes without its certificate")


def _require_trusted(
    certificate: x509.Certificate, given: list[bytes], roots: bytes, made: datetime
) -> None:
    """From the signer up to a trusted root, each valid at the time and allowed to issue."""
    use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not use.critical or list(use.value) != [STAMPING]:
        raise TimestampNotProved("证书不是用于时间戳的", "the certificate is not for time stamps")
    trusted = x509.load_pem_x509_certificates(roots)
    others = [x509.load_der_x509_certificate(one) for one in given]
    at = certificate
    for _ in range(LONGEST_CHAIN):
        if not at.not_valid_before_utc <= made <= at.not_valid_after_utc:
            raise TimestampNotProved("证书当时无效", "a certificate was not valid at that time")
        if any(at == root or _issued(root, at) for root in trusted):
            return
        above = next((one for one in others if one != at and _may_issue(one, at)), None)
        if above is None:
            break
        at = above
    raise TimestampNotProved(
        "时间戳服务不在信任之列", "the authority is not among the trusted ones"
    )


def _may_issue(issuer: x509.Certificate, issued: x509.Certificate) -> bool:
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return basic.value.ca and _issued(issuer, issued)


def _issued(issuer: x509.Certificate, issued: x509.Certificate) -> bool:
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, *UNPROVED):
        return False
    return True


def _hash_name(name: str) -> str:
    if name not in HASHES:
        raise TimestampNotProved(f"不支持的摘要算法 {name}", f"the hash {name} is not known here")
    return name


def _is_certificate(choice: Any) -> bool:
    return isinstance(choice.chosen, parsed.Certificate)


def _post(url: str, body: bytes, seconds: float) -> bytes:
    """Return one request to the address of the setting; redirects are not followed."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection = (
        http.client.HTTPSConnection(
            host, port, timeout=seconds, context=ssl.create_default_context()
        )
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=seconds)
    )
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    try:
        headers = {"Content-Type": "application/timestamp-query", "Connection": "close"}
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise TimestampNotProved(
                f"时间戳服务返回 {answer.status}", f"the authority says {answer.status}"
            )
        return answer.read(LARGEST_ANSWER)
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()
