"""Certificates of identity providers: what one is and until when it is good, pure."""

import base64
import binascii
import re
import warnings
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from app.sso.findings import Advice, Fault

SOON: Final = timedelta(days=30)
_LONGEST: Final = 32_768
_RSA_BITS: Final = 2_048  # NIST SP 800-131A
_EC_BITS: Final = 224
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,64})-----(.*?)-----END \1-----", re.DOTALL)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Certificate:
    """An X.509 certificate. It is public: anybody may see all of it."""

    subject: str
    issuer: str
    serial_number: str
    fingerprint_sha256: str
    not_before: datetime
    not_after: datetime
    key_type: str
    key_size: int | None
    pem: str = field(repr=False)

    @property
    def is_weak(self) -> bool:
        """Return whether the key is shorter than what is safe today, or of a kind that nobody should use."""
        if self.key_size is None:
            return False
        return self.key_type == "DSA" or self.key_size < {"RSA": _RSA_BITS, "EC": _EC_BITS}.get(self.key_type, 0)


def read(text: str, *, name: str) -> Certificate:
    """Return the one certificate of a PEM text, or of the bare base64 that metadata holds.

    Args:
        text: as a person pasted it; what stands around the PEM block is passed over.
        name: the field that it came in.

    Raises:
        Fault: it is none, it is several, or a private key is among it.
    """
    if len(text) > _LONGEST:
        raise Fault(name, f"is longer than {_LONGEST} characters")
    blocks = _BLOCK.findall(text)
    if any("PRIVATE KEY" in label for label, _ in blocks):
        raise Fault(name, "holds a private key, which nobody else may see: make a new pair, and send the certificate")
    found = [body for label, body in blocks if label in {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}]
    if len(found) > 1:
        raise Fault(name, "holds several certificates: give the one that the identity provider signs with")
    if not found and "-----" in text:
        raise Fault(name, "holds no certificate (-----BEGIN CERTIFICATE-----)")
    return _described(_loaded(found[0] if found else text, name), name)


def judge(found: Certificate, now: datetime, *, name: str) -> list[Advice]:
    """Return what should be known of a certificate that is to be used from `now` on.

    Raises:
        Fault: it has expired.
    """
    if found.not_after <= now:
        raise Fault(name, f"expired on {found.not_after:%d %B %Y}: the identity provider has, or needs, a new one")
    advice: list[Advice] = []
    if found.not_before > now:
        advice.append(Advice("certificate_not_valid_yet", name, f"is good from {found.not_before:%d %B %Y} on only"))
    if found.not_after - now <= SOON:
        advice.append(
            Advice("certificate_expires_soon", name, f"expires on {found.not_after:%d %B %Y}: renew it before that")
        )
    if found.is_weak:
        size = f"{found.key_type} with {found.key_size} bits"
        advice.append(Advice("weak_key", name, f"has a key that is too weak by today's measure ({size})"))
    return advice


def _loaded(body: str, name: str) -> x509.Certificate:
    try:
        der = base64.b64decode(_SPACE.sub("", body), validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a serial number that is odd, say: it is still the provider's
            return x509.load_der_x509_certificate(der)
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        raise Fault(name, "is no X.509 certificate in PEM form") from None


def _described(found: x509.Certificate, name: str) -> Certificate:
    try:
        key_type, key_size = _key(found)
        return Certificate(
            subject=found.subject.rfc4514_string()[:512],
            issuer=found.issuer.rfc4514_string()[:512],
            serial_number=f"{found.serial_number:x}",
            fingerprint_sha256=found.fingerprint(SHA256()).hex(),
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            key_type=key_type,
            key_size=key_size,
            pem=found.public_bytes(Encoding.PEM).decode("ascii"),
        )
    except (ValueError, UnsupportedAlgorithm):
        raise Fault(name, "is a certificate whose key or name cannot be read") from None


def _key(found: x509.Certificate) -> tuple[str, int | None]:
    key = found.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size
    if isinstance(key, dsa.DSAPublicKey):
        return "DSA", key.key_size
    return type(key).__name__.removesuffix("PublicKey").lstrip("_"), None
