"""Records of configuring connections: what WorkOS is told of an identity provider, and what it tells back."""

from dataclasses import dataclass, field
from datetime import datetime

from app.workos.records import Connection


@dataclass(frozen=True, slots=True)
class SamlOptions:
    """A SAML identity provider: the address of its metadata, or its three values; certificates in PEM."""

    idp_metadata_url: str | None = None
    idp_entity_id: str | None = None
    idp_sso_url: str | None = None
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OidcOptions:
    """An OpenID provider and the client that WorkOS is there. Its `repr` does not show the secret."""

    discovery_url: str
    client_id: str
    client_secret: str = field(repr=False)


Options = SamlOptions | OidcOptions


@dataclass(frozen=True, slots=True)
class ConfiguredConnection:
    """A connection that was just configured, and what its identity provider must be told, where WorkOS tells it.

    `still_trusted`: certificates that it had before, was not configured with now, and that WorkOS goes on trusting.
    """

    connection: Connection
    sp_entity_id: str | None = None
    sp_acs_url: str | None = None
    redirect_uri: str | None = None
    still_trusted: int = 0


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A certificate by which an identity provider signs; WorkOS may not know until when it is good."""

    id: str
    pem: str = field(repr=False)
    not_after: datetime | None = None
