"""Controls over SAML certificates: the events by which WorkOS warns of one that runs out and tells of the next."""

from sandbox.event_book import Event
from sandbox.records import Connection
from sandbox.refusals import bad_request, invalid
from sandbox.state import World
from sandbox.wire import Json, instant

CERTIFICATE_TYPES = frozenset({"ResponseSigning", "RequestSigning", "ResponseEncryption"})
DAY = 86_400


class CertificateControls:
    """The twin keeps no certificates; these verbs tell of them."""

    world: World

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
