"""C6: only our own front ends may read our answers from a browser; nothing is reflected."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.asgi import ask
from tests.gateway import Stage
from tests.sessions.stages import own_stage

APP, EXTRA = "https://app.memberpulse.com", "https://admin.memberpulse.com:8443"
HOST = "auth.memberpulse.com"
FOREIGN = (
    "https://evil.example",
    "null",
    "https://app.memberpulse.com.evil.com",
    "https://evil-app.memberpulse.com",
    "https://evil.app.memberpulse.com",
    "http://app.memberpulse.com",
    "https://app.memberpulse.com:444",
    "https://app.memberpulse.com/",
    "https://app.memberpulse.com%60.evil.com",
    "https://APP.memberpulse.com.",
    "https://admin.memberpulse.com",
    "*",
    "",
    "\u00e9",
)
REQUESTS = (
    ("GET", "/auth/session"),
    ("POST", "/auth/token"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/api/providers"),
    ("GET", "/nowhere"),
    ("PUT", "/auth/token"),
    ("OPTIONS", "/auth/token"),
    ("OPTIONS", "/api/organizations"),
    ("GET", "/healthz"),
)


@pytest.fixture(scope="module")
async def own(server_url: str, twin: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    """A gateway whose front ends live elsewhere."""
    folder: Path = tmp_path_factory.mktemp("cors")
    urls = {"public_url": f"https://{HOST}", "app_url": APP, "app_origins": (EXTRA,)}
    async with own_stage(server_url, twin, folder, **urls) as stage:
        yield stage


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_c6_foreign_origins_get_no_permission(method: str, path: str, own: Stage) -> None:
    for origin in FOREIGN:
        headers = [("origin", origin), ("access-control-request-method", "POST")]
        answer = await ask(own.app, method, path, headers, host=HOST)
        assert not [name for name, _ in answer.headers if name.startswith("access-control-")], origin
        assert answer.status < 500


@pytest.mark.parametrize(("method", "path"), REQUESTS)
@pytest.mark.parametrize("origin", [APP, EXTRA])
async def test_c6_our_front_ends_get_it_by_name(origin: str, method: str, path: str, own: Stage) -> None:
    answer = await ask(
        own.app, method, path, [("origin", origin), ("access-control-request-method", "POST")], host=HOST
    )
    assert answer.header("access-control-allow-origin") == origin
    assert answer.header("access-control-allow-credentials") == "true"
    assert answer.header("vary") == "Origin", "or a shared cache would hand it to the other one"
    if method == "OPTIONS":
        assert answer.status == 204
        assert "authorization" in answer.header("access-control-allow-headers")
        assert "DELETE" in answer.header("access-control-allow-methods")
    else:
        assert "x-request-id" in answer.header("access-control-expose-headers")


async def test_c6_front_end_may_use_the_cookie_and_others_may_not(own: Stage) -> None:
    statuses = [
        (await ask(own.app, "POST", "/auth/token", [("origin", origin)], host=HOST)).status
        for origin in (APP, EXTRA, *FOREIGN)
    ]
    assert statuses[:2] == [401, 401], "asked for a cookie"
    assert set(statuses[2:]) == {403}
