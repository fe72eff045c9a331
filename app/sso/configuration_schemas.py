"""Wire shapes of a connection's configuration: what an administrator enters, and what became of it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from app.connections.schemas import ConnectionShape
from app.portal.schemas import Address

# What a field holds is judged field by field (configuration.py), so that all faults are told at once.
Text = Annotated[str, StringConstraints(min_length=1, max_length=2_048)]
Certificate = Annotated[str, StringConstraints(min_length=1, max_length=32_768)]
Document = Annotated[str, StringConstraints(min_length=1, max_length=262_144)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=2_048)]
ConnectionReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class ConfigureSso(BaseModel):
    """An identity provider: SAML by its three values, by metadata_url or by metadata_xml; or OIDC by its three."""

    model_config = ConfigDict(extra="forbid")

    idp_entity_id: Text | None = Field(None, examples=["https://idp.acme.example/entity"])
    idp_sso_url: Text | None = Field(None, description="https.", examples=["https://idp.acme.example/sso"])
    idp_certificate: Certificate | None = Field(None, description="X.509 in PEM, what the provider signs with.")
    metadata_url: Text | None = Field(None, description="https, public.")
    metadata_xml: Document | None = Field(None, description="The document itself; 256 kB with the request.")
    client_id: Text | None = None
    client_secret: Secret | None = Field(None, description="Goes to WorkOS; it is kept nowhere and never shown.")
    discovery_url: Text | None = Field(
        None, description="https, public.", examples=["https://idp.acme.example/.well-known/openid-configuration"]
    )
    connection: ConnectionReference | None = Field(
        None,
        description="Which connection it is for, by our id or WorkOS's, or `new`. Without it the one of that protocol,"
        " or a new one where there is none.",
    )
    type: ConnectionReference | None = Field(
        None, description="Of a new connection: a `type` of GET /api/providers.", examples=["OktaSAML"]
    )
    name: Name | None = Field(None, description="Of a new connection; else the organization's.")
    return_url: Address | None = Field(None, description="Where the Admin Portal leads back to, where it is needed.")
    success_url: Address | None = Field(None, description="Where it leads once set-up is done; else as `return_url`.")

    def given(self) -> dict[str, Any]:
        """Return what of the identity provider was told, by field."""
        fields = ("idp_entity_id", "idp_sso_url", "idp_certificate", "metadata_url", "metadata_xml", "client_id",
                  "client_secret", "discovery_url")  # fmt: skip
        return {name: value for name in fields if (value := getattr(self, name)) is not None}


class CertificateShape(BaseModel):
    """What an identity provider signs with."""

    subject: str
    issuer: str
    serial_number: str = Field(description="Hexadecimal.")
    fingerprint_sha256: str
    not_before: datetime
    not_after: datetime
    key_type: str = Field(examples=["RSA"])
    key_size: int | None = Field(description="Bits.")


class SamlChecked(BaseModel):
    """What was found of a SAML provider."""

    idp_entity_id: str
    idp_sso_url: str
    certificates: list[CertificateShape]


class OidcChecked(BaseModel):
    """What was found of an OpenID provider."""

    client_id: str
    discovery_url: str
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None


class AdviceShape(BaseModel):
    """Something that works and should be known all the same."""

    code: str = Field(examples=["certificate_expires_soon"])
    field: str
    detail: str


class PortalShape(BaseModel):
    """Where to enter the values by hand: open it at once, in the same browser; it is shown this one time."""

    link: str
    expires_at: datetime


class SsoConfigurationShape(BaseModel):
    """What was checked, and what became of it."""

    object: Literal["sso_configuration"]
    organization_id: UUID
    protocol: Literal["saml", "oidc"]
    source: Literal["fields", "metadata_url", "metadata_xml", "discovery_url"]
    outcome: Literal["applied", "portal"] = Field(
        description="`applied`: WorkOS has it. `portal`: this WorkOS account takes it in the Admin Portal only."
    )
    saml: SamlChecked | None
    oidc: OidcChecked | None
    warnings: list[AdviceShape]
    connection: ConnectionShape | None = Field(description="As it is now; null where the portal is to make it.")
    portal: PortalShape | None
    sp_entity_id: str | None = Field(description="Enter it at the identity provider; null where WorkOS does not tell.")
    sp_acs_url: str | None = Field(description="As `sp_entity_id`.")
    redirect_uri: str | None = Field(description="As `sp_entity_id`, for OIDC.")
    hint: str | None = Field(description="Where these values are found, where they are null.")
