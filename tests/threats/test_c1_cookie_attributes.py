# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportPrivateUsage=false, reportDeprecated=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false
# What this file reads is JSON or untyped: its shape is what the assertions prove.
"""C1: every cookie is host-only, https-only, hidden from scripts and not sent by other sites."""

from pathlib import Path

import httpx
import pytest

from app.sessions import service as sessions
from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.gateway import Stage
from tests.sessions.stages import own_stage

SECURE = "https://auth.memberpulse.example"


async def every_cookie(stage: Stage, base: str) -> list[str]:
    """Return every Set-Cookie of sign-in, refused sign-in, sign-out, emergency access by JSON and by form."""
    answers: list[httpx.Response] = []
    tenant = await a_tenant(stage)
    browser = stage.browser(base)
    answers.append(await browser.start(connection=tenant.connection_workos_id, login_hint=tenant.people["ada"]))
    answers.append(await browser.visit(await browser.at_identity_provider(answers[-1])))
    answers.append(await browser.token())
    answers.append(await browser.http.post("/auth/logout", headers={"Origin": base}))
    refused = await browser.start(connection=tenant.connection_workos_id)
    state = httpx.URL(refused.headers["location"]).params["state"]
    answers += [refused, await browser.http.get(f"/auth/callback/workos?error=access_denied&state={state}")]
    for kind in ("json", "data"):
        async with stage.unit() as uow:
            token = await sessions.make_break_glass_token(uow)
        answers.append(
            await browser.http.post("/auth/break-glass", headers={"Origin": base}, **{kind: {"token": token}})
        )
    assert [answer.status_code for answer in answers] == [302, 303, 200, 200, 302, 403, 200, 303]
    return [value for answer in answers for value in answer.headers.get_list("set-cookie")]


def attributes(cookie: str) -> dict[str, str]:
    """Return a Set-Cookie's attributes, names lower-cased."""
    return {name.strip().lower(): value for name, _, value in (part.partition("=") for part in cookie.split(";")[1:])}


async def test_c1_every_cookie_over_https(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path, public_url=SECURE) as stage:
        cookies = await every_cookie(stage, SECURE)
        names = {cookie.partition("=")[0] for cookie in cookies}
        assert names == {"__Host-mp_session", "__Host-mp_login"}
        assert len(cookies) >= 8
        for cookie in cookies:
            found = attributes(cookie)
            assert found.pop("path") == "/"
            assert found.pop("httponly") == found.pop("secure") == ""
            assert found.pop("samesite") == "Lax"
            assert set(found) <= {"max-age"}, "no Domain, or subdomains could read and set it"


async def test_c1_cookies_that_leave_are_cleared(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path, public_url=SECURE) as stage:
        for cookie in await every_cookie(stage, SECURE):
            value = cookie.partition(";")[0].partition("=")[2]
            max_age = attributes(cookie).get("max-age")
            name = cookie.partition("=")[0]
            if not value:
                assert max_age == "0"
            else:
                assert (len(value), max_age) == (43, "600" if name == "__Host-mp_login" else None)


async def test_c1_without_tls_only_on_this_machine(stage: Stage) -> None:
    for cookie in await every_cookie(stage, "http://localhost:8000"):
        assert cookie.startswith(("mp_session=", "mp_login="))
        assert {"httponly", "samesite", "path"} <= set(attributes(cookie))


@pytest.mark.parametrize("url", ["http://auth.memberpulse.example", "http://localhost.evil.example", "http://10.0.0.1"])
async def test_c1_no_other_plain_address_drops_secure(url: str, stage: Stage) -> None:
    config = stage.config.model_copy(update={"public_url": url})
    assert config.secure_cookies
