"""An identity provider's papers, good or bad as a test wants them: certificates, metadata, a discovery document."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 12, 1, tzinfo=UTC)
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_MD = "urn:oasis:names:tc:SAML:2.0:metadata"
_DS = "http://www.w3.org/2000/09/xmldsig#"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey


@cache
def a_key(kind: str = "EC-256") -> Key:
    """Return a key (`RSA-2048`, `EC-256`, `DSA-1024`), made once."""
    family, _, size = kind.partition("-")
    if family == "RSA":
        return rsa.generate_private_key(65_537, int(size))
    if family == "DSA":
        return dsa.generate_private_key(int(size))
    return ec.generate_private_key({"256": ec.SECP256R1, "192": ec.SECP192R1}[size]())


def private_key_pem(kind: str = "EC-256") -> str:
    """Return a private key, which nobody should send."""
    return a_key(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def a_certificate(
    *,
    days: float = 365,
    since: float = -30,
    now: datetime | None = None,
    key: str = "EC-256",
    name: str = "idp.example",
) -> str:
    """Return a self-signed certificate in PEM that is good for so many days from `now`."""
    now, private = now or NOW, a_key(key)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(int(days * 1_000_000) + 400_000_000_000)
        .not_valid_before(now + timedelta(days=min(since, days - 1)))
        .not_valid_after(now + timedelta(days=days))
    )
    return built.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def bare(pem: str) -> str:
    """Return a certificate as metadata holds it: base64 alone."""
    return "".join(pem.strip().splitlines()[1:-1])


def metadata(*certificates: str, **changes: Any) -> str:  # noqa: ANN401 -- what a test wants otherwise
    """Return the metadata of an identity provider; `changes` are the parts of the template."""
    keys = "".join(_key(pem, use) for pem, use in ((pem, changes.get("use", "signing")) for pem in certificates))
    url = changes.get("sso_url", "https://idp.example/sso")
    services = "".join(
        f'<md:SingleSignOnService Binding="{binding}" Location="{url}"/>'
        for binding in changes.get("bindings", (POST, REDIRECT))
    )
    entity = changes.get("entity_id", "https://idp.example/entity")
    return (
        f"{changes.get('prolog', '')}"
        f'<md:EntityDescriptor xmlns:md="{_MD}" xmlns:ds="{_DS}" entityID="{entity}"{changes.get("attributes", "")}>'
        f"{changes.get('before', '')}"
        f'<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"{keys}{services}{changes.get('inside', '')}</md:IDPSSODescriptor>"
        f"{changes.get('after', '')}</md:EntityDescriptor>"
    )


def _key(pem: str, use: str | None) -> str:
    kind = f' use="{use}"' if use else ""
    return (
        f"<md:KeyDescriptor{kind}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n{bare(pem)}\n"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


def der(pem: str) -> bytes:
    """Return a certificate's bytes."""
    return base64.b64decode(bare(pem))


def discovery(issuer: str = "https://idp.example", **changes: Any) -> bytes:  # noqa: ANN401 -- JSON
    """Return the discovery document of a provider; None takes a field away."""
    home = issuer.rstrip("/")
    told = {
        "issuer": issuer,
        "authorization_endpoint": f"{home}/authorize",
        "token_endpoint": f"{home}/token",
        "jwks_uri": f"{home}/keys",
        "userinfo_endpoint": f"{home}/userinfo",
        "end_session_endpoint": f"{home}/logout",
        "response_types_supported": ["code", "code id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        **changes,
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}).encode()


@cache
def lasting_certificate() -> str:
    """Return a certificate that is good at whatever time a test's clock says."""
    return a_certificate(days=36_500, since=-3_000)


def saml_body(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return what configures a SAML provider; None takes a field away."""
    told = {
        "idp_entity_id": "https://idp.example/entity",
        "idp_sso_url": "https://idp.example/sso",
        "idp_certificate": lasting_certificate(),
        **changes,
    }
    return {name: value for name, value in told.items() if value is not None}
