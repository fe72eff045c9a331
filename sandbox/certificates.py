"""SAML certificates: those a connection has, and the events by which WorkOS warns of one and tells of the next."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sandbox.event_book import Event
from sandbox.records import Connection, SigningCertificate
from sandbox.refusals import bad_request, invalid
from sandbox.state import World
from sandbox.wire import Json, instant

CERTIFICATE_TYPES = frozenset({"ResponseSigning", "RequestSigning", "ResponseEncryption"})
DAY = 86_400


def dates_of(pem: str, *, now: float) -> tuple[float, float]:
    """Return when a certificate begins and ends (epoch seconds); refuses what is none, and one that has ended."""
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise bad_request("invalid_certificate", "The certificate could not be read.") from None
    begins, ends = found.not_valid_before_utc.timestamp(), found.not_valid_after_utc.timestamp()
    if ends <= now:
        raise bad_request("certificate_expired", "The certificate has expired.")
    return begins, ends


def add_certificate(world: World, connection: Connection, pem: str) -> SigningCertificate:
    """Give a connection one more certificate; raises as `dates_of`."""
    begins, ends = dates_of(pem, now=world.now())
    made = SigningCertificate(value=pem, not_before=begins, not_after=ends, **world.birth("saml_idp_cert"))
    connection.certificates.append(made)
    return made


def self_signed(days: float, *, now: float | None = None) -> str:
    """Return a certificate in PEM that is good for so many days from now (else the machine's)."""
    start = datetime.now(UTC) if now is None else datetime.fromtimestamp(now, UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox identity provider")])
    ends, key = start + timedelta(days=days), _key()
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, ends)
    return built.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class CertificateControls:
    """Gives connections certificates, and tells of them."""

    world: World

    def add_certificate(self, connection: str, *, valid_days: float = 365) -> SigningCertificate:
        """Give a SAML connection one more certificate, good for so many days; no event tells of it."""
        found = self._saml(connection)
        return add_certificate(self.world, found, self_signed(valid_days, now=self.world.now()))

    def require_certificate_renewal(
        self,
        connection: str,
        *,
        days_until_expiry: int = 30,
        certificate_type: str = "ResponseSigning",
    ) -> Event:
        """Warn that a certificate runs out; a negative number of days: it has. WorkOS repeats this, and so may you."""
        found = self._saml(connection)
        certificate = self._certificate(certificate_type, days_until_expiry)
        certificate["is_expired"] = days_until_expiry < 0
        data = {"connection": _named(found), "certificate": certificate, "days_until_expiry": days_until_expiry}
        return self.world.happen("connection.saml_certificate_renewal_required", found.organization_id, data)

    def renew_certificate(
        self,
        connection: str,
        *,
        valid_days: int = 365,
        certificate_type: str = "ResponseSigning",
    ) -> Event:
        """Tell that a certificate was renewed."""
        found = self._saml(connection)
        certificate = self._certificate(certificate_type, valid_days)
        data = {"connection": _named(found), "certificate": certificate, "renewed_at": instant(self.world.now())}
        return self.world.happen("connection.saml_certificate_renewed", found.organization_id, data)

    def _certificate(self, kind: str, days: int) -> Json:
        if kind not in CERTIFICATE_TYPES:
            raise invalid(f"'{kind}' is not one of {', '.join(sorted(CERTIFICATE_TYPES))}.", certificate_type="invalid")
        return {"certificate_type": kind, "expiry_date": instant(self.world.now() + days * DAY)}

    def _saml(self, connection: str) -> Connection:
        found = self.world.connection(connection)
        if not found.type.endswith("SAML"):
            raise bad_request("connection_invalid", "Only SAML connections have certificates.")
        return found


def _named(connection: Connection) -> Json:
    return {"id": connection.id, "organization_id": connection.organization_id}
