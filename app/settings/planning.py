"""Planning: what a change or a step of a rotation makes of the stored settings. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.config import Config
from app.problems import Invalid
from app.settings.errors import ApiKeyRequired
from app.settings.judging import require_redirect_uri, require_secret
from app.settings.stored import Rotation, SecretName, Slot, Stored, environment
from app.workos.in_force import Values


@dataclass(frozen=True, slots=True)
class Situation:
    """What is stored, what counts by it, the environment, and the present instant."""

    stored: Stored
    now: Values
    config: Config
    at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants changed: the fields in `given`; None of a field in it is the environment's value again."""

    given: frozenset[str]
    api_key: str | None = field(default=None, repr=False)
    client_id: str | None = None
    redirect_uri: str | None = None
    webhook_secrets: tuple[str, ...] | None = field(default=None, repr=False)
    default_connection: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be written: the row, the secrets that go, the one that moves up, and those that come, still plain.

    `after`: what counts once it is written.
    """

    row: Stored
    after: Values
    dropped: tuple[UUID, ...] = ()
    promoted: UUID | None = None
    added: tuple[tuple[SecretName, Slot, str], ...] = field(default=(), repr=False)


def changed(situation: Situation, wanted: Wanted) -> Edit:
    """Return what a change makes of the settings; the default connection is looked up elsewhere.

    Raises:
        ApiKeyRequired: another client id or redirect URI, without the API key (threats.md F3).
        SecretMasked, RedirectUriNotAllowed, Invalid: a value is none.
    """
    edit = Edit(situation.stored, situation.now)
    if "redirect_uri" in wanted.given:
        edit = _redirected(edit, wanted, situation.config)
    edit = _credentials(edit, situation, wanted)
    if "webhook_secrets" in wanted.given:
        edit = _webhook_secrets(edit, situation, wanted)
    _require_api_key(edit, situation, wanted)
    return edit


def _redirected(edit: Edit, wanted: Wanted, config: Config) -> Edit:
    address = None if wanted.redirect_uri is None else require_redirect_uri(wanted.redirect_uri, config)
    after = replace(edit.after, redirect_uri=address or config.redirect_uri)
    return replace(edit, row=replace(edit.row, redirect_uri=address), after=after)


def _credentials(edit: Edit, situation: Situation, wanted: Wanted) -> Edit:
    given = environment(situation.config)
    if "client_id" in wanted.given:
        after = replace(edit.after, client_id=wanted.client_id or given.client_id)
        edit = replace(edit, row=replace(edit.row, client_id=wanted.client_id), after=after)
    if "api_key" not in wanted.given:
        return edit
    gone = ids_of(situation.stored, "api_key")
    broken = edit.after.broken - {"api_key"}
    if wanted.api_key is None:
        if wanted.client_id is not None:
            raise Invalid("Without an API key of its own the platform has no client id of its own either.")
        after = replace(edit.after, client_id=given.client_id, api_keys=given.api_keys, broken=broken)
        row = replace(turned(edit.row, "api_key", None), client_id=None)
        return replace(edit, row=row, after=after, dropped=(*edit.dropped, *gone))
    key = require_secret("api_key", "api_key", wanted.api_key, situation.config)
    after = replace(edit.after, api_keys=(key,), broken=broken)
    # The client id is kept with the key it was verified with: another one in the environment, later, must not meet it.
    row = replace(turned(edit.row, "api_key", None), client_id=after.client_id)
    added = (*edit.added, ("api_key", "current", key))
    return replace(edit, row=row, after=after, dropped=(*edit.dropped, *gone), added=added)


def _webhook_secrets(edit: Edit, situation: Situation, wanted: Wanted) -> Edit:
    given = wanted.webhook_secrets
    secrets = [
        require_secret("webhook_secret", f"webhook_secrets.{number}", one, situation.config)
        for number, one in enumerate(given or ())
    ]
    if len(set(secrets)) != len(secrets):
        raise Invalid("webhook_secrets: the same secret twice.")
    slots: Sequence[Slot] = ("current", "next")
    added = tuple(("webhook_secret", slot, one) for slot, one in zip(slots, secrets, strict=False))
    after = replace(
        edit.after,
        webhook_secrets=tuple(secrets) if given is not None else situation.config.webhook_secrets,
        broken=edit.after.broken - {"webhook_secret"},
    )
    rotation = Rotation("staged", situation.at) if len(secrets) > 1 else None
    return replace(
        edit,
        row=turned(edit.row, "webhook_secret", rotation),
        after=after,
        dropped=(*edit.dropped, *ids_of(situation.stored, "webhook_secret")),
        added=(*edit.added, *added),
    )


def _require_api_key(edit: Edit, situation: Situation, wanted: Wanted) -> None:
    """Refuse a new client id or redirect URI that would be used with a secret nobody has shown to know."""
    now, given = situation.now, environment(situation.config)
    moved = (edit.after.client_id, edit.after.redirect_uri) != (now.client_id, now.redirect_uri)
    is_known = bool(now.api_keys) or situation.stored.secret("api_key", "current") is not None
    if not moved or not is_known or (wanted.api_key is not None and "api_key" in wanted.given):
        return
    as_deployed = (edit.after.client_id, edit.after.api_keys) == (given.client_id, given.api_keys)
    if "api_key" in wanted.given and as_deployed and edit.after.redirect_uri in {now.redirect_uri, given.redirect_uri}:
        return  # back to what the deployment says: its key with its client id
    raise ApiKeyRequired


def turned(row: Stored, name: SecretName, rotation: Rotation | None) -> Stored:
    """Return the row with another state of a secret's rotation; None: there was none since it was set."""
    others = tuple(pair for pair in row.rotations if pair[0] != name)
    return replace(row, rotations=(*others, (name, rotation)) if rotation else others)


def ids_of(stored: Stored, name: SecretName) -> tuple[UUID, ...]:
    """Return the ids of a secret's rows."""
    return tuple(one.id for one in stored.secrets if one.name == name)
