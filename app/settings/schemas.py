"""Wire shapes of platform settings."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

Source = Literal["environment", "platform"]
SecretKind = Literal["api_key", "webhook_secret"]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
ClientId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
# Longer than any: too long a one is told in our words, which do not repeat it.
Plain = Annotated[SecretStr, Field(min_length=1, max_length=1024)]


class ApiKeyShape(BaseModel):
    """What may be known of the API key."""

    set: bool
    last_four: str | None = Field(examples=["4f2a"])
    set_at: datetime | None = Field(description="When the platform set it; null for the environment's.")
    source: Source | None


class WebhookSecretShape(BaseModel):
    """What may be known of a webhook secret."""

    last_four: str = Field(examples=["9c1d"])
    set_at: datetime | None
    source: Source


class Sources(BaseModel):
    """Where each value that is no secret comes from; null where there is none."""

    client_id: Source | None
    redirect_uri: Source = Field(description="`environment` too where it follows from PUBLIC_URL.")
    default_connection: Source | None


class StagedShape(BaseModel):
    """What may be known of the secret that is to take the first one's place."""

    last_four: str
    set_at: datetime


class RotationShape(BaseModel):
    """How the rotation of a secret stands."""

    state: Literal["none", "staged", "promoted", "rolled_back"]
    changed_at: datetime | None
    staged: StagedShape | None


class RotationsShape(BaseModel):
    """The rotation of each secret."""

    api_key: RotationShape
    webhook_secret: RotationShape


class SettingCheckShape(BaseModel):
    """What was found out about one setting."""

    name: Literal["credentials", "client_id", "redirect_uri", "webhook_endpoint", "default_connection"]
    result: Literal["ok", "failed", "skipped"]
    evidence: str = Field(examples=["WorkOS takes the API key."])
    remedy: str | None


class SettingsShape(BaseModel):
    """The WorkOS settings in force. Secrets are write-only: their last four characters are all that is shown."""

    object: Literal["workos_settings"]
    version: int = Field(description="As in the ETag; 0 while the platform has set nothing.")
    api_key: ApiKeyShape
    client_id: str | None = Field(examples=["client_01ACME"])
    redirect_uri: str = Field(examples=["https://auth.memberpulse.example/auth/callback/workos"])
    webhook_secrets: list[WebhookSecretShape] = Field(description="The first, and the one that replaces it.")
    default_connection: UUID | None = Field(description="Where a sign-in goes that does not say where.")
    sources: Sources
    rotation: RotationsShape
    webhook_url: str = Field(description="Where WorkOS is to send its events.")
    unreadable: list[SecretKind] = Field(description="Secrets that are stored but cannot be opened; they do not count.")
    updated_at: datetime | None


class ChangedSettingsShape(SettingsShape):
    """The settings after a change or a step, and what WorkOS said to what was new."""

    checks: list[SettingCheckShape]


class VerificationShape(BaseModel):
    """What WorkOS says to the settings."""

    object: Literal["settings_verification"]
    ok: bool = Field(description="Nothing failed.")
    checked_at: datetime
    checks: list[SettingCheckShape]


class ChangeSettings(BaseModel):
    """What is to change; a field that is not sent stays. null gives a field back to the environment."""

    model_config = ConfigDict(extra="forbid")

    api_key: Plain | None = Field(
        None, description="`sk_…`, whole. null drops the platform's API key and, with it, its client id."
    )
    client_id: ClientId | None = Field(None, description="Needs `api_key` along.", examples=["client_01ACME"])
    redirect_uri: Text | None = Field(
        None,
        description="https on a host of ours, path `/auth/callback/workos`. Needs `api_key` along.",
        examples=["https://auth.memberpulse.example/auth/callback/workos"],
    )
    webhook_secrets: Annotated[list[Plain], Field(min_length=1, max_length=2)] | None = Field(
        None, description="One, or two while the second replaces the first; 16 to 256 characters each."
    )
    default_connection: Reference | None = Field(
        None, description="Connection id, ours or WorkOS's; null for none.", examples=["conn_01ACME"]
    )


class RotateSecret(BaseModel):
    """One step of replacing a secret. Each may be repeated: taken again it changes nothing."""

    model_config = ConfigDict(extra="forbid")

    secret: SecretKind
    step: Literal["stage", "promote", "rollback"] = Field(
        description="`stage` puts `value` beside the secret in force, and both count. `promote` drops the old one,"
        " `rollback` the new one."
    )
    value: Plain | None = Field(None, description="The new secret; with `stage` only.")
