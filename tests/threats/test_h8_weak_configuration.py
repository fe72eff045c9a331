"""H8: production does not start with a missing, weak or test value: one clear line each, which shows no secret."""

import base64
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from typing import Never

import pytest

from app import cli
from app.config import Config, WeakConfiguration, load
from tests.gateway import KEYS
from tests.processes import ROOT, free_port

NEEDED = {
    "DATABASE_URL": "postgresql://gateway:" + "the-password-of-the-database@db.memberpulse.example/gateway",
    "ENCRYPTION_KEYS": KEYS,
    "PUBLIC_URL": "https://auth.memberpulse.example",
}
GOOD = {
    **NEEDED,
    "APP_URL": "https://app.memberpulse.example",
    "APP_ORIGINS": "https://one.memberpulse.example, https://two.memberpulse.example:8443",
    "SERVICE_CLIENTS": f"billing:{hashlib.sha256(b'a secret of 256 random bits').hexdigest()}:tokens:introspect",
    "WORKOS_API_KEY": "sk_" + "production_key_of_nobody",
    "WORKOS_CLIENT_ID": "client_of_nobody",
    "WORKOS_REDIRECT_URI": "https://auth.memberpulse.example/auth/callback/workos",
    "WORKOS_WEBHOOK_SECRET": "sixteen letters.,the secret that replaces it",
    "TRUSTED_PROXIES": "10.0.0.0/8,::1",
}
SECRETS = {"DATABASE_URL", "ENCRYPTION_KEYS", "SERVICE_CLIENTS", "WORKOS_API_KEY", "WORKOS_WEBHOOK_SECRET"}


def key(raw: bytes, name: str = "k1") -> str:
    """Return an entry of ENCRYPTION_KEYS."""
    return f"{name}:{base64.b64encode(raw).decode()}"


def client(secret: str) -> str:
    """Return an entry of SERVICE_CLIENTS."""
    return f"svc:{hashlib.sha256(secret.encode()).hexdigest()}:tokens:introspect"


# Variable, its value (None: not set), and a word that the one line must hold.
WEAK: list[tuple[str, str | None, str]] = [
    ("DATABASE_URL", None, "missing"),
    ("DATABASE_URL", "", "missing"),
    ("ENCRYPTION_KEYS", None, "missing"),
    ("ENCRYPTION_KEYS", "", "missing"),
    ("ENCRYPTION_KEYS", ",", "id:base64"),
    ("ENCRYPTION_KEYS", "a passphrase without an id", "id:base64"),
    ("ENCRYPTION_KEYS", KEYS.partition(":")[2], "id:base64"),
    ("ENCRYPTION_KEYS", "k1:no base64 at all", "base64"),
    ("ENCRYPTION_KEYS", key(bytes(range(16))), "32 bytes"),
    ("ENCRYPTION_KEYS", key(bytes(range(33))), "32 bytes"),
    ("ENCRYPTION_KEYS", f"{KEYS},{key(bytes(range(31)), 'k0')}", "32 bytes"),
    ("ENCRYPTION_KEYS", f"{KEYS},{KEYS}", "twice"),
    ("ENCRYPTION_KEYS", key(bytes(32)), "not random"),
    ("ENCRYPTION_KEYS", key(b"secretsecretsecretsecretsecretse"), "not random"),
    ("ENCRYPTION_KEYS", f"{KEYS},{key(b'0' * 32, 'k0')}", "not random"),
    ("PUBLIC_URL", None, "missing"),
    ("PUBLIC_URL", "http://auth.memberpulse.example", "https"),
    ("PUBLIC_URL", "http://localhost:8000", "https"),
    ("PUBLIC_URL", "auth.memberpulse.example", "https"),
    ("PUBLIC_URL", "https://[", "https"),
    ("PUBLIC_URL", "https://auth.memberpulse.example:70000", "https"),
    ("PUBLIC_URL", "https://m\u00fcnchen.example", "ASCII"),
    ("PUBLIC_URL", "https://somebody@auth.memberpulse.example", "without user"),
    ("PUBLIC_URL", "https://:a-password@auth.memberpulse.example", "without user"),
    ("PUBLIC_URL", "https://auth.memberpulse.example?a=b", "query"),
    ("PUBLIC_URL", "https://auth.memberpulse.example/gateway", "path"),
    ("APP_URL", "http://app.memberpulse.example", "https"),
    ("APP_URL", "javascript:alert(1)", "https"),
    ("APP_URL", "https://[", "https"),
    ("APP_ORIGINS", "https://one.memberpulse.example,http://two.memberpulse.example", "https"),
    ("APP_ORIGINS", "http://one.memberpulse.example,http://two.memberpulse.example", "https"),
    ("APP_ORIGINS", "*", "https"),
    ("APP_ORIGINS", "https://*.memberpulse.example", "https"),
    ("WORKOS_REDIRECT_URI", "http://auth.memberpulse.example/auth/callback/workos", "https"),
    ("WORKOS_REDIRECT_URI", "https://auth.memberpulse.example/callback", "/auth/callback/workos"),
    ("WORKOS_BASE_URL", "http://api.workos.com", "https"),
    ("WORKOS_BASE_URL", "http://127.0.0.1:4100", "https"),
    ("WORKOS_API_KEY", "sk_test_memberpulse_sandbox", "test key"),
    ("WORKOS_API_KEY", "sk_tooshort_19_char", "20 characters"),
    ("WORKOS_API_KEY", "project_client_id_by_mistake", "sk_"),
    ("WORKOS_API_KEY", "sk_with a space, which no header can carry", "spaces"),
    ("WORKOS_WEBHOOK_SECRET", "fifteen letters", "16 to 256"),
    ("WORKOS_WEBHOOK_SECRET", "x" * 257, "16 to 256"),
    ("WORKOS_WEBHOOK_SECRET", f"{GOOD['WORKOS_WEBHOOK_SECRET']},short", "16 to 256"),
    ("SERVICE_CLIENTS", client("secret"), "well-known"),
    ("SERVICE_CLIENTS", client(""), "well-known"),
    ("SERVICE_CLIENTS", "svc:the-secret-itself:tokens:introspect", "sha256"),
    ("SERVICE_CLIENTS", f"{client('good enough')},svc2", "sha256"),
    ("SERVICE_CLIENTS", client("good enough").replace("introspect", "mint"), "scopes"),
    ("TOKEN_AUDIENCE", ",", "audience"),
    ("PORT", "eighty", "integer"),
    ("METRICS_PORT", "9090x", "integer"),
    ("TRUSTED_PROXIES", "10.0.0.0/8,everyone", "everyone"),
    ("ENVIRONMENT", "staging", "production"),
    ("RATE_LIMITS", "sometimes", "'on' or 'off'"),
    ("DOCS", "false", "'on' or 'off'"),
    ("LOG_LEVEL", "loud", "'debug'"),
]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)


def lines(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str | None]) -> list[str]:
    """Return what production says to this environment: nothing when it is good."""
    for name, value in environment.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    try:
        config = load()
    except WeakConfiguration as weak:
        return weak.lines
    assert config.is_production
    return []


def parts(value: str | None) -> list[str]:
    """Return the pieces of a secret that nobody should read in a log."""
    public = {"tokens", "introspect"}
    return [part for part in re.split(r"[,:/@]", value or "") if len(part) > 4 and part not in public]


@pytest.mark.parametrize("environment", [NEEDED, GOOD], ids=["without WorkOS", "complete"])
def test_h8_good_values_pass(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(monkeypatch, {**environment}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKOS_WEBHOOK_SECRET", "x" * 16),
        ("WORKOS_WEBHOOK_SECRET", "x" * 256),
        ("WORKOS_API_KEY", "sk_" + "y" * 17),
        ("ENCRYPTION_KEYS", f"{key(bytes(range(50, 82)), 'new')}, {KEYS}"),
        ("PORT", "80"),
        ("PUBLIC_URL", "https://auth.memberpulse.example:8443/"),
    ],
)
def test_h8_values_at_the_edge_pass(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(monkeypatch, {**GOOD, name: value}) == []


@pytest.mark.parametrize(("name", "value", "why"), WEAK, ids=[f"{name} {why}" for name, _, why in WEAK])
def test_h8_a_weak_value_is_one_line(name: str, value: str | None, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = lines(monkeypatch, {**GOOD, name: value})
    assert re.match(rf"{name}\b", line)
    assert why in line
    assert line.endswith(".")
    assert "\n" not in line
    if name in SECRETS:
        assert [part for part in parts(value) if part in line] == []


def test_h8_each_fault_has_its_line_and_no_line_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = {
        "DATABASE_URL": None,
        "ENCRYPTION_KEYS": f"{key(b'not a random key, but a sentence'[:20])},k0:another-short-key",
        "APP_URL": "http://app.memberpulse.example",
        "APP_ORIGINS": "http://one.example,http://two.example",
        "WORKOS_API_KEY": "sk_test_a_test_key_of_somebody",
        "WORKOS_WEBHOOK_SECRET": "too short",
        "SERVICE_CLIENTS": client("secret"),
    }
    said = lines(monkeypatch, {**GOOD, **weak})
    assert [re.split(r"[: ]", line)[0] for line in said] == list(weak)
    secrets = [part for name, value in {**GOOD, **weak}.items() if name in SECRETS for part in parts(value)]
    assert len(secrets) >= 5
    assert [part for part in secrets if part in "\n".join(said)] == []


def test_h8_several_values_that_do_not_parse_have_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    said = lines(monkeypatch, {**GOOD, "PORT": "eighty", "LOG_LEVEL": "loud", "PUBLIC_URL": None})
    assert [line.partition(":")[0] for line in said] == ["PORT", "LOG_LEVEL"]


def test_h8_production_is_what_nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(monkeypatch, {}) != []
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("WORKOS_API_KEY", "sk_test_memberpulse_sandbox")
    assert load().environment == "test"


@pytest.mark.parametrize("name", ["PORT", "METRICS_PORT"])
def test_h8_a_port_that_there_is_not_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = lines(monkeypatch, {**GOOD, name: "70000"})
    assert line.startswith(name)


@pytest.mark.parametrize("value", [None, "http://auth.memberpulse.example"])
def test_h8_what_follows_from_another_fault_has_no_line(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    said = lines(monkeypatch, {**NEEDED, "PUBLIC_URL": value})
    assert [re.split(r"[: ]", line)[0] for line in said] == ["PUBLIC_URL"]


def test_h8_service_clients_hide_no_other_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    said = lines(monkeypatch, {**GOOD, "SERVICE_CLIENTS": "svc:nonsense", "DATABASE_URL": None})
    assert sorted(re.split(r"[: ]", line)[0] for line in said) == ["DATABASE_URL", "SERVICE_CLIENTS"]


def leave_alone(*_: object) -> None:
    """Stand for `signal.signal`: the handlers of the tests' own process stay."""


def go_on(_level: str) -> Never:
    """Stand for what follows the reading of the configuration: here it would be a server."""
    raise AssertionError("it goes on")


VERBS = ["serve", "serve --workers 2", "worker", "migrate", "admin-link --json", "keys list", "check"]


@pytest.mark.parametrize("verb", VERBS)
def test_h8_every_verb_refuses(verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in {**GOOD, "WORKOS_API_KEY": "sk_test_a_test_key_of_somebody"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["memberpulse-auth", *verb.split()])
    monkeypatch.setattr(signal, "signal", leave_alone)
    monkeypatch.setattr("app.log.set_up", go_on)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "memberpulse-auth: WORKOS_API_KEY is a test key (sk_test_): production needs a live one.\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", None),
        ("DATABASE_URL", "not an address"),
    ],
)
def test_h8_the_command_says_one_line_and_ends(name: str, value: str | None) -> None:
    environment = {**GOOD, "PORT": str(free_port()), name: value}
    begun = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],  # noqa: TID251 -- nothing else of this environment
            **{name: value for name, value in environment.items() if value is not None},
        },
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert time.monotonic() - begun < 10, "5 s on a machine of one's own"
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"memberpulse-auth: {name}")
