"""Stored: what the platform has set, and what counts together with the environment. Pure but for the sealer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from app import log
from app.config import Config
from app.kit.sealing import SealBroken, Sealer
from app.workos.in_force import Values

SecretName = Literal["api_key", "webhook_secret"]
Slot = Literal["current", "next"]
RotationState = Literal["staged", "promoted", "rolled_back"]
NAMES: Final[tuple[SecretName, ...]] = ("api_key", "webhook_secret")
_logger = log.get("settings")


@dataclass(frozen=True, slots=True)
class Secret:
    """A stored secret, still sealed."""

    id: UUID
    name: SecretName
    slot: Slot
    sealed: bytes = field(repr=False)
    last_four: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Rotation:
    """How the last rotation of a secret stands."""

    state: RotationState
    at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """The one row of settings and its secrets; version 0: nothing was ever set."""

    version: int = 0
    client_id: str | None = None
    redirect_uri: str | None = None
    default_connection_id: UUID | None = None
    rotations: tuple[tuple[SecretName, Rotation], ...] = ()
    secrets: tuple[Secret, ...] = ()
    updated_at: datetime | None = None

    def secret(self, name: SecretName, slot: Slot) -> Secret | None:
        """Return a stored secret."""
        return next((one for one in self.secrets if (one.name, one.slot) == (name, slot)), None)

    def rotation(self, name: SecretName) -> Rotation | None:
        """Return how the last rotation of a secret stands, None where there was none since it was set."""
        return dict(self.rotations).get(name)


def place(identifier: UUID, name: SecretName) -> str:
    """Return what a secret's blob is bound to: copied over another row's it does not open (threats.md F4)."""
    return f"platform_secrets|{identifier}|sealed|{name}"


def opened(secret: Secret, sealer: Sealer) -> str:
    """Return the secret itself.

    Raises:
        SealBroken: it was changed or moved, or sealed with a key that we do not hold; the alarm is in the log.
    """
    try:
        return sealer.open(secret.sealed, aad=place(secret.id, secret.name)).decode()
    except SealBroken as broken:
        # Someone who can write to the database has done it, or a key was given up too early: both want a person.
        _logger.critical(
            "settings.seal.broken", setting=secret.name, slot=secret.slot, id=str(secret.id), why=str(broken)
        )
        raise


def environment(config: Config) -> Values:
    """Return what counts while the platform has set nothing."""
    key = config.workos_api_key.get_secret_value() if config.workos_api_key else None
    return Values(
        redirect_uri=config.redirect_uri,
        client_id=config.workos_client_id or None,
        api_keys=(key,) if key else (),
        webhook_secrets=config.webhook_secrets,
    )


def in_force(config: Config, stored: Stored, sealer: Sealer) -> Values:
    """Return what counts: what the platform has set before what the environment says.

    A secret that is stored and cannot be opened counts as missing. The environment's does not take its place: who can
    spoil a row must not choose what counts instead (threats.md F4).
    """
    given = environment(config)
    broken: set[str] = set()

    def secrets(name: SecretName, fallback: Sequence[str]) -> tuple[str, ...]:
        current, following = stored.secret(name, "current"), stored.secret(name, "next")
        found = [] if current else list(fallback)
        for one in (current, following):
            if one is not None:
                try:
                    found.append(opened(one, sealer))
                except SealBroken:
                    broken.add(name)
        return tuple(found)

    api_keys = secrets("api_key", given.api_keys)
    return replace(
        given,
        redirect_uri=stored.redirect_uri or given.redirect_uri,
        client_id=stored.client_id or given.client_id,
        api_keys=() if "api_key" in broken else api_keys,
        webhook_secrets=secrets("webhook_secret", given.webhook_secrets),
        broken=frozenset(broken),
    )


def missing(values: Values) -> Iterable[str]:
    """Yield what WorkOS cannot be asked without, by the name of its setting."""
    if "api_key" in values.broken:
        yield "WORKOS_API_KEY (the stored one cannot be opened with ENCRYPTION_KEYS)"
    elif not values.api_keys:
        yield "WORKOS_API_KEY"
    if not values.client_id:
        yield "WORKOS_CLIENT_ID"
