"""H7: metrics are on the operator's port alone, `DOCS=off` hides the documentation, no answer says what serves it."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest

from app import api
from app.http import metrics
from sandbox.server import Sandbox
from tests.asgi import Headers, ask
from tests.gateway import Stage
from tests.http.stage import talk
from tests.logs import logged
from tests.processes import Served, free_port, served

METRICS = ("/metrics", "/metrics/", "//metrics", "/./metrics", "/METRICS", "/%6detrics", "/metrics?x=1", "/metrics;x")
DOCS = ("/docs", "/docs/", "/docs/swagger-ui.css", "/docs/start.js", "/redoc", "/openapi.json")
DEBUG = (
    "/debug", "/debug/pprof/", "/_debug", "/__debug__/", "/admin", "/internal", "/actuator/env", "/env",
    "/config", "/info", "/version", "/status", "/stats", "/trace", "/threads", "/profiler", "/server-status", "/test",
    "/.env", "/.git/config", "/graphql", "/swagger.json", "/api/docs", "/api/openapi.json", "/healthz/debug",
)  # fmt: skip
OPERATORS_WORD = re.compile(r"debug|metric|pprof|console|profil|trace|dump|internal|actuator|/env|config|version|test")
BANNER = re.compile(
    rb"\r\n(server|via|x-powered-by|x-runtime|x-version)\s*:"
    rb"|uvicorn|httptools|starlette|fastapi|pydantic|sqlalchemy|asyncpg|postgres|workos-python|python|traceback"
    rb"|site-packages|\.py\b|line \d+, in",
    re.IGNORECASE,
)
JSON = "content-type: application/json\r\n"


@dataclass(slots=True)
class Operated:
    """A gateway process without documentation, and its two ports."""

    public: int
    metrics: int
    process: Served

    async def said(self, head: str, body: str = "") -> bytes:
        """Return the bytes of the public port's answer to a request line with headers."""
        length = f"content-length: {len(body)}\r\n" if body else ""
        request = f"{head}host: localhost:{self.public}\r\nconnection: close\r\n{length}\r\n{body}"
        return await talk(self.public, request.encode())


@pytest.fixture(scope="module")
async def operated(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Operated]:
    twin, port = Sandbox.from_seed(), free_port()
    folder = tmp_path_factory.mktemp("operated")
    async with twin.running(), served(server_url, twin, folder, METRICS_PORT=str(port), DOCS="off") as process:
        yield Operated(int(urlsplit(process.url).port or 0), port, process)


async def test_h7_the_operator_reads_metrics_on_a_port_of_its_own(operated: Operated) -> None:
    assert b" 404 " in await operated.said("GET /nowhere-canary HTTP/1.1\r\n")
    answer = await talk(operated.metrics, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'gateway_http_requests_total{route="other",status="404"}' in answer
    assert b"nowhere-canary" not in answer, "a label with a caller's value would grow for ever"
    assert BANNER.search(answer) is None


@pytest.mark.parametrize("path", ["/", "/auth/session", "/.well-known/jwks.json", "/openapi.json", "/metrics/x"])
async def test_h7_the_operators_port_serves_nothing_else(path: str, operated: Operated) -> None:
    answer = await talk(operated.metrics, f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.endswith(b"\r\n\r\nnot found\n")


async def test_h7_without_a_port_there_are_no_metrics() -> None:
    async with metrics.served("127.0.0.1", None) as port:
        assert port is None
    async with metrics.served("127.0.0.1", free_port()) as port, httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/metrics")).status_code == 200


@pytest.mark.parametrize("path", [*METRICS, *DOCS, *DEBUG])
async def test_h7_the_public_port_knows_no_such_thing(path: str, operated: Operated) -> None:
    for method in ("GET", "POST"):
        answer = await operated.said(f"{method} {path} HTTP/1.1\r\n")
        assert answer.startswith(b"HTTP/1.1 404 "), (method, answer)
        assert b'"code":"not_found"' in answer
        assert BANNER.search(answer) is None, (method, answer)


@pytest.mark.parametrize("path", [path for path in DOCS if path != "/docs/"])
async def test_h7_the_documentation_is_there_unless_it_is_off(path: str, stage: Stage) -> None:
    assert (await stage.browser().http.get(path)).status_code == 200
    assert (await stage.browser().http.get("/metrics")).status_code == 404


ANSWERS = {
    200: ("GET /.well-known/oauth-authorization-server HTTP/1.1\r\n", ""),
    400: (f"POST /auth/discover HTTP/1.1\r\n{JSON}", "{"),
    401: ("GET /api/organizations HTTP/1.1\r\nauthorization: Bearer x.y.z\r\n", ""),
    403: ("POST /auth/token HTTP/1.1\r\n", ""),
    404: ("GET /nowhere HTTP/1.1\r\naccept: text/html\r\n", ""),
    405: ("PATCH /auth/discover HTTP/1.1\r\n", ""),
    413: (f"POST /auth/discover HTTP/1.1\r\n{JSON}", " " * 300_000),
    421: ("GET /auth/session HTTP/1.1\r\nhost: elsewhere.example\r\n", ""),
    422: (f"POST /auth/discover HTTP/1.1\r\n{JSON}", '{"email":7}'),
    431: (f"GET / HTTP/1.1\r\nx: {'x' * 40_000}\r\n", ""),
}


@pytest.mark.parametrize("status", ANSWERS)
async def test_h7_no_answer_says_what_serves_it(status: int, operated: Operated) -> None:
    answer = await operated.said(*ANSWERS[status])
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:300]
    assert BANNER.search(answer) is None, answer


@pytest.mark.parametrize("nonsense", [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"])
async def test_h7_nonsense_is_not_answered_with_a_banner(nonsense: bytes, operated: Operated) -> None:
    answer = await talk(operated.public, nonsense)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert BANNER.search(answer) is None, answer


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "DEBUG"])
async def test_h7_no_method_gives_a_request_back(method: str, operated: Operated) -> None:
    answer = await operated.said(f"{method} /auth/session HTTP/1.1\r\nx-canary: give-me-back\r\n")
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 405 ")), answer
    assert b"give-me-back" not in answer
    assert BANNER.search(answer) is None, answer


CRASHES: dict[str, tuple[str, str, str, bytes]] = {
    "a route": ("app.sso.discovery.discover", "POST", "/auth/discover", b'{"email":"a@b.example"}'),
    "a hot door": ("app.sessions.doors.SessionDoors.jwks", "GET", "/.well-known/jwks.json", b""),
}


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("crash", CRASHES)
async def test_h7_a_crash_shows_no_trace(
    crash: str, accept: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, method, path, body = CRASHES[crash]

    async def broken(*_: object) -> None:
        raise LookupError("the canary in the trace")

    monkeypatch.setattr(target, broken)
    if (method, path) in stage.app.doors:
        monkeypatch.setitem(stage.app.doors, (method, path), broken)
    headers: Headers = [("content-type", "application/json"), ("accept", accept)]
    with logged() as log:
        answer = await ask(stage.app, method, path, headers, body=[body])
    assert "the canary in the trace" in log.of("http.request.crashed")[0]["exception"]
    assert answer.status == 500
    whole = b"".join(f"\r\n{name}: {value}".encode() for name, value in answer.headers) + answer.body
    assert BANNER.search(whole) is None, whole
    assert b"canary" not in whole
    assert b"LookupError" not in whole


def test_h7_no_route_is_for_debugging(stage: Stage) -> None:
    assert stage.app.debug is False
    served_here = {path for router in api.ROUTERS for route in router.routes if (path := getattr(route, "path", ""))}
    assert len(served_here) > 20
    named_so = {path for path in served_here if OPERATORS_WORD.search(path)}
    # Tests and configurations of single sign-on are what administrators come for.
    assert named_so == {
        "/api/auth/sso/connections/{connection_id}/test",
        "/api/auth/sso/tests/{test_id}",
        "/api/organizations/{organization_id}/sso/configuration",
    }
