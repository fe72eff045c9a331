"""C7: every answer forbids framing and sniffing, insists on https and is not stored, errors and hot doors included."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Never

import pytest

from app.access.permissions import ROUTES
from app.http.exchange import Exchange
from sandbox.server import Sandbox
from tests.asgi import Headers, Raw, ask
from tests.builders import a_tenant
from tests.gateway import Stage
from tests.sessions.stages import own_stage

HOST = "auth.memberpulse.example"
SECURE = f"https://{HOST}"
JSON: Headers = [("content-type", "application/json")]
# Answers that hold nothing of anybody's: they may be kept.
PUBLIC = re.compile(r"/\.well-known/jwks\.json|/docs/(?!start).+|/auth/page\.(css|js)|/favicon\.ico")
PAGES = (
    "/auth/break-glass",
    "/auth/signed-in",
    "/auth/page.css",
    "/auth/page.js",
    "/console",
    "/console/",
    "/console/assets/nothing.js",
    "/console/organizations",
    "/docs",
    "/docs/start.js",
    "/docs/swagger-ui.css",
    "/docs/nothing",
    "/redoc",
    "/openapi.json",
    "/favicon.ico",
)
EXACT = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.fixture(scope="module")
async def own(server_url: str, twin: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    """A gateway under https."""
    folder: Path = tmp_path_factory.mktemp("https")
    async with own_stage(server_url, twin, folder, public_url=SECURE) as stage:
        yield stage


def guarded(answer: Raw, path: str) -> None:
    """Assert what every answer carries, each header once."""
    for name, value in EXACT.items():
        assert answer.all(name) == [value], (path, name)
    parts = [part.split() for part in answer.header("content-security-policy").split(";")]
    policy = {name: " ".join(sources) for name, *sources in parts}
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["default-src"] == policy["script-src"] == "'self'"
    assert policy["form-action"] in {"'self'", f"'self' {SECURE}"}, (
        "we ourselves, and the front end that sign-ins return to"
    )
    age = re.fullmatch(r"max-age=(\d+); includeSubDomains", answer.header("strict-transport-security"))
    assert age
    assert int(age[1]) >= 31_536_000
    if PUBLIC.fullmatch(path) and answer.status in {200, 304}:
        assert answer.header("cache-control").startswith("public")
    else:
        assert answer.all("cache-control") == ["no-store"], (path, answer.status)
    assert answer.header("x-request-id")
    assert not answer.all("server")
    assert not answer.all("x-powered-by")


def every_route(stage: Stage) -> list[tuple[str, str]]:
    """Return every method and address that OpenAPI or the matrix knows, parameters filled in, and the pages beside."""
    documented = [(method.upper(), path) for path, item in stage.app.openapi()["paths"].items() for method in item]
    found = sorted({*documented, *ROUTES, *stage.app.doors}) + [("GET", path) for path in PAGES]
    assert len(found) > 30
    return [(method, re.sub(r"\{\w+\}", "01900000-0000-7000-8000-000000000001", path)) for method, path in found]


async def test_c7_every_route(own: Stage) -> None:
    for method, path in every_route(own):
        guarded(await ask(own.app, method, path, JSON, host=HOST, body=[b"{}"]), path)
        guarded(await ask(own.app, method, path, [*JSON, ("origin", SECURE), ("accept", "text/html")], host=HOST), path)
        guarded(await ask(own.app, "OPTIONS", path, [("origin", SECURE)], host=HOST), path)


async def test_c7_signed_in_answers(own: Stage) -> None:
    browser = own.browser(SECURE)
    tenant = await a_tenant(own)
    await browser.sign_in(tenant.people["ada"], connection=tenant.connection_workos_id)
    token = ("authorization", f"Bearer {await browser.access_token()}")
    for path in ("/auth/session", "/auth/sessions", "/api/providers", "/api/organizations"):
        answer = await ask(own.app, "GET", path, [token], host=HOST)
        assert answer.status == 200
        guarded(answer, path)
    cookie = ("cookie", f"__Host-mp_session={browser.http.cookies['__Host-mp_session']}")
    answer = await ask(own.app, "POST", "/auth/token", [cookie, ("origin", SECURE)], host=HOST)
    assert answer.status == 200
    guarded(answer, "/auth/token")


PROBLEMS = {
    404: ("GET", "/nowhere", JSON, b"", HOST),
    405: ("PATCH", "/auth/discover", JSON, b"", HOST),
    413: ("POST", "/auth/discover", JSON, b'"' + b"x" * 300_000 + b'"', HOST),
    415: ("POST", "/auth/break-glass", [*JSON, ("content-encoding", "gzip")], b"{}", HOST),
    421: ("GET", "/auth/session", JSON, b"", "evil.example"),
    422: ("POST", "/auth/discover", JSON, b'{"email":7}', HOST),
}


@pytest.mark.parametrize("status", PROBLEMS)
async def test_c7_problems(status: int, own: Stage) -> None:
    method, path, headers, body, host = PROBLEMS[status]
    answer = await ask(own.app, method, path, headers, body=[body], host=host)
    assert answer.status == status, answer.body
    assert answer.header("content-type") == "application/problem+json"
    assert answer.json()["status"] == status
    guarded(answer, path)


async def test_c7_not_modified(own: Stage) -> None:
    path = "/.well-known/jwks.json"
    etag = (await ask(own.app, "GET", path, host=HOST)).header("etag")
    answer = await ask(own.app, "GET", path, [("if-none-match", etag)], host=HOST)
    assert answer.status == 304
    assert answer.all("content-length") == [], "it would be the length of the 200 (RFC 9110 section 8.6)"
    guarded(answer, path)


@pytest.mark.parametrize(
    "method_and_path", [("GET", "/.well-known/jwks.json"), ("GET", "/auth/session"), ("POST", "/auth/token")]
)
async def test_c7_crash_of_a_hot_door(
    method_and_path: tuple[str, str], own: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(_exchange: Exchange) -> Never:
        raise LookupError("the canary in the traceback")

    monkeypatch.setitem(own.app.doors, method_and_path, crash)
    crashed(await ask(own.app, *method_and_path, host=HOST), method_and_path[1])


async def test_c7_crash_of_a_route(own: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_arguments: object) -> Never:
        raise LookupError("the canary in the traceback")

    monkeypatch.setattr("app.sso.discovery.discover", crash)
    answer = await ask(own.app, "POST", "/auth/discover", JSON, body=[b'{"email":"a@b.example"}'], host=HOST)
    crashed(answer, "/auth/discover")


def crashed(answer: Raw, path: str) -> None:
    assert answer.status == 500
    assert answer.json()["code"] == "internal_error"
    assert b"canary" not in answer.body
    assert b"LookupError" not in answer.body
    guarded(answer, path)


async def test_c7_no_https_no_such_promise(stage: Stage) -> None:
    """On this machine without TLS, HSTS would lock the browser out of every other local program."""
    answer = await ask(stage.app, "GET", "/nowhere")
    assert answer.all("strict-transport-security") == []
    assert answer.all("x-frame-options") == ["DENY"]
