"""A16: code, state, verifier and cookies stand in no log line and in no address after the callback."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.builders import Tenant
from tests.gateway import Stage
from tests.logs import logged

PAGE = "text/html,application/xhtml+xml"


def canaries(callback: str) -> list[str]:
    """Return the secrets that the callback's own address carries."""
    query = parse_qs(urlsplit(callback).query)
    return [query["code"][0], query["state"][0]]


def require_clean(answer: httpx.Response, secrets: list[str]) -> None:
    """Nothing of the answer hands a secret on, and nobody may keep or refer to it."""
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    for secret in secrets:
        assert secret not in answer.headers.get("location", "")
        assert secret not in answer.text


@pytest.mark.parametrize("accept", [PAGE, "application/json"])
async def test_a16_a_sign_in_from_end_to_end(tenant: Tenant, stage: Stage, accept: str) -> None:
    with logged("debug") as log:
        browser, callback = await tenant.at_callback(return_to="/members?a=b")
        secrets = [*canaries(callback), browser.http.cookies["mp_login"]]
        done = await browser.visit(callback, accept=accept)
        assert done.status_code == 303  # not 302 or 307: the next request is a GET without the query
        require_clean(done, secrets)
        secrets += [str(browser.session_cookie), stage.twin.hits(path="/sso/token")[-1].form["code_verifier"]]
        secrets.append(await browser.access_token())
        require_clean(await browser.visit(callback, accept=accept), secrets)
        await browser.http.post("/auth/logout", headers={"Origin": browser.base})
    assert log.of("http.request.refused")  # something was written at all: the replay above
    for secret in secrets:
        assert secret not in log.text


@pytest.mark.parametrize("accept", [PAGE, "application/json"])
@pytest.mark.parametrize("failure", ["error", "upstream", "mismatch", "stranger", "malformed", "unsolicited", "crash"])
async def test_a16_whatever_goes_wrong(
    tenant: Tenant, stage: Stage, failure: str, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, callback = await tenant.at_callback()
    secrets = [*canaries(callback), browser.http.cookies["mp_login"]]
    url = callback
    if failure == "error":
        url = callback.replace("code=", "error=server_error&error_description=")
    elif failure == "upstream":
        stage.twin.add_fault("POST /sso/token", "html", status=500, body=f"<h1>{secrets[0]}</h1>")
    elif failure == "mismatch":
        stage.twin.override_profile({"organization_id": "org_x"}, connection=tenant.connection_workos_id)
    elif failure == "stranger":
        browser = stage.browser()
    elif failure == "malformed":
        url = f"{callback}&state={secrets[1]}"
    elif failure == "unsolicited":
        url = callback.replace("state=", "nonsense=")
    elif failure == "crash":

        async def crash(*_: object, **__: object) -> None:
            await asyncio.sleep(0)
            raise RuntimeError(f"/auth/callback/workos?code={secrets[0]}&state={secrets[1]}")

        monkeypatch.setattr(type(stage.assembly.runtime.workos), "exchange_code", crash)
    with logged("debug") as log:
        answer = await browser.visit(url, accept=accept)
    assert answer.status_code >= 400
    require_clean(answer, secrets)
    assert log.of("http.request.refused") or log.of("http.request.crashed")
    for secret in secrets:
        assert secret not in log.text


async def test_a16_the_authorization_address_says_no_more_than_it_must(tenant: Tenant, stage: Stage) -> None:
    browser = stage.browser()
    started = await browser.start(connection=tenant.connection_workos_id, return_to="/secret-page")
    query = parse_qs(urlsplit(started.headers["location"]).query)
    assert set(query) == {
        *("client_id", "redirect_uri", "response_type", "connection", "state"),
        *("code_challenge", "code_challenge_method"),
    }
    assert browser.http.cookies["mp_login"] not in started.headers["location"]
    assert started.headers["referrer-policy"] == "no-referrer"
    assert started.headers["cache-control"] == "no-store"
