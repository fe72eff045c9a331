"""C2: another site cannot make a browser use its cookie; calls with a Bearer token need no such check."""

import pytest

from app.access.permissions import ROUTES
from tests.asgi import Headers, ask
from tests.builders import Tenant
from tests.gateway import BASE, Stage

COOKIE_ROUTES = ("/auth/token", "/auth/logout")
UNSAFE = sorted(route for route in ROUTES if route[0] not in {"GET", "HEAD"})
OPEN = {"/auth/discover", "/auth/introspect", "/auth/revoke", "/webhooks/workos"}  # no cookie, no session

FOREIGN: dict[str, Headers] = {
    "foreign origin": [("origin", "https://evil.example")],
    "foreign origin that calls itself same-origin": [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "same-origin"),
    ],
    "null origin": [("origin", "null")],
    "null origin of another site's frame": [("origin", "null"), ("sec-fetch-site", "cross-site")],
    "empty origin": [("origin", "")],
    "our origin with a path": [("origin", BASE + "/")],
    "our host at another port": [("origin", "http://localhost:8001")],
    "our host over https": [("origin", "https://localhost:8000")],
    "our host as a prefix": [("origin", BASE + ".evil.example")],
    "two origins": [("origin", BASE), ("origin", "https://evil.example")],
    "two origins in one": [("origin", f"{BASE}, https://evil.example")],
    "cross-site": [("sec-fetch-site", "cross-site")],
    "same-site": [("sec-fetch-site", "same-site")],
    "typed in": [("sec-fetch-site", "none")],
    "neither header": [],
    "only a referer": [("referer", BASE + "/")],
}
FORMS: dict[str, Headers] = {
    "text/plain": [("content-type", "text/plain"), ("content-length", "2")],
    "form": [("content-type", "application/x-www-form-urlencoded"), ("content-length", "3")],
    "multipart": [("content-type", "multipart/form-data; boundary=x"), ("content-length", "3")],
    "text/plain without a body": [("content-type", "text/plain")],
    "no type": [("content-length", "2")],
    "no type, chunked": [("transfer-encoding", "chunked")],
    "almost JSON": [("content-type", "application/jsonp"), ("content-length", "2")],
    "two types": [("content-type", "application/json"), ("content-type", "text/plain")],
}


async def ended(stage: Stage) -> int:
    """Return how many sessions have ended, or were stamped as seen."""
    (row,) = await stage.sql(
        "select count(ended_at) as ended, sum(extract(epoch from last_seen_at)) as seen from sessions"
    )
    return hash((row["ended"], row["seen"]))


@pytest.mark.parametrize("path", COOKIE_ROUTES)
async def test_c2_foreign_requests_with_a_good_cookie(path: str, tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    cookie = ("cookie", f"mp_session={browser.session_cookie}")
    before = await ended(stage)
    for name, headers in FOREIGN.items():
        answer = await ask(stage.app, "POST", path, [cookie, *headers])
        assert answer.status == (400 if name == "two origins" else 403), name
        assert b"access_token" not in answer.body
    for name, headers in FORMS.items():
        answer = await ask(stage.app, "POST", path, [cookie, ("origin", BASE), *headers], body=[b"{}"])
        assert answer.status == (400 if name == "two types" else 403), name
    assert await ended(stage) == before, "nothing was ended or stamped"
    assert (await browser.token()).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "GET", "HEAD", "QUERY"])
@pytest.mark.parametrize("path", COOKIE_ROUTES)
async def test_c2_other_methods_do_nothing(method: str, path: str, tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    headers = [("cookie", f"mp_session={browser.session_cookie}"), ("origin", BASE)]
    assert (await ask(stage.app, method, path, headers)).status == 405
    assert (await browser.token()).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        [("origin", BASE)],
        [("origin", BASE.upper())],
        [("sec-fetch-site", "same-origin")],
        [("origin", BASE), ("content-type", "application/json"), ("content-length", "2")],
        [("origin", BASE), ("content-type", "Application/JSON; charset=utf-8"), ("content-length", "2")],
        [("origin", BASE), ("content-length", "0")],
    ],
    ids=repr,
)
async def test_c2_our_own_pages_get_a_token(headers: Headers, tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    answer = await ask(stage.app, "POST", "/auth/token", [("cookie", f"mp_session={browser.session_cookie}"), *headers])
    assert answer.status == 200


@pytest.mark.parametrize(("method", "path"), UNSAFE)
async def test_c2_no_other_route_takes_the_cookie(method: str, path: str, tenant: Tenant, stage: Stage) -> None:
    if path in OPEN:
        return
    browser = await tenant.signed_in()
    before = (await ended(stage), await stage.count("audit_events"))
    address = path.replace("{", "").replace("}", "").replace("session_id", "01900000-0000-7000-8000-000000000001")
    for headers in ([("origin", "https://evil.example")], []):
        sent = [("cookie", f"mp_session={browser.session_cookie}"), ("content-type", "application/json"), *headers]
        answer = await ask(stage.app, method, address, [*sent, ("content-length", "2")], body=[b"{}"])
        assert answer.status in {400, 401, 403, 415, 422}, (method, path, answer.status)
    assert (await ended(stage), await stage.count("audit_events")) == before


async def test_c2_bearer_calls_need_none(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    bearer = ("authorization", f"Bearer {await browser.access_token()}")
    for headers in ([], [("origin", "https://evil.example")], [("sec-fetch-site", "cross-site")]):
        assert (await ask(stage.app, "GET", "/auth/sessions", [bearer, *headers])).status == 200
    assert (
        await ask(stage.app, "DELETE", "/auth/sessions", [bearer, ("origin", "https://evil.example")])
    ).status == 200


async def test_c2_emergency_access_is_not_for_other_sites(stage: Stage) -> None:
    """A form of another site would sign this browser in as an administrator of the attacker's choosing."""
    before = await stage.count("sessions")
    form = ("content-type", "application/x-www-form-urlencoded")
    text = ("content-type", "text/plain")
    for headers in ([form], [form, ("origin", "https://evil.example")], [text, ("origin", "null")]):
        answer = await ask(stage.app, "POST", "/auth/break-glass", headers, body=[b'{"token":"x"}'])
        assert answer.status == 403, headers
    assert await stage.count("sessions") == before
