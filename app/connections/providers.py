"""The identity and directory providers that we can name (workos.com/docs/integrations), pure data."""

from typing import Any, Final


def _sso(slug: str, name: str, protocol: str, connection_type: str, hint: str) -> dict[str, Any]:
    known = {"id": slug, "name": name, "kind": "sso", "protocol": protocol, "type": connection_type}
    return {**known, "hint": hint, "steps": []}


def _directory(slug: str, name: str, directory_type: str, hint: str, *steps: str) -> dict[str, Any]:
    protocol = "scim" if "scim" in directory_type else "api"
    known = {"id": slug, "name": name, "kind": "directory", "protocol": protocol, "type": directory_type}
    return {**known, "hint": hint, "steps": [_OPEN, *steps, _BACK]}


_METADATA: Final = "Create a SAML application, then give us its metadata URL, or entity id, SSO URL and certificate."
_CLIENT: Final = "Register an OIDC client, then give us its client id, client secret and discovery URL."
_SCIM: Final = (
    "Open the Admin Portal link, copy the SCIM URL and bearer token it shows into the provider's SCIM settings."
)
_OPEN: Final = "Open the Admin Portal link within five minutes and choose the provider there."
_COPY: Final = "Keep the portal open: it shows the SCIM URL and the bearer token that the next step asks for."
_BACK: Final = "Return here: the directory is listed once it is connected, and its first sync starts by itself."

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
    _directory(
        "okta",
        "Okta",
        "okta scim v2.0",
        _SCIM,
        _COPY,
        "In Okta: your application, Provisioning, Integration; paste the URL as Base URL and the token as API Token.",
        "Under To App allow Create, Update and Deactivate; assign people, and push the groups that give roles.",
    ),
    _directory(
        "azure",
        "Azure AD (Entra ID)",
        "azure scim v2.0",
        _SCIM,
        _COPY,
        "In Entra: Enterprise applications, your application, Provisioning, Automatic; paste them as Tenant URL and"
        " Secret Token, and test the connection.",
        "Assign the people and groups, then set Provisioning Status to On; Entra sends changes every 40 minutes.",
    ),
    _directory(
        "google",
        "Google Workspace",
        "gsuite directory",
        "Open the Admin Portal link and let a Google administrator agree.",
        "A Google Workspace administrator signs in there and allows reading people and groups.",
        "Choose the groups that are to be read; WorkOS reads them again every 30 minutes.",
    ),
    _directory(
        "onelogin",
        "OneLogin",
        "onelogin scim v2.0",
        _SCIM,
        _COPY,
        "In OneLogin: the SCIM Provisioner application, Configuration; paste them as SCIM Base URL and SCIM Bearer"
        " Token, and enable the API connection.",
        "Under Provisioning enable it; under Rules and Parameters send the groups that give roles.",
    ),
    _directory(
        "jumpcloud",
        "JumpCloud",
        "jump cloud scim v2.0",
        _SCIM,
        _COPY,
        "In JumpCloud: your SSO application, Identity Management; paste them as Base URL and Token Key; activate.",
        "Under User Groups choose those whose people and groups are to be sent.",
    ),
    _directory(
        "generic",
        "Generic SCIM 2.0",
        "generic scim v2.0",
        _SCIM,
        _COPY,
        "In your provider's SCIM 2.0 settings paste them as base URL and bearer token (OAuth bearer token).",
        "Let it send people (Users) and groups (Groups), then start provisioning.",
    ),
]
_PROVIDERS: Final[dict[str, str]] = {row["type"]: row["id"] for row in DIRECTORIES}


def provider_of(directory_type: str) -> str:
    """Return the provider behind WorkOS's type of a directory, `generic` for one that we cannot name."""
    return _PROVIDERS.get(directory_type, "generic")


def directory_provider(provider: str) -> dict[str, Any]:
    """Return the directory provider with this id; raises StopIteration for one that is none."""
    return next(row for row in DIRECTORIES if row["id"] == provider)
