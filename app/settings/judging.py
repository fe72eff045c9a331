"""Judging: what a setting may be, before WorkOS is asked about it. Pure."""

import re
from typing import Final
from urllib.parse import urlsplit

from app.config import CALLBACK, Config, weak_api_key
from app.kit import urls
from app.kit.masks import is_masked
from app.problems import Invalid
from app.settings.errors import RedirectUriNotAllowed, SecretMasked
from app.settings.stored import SecretName

_API_KEY: Final = re.compile(r"sk_[!-~]{5,509}")
_SHORTEST, _LONGEST = 16, 256


def require_secret(name: SecretName, field: str, value: str, config: Config) -> str:
    """Return the secret.

    Raises:
        SecretMasked: it is what a form shows in a secret's place.
        Invalid: it is none, or one that production does not take (threats.md H8).
    """
    if is_masked(value):
        raise SecretMasked(f"{field} is masked.", errors=[{"field": field, "message": "is masked"}])
    fault = _api_key_fault(value, config) if name == "api_key" else _webhook_fault(value)
    if fault:
        raise Invalid(f"{field}: {fault}", errors=[{"field": field, "message": fault}])
    return value


def _api_key_fault(value: str, config: Config) -> str | None:
    if not _API_KEY.fullmatch(value):
        return "must be a WorkOS API key: sk_ and what follows, without blanks"
    return weak_api_key(value) if config.is_production else None


def _webhook_fault(value: str) -> str | None:
    if not _SHORTEST <= len(value) <= _LONGEST:
        return f"must have {_SHORTEST} to {_LONGEST} characters"
    return None


def require_redirect_uri(value: str, config: Config) -> str:
    """Return the address, if sign-ins may come back to it (threats.md F7): exactly one of our hosts, and our path.

    Raises:
        RedirectUriNotAllowed: another host or path, plain http to another machine, or more than an address.
    """
    if (fault := _redirect_fault(value, config)) is None:
        return value
    raise RedirectUriNotAllowed(f"redirect_uri: {fault}.", errors=[{"field": "redirect_uri", "message": fault}])


def _redirect_fault(value: str, config: Config) -> str | None:
    try:
        is_plain = urls.plain(value) == value
    except ValueError:
        is_plain = False
    if not is_plain:
        return "must be a plain https URL, without user, query, fragment, wildcard or a slash at its end"
    if not value.startswith("https://") and (config.is_production or not urls.is_local_http(value)):
        return "must begin with https://"
    if urls.origin(value) not in config.redirect_origins:
        return "must be on the host of PUBLIC_URL or APP_URL"
    if urlsplit(value).path != CALLBACK:
        return f"must end in {CALLBACK}, where the gateway answers"
    return None


def last_four(value: str) -> str:
    """Return what may be shown of a secret."""
    return value[-4:]
