"""Shaping: the settings in force as they go over the wire; of a secret its last four characters. Pure."""

from collections.abc import Sequence
from typing import Any

from app.config import Config
from app.http.wire import wire
from app.settings.judging import last_four
from app.settings.stored import SecretName, Stored, environment
from app.settings.verification import WEBHOOKS


def shape(stored: Stored, config: Config, *, broken: Sequence[str] = ()) -> dict[str, Any]:
    """Return the wire shape of the settings (contract.md); `broken`: the secrets that cannot be opened."""
    given = environment(config)
    chosen = stored.default_connection_id
    return {
        "object": "workos_settings",
        "version": stored.version,
        "api_key": _api_key(stored, given.api_keys),
        "client_id": stored.client_id or given.client_id,
        "redirect_uri": stored.redirect_uri or given.redirect_uri,
        "webhook_secrets": _webhook_secrets(stored, given.webhook_secrets),
        "default_connection": chosen,
        "sources": {
            "client_id": _source(stored.client_id) if stored.client_id or given.client_id else None,
            "redirect_uri": _source(stored.redirect_uri),
            "default_connection": "platform" if chosen else None,
        },
        "rotation": {name: _rotation(stored, name) for name in ("api_key", "webhook_secret")},
        "webhook_url": f"{config.public_url}{WEBHOOKS}",
        "unreadable": sorted(broken),
        "updated_at": wire(stored.updated_at),
    }


def _source(platforms: object) -> str:
    return "platform" if platforms else "environment"


def _api_key(stored: Stored, given: Sequence[str]) -> dict[str, Any]:
    if (own := stored.secret("api_key", "current")) is not None:
        return {"set": True, "last_four": own.last_four, "set_at": wire(own.set_at), "source": "platform"}
    return {
        "set": bool(given),
        "last_four": last_four(given[0]) if given else None,
        "set_at": None,
        "source": "environment" if given else None,
    }


def _webhook_secrets(stored: Stored, given: Sequence[str]) -> list[dict[str, Any]]:
    own = [one for slot in ("current", "next") if (one := stored.secret("webhook_secret", slot)) is not None]
    shown = [{"last_four": one.last_four, "set_at": wire(one.set_at), "source": "platform"} for one in own]
    if stored.secret("webhook_secret", "current") is not None:
        return shown
    return [{"last_four": last_four(one), "set_at": None, "source": "environment"} for one in given] + shown


def _rotation(stored: Stored, name: SecretName) -> dict[str, Any]:
    rotation, following = stored.rotation(name), stored.secret(name, "next")
    return {
        "state": rotation.state if rotation else "none",
        "changed_at": wire(rotation.at) if rotation else None,
        "staged": {"last_four": following.last_four, "set_at": wire(following.set_at)} if following else None,
    }
