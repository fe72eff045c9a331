"""Configuration: the environment, read once, frozen, secrets wrapped."""

import base64
import binascii
import hashlib
import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_KEY_ENTRY = re.compile(r"^[A-Za-z0-9_-]{1,32}:[A-Za-z0-9+/=_-]{43,44}$")
_CLIENT_ENTRY = re.compile(r"^[A-Za-z0-9_.-]{1,64}:[0-9a-fA-F]{64}:[a-z_:]+(\+[a-z_:]+)*$")


class WeakConfiguration(Exception):  # noqa: N818 -- named for what happened
    """Production refuses to start; `lines` holds one clear sentence per fault."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


def _commas(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_commas)]


class Config(BaseSettings):
    """The environment of contract.md. Every process reads it once; nothing else reads `os.environ`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    environment: Literal["production", "development", "test"] = "production"
    host: str = "127.0.0.1"
    port: int = 8000
    metrics_port: int | None = None
    sandbox_port: int = 4100
    # Follows PORT (declared above it): the link that is printed must lead to the port that is served.
    public_url: str = Field(default_factory=lambda known: f"http://localhost:{known.get('port', 8000)}")
    app_url: str = ""
    app_origins: CommaSeparated = ()
    database_url: SecretStr | None = None
    migration_database_url: SecretStr | None = None
    data_dir: Path = Path(".data")
    encryption_keys: SecretStr | None = None
    service_clients: SecretStr | None = None
    platform_organization: str | None = None
    workos_api_key: SecretStr | None = None
    workos_client_id: str | None = None
    workos_redirect_uri: str | None = None
    workos_webhook_secret: SecretStr | None = None
    workos_base_url: str = "https://api.workos.com"
    token_audience: CommaSeparated = ("memberpulse-api",)
    trusted_proxies: CommaSeparated = ()
    rate_limits: Literal["on", "off"] = "on"
    rate_limit_url: SecretStr | None = None
    docs: Literal["on", "off"] = "on"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("public_url", "app_url", "workos_base_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            ipaddress.ip_network(part, strict=False)
        return value

    @property
    def is_production(self) -> bool:
        """Whether weak values are refused."""
        return self.environment == "production"

    @property
    def issuer(self) -> str:
        """The `iss` of every token (RFC 8414 section 2): `PUBLIC_URL`, compared exactly."""
        return self.public_url

    @property
    def app(self) -> str:
        """Where people return when no `return_to` was given."""
        return self.app_url or self.public_url

    @property
    def redirect_uri(self) -> str:
        """The callback WorkOS returns to; the environment's, or our own path under `PUBLIC_URL`."""
        return self.workos_redirect_uri or f"{self.public_url}/auth/callback/workos"

    @property
    def hosts(self) -> frozenset[str]:
        """The `Host` header values that are ours (threats.md A22)."""
        return frozenset(_authority(url) for url in (self.public_url, self.app, self.redirect_uri) if url)

    @property
    def origins(self) -> frozenset[str]:
        """Origins that may send cookies with a request: ours, `APP_URL` and `APP_ORIGINS`."""
        return frozenset({origin(self.public_url), origin(self.redirect_uri), *self.app_origins_exact})

    @property
    def app_origins_exact(self) -> frozenset[str]:
        """Origins that CORS admits with credentials: exactly `APP_URL` and `APP_ORIGINS`."""
        return frozenset(origin(url) for url in (self.app, *self.app_origins))

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry `Secure` and the `__Host-` prefix: always, but for a PUBLIC_URL of http on localhost."""
        parts = urlsplit(self.public_url)
        return not (parts.scheme == "http" and (parts.hostname or "") in LOOPBACK_HOSTS)

    def clients(self) -> dict[str, tuple[bytes, frozenset[str]]]:
        """Return the service clients of `SERVICE_CLIENTS`: id -> (SHA-256 of the secret, scopes)."""
        text = self.service_clients.get_secret_value() if self.service_clients else ""
        found: dict[str, tuple[bytes, frozenset[str]]] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            if not _CLIENT_ENTRY.match(entry):
                raise WeakConfiguration(["SERVICE_CLIENTS: each entry is id:sha256-of-secret-in-hex:scope+scope."])
            name, digest, scopes = entry.split(":", 2)
            found[name] = (bytes.fromhex(digest), frozenset(scopes.split("+")))
        return found


def load(**overrides: object) -> Config:
    """Read the environment (and `.env` in development) into a frozen Config.

    Raises:
        WeakConfiguration: a value does not parse, or production was given weak or missing values.
    """
    try:
        config = Config(**overrides)  # type: ignore[arg-type]  # pydantic validates what is passed
        if config.environment == "development":
            config = Config(_env_file=".env", **overrides)  # type: ignore[arg-type,call-arg]  # as above
    except ValidationError as error:
        raise WeakConfiguration(
            f"{str(part['loc'][0]).upper() if part['loc'] else 'configuration'}: {part['msg']}."
            for part in error.errors()
            if part["type"] != "default_factory_not_called"  # follows from another fault, which has its own line
        ) from None
    config.clients()
    faults = list(weaknesses(config)) if config.is_production else []
    if faults:
        raise WeakConfiguration(faults)
    return config


def weaknesses(config: Config) -> Iterable[str]:
    """Yield one sentence for every value that production must not start with (threats.md H8)."""
    if config.database_url is None:
        yield "DATABASE_URL is missing: production does not start an embedded database."
    yield from _weak_keys(config.encryption_keys)
    if "public_url" not in config.model_fields_set:
        yield "PUBLIC_URL is missing: it is the issuer of every token."
    for name, url in (
        ("PUBLIC_URL", config.public_url),
        ("APP_URL", config.app),
        ("WORKOS_REDIRECT_URI", config.redirect_uri),
        ("WORKOS_BASE_URL", config.workos_base_url),
    ):
        if not _https(url):
            yield f"{name} must be an https URL without user, query or fragment."
    for origin_url in config.app_origins:
        if not _https(origin_url):
            yield "APP_ORIGINS may hold https origins only."
    yield from _weak_workos(config)


def _weak_keys(keys: SecretStr | None) -> Iterable[str]:
    text = keys.get_secret_value() if keys else ""
    if not text:
        yield "ENCRYPTION_KEYS is missing: give id:base64 of 32 random bytes, newest first."
    for entry in filter(None, text.split(",")):
        raw = _key_bytes(entry.strip())
        if raw is None:
            yield "ENCRYPTION_KEYS: each entry is id:base64 of exactly 32 bytes."
        elif len(set(raw)) < 8:  # noqa: PLR2004 -- 32 random bytes have fewer than 8 distinct values never
            yield "ENCRYPTION_KEYS: a key is not random (too few distinct bytes)."


def _key_bytes(entry: str) -> bytes | None:
    if not _KEY_ENTRY.match(entry):
        return None
    try:
        raw = base64.b64decode(entry.partition(":")[2].replace("-", "+").replace("_", "/") + "==")
    except binascii.Error:
        return None
    return raw if len(raw) == 32 else None  # noqa: PLR2004 -- AES-256


def _weak_workos(config: Config) -> Iterable[str]:
    key = config.workos_api_key.get_secret_value() if config.workos_api_key else ""
    if key.startswith("sk_test_"):
        yield "WORKOS_API_KEY is a test key (sk_test_): production needs a live one."
    elif key and (not key.startswith("sk_") or len(key) < 20):  # noqa: PLR2004 -- WorkOS keys are longer
        yield "WORKOS_API_KEY does not look like a WorkOS API key (sk_ and at least 20 characters)."
    secrets = config.workos_webhook_secret.get_secret_value() if config.workos_webhook_secret else ""
    for secret in filter(None, secrets.split(",")):
        if not 16 <= len(secret.strip()) <= 256:  # noqa: PLR2004 -- contract.md, Environment
            yield "WORKOS_WEBHOOK_SECRET: each secret has 16 to 256 characters."
    test_digest = hashlib.sha256(b"secret").digest()
    for name, (digest, _scopes) in config.clients().items():
        if digest in (test_digest, hashlib.sha256(b"").digest()):
            yield f"SERVICE_CLIENTS: the secret of {name} is a well-known one."


def _https(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and not (parts.username or parts.query or parts.fragment)


def _authority(url: str) -> str:
    return urlsplit(url).netloc.lower()


def origin(url: str) -> str:
    """Return scheme://authority of a URL, lower-cased (RFC 6454 section 6.1)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
