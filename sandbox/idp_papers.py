"""An identity provider's papers, for connections that are configured by hand: SAML metadata, a discovery document."""

from typing import Any

from fastapi import APIRouter, Request, Response

from sandbox.certificates import self_signed

router = APIRouter(prefix="/idp/papers")
_METADATA = """<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{base}/entity">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing">
      <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>
    </KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{base}/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>
"""


@router.get("/metadata.xml")
async def metadata(request: Request, days: int = 365) -> Response:
    """SAML metadata, with a certificate that is good for so many days."""
    lines = self_signed(days).strip().splitlines()[1:-1]
    text = _METADATA.format(base=_base(request), certificate="".join(lines))
    return Response(text, media_type="application/samlmetadata+xml")


@router.get("/.well-known/openid-configuration")
async def discovery(request: Request) -> dict[str, Any]:
    """The discovery document of an OpenID provider."""
    base = _base(request)
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "jwks_uri": f"{base}/keys",
        "userinfo_endpoint": f"{base}/userinfo",
        "end_session_endpoint": f"{base}/signed-out",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/idp/papers"
