"""The identity and directory providers that we can name (workos.com/docs/integrations), pure data."""

from typing import Any, Final


def _sso(slug: str, name: str, protocol: str, connection_type: str, hint: str) -> dict[str, Any]:
    return {"id": slug, "name": name, "kind": "sso", "protocol": protocol, "type": connection_type, "hint": hint}


def _directory(slug: str, name: str, directory_type: str, hint: str) -> dict[str, Any]:
    protocol = "scim" if "scim" in directory_type else "api"
    return {"id": slug, "name": name, "kind": "directory", "protocol": protocol, "type": directory_type, "hint": hint}


_METADATA: Final = "Create a SAML application, then give us its metadata URL, or entity id, SSO URL and certificate."
_CLIENT: Final = "Register an OIDC client, then give us its client id, client secret and discovery URL."
_SCIM: Final = (
    "Open the Admin Portal link, copy the SCIM URL and bearer token it shows into the provider's SCIM settings."
)

SSO: Final = [
    *(
        _sso(slug, name, "saml", kind, _METADATA)
        for slug, name, kind in (
            ("adfs", "AD FS", "ADFSSAML"),
            ("auth0", "Auth0", "Auth0SAML"),
            ("cas", "CAS", "CasSAML"),
            ("classlink", "ClassLink", "ClassLinkSAML"),
            ("cloudflare", "Cloudflare", "CloudflareSAML"),
            ("cyberark", "CyberArk", "CyberArkSAML"),
            ("duo", "Duo", "DuoSAML"),
            ("entra_id", "Entra ID (Azure AD)", "AzureSAML"),
            ("google", "Google Workspace", "GoogleSAML"),
            ("jumpcloud", "JumpCloud", "JumpCloudSAML"),
            ("keycloak", "Keycloak", "KeycloakSAML"),
            ("lastpass", "LastPass", "LastPassSAML"),
            ("miniorange", "miniOrange", "MiniOrangeSAML"),
            ("netiq", "NetIQ", "NetIqSAML"),
            ("okta", "Okta", "OktaSAML"),
            ("onelogin", "OneLogin", "OneLoginSAML"),
            ("oracle", "Oracle", "OracleSAML"),
            ("pingfederate", "PingFederate", "PingFederateSAML"),
            ("pingone", "PingOne", "PingOneSAML"),
            ("rippling", "Rippling", "RipplingSAML"),
            ("salesforce", "Salesforce", "SalesforceSAML"),
            ("shibboleth", "Shibboleth", "ShibbolethSAML"),
            ("simplesamlphp", "SimpleSAMLphp", "SimpleSamlPhpSAML"),
            ("vmware", "VMware Workspace ONE", "VMwareSAML"),
            ("generic_saml", "Any SAML 2.0 provider", "GenericSAML"),
        )
    ),
    *(
        _sso(slug, name, "oidc", kind, _CLIENT)
        for slug, name, kind in (
            ("adp_oidc", "ADP", "AdpOidc"),
            ("clever", "Clever", "CleverOIDC"),
            ("entra_id_oidc", "Entra ID", "EntraIdOIDC"),
            ("google_oidc", "Google", "GoogleOIDC"),
            ("login_gov", "Login.gov", "LoginGovOidc"),
            ("okta_oidc", "Okta", "OktaOIDC"),
            ("generic_oidc", "Any OpenID Connect provider", "GenericOIDC"),
        )
    ),
]

DIRECTORIES: Final = [
    _directory("okta", "Okta", "okta scim v2.0", _SCIM),
    _directory("azure", "Azure AD (Entra ID)", "azure scim v2.0", _SCIM),
    _directory(
        "google",
        "Google Workspace",
        "gsuite directory",
        "Open the Admin Portal link and let a Google administrator agree.",
    ),
    _directory("onelogin", "OneLogin", "onelogin scim v2.0", _SCIM),
    _directory("jumpcloud", "JumpCloud", "jump cloud scim v2.0", _SCIM),
    _directory("generic", "Generic SCIM 2.0", "generic scim v2.0", _SCIM),
]
_PROVIDERS: Final[dict[str, str]] = {row["type"]: row["id"] for row in DIRECTORIES}


def provider_of(directory_type: str) -> str:
    """Return the provider behind WorkOS's type of a directory, `generic` for one that we cannot name."""
    return _PROVIDERS.get(directory_type, "generic")
