"""WorkOS's refusals of a configuration, as problems that name the field; pure (workos.md section 4)."""

from typing import Final

from app.problems import Problem
from app.sso.configuration import Source
from app.sso.errors import ConfigurationConflict, ConfigurationRefused
from app.workos.asking import words_of
from app.workos.errors import UpstreamRefused

# WorkOS's code -> what it is about, and what to do, as it goes on from the field's name.
_TOLD: Final[dict[str, tuple[str, str]]] = {
    "invalid_certificate": ("certificate", "is no certificate that WorkOS can use"),
    "certificate_expired": ("certificate", "has expired, says WorkOS"),
    "invalid_idp_sso_url": ("sso_url", "is no sign-on address that WorkOS takes"),
    "idp_metadata_fetch_failed": ("metadata", "could not be fetched by WorkOS: it must be reachable from the internet"),
    "incomplete_saml_options": ("metadata", "tells less than WorkOS needs"),
    "ambiguous_saml_options": ("metadata", "tells of the provider in two ways"),
    "discovery_endpoint_must_use_https": ("discovery", "must begin with https://"),
    "client_secret_required": ("client_secret", "is needed by WorkOS"),
    "client_secret_not_accepted": ("client_secret", "is not taken by a connection that authenticates with a key"),
    "connection_could_not_be_verified": ("provider", "does not answer WorkOS as an identity provider does"),
    "connection_type_not_supported": ("type", "is no type that can be made by WorkOS's API"),
    "connection_type_conflicts_with_options": ("type", "is of the other protocol"),
    "connection_type_not_updatable": ("connection", "is of a type that WorkOS changes in the Admin Portal only"),
    "saml_options_required": ("connection", "is a SAML connection"),
    "oidc_options_required": ("connection", "is an OIDC connection"),
    "connection_is_not_saml": ("connection", "is no SAML connection"),
}
_FIELDS: Final[dict[Source, dict[str, str]]] = {
    "fields": {
        "certificate": "idp_certificate",
        "sso_url": "idp_sso_url",
        "metadata": "idp_entity_id",
        "provider": "idp_sso_url",
    },
    "metadata_url": dict.fromkeys(("certificate", "sso_url", "metadata", "provider"), "metadata_url"),
    "metadata_xml": dict.fromkeys(("certificate", "sso_url", "metadata", "provider"), "metadata_xml"),
    "discovery_url": {"discovery": "discovery_url", "provider": "discovery_url"},
}
_CONFLICTS: Final = frozenset({"connection_deletion_in_progress", "external_id_already_in_use"})


def field_of(source: Source, about: str) -> str:
    """Return the field of a request that tells something of the provider, such as its `certificate`."""
    return _FIELDS[source].get(about, about)


def problem_of(refused: UpstreamRefused, source: Source) -> Problem:
    """Return the problem that a refusal stands for; the refusal itself where it says nothing of the configuration."""
    words = words_of(refused)
    told = [(word, *_TOLD[word]) for word in words if word in _TOLD]
    trace = refused.extra.get("upstream_request_id")
    if told:
        errors = [{"field": field_of(source, about), "message": message, "code": word} for word, about, message in told]
        detail = "; ".join(f"{error['field']}: {error['message']}" for error in errors)
        return ConfigurationRefused(detail, errors=errors, upstream_request_id=trace)
    if _CONFLICTS.intersection(words):
        return ConfigurationConflict(upstream_errors=words, upstream_request_id=trace)
    return refused
