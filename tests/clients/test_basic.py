"""HTTP Basic authentication of service clients, as a table (RFC 7617; RFC 6749 section 2.3.1)."""

import base64
import hashlib
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.clients.credentials import Credentials
from app.clients.errors import ClientUnknown, ScopeMissing
from app.clients.repository import ClientLookups
from app.config import WeakConfiguration
from app.http.gateway import Gateway
from tests.asgi import Raw, ask
from tests.gateway import SERVICE, Stage, a_config

SCOPE = "tokens:introspect"
FORM = ("content-type", "application/x-www-form-urlencoded")
SECRETS = {"svc": "plain", "odd": "a b+c%d:e/é", "empty": "", "reader": "reads"}


def _entries() -> str:
    scopes = {name: "revocations:read" if name == "reader" else SCOPE for name in SECRETS}
    return ",".join(
        f"{name}:{hashlib.sha256(secret.encode()).hexdigest()}:{scopes[name]}" for name, secret in SECRETS.items()
    )


def parsed(stage: Stage, folder: Path, text: str) -> Credentials:
    config = a_config("http://localhost", folder, service_clients=SecretStr(text))
    return Credentials(config, ClientLookups(stage.assembly.runtime.lane), stage.clock)


@pytest.fixture
def credentials(stage: Stage, tmp_path: Path) -> Credentials:
    return parsed(stage, tmp_path, _entries())


def basic(pair: str | bytes, scheme: str = "Basic ") -> str:
    return scheme + base64.b64encode(pair.encode() if isinstance(pair, str) else pair).decode()


GOOD = {
    "plain": (basic("svc:plain"), "svc"),
    "scheme in lower case": (basic("svc:plain", "basic "), "svc"),
    "scheme in capitals": (basic("svc:plain", "BASIC "), "svc"),
    "more than one space": (basic("svc:plain", "Basic   "), "svc"),
    "form-encoded, as RFC 6749 wants it": (basic("odd:a+b%2Bc%25d%3Ae%2F%C3%A9"), "odd"),
    "name form-encoded": (basic("%73vc:plain"), "svc"),
}
BAD = {
    "nothing": None,
    "empty": "",
    "scheme alone": "Basic",
    "scheme and a space": "Basic ",
    "another scheme": basic("svc:plain", "Bearer "),
    "no scheme": basic("svc:plain", ""),
    "wrong secret": basic("svc:Plain"),
    "secret cut short": basic("svc:plai"),
    "secret with more": basic("svc:plain "),
    "secret with NUL": basic("svc:plain\0"),
    "no secret": basic("svc:"),
    "no colon": basic("svc"),
    "unknown client": basic("nobody:plain"),
    "unknown client without secret": basic("nobody:"),
    "no client": basic(":plain"),
    "name in capitals": basic("SVC:plain"),
    "secret of another": basic("svc:reads"),
    "hash instead of secret": basic("svc:" + hashlib.sha256(b"plain").hexdigest()),
    "hash bytes": basic(b"svc:" + hashlib.sha256(b"plain").digest()),
    "unencoded pair": "Basic svc:plain",
    "not base64": "Basic !!!!",
    "base64 without its padding": basic("svc:plain1").rstrip("="),
    "base64 with a line break": "Basic c3Zj\nOnBsYWlu",
    "base64url": "Basic c3ZjOnBsYWlu_-",
    "not UTF-8": basic(b"svc:\xff\xfe"),
    "not ASCII": "Basic \u00e9\u00e9\u00e9\u00e9",
    "two pairs": basic("svc:plain") + ", " + basic("svc:plain"),
    "very long": basic("svc:" + "x" * 10_000),
    "surrogates by percent": basic("svc:%ED%A0%80"),
}


@pytest.mark.parametrize(("header", "name"), GOOD.values(), ids=GOOD)
async def test_good_credentials(header: str, name: str, credentials: Credentials) -> None:
    assert (await credentials.authenticate(header, scope=SCOPE)).client_id == name


@pytest.mark.parametrize("header", BAD.values(), ids=BAD)
async def test_bad_credentials(header: str | None, credentials: Credentials) -> None:
    with pytest.raises(ClientUnknown) as refusal:
        await credentials.authenticate(header, scope=SCOPE)
    assert refusal.value.headers["WWW-Authenticate"].startswith("Basic ")


async def test_scope_is_asked_after_the_secret(credentials: Credentials) -> None:
    with pytest.raises(ScopeMissing):
        await credentials.authenticate(basic("reader:reads"), scope=SCOPE)
    with pytest.raises(ClientUnknown):
        await credentials.authenticate(basic("reader:wrong"), scope=SCOPE)
    reader = await credentials.authenticate(basic("reader:reads"), scope="revocations:read")
    assert reader.scopes == {"revocations:read"}


@pytest.mark.parametrize(
    "text", ["svc", "svc:abc:x", f"svc:{'0' * 64}", f"svc:{'0' * 63}:a", f"svc:{'0' * 64}:A B", "::"]
)
def test_half_an_entry_is_a_configuration_fault(text: str, stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(WeakConfiguration) as fault:
        parsed(stage, tmp_path, text)
    assert text not in str(fault.value)


async def introspect(app: Gateway, *authorizations: str) -> Raw:
    return await ask(
        app,
        "POST",
        "/auth/introspect",
        [FORM, *(("authorization", value) for value in authorizations)],
        body=[b"token=x"],
    )


@pytest.mark.parametrize("path", ["/auth/introspect", "/auth/revoke"])
@pytest.mark.parametrize("header", BAD.values(), ids=BAD)
async def test_bad_credentials_over_http(header: str | None, path: str, stage: Stage) -> None:
    sent = [] if header is None else [("authorization", header)]
    answer = await ask(stage.app, "POST", path, [FORM, *sent], body=[b"token=x"])
    assert answer.status == 401
    assert answer.json()["code"] == "invalid_client"
    assert answer.header("www-authenticate").startswith("Basic ")
    assert answer.pieces_read == 0, "a stranger's body is not read"


async def test_one_header_only(stage: Stage) -> None:
    good = basic(":".join(SERVICE))
    assert (await introspect(stage.app, good)).body == b'{"active":false}'
    for pair in ((good, good), (good, "Bearer x"), ("Bearer x", good)):
        assert (await introspect(stage.app, *pair)).status == 400


async def test_access_token_is_no_service_credential(stage: Stage) -> None:
    admin = await stage.platform_admin()
    token = await admin.access_token()
    assert (await introspect(stage.app, f"Bearer {token}")).status == 401
    assert (await introspect(stage.app, basic(f"memberpulse:{token}"))).status == 401
