"""The discovery document of an OpenID provider: whether it is whole and fits what we need of it; pure.

OpenID Connect Discovery 1.0, sections 3 and 4.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec

from app.sso.findings import Advice, Fault

LONGEST: Final = 256 * 1024
"""Bytes of a document; the largest that are known have about 10 kB."""
SUFFIX: Final = "/.well-known/openid-configuration"
_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_LONGEST_URL: Final = 2_048
_SECRETS: Final = frozenset({"client_secret_basic", "client_secret_post"})


@dataclass(frozen=True, slots=True)
class DiscoveryDocument:
    """What an OpenID provider tells of itself, as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None


def read(body: bytes, *, url: str, name: str, local: bool = False) -> tuple[DiscoveryDocument, list[Advice]]:
    """Return what a document tells, and what should be known of it.

    Args:
        body: as it was fetched from `url`.
        url: where it was fetched from.
        name: the field that the address came in.
        local: whether plain http is right: for the provider of a development machine.

    Raises:
        Fault: it is no such document, another provider's, incomplete, or without the authorization code flow.
    """
    told = _object(body, name)
    issuer = _text(told, "issuer", name)
    _require_issuer(issuer, url, name)
    schemes = {"https", "http"} if local else {"https"}
    for field in _NEEDED:
        _require_url(_text(told, field, name), field, name, schemes)
    if "code" not in _words(told, "response_types_supported", name):
        raise Fault(name, "tells of no authorization code flow (`response_types_supported` has no `code`)")
    if "authorization_code" not in _words(told, "grant_types_supported", name, otherwise=("authorization_code",)):
        raise Fault(name, "tells of no authorization code flow (`grant_types_supported`)")
    found = DiscoveryDocument(
        issuer,
        *(_text(told, field, name) for field in _NEEDED),
        userinfo_endpoint=_text_or_none(told, "userinfo_endpoint"),
        end_session_endpoint=_text_or_none(told, "end_session_endpoint"),
    )
    return found, _advice(told, name)


def _advice(told: Mapping[str, object], name: str) -> list[Advice]:
    advice: list[Advice] = []
    methods = _words(told, "token_endpoint_auth_methods_supported", name, otherwise=("client_secret_basic",))
    if not _SECRETS.intersection(methods):
        advice.append(
            Advice("client_secret_not_supported", name, "tells that the provider takes no client secret from clients")
        )
    algorithms = _words(told, "id_token_signing_alg_values_supported", name, otherwise=("RS256",))
    if "RS256" not in algorithms:
        advice.append(
            Advice("signature_algorithm", name, "does not offer RS256, which every provider is to offer for ID tokens")
        )
    if _text_or_none(told, "end_session_endpoint") is None:
        advice.append(
            Advice("no_sign_out", name, "has no `end_session_endpoint`: signing out here leaves the provider signed in")
        )
    return advice


def _object(body: bytes, name: str) -> Mapping[str, object]:
    try:
        told = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise Fault(name, "answers no JSON") from None
    if not isinstance(told, dict):
        raise Fault(name, "answers no discovery document (a JSON object)")
    return cast("Mapping[str, object]", told)


def _require_issuer(issuer: str, url: str, name: str) -> None:
    """Refuse a document that is of another provider than its address says (OpenID Connect Discovery, section 4.3)."""
    if issuer.rstrip("/") + SUFFIX != url:
        detail = (
            "check that the address is the tenant's own" if "{" in issuer else "it must be the issuer's own address"
        )
        raise Fault(name, f"belongs to another issuer than it says ({_shown(issuer)}): {detail}")


def _require_url(value: str, field: str, name: str, schemes: set[str]) -> None:
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and bool(parts.hostname) and not parts.username and not parts.fragment
    except ValueError:
        good = False
    if not good or not value.isascii() or not value.isprintable() or " " in value:
        raise Fault(name, f"tells an `{field}` that is no https URL")


def _text(told: Mapping[str, object], field: str, name: str) -> str:
    value = told.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_URL:
        raise Fault(name, f"tells no `{field}`")
    return value


def _text_or_none(told: Mapping[str, object], field: str) -> str | None:
    value = told.get(field)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_URL else None


def _words(told: Mapping[str, object], field: str, name: str, *, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
    value = told.get(field)
    if value is None:
        return otherwise
    if not isinstance(value, list):
        raise Fault(name, f"tells a `{field}` that is no list")
    return tuple(word for word in cast("list[object]", value) if isinstance(word, str))


def _shown(issuer: str) -> str:
    """Return what of somebody else's text may stand in a sentence."""
    return "".join(character for character in issuer[:200] if character.isprintable())
