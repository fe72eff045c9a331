"""The edge: every answer has a request id, our host is asked for by name, and what nobody serves is a problem."""

import re
from collections.abc import MutableMapping
from typing import Any

import pytest

from app.access.permissions import ROUTES
from app.http.handlers import DEEDS
from tests.asgi import Headers, ask
from tests.gateway import Stage
from tests.logs import logged

JWKS = "/.well-known/jwks.json"
MADE = re.compile(r"[0-9a-f]{32}")
# A hot door, an ordinary route, a route that refuses, an address that nobody serves.
PLACES = (JWKS, "/.well-known/oauth-authorization-server", "/api/providers", "/nowhere")
JSON: Headers = [("content-type", "application/json")]


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("given", ["request1", "A.b:c-d_9", "x" * 64, "01900000-0000-7000-8000-000000000001"])
async def test_a_well_formed_request_id_is_kept(given: str, path: str, stage: Stage) -> None:
    answer = await ask(stage.app, "GET", path, [("x-request-id", given)])
    assert answer.header("x-request-id") == given
    if answer.status >= 400:
        assert answer.json()["request_id"] == given


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(
    "given",
    ["", "short12", "x" * 65, "with space", "semi;colon", "new\nline", "\u00e9" * 8, "../../etc/passwd", "<script>"],
    ids=ascii,
)
async def test_any_other_is_replaced(given: str, path: str, stage: Stage) -> None:
    answer = await ask(stage.app, "GET", path, [("x-request-id", given)])
    assert MADE.fullmatch(answer.header("x-request-id"))
    if answer.status >= 400:
        assert answer.json()["request_id"] == answer.header("x-request-id")


async def test_ids_that_we_make_are_all_different(stage: Stage) -> None:
    made = {(await ask(stage.app, "GET", path)).header("x-request-id") for path in PLACES * 3}
    assert len(made) == 3 * len(PLACES)


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("host", ["evil.example", "localhost", "localhost:8001", "", None])
async def test_another_host_is_misdirected(host: str | None, path: str, stage: Stage) -> None:
    answer = await ask(stage.app, "GET", path, host=host)
    assert (answer.status, answer.json()["code"]) == (421, "host_unknown")
    assert answer.header("content-type") == "application/problem+json"
    assert answer.json()["instance"] == path


async def test_two_hosts_are_nobodys(stage: Stage) -> None:
    for second in ("localhost:8000", "evil.example"):
        assert (await ask(stage.app, "GET", JWKS, [("host", second)])).status == 421


async def test_the_host_is_ours_in_any_case(stage: Stage) -> None:
    assert (await ask(stage.app, "GET", JWKS, host="LocalHost:8000")).status == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "evil.example", None])
async def test_orchestrators_probe_by_address(host: str | None, path: str, stage: Stage) -> None:
    assert (await ask(stage.app, "GET", path, host=host)).status == 200


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/organizations/a\x00b", ""),
        ("/\x00", ""),
        (JWKS + "\x00", ""),
        ("/auth/sso", "organization=%00"),
        ("/auth/sso", "organization=a%00b&return_to=/"),
        ("/auth/callback/workos", "code=a&state=%00"),
        ("/api/auth/sso/connections", "type=x%00"),
        ("/nowhere", "%00=1"),
    ],
)
async def test_an_address_with_a_nul_is_malformed(path: str, query: str, stage: Stage) -> None:
    answer = await ask(stage.app, "GET", path, query=query)
    assert (answer.status, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/",
        "/api",
        "/api/organizations/",
        "/API/providers",
        "//api/providers",
        "/auth/sso/",
        "/auth/../healthz",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_what_nobody_serves_is_not_found(method: str, path: str, stage: Stage) -> None:
    answer = await ask(stage.app, method, path)
    assert (answer.status, answer.header("content-type")) == (404, "application/problem+json")
    assert answer.json() == {
        "type": "urn:memberpulse:problem:not_found",
        "title": "There is no such thing here.",
        "status": 404,
        "detail": "There is no such thing here.",
        "instance": path,
        "code": "not_found",
        "remedy": "Check the address and the id; an object of another organization is not shown.",
        "request_id": answer.header("x-request-id"),
    }


@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES if "{" not in path}))
async def test_a_method_that_a_route_lacks_is_named_as_such(path: str, stage: Stage) -> None:
    served = {method for method, other in ROUTES if other == path}
    looked_at = {"HEAD"} if "GET" in served and path not in DEEDS else set[str]()
    for method in {"PUT", "PATCH", "TRACE", "BREW"} - served:
        answer = await ask(stage.app, method, path)
        assert (answer.status, answer.json()["code"]) == (405, "method_not_allowed"), method
        assert set(answer.header("allow").split(", ")) == served | looked_at


@pytest.mark.parametrize("path", [*PLACES, "/healthz", "/openapi.json", "/auth/sessions"])
async def test_a_look_at_the_head_tells_what_a_get_would(path: str, stage: Stage) -> None:
    """The server sends no body after it (RFC 9110 section 9.3.2)."""
    sent = [("x-request-id", "the-same-for-both")]
    head, whole = [await ask(stage.app, method, path, sent) for method in ("HEAD", "GET")]
    assert head.status == whole.status
    assert sorted(head.headers) == sorted(whole.headers)


@pytest.mark.parametrize("path", sorted(DEEDS))
async def test_a_look_does_no_deed(path: str, stage: Stage) -> None:
    """Mail scanners look at links before people open them: a sign-in must not be used up by that."""
    assert (await ask(stage.app, "HEAD", path, query="code=a&state=b")).status == 405


async def test_a_body_that_is_not_json_is_malformed_and_a_wrong_one_is_invalid(stage: Stage) -> None:
    broken = await ask(stage.app, "POST", "/auth/discover", JSON, body=[b"{"])
    assert (broken.status, broken.json()["detail"]) == (400, "The body is not JSON.")
    wrong = await ask(stage.app, "POST", "/auth/discover", JSON, body=[b'{"email":7}'])
    assert (wrong.status, wrong.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in wrong.json()["errors"]] == ["email"]
    missing = await ask(stage.app, "POST", "/auth/discover", JSON, body=[b""])
    assert missing.status == 422


async def test_sockets_of_the_web_are_closed(stage: Stage) -> None:
    said: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    await stage.app({"type": "websocket", "path": "/", "headers": []}, receive, send)
    assert said == [{"type": "websocket.close", "code": 1000}]


async def test_the_log_has_a_line_for_everything_but_a_hot_success(stage: Stage) -> None:
    with logged() as log:
        await ask(stage.app, "GET", JWKS)
        await ask(stage.app, "GET", "/auth/session", [("x-request-id", "request-of-a-refusal")])
        await ask(stage.app, "GET", "/healthz")
    served = log.of("http.request.served")
    assert [(line["method"], line["path"], line["status"]) for line in served] == [
        ("GET", "/auth/session", 401),
        ("GET", "/healthz", 200),
    ]
    assert (served[0]["request_id"], served[0]["ip"]) == ("request-of-a-refusal", "203.0.113.9")
    assert [line["problem"] for line in log.of("http.request.refused")] == ["not_authenticated"]
