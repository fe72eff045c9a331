"""What configures a connection: `saml_options` or `oidc_options`, checked as WorkOS checks them, with its codes."""

from typing import Any, Final
from urllib.parse import urlsplit

from sandbox.refusals import Refusal, bad_request

Json = dict[str, Any]
_MANUAL: Final = ("idp_entity_id", "idp_sso_url", "idp_signing_certs")
_SAML: Final = frozenset({"idp_metadata_url", "acs_url", "sp_entity_id", *_MANUAL})
_OIDC: Final = frozenset({"discovery_endpoint", "client_id", "client_secret", "redirect_uri", "pkce"})
_HERE: Final = frozenset({"localhost", "127.0.0.1"})


def for_new(body: Json) -> tuple[str, Json]:
    """Return the connection type and the options of a connection to be made; raises WorkOS's refusals."""
    saml, oidc = body.get("saml_options"), body.get("oidc_options")
    if saml is not None and oidc is not None:
        raise bad_request("both_saml_and_oidc_options_provided", "Provide one protocol only.")
    if saml is None and oidc is None:
        raise bad_request("connection_type_or_options_required", "Provide saml_options or oidc_options.")
    kind = body.get("connection_type") or ("GenericOIDC" if saml is None else "GenericSAML")
    if not kind.endswith(("SAML", "OIDC", "Oidc")):
        raise bad_request("connection_type_not_supported", f"'{kind}' cannot be created.")
    if kind.endswith("SAML") != (saml is not None):
        raise bad_request("connection_type_conflicts_with_options", "The options are of the other protocol.")
    return kind, _new_saml(saml) if saml is not None else _new_oidc(oidc or {})


def for_known(kind: str, body: Json, known: Json) -> Json:
    """Return the options that a connection of this type has after a change; raises WorkOS's refusals."""
    saml, oidc = body.get("saml_options"), body.get("oidc_options")
    if saml is None and oidc is None:
        return known
    if kind.endswith("SAML"):
        if saml is None:
            raise bad_request("saml_options_required", "This is a SAML connection.")
        _require_known(saml, _SAML - {"idp_signing_certs"})
        _require_one_way(saml)
        _require_sso_url(saml)
        return {**known, **saml}
    if oidc is None:
        raise bad_request("oidc_options_required", "This is an OIDC connection.")
    _require_known(oidc, _OIDC)
    _require_discovery(oidc)
    return {**known, **_without_secret(oidc)}


def _new_saml(options: Json) -> Json:
    _require_known(options, _SAML)
    _require_one_way(options)
    if not options.get("idp_metadata_url") and not all(options.get(name) for name in _MANUAL):
        raise bad_request("incomplete_saml_options", "Provide idp_metadata_url, or all of the manual fields.")
    _require_sso_url(options)
    return dict(options)


def _new_oidc(options: Json) -> Json:
    _require_known(options, _OIDC)
    _require_discovery(options)
    if not options.get("client_secret"):
        raise bad_request("client_secret_required", "Provide a client_secret.")
    return _without_secret(options)


def _require_known(options: object, names: frozenset[str]) -> None:
    if not isinstance(options, dict) or set(options) - names:  # pyright: ignore[reportUnknownArgumentType] - JSON
        raise bad_request("invalid_request_parameters", "Options are an object of known fields.")


def _require_one_way(options: Json) -> None:
    if options.get("idp_metadata_url") and any(options.get(name) for name in _MANUAL):
        raise bad_request("ambiguous_saml_options", "Provide idp_metadata_url or the manual fields, not both.")


def _require_sso_url(options: Json) -> None:
    url = options.get("idp_sso_url")
    if url and not _secure(url):
        raise Refusal(422, {"code": "invalid_idp_sso_url", "message": "The SSO URL must be https."})
    metadata = options.get("idp_metadata_url")
    if metadata and not _secure(metadata):
        raise Refusal(422, {"code": "idp_metadata_fetch_failed", "message": "The metadata could not be fetched."})


def _require_discovery(options: Json) -> None:
    if "discovery_endpoint" in options and not _secure(options["discovery_endpoint"]):
        raise bad_request("discovery_endpoint_must_use_https", "The discovery endpoint must be https.")


def _secure(url: object) -> bool:
    """Unlike WorkOS the twin takes plain http on its own machine, where its own identity provider is."""
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)


def _without_secret(options: Json) -> Json:
    """Keep that there is a secret, and not the secret: WorkOS never tells it either."""
    kept = {name: value for name, value in options.items() if name != "client_secret"}
    return {**kept, "has_client_secret": True} if options.get("client_secret") else kept
