"""Configuration: what follows from what, how lists are written, and when `.env` is read."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.config import Config, WeakConfiguration, load


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENVIRONMENT", "test")


def given(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Config:
    """Return what `load` makes of this environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load()


def test_public_url_follows_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().public_url == "http://localhost:8000"
    assert given(monkeypatch, PORT="8123").public_url == "http://localhost:8123"
    assert load(port=8124).public_url == "http://localhost:8124"
    assert given(monkeypatch, PUBLIC_URL="https://auth.example").public_url == "https://auth.example"


def test_what_follows_the_public_url(monkeypatch: pytest.MonkeyPatch) -> None:
    config = given(monkeypatch, PUBLIC_URL="https://auth.example:8443/")
    assert config.issuer == config.app == "https://auth.example:8443"
    assert config.redirect_uri == "https://auth.example:8443/auth/callback/workos"
    assert config.hosts == {"auth.example:8443"}
    assert config.origins == config.app_origins_exact == {"https://auth.example:8443"}


def test_what_is_given_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    config = given(
        monkeypatch,
        PUBLIC_URL="https://Auth.example",
        APP_URL="https://app.example/",
        APP_ORIGINS=" https://One.example/path , ,https://two.example:8443",
        WORKOS_REDIRECT_URI="https://login.example/auth/callback/workos",
        WORKOS_BASE_URL="https://api.example/",
    )
    apps = {"https://app.example", "https://one.example", "https://two.example:8443"}
    assert config.app == "https://app.example"
    assert config.workos_base_url == "https://api.example"
    named = {"auth.example", "app.example", "login.example"}
    assert config.hosts == named | {f"{host}:443" for host in named}
    assert config.app_origins_exact == apps
    assert config.origins == {*apps, "https://auth.example", "https://login.example"}
    assert config.issuer == "https://Auth.example", "as it was given: tokens are compared with it letter by letter"


@pytest.mark.parametrize(
    ("text", "values"),
    [("a", ("a",)), (" a ,b,", ("a", "b")), ("a,,b", ("a", "b")), ("a b", ("a b",))],
)
def test_lists_are_separated_by_commas(text: str, values: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    assert given(monkeypatch, TOKEN_AUDIENCE=text).token_audience == values
    assert given(monkeypatch, APP_ORIGINS=" , ").app_origins == ()


def test_nothing_given_is_nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files and .env.example leave names with empty values."""
    config = given(monkeypatch, PORT="", TOKEN_AUDIENCE="", WORKOS_API_KEY="", APP_URL="", PUBLIC_URL="")
    assert (config.port, config.token_audience, config.workos_api_key) == (8000, ("memberpulse-api",), None)
    assert config.app == config.public_url == "http://localhost:8000"


@pytest.mark.parametrize(
    ("public_url", "secure"),
    [
        ("http://localhost:8000", False),
        ("http://127.0.0.1", False),
        ("http://[::1]:8000", False),
        ("https://localhost:8000", True),
        ("https://auth.example", True),
        ("http://auth.example", True),
        ("http://localhost.example", True),
        ("http://127.0.0.1.example", True),
    ],
)
def test_cookies_are_insecure_on_plain_localhost_only(
    public_url: str,
    secure: bool,  # noqa: FBT001 -- a column of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert given(monkeypatch, PUBLIC_URL=public_url).secure_cookies is secure


@pytest.mark.parametrize(("environment", "is_read"), [("development", True), ("test", False), ("production", False)])
def test_a_file_is_read_in_development_alone(
    environment: str,
    is_read: bool,  # noqa: FBT001 -- as above
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("PORT=8321\nDATABASE_URL=postgresql://file/gw\nNOT_OURS=1\n")
    monkeypatch.setenv("ENVIRONMENT", environment)
    if is_read:
        config = load()
        assert (config.port, config.public_url) == (8321, "http://localhost:8321")
        monkeypatch.setenv("PORT", "8322")
        assert load().port == 8322, "the environment wins over the file"
        assert load(port=8323).port == 8323, "and the command's own words over both"
    elif environment == "test":
        assert (load().port, load().database_url) == (8000, None)
    else:
        with pytest.raises(WeakConfiguration) as weak:
            load()
        assert weak.value.lines[0].startswith("DATABASE_URL is missing")


def test_a_file_cannot_choose_development(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("ENVIRONMENT=development\n")
    monkeypatch.delenv("ENVIRONMENT")
    with pytest.raises(WeakConfiguration):
        load()


def test_it_is_frozen_and_its_secrets_are_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    config = given(monkeypatch, WORKOS_API_KEY="sk_of_nobody_at_all_1234", DATABASE_URL="postgresql://u:password@h/d")
    changed: Any = config
    with pytest.raises(ValidationError):
        changed.port = 1
    assert "sk_of" not in repr(config)
    assert "password" not in repr(config).replace("password=", "")


def test_service_clients_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(b"one").hexdigest()
    config = given(
        monkeypatch,
        SERVICE_CLIENTS=f"a:{digest}:tokens:introspect , b.b:{digest.upper()}:tokens:introspect+revocations:read,",
    )
    assert config.clients() == {
        "a": (hashlib.sha256(b"one").digest(), {"tokens:introspect"}),
        "b.b": (hashlib.sha256(b"one").digest(), {"tokens:introspect", "revocations:read"}),
    }
    assert load(service_clients=None).clients() == {}
