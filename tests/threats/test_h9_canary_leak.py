"""H9: the configuration's secrets stand in no log line, no answer, no metric and no table, whatever is done."""

import asyncio
import base64
import os
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import httpx
import pytest
from prometheus_client import generate_latest
from sqlalchemy.engine import make_url

from app import uow as units
from app.access.permissions import ROUTES
from app.bootstrap import WrongEncryptionKeys, assembled
from app.http.exchange import Receive, Scope, Send
from app.http.gateway import Gateway
from app.http.metrics import REGISTRY
from app.kit.sealing import Sealer
from app.queue.periodic import Periodic, run_due
from app.uow import UnitOfWork
from sandbox.server import Sandbox
from tests import conftest
from tests.builders import Tenant, a_tenant
from tests.gateway import KEYS, WEBHOOK_SECRET, Stage
from tests.gateway import SERVICE as SUITE_SERVICE
from tests.logs import logged
from tests.processes import Served
from tests.sessions.stages import dump, own_stage

API_KEY = "sk_" + "test_canary0of0the0api0key7f3a"
WEBHOOK = "canary/of+the=webhook 51c0"
SERVICE = ("canary", "canary-of-a-service/client.d41d")
PASSWORD = "canary-of-the-database-9b1f"
KEY = sha256(b"canary").digest()
CANARIES = {
    "API key": API_KEY.encode(),
    "webhook secret": WEBHOOK.encode(),
    "service secret": SERVICE[1].encode(),
    "password": PASSWORD.encode(),
    "encryption key": KEY,
}
BASIC = {"Authorization": "Basic " + base64.b64encode(":".join(SERVICE).encode()).decode()}
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 401, "body": {"message": f"Could not authorize with {API_KEY}"}},
    {"kind": "status", "status": 422, "body": {"error": "invalid_client", "error_description": API_KEY}},
    {"kind": "status", "status": 500},
    {"kind": "html", "body": f"<h1>{API_KEY}</h1>"},
    {"kind": "json", "body": {"profile": {"email": API_KEY}}},
    {"kind": "redirect", "location": f"http://127.0.0.1:9/?client_secret={API_KEY}"},
    {"kind": "garbage"},
    {"kind": "reset"},
]
ODD: list[dict[str, Any]] = [
    {"content": b"{", "headers": {"content-type": "application/json"}},
    {"content": f'"{SERVICE[1]}"', "headers": {"content-type": "application/json"}},
    {"json": {"email": [SERVICE[1]], "token": SERVICE[1], "name": [WEBHOOK], "api_key": API_KEY}},
    {"data": {"token": SERVICE[1], "client_id": SERVICE[0], "client_secret": SERVICE[1]}},
]


def spellings(secret: bytes) -> set[bytes]:
    """Return a secret as it may be found: plain, hex, quoted for a URL or for JSON, and inside longer base64."""
    quoted = {quote_from_bytes(secret, safe=safe) for safe in ("", "/")}
    quoted |= {text.replace("%20", "+") for text in quoted}
    found = {secret, secret.hex().encode(), secret.replace(b"/", b"\\/"), *(text.encode() for text in quoted)}
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret).rstrip(b"=")
        # Without the characters that the neighbouring bytes have a part in.
        whole = encoded[-(-before * 8 // 6) : len(encoded) - ((before + len(secret)) % 3 > 0)]
        found |= {whole, whole.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def leaks(places: Mapping[str, bytes]) -> list[str]:
    """Return which canary is where."""
    return [
        f"{name} in the {place}: ...{text[max(0, at - 80) : at + 80]!r}"
        for place, text in places.items()
        for name, secret in CANARIES.items()
        for spelling in spellings(secret)
        if (at := text.find(spelling)) >= 0
    ]


@dataclass(slots=True)
class Canary:
    """A gateway with canaries for secrets, and every byte that it answers."""

    stage: Stage
    answers: list[bytes] = field(default_factory=list[bytes])

    async def places(self, log: str) -> dict[str, bytes]:
        """Return all that somebody else may read."""
        return {
            "log": log.encode(),
            "answers": b"\n".join(self.answers),
            "metrics": generate_latest(REGISTRY),
            "database": (await dump(self.stage)).encode(),
        }


@pytest.fixture
async def canary(server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Canary]:
    url = make_url(server_url)
    planted = url if url.password else url.set(password=PASSWORD)  # a server that asks for none ignores it
    twin = Sandbox.from_seed()
    twin.world.credentials.api_keys[:] = [API_KEY]
    secrets = {
        "workos_api_key": API_KEY,
        "workos_webhook_secret": WEBHOOK,
        "encryption_keys": f"canary:{base64.b64encode(KEY).decode()}",
        "database_url": planted.render_as_string(hide_password=False),
        "service_clients": f"{SERVICE[0]}:{sha256(SERVICE[1].encode()).hexdigest()}:tokens:introspect",
    }
    async with (
        twin.running(),
        own_stage(planted.render_as_string(hide_password=False), twin, tmp_path, **secrets) as stage,
    ):
        found = Canary(stage)
        _record(found.answers, monkeypatch)
        yield found


def _record(answers: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Gateway.__call__

    async def recorded(self: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
        async def keep(message: Any) -> None:  # noqa: ANN401 -- ASGI's own
            answers.extend(b"%s: %s" % header for header in message.get("headers", ()))
            answers.append(message.get("body", b""))
            await send(message)

        await plain(self, scope, receive, keep)

    monkeypatch.setattr(Gateway, "__call__", recorded)


async def people_come_and_go(stage: Stage, tenant: Tenant) -> None:
    for name in tenant.people:
        browser = await tenant.signed_in(name)
        token = await browser.access_token()
        for path in ("/auth/introspect", "/auth/revoke", "/auth/introspect"):
            answer = await browser.http.post(path, data={"token": token}, auth=SERVICE)
            assert answer.status_code == 200
        await browser.http.post("/auth/logout", headers={"Origin": browser.base})
    admin = await stage.platform_admin()
    assert (await admin.api("POST", "/api/organizations", json={"name": "Made here"})).status_code == 201


async def workos_fails(stage: Stage, tenant: Tenant) -> None:
    bearer = await (await stage.platform_admin()).bearer()
    for fault in FAULTS:
        for route in ("POST /sso/token", "POST /organizations", "GET /organizations/*", "POST /sso/logout/authorize"):
            stage.twin.add_fault(route, **fault)
        browser, asked = stage.browser(), stage.exchanges()
        assert (await browser.sign_in(tenant.people["ada"])).status_code >= 400
        assert stage.exchanges() > asked, "no breaker stands before the fault"
        for body in ({"name": "x"}, {"name": "x", "workos_id": tenant.workos_id}):
            assert (await browser.http.post("/api/organizations", json=body, headers=bearer)).status_code >= 400
        stage.twin.clear_faults()


async def credentials_are_garbled(stage: Stage) -> None:
    secret, browser = SERVICE[1], stage.browser()
    half = base64.b64encode(secret.encode()).decode()
    for value in (
        f"Bearer {secret}",
        f"Bearer {API_KEY}",
        f"Basic {half}",
        f"Basic {secret}",
        f"Basic {secret}:",
        secret,
        f"Token {API_KEY}",
    ):
        for method, path in ROUTES:
            await browser.http.request(method, path, headers={"Authorization": value})
    for user, password in ((SERVICE[0], f"{secret}x"), (secret, SERVICE[0]), (SERVICE[0], API_KEY), ("", secret)):
        answer = await browser.http.post("/auth/introspect", data={"token": "x"}, auth=(user, password))
        assert answer.status_code == 401
    for token in (secret, API_KEY, f"{secret}.{secret}.{secret}", base64.b64encode(KEY).decode()):
        answer = await browser.http.post("/auth/introspect", data={"token": token}, auth=SERVICE)
        assert answer.json() == {"active": False}
        await browser.http.post("/auth/break-glass", json={"token": token})
        browser.http.cookies.set("mp_session", token)
        await browser.token()


async def every_route_is_asked_oddly(stage: Stage) -> None:
    for odd in ODD:
        bearer = await (await stage.platform_admin()).bearer()
        for headers in (bearer, BASIC):
            browser = stage.browser(headers={**headers, "Origin": stage.config.public_url})
            for method, path in ROUTES:
                await browser.http.request(method, path.replace("{", "").replace("}", ""), **odd)


async def things_break(stage: Stage, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crashes whose text holds what it should not, statements that fail, connections that are cut."""
    address = stage.config.database_url.get_secret_value() if stage.config.database_url else ""

    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError(f"client_id=x&client_secret={API_KEY} rejected by {address}")

    with monkeypatch.context() as patch:
        patch.setattr(type(stage.assembly.runtime.workos), "exchange_code", crash)
        patch.setattr("app.onboarding.flow.create", crash)
        assert (await stage.browser().sign_in(tenant.people["ada"])).status_code == 500
        admin = await stage.platform_admin()
        assert (await admin.api("POST", "/api/organizations", json={"name": "x"})).status_code == 500
    await stage.sql("alter table login_flows rename to elsewhere")
    assert (await stage.browser().start(connection=tenant.connection_workos_id)).status_code == 500
    await stage.sql("alter table elsewhere rename to login_flows")
    await stage.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    for _ in range(3):
        await stage.browser().http.get("/readyz")
        await stage.browser().start(connection=tenant.connection_workos_id)


async def it_does_not_start(stage: Stage) -> None:
    """With a database that is away, and with one that another key has sealed."""
    away = make_url("postgresql://gw@127.0.0.1:9/gw").set(password=PASSWORD).render_as_string(hide_password=False)
    async with assembled(stage.config, away) as assembly:
        assert not assembly.proven.is_set()
    others = Sealer({"canary": sha256(KEY).digest()}).canary()
    await stage.sql("update encryption_canaries set sealed = $1", others)
    with pytest.raises(WrongEncryptionKeys) as wrong:
        async with assembled(stage.config, stage.database):
            pass
    assert leaks({"message": repr(wrong.value).encode()}) == []


async def test_h9_no_secret_of_the_configuration_is_anywhere(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = canary.stage
    with logged("debug") as log:
        tenant = await a_tenant(stage, ada="MemberPulse Admins", mia="MemberPulse Members")
        await people_come_and_go(stage, tenant)
        await workos_fails(stage, tenant)
        await credentials_are_garbled(stage)
        await every_route_is_asked_oddly(stage)
        await things_break(stage, tenant, monkeypatch)
        await it_does_not_start(stage)
    places = await canary.places(log.text)
    assert leaks(places) == []
    assert tenant.people["ada"].encode() in places["database"]
    assert b'status="503"' in places["metrics"]
    assert len(canary.answers) > 1000
    crashes = [line["exception"] for line in log.of("http.request.crashed")]
    assert sum("client_secret=[hidden] rejected by" in text for text in crashes) == 2
    for event in ("http.request.refused", "sso.login.failed", "bootstrap.database.not_ready"):
        assert log.of(event), event
    assert {hit.headers["authorization"] for hit in stage.twin.hits() if "authorization" in hit.headers} == {
        f"Bearer {API_KEY}"
    }, "it was used, and nowhere else"


def test_h9_the_configuration_does_not_print_its_secrets(canary: Canary) -> None:
    config = canary.stage.config
    said = f"{config!r} {config} {config.model_dump()} {config.model_dump_json()} {canary.stage.assembly.runtime!r}"
    assert "**********" in said
    assert leaks({"configuration": said.encode()}) == []


async def test_h9_what_a_failed_job_leaves_behind_is_redacted(canary: Canary) -> None:
    async def fail(_uow: UnitOfWork) -> None:
        raise RuntimeError(f"client_secret={API_KEY} rejected")

    begin = partial(units.beginner(canary.stage.assembly.runtime), units.PLATFORM)
    with logged("debug") as log:
        assert await run_due(begin, {"canary": Periodic(timedelta(seconds=1), fail)}) == []
    assert len(log.of("queue.job.failed")) == 1
    assert await canary.stage.sql("select last_error from periodic_jobs where last_error like '%rejected%'")
    assert leaks(await canary.places(log.text)) == []


async def test_h9_the_log_of_a_process_holds_none_either(process: Served) -> None:
    """From its first line, and with what the tests before this one did to it."""
    async with httpx.AsyncClient(base_url=process.url) as client:
        await client.get("/auth/callback/workos", params={"code": "x", "connection_id": "conn_x"})
        await client.post("/auth/introspect", data={"token": "x"}, auth=("svc", conftest.SECRETS[0]))
        started = await client.get("/auth/sso", params={"domain": "acme.example"})
    assert started.status_code == 302
    said = await asyncio.to_thread(process.log.read_text)
    assert '"event": "http.request.refused"' in said
    assert [secret for secret in conftest.SECRETS if secret in said] == []


@pytest.mark.parametrize("name", CANARIES)
def test_h9_a_canary_is_found_however_it_is_spelled(name: str) -> None:
    secret = CANARIES[name]
    for text in (
        b"x=" + secret,
        secret.hex().encode(),
        quote_from_bytes(secret).encode(),
        base64.b64encode(secret),
        *(base64.b64encode(before + b":" + secret + b"!") for before in (b"", b"s", b"sv", b"svc")),
        *(base64.urlsafe_b64encode(before + secret + b"}}") for before in (b"", b"s", b"sv")),
    ):
        assert leaks({"text": b"before " + text + b" after"}), text
    assert leaks({"text": secret[:-1] + b"?" + secret[1:]}) == []


CARELESS = """
import logging, pytest, sys

def test_is_careful(): print("nothing of interest")
def test_prints(): print("it is the secret of this run")
def test_complains(): print("it is the secret of this run", file=sys.stderr)
def test_logs(): logging.getLogger("x").warning("%s is refused", "the secret of this run")
@pytest.fixture
def late():
    yield
    print("the secret of this run")
def test_prints_late(late): pass
"""


class Seen:
    """A plugin with the hook of conftest.py, which keeps what each phase of a run came to."""

    pytest_runtest_makereport = staticmethod(conftest.pytest_runtest_makereport)

    def __init__(self) -> None:
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            assert "let a secret be read" in str(report.longrepr)
            self.failed.append(f"{report.nodeid.partition('::')[2]} {report.when}")


def test_h9_a_test_that_shows_a_secret_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole suite is read by a hook in conftest.py; here it reads a run of its own."""
    assert {*conftest.SECRETS} == {
        KEYS.partition(":")[2], SUITE_SERVICE[1], WEBHOOK_SECRET, "sk_test_memberpulse_sandbox",
    }  # fmt: skip
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "test_careless.py").write_text(CARELESS)
    seen = Seen()
    without = ("-pno:faulthandler", "-pno:unraisableexception", "-pno:cacheprovider")
    with monkeypatch.context() as patch:
        patch.setattr(conftest, "SECRETS", ("the secret of this run",))
        pytest.main(["-q", "-c", os.devnull, "--rootdir", str(tmp_path), *without, str(tmp_path)], plugins=[seen])
    assert seen.failed == ["test_prints call", "test_complains call", "test_logs call", "test_prints_late teardown"]
