"""Shapes of configuring connections: WorkOS's JSON -> records (workos.com/docs/reference/sso/connection)."""

from app.workos import fields, shapes
from app.workos.connection_records import ConfiguredConnection, SigningCertificate
from app.workos.fields import Mismatch, Object


def configured(answer: Object) -> ConfiguredConnection:
    """Return a connection as creating or changing it answers; what more WorkOS tells of it is told along."""
    saml, oidc = fields.inside(answer, "saml_options"), fields.inside(answer, "oidc_options")
    return ConfiguredConnection(
        shapes.connection(answer),
        sp_entity_id=fields.hint(saml, "sp_entity_id"),
        sp_acs_url=fields.hint(saml, "acs_url"),
        redirect_uri=fields.hint(oidc, "redirect_uri"),
    )


def signing_certificates(answer: Object) -> tuple[SigningCertificate, ...]:
    """Return the certificates of a connection; the list has no pages."""
    if answer.get("object") != "list" or not isinstance(answer.get("data"), list):
        raise Mismatch("data")
    return tuple(signing_certificate(entry) for entry in fields.objects(answer, "data"))


def signing_certificate(answer: Object) -> SigningCertificate:
    """Return one certificate."""
    return SigningCertificate(
        fields.key(answer, "id"), fields.text(answer, "value"), fields.instant_or_none(answer, "not_after")
    )
