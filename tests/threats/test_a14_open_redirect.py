"""A14: a sign-in ends on our own hosts, whatever `return_to` says."""

from urllib.parse import quote, urlsplit

import pytest

from tests.builders import Tenant
from tests.gateway import Stage

HOME = "http://localhost:8000"
PAYLOADS = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example",
    "http://localhost:8000@evil.example",
    "http://localhost:8000.evil.example",
    "http://localhost:8000\\@evil.example",
    "http://localhost:8000%2f{}evil.example".format("@"),
    "http://localhost:8000:80{}evil.example".format("@"),
    "http://localhost:80000/",
    "http://localhost/",
    "https://localhost:8000/",
    "javascript:alert(1)",
    "JavaScript://localhost:8000/%0aalert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "/%09/evil.example",
    "/%2f%2fevil.example",
    "/%2fevil.example",
    "/%252fevil.example",
    "/%5cevil.example",
    "/\t/evil.example",
    "/x\r\nLocation: https://evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/x\nSet-Cookie: mp_session=evil",
    "\u2028https://evil.example",
    "/\u2215evil.example",
    "http://[evil.example",
    "http://[::1/",
    "http://\u24db\u24de\u24d2alhost:8000/",
    ".evil.example",
    "@evil.example",
    ":80/evil",
    "/;@evil.example",
    "/?url=//evil.example",
    "/..//evil.example",
    "/./\\evil.example",
]


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_a14_the_browser_stays_on_our_host(tenant: Tenant, stage: Stage, payload: str) -> None:
    browser = stage.browser()
    selected = f"connection={tenant.connection_workos_id}&login_hint={tenant.people['ada']}"
    started = await browser.http.get(f"/auth/sso?{selected}&return_to={quote(payload, safe='')}")
    if started.status_code == 400:
        assert started.json()["code"] == "return_to_not_allowed"
        return
    assert started.status_code == 302
    done = await browser.visit(await browser.at_identity_provider(started))
    assert done.status_code == 303
    location = done.headers["location"]
    assert f"{urlsplit(location).scheme}://{urlsplit(location).netloc}" == HOME
    assert location.startswith(f"{HOME}/")
    assert not {"\r", "\n", "\t", "\\"} & set(location)
    assert set(done.cookies) <= {"mp_session", "mp_login"}


@pytest.mark.parametrize("payload", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_a14_raw_in_the_query(tenant: Tenant, stage: Stage, payload: str) -> None:
    raw = f"/auth/sso?connection={tenant.connection_workos_id}&return_to={payload}"
    answer = await stage.browser().http.get(raw)
    assert (answer.status_code, answer.json()["code"]) == (400, "return_to_not_allowed")


async def test_a14_twice_is_refused(tenant: Tenant, stage: Stage) -> None:
    """Two parties could read two different addresses."""
    twice = f"/auth/sso?connection={tenant.connection_workos_id}&return_to=/x&return_to=//evil.example"
    assert (await stage.browser().http.get(twice)).json()["code"] == "bad_request"


@pytest.mark.parametrize(
    ("asked", "landed"),
    [
        ("/members?tab=1#top", f"{HOME}/members?tab=1#top"),
        (f"{HOME}/reports", f"{HOME}/reports"),
        ("/", f"{HOME}/"),
        ("", f"{HOME}/auth/signed-in"),
    ],
)
async def test_a14_what_is_ours_is_reached(tenant: Tenant, asked: str, landed: str) -> None:
    browser, callback = await tenant.at_callback(return_to=asked)
    assert (await browser.visit(callback)).headers["location"] == landed


async def test_a14_a_restart_link_keeps_the_longest_address(tenant: Tenant) -> None:
    browser, callback = await tenant.at_callback(return_to="/" + "a" * 2047)
    refused = await browser.visit(callback.replace("code=", "error="))
    assert refused.status_code == 502
    assert (await browser.http.get(refused.json()["restart"])).status_code == 302
