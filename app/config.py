"""Configuration: the environment, read once, frozen, secrets wrapped."""

import hashlib
import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.kit import urls
from app.kit.sealing import parse_keys

SCOPES = frozenset({"tokens:introspect", "revocations:read"})
"""What `SERVICE_CLIENTS` may give a backend service: the rows of the capability matrix that `service` holds."""
CALLBACK = "/auth/callback/workos"
"""Where the gateway answers to WorkOS: the path of every redirect URI."""
_PREFIX = "Value error, "
_HEADER_VALUE = re.compile(r"[!-~]{1,512}")
_CLIENT_ENTRY = re.compile(r"^[A-Za-z0-9_.-]{1,64}:[0-9a-fA-F]{64}:[a-z_:]+(\+[a-z_:]+)*$")


class WeakConfiguration(Exception):  # noqa: N818 -- named for what happened
    """Production refuses to start; `lines` holds one clear sentence per fault."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


def _commas(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Port = Annotated[int, Field(ge=1, le=65_535)]
CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_commas)]


class Config(BaseSettings):
    """The environment of contract.md. Every process reads it once; nothing else reads `os.environ`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    environment: Literal["production", "development", "test"] = "production"
    host: str = "127.0.0.1"
    port: Port = 8000
    metrics_port: Port | None = None
    sandbox_port: Port = 4100
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
    audit_forwarding: Literal["on", "off"] = "off"
    rate_limits: Literal["on", "off"] = "on"
    rate_limit_url: SecretStr | None = None
    docs: Literal["on", "off"] = "on"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("public_url", "app_url", "workos_base_url", "workos_redirect_uri")
    @classmethod
    def _plain_url(cls, value: str | None) -> str | None:
        return urls.plain(value) if value else value

    @field_validator("public_url")
    @classmethod
    def _at_the_root(cls, value: str) -> str:
        if urlsplit(value).path:
            raise ValueError("must have no path: the gateway's routes begin at the root of its host")
        return value

    @field_validator("workos_redirect_uri")
    @classmethod
    def _our_callback(cls, value: str | None) -> str | None:
        if value and urlsplit(value).path != CALLBACK:
            raise ValueError(f"must end in {CALLBACK}: that is where the gateway answers")
        return value

    @field_validator("app_origins")
    @classmethod
    def _plain_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(urls.plain(part) for part in value)

    @field_validator("token_audience")
    @classmethod
    def _some_audience(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("must name at least one audience")
        return value

    @field_validator("workos_api_key")
    @classmethod
    def _fit_for_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _HEADER_VALUE.fullmatch(value.get_secret_value()):
            raise ValueError("must hold no spaces, line breaks or characters beyond ASCII")
        return value

    @field_validator("rate_limit_url")
    @classmethod
    def _of_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and urlsplit(value.get_secret_value()).scheme not in {"redis", "rediss"}:
            raise ValueError("must begin with redis:// or rediss://")
        return value

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
        return self.workos_redirect_uri or f"{self.public_url}{CALLBACK}"

    @property
    def home(self) -> str:
        """The origin where cookies live: the redirect URI's, because the callback sets the session there."""
        return urls.origin(self.redirect_uri)

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets of WorkOS's deliveries: two while one replaces the other, none where none is set."""
        text = self.workos_webhook_secret.get_secret_value() if self.workos_webhook_secret else ""
        return tuple(filter(None, (part.strip() for part in text.split(","))))

    @property
    def hosts(self) -> frozenset[str]:
        """The `Host` header values that are ours, with and without a default port (threats.md A22)."""
        return urls.hosts(self.public_url) | urls.hosts(self.app) | urls.hosts(self.redirect_uri)

    @property
    def redirect_origins(self) -> frozenset[str]:
        """Origins that a redirect URI may be on: whatever is answered under them is ours (threats.md F7)."""
        return frozenset(urls.origin(url) for url in (self.public_url, self.app, self.redirect_uri))

    @property
    def origins(self) -> frozenset[str]:
        """Origins that may send cookies with a request: ours, `APP_URL` and `APP_ORIGINS`."""
        return frozenset({urls.origin(self.public_url), self.home, *self.app_origins_exact})

    @property
    def app_origins_exact(self) -> frozenset[str]:
        """Origins that CORS admits with credentials: exactly `APP_URL` and `APP_ORIGINS`."""
        return frozenset(urls.origin(url) for url in (self.app, *self.app_origins))

    @property
    def portal_origins(self) -> frozenset[str]:
        """Origins that an Admin Portal link may lead back to: `PUBLIC_URL`, `APP_URL` and `APP_ORIGINS`."""
        return self.app_origins_exact | {urls.origin(self.public_url)}

    @property
    def local_providers(self) -> frozenset[str]:
        """Origins of this machine that an identity provider's documents may be read from: the WorkOS twin's own.

        None in production, whatever WORKOS_BASE_URL says: there only public addresses are read (threats.md F8).
        """
        here = not self.is_production and urls.is_local_http(self.workos_base_url)
        return frozenset({urls.origin(self.workos_base_url)} if here else ())

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry `Secure` and the `__Host-` prefix: unless PUBLIC_URL is http on localhost."""
        return not urls.is_local_http(self.public_url)

    def clients(self) -> dict[str, tuple[bytes, frozenset[str]]]:
        """Return the service clients of `SERVICE_CLIENTS`: id -> (SHA-256 of the secret, scopes)."""
        text = self.service_clients.get_secret_value() if self.service_clients else ""
        found: dict[str, tuple[bytes, frozenset[str]]] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            if not _CLIENT_ENTRY.match(entry):
                raise WeakConfiguration(["SERVICE_CLIENTS: each entry is id:sha256-of-secret-in-hex:scope+scope."])
            name, digest, scopes = entry.split(":", 2)
            found[name] = (bytes.fromhex(digest), frozenset(scopes.split("+")))
            if not found[name][1] <= SCOPES:
                raise WeakConfiguration([f"SERVICE_CLIENTS: {name} may have the scopes {', '.join(sorted(SCOPES))}."])
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
            f"{str(part['loc'][0]).upper() if part['loc'] else 'configuration'}: {part['msg'].removeprefix(_PREFIX)}."
            for part in error.errors()
            if part["type"] != "default_factory_not_called"  # follows from another fault, which has its own line
        ) from None
    faults = [*_malformed(config), *(weaknesses(config) if config.is_production else ())]
    if faults:
        raise WeakConfiguration(faults)
    return config


def _malformed(config: Config) -> Iterable[str]:
    try:
        config.clients()
    except WeakConfiguration as fault:
        yield from fault.lines


def weaknesses(config: Config) -> Iterable[str]:
    """Yield one sentence for every value that production must not start with (threats.md H8)."""
    if config.database_url is None:
        yield "DATABASE_URL is missing: only ENVIRONMENT=development starts an embedded database."
    yield from _weak_keys(config.encryption_keys)
    if "public_url" not in config.model_fields_set:
        yield "PUBLIC_URL is missing: it is the issuer of every token."
    # Only what was set: the others follow from PUBLIC_URL and would repeat its line.
    for name in ("public_url", "app_url", "workos_redirect_uri", "workos_base_url"):
        if name in config.model_fields_set and not getattr(config, name).startswith("https://"):
            yield f"{name.upper()} must begin with https://."
    if not all(url.startswith("https://") for url in config.app_origins):
        yield "APP_ORIGINS may hold https origins only."
    yield from _weak_workos(config)


def _weak_keys(keys: SecretStr | None) -> Iterable[str]:
    if keys is None:
        yield "ENCRYPTION_KEYS is missing: give id:base64 of 32 random bytes, newest first."
        return
    try:
        parsed = parse_keys(keys.get_secret_value())
    except ValueError as fault:
        yield f"ENCRYPTION_KEYS: {fault}."
    else:
        if any(len(set(key)) < 8 for key in parsed.values()):  # noqa: PLR2004 -- 32 random bytes never have so few
            yield "ENCRYPTION_KEYS: a key is not random (too few distinct bytes)."


def weak_api_key(key: str) -> str | None:
    """Return why production does not take this API key, or None."""
    if key.startswith("sk_test_"):
        return "is a test key (sk_test_): production needs a live one"
    if not key.startswith("sk_") or len(key) < 20:  # noqa: PLR2004 -- WorkOS keys are longer
        return "does not look like a WorkOS API key (sk_ and at least 20 characters)"
    return None


def _weak_workos(config: Config) -> Iterable[str]:
    key = config.workos_api_key.get_secret_value() if config.workos_api_key else ""
    if key and (fault := weak_api_key(key)):
        yield f"WORKOS_API_KEY {fault}."
    for secret in config.webhook_secrets:
        if not 16 <= len(secret) <= 256:  # noqa: PLR2004 -- contract.md, Environment
            yield "WORKOS_WEBHOOK_SECRET: each secret has 16 to 256 characters."
    if not list(_malformed(config)):
        yield from _well_known_clients(config)


def _well_known_clients(config: Config) -> Iterable[str]:
    known = {hashlib.sha256(secret).digest() for secret in (b"secret", b"")}
    for name, (digest, _scopes) in config.clients().items():
        if digest in known:
            yield f"SERVICE_CLIENTS: the secret of {name} is a well-known one."
