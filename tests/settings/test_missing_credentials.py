"""Without WorkOS credentials the routes that need them say what is missing, and everything else works."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Tenant
from tests.gateway import BASE, Browser, Stage, a_config, a_stage, introspect

MISSING: dict[str, dict[str, Any]] = {
    "WORKOS_API_KEY": {"workos_api_key": None},
    "WORKOS_CLIENT_ID": {"workos_client_id": None},
    "WORKOS_API_KEY, WORKOS_CLIENT_ID": {"workos_api_key": None, "workos_client_id": None},
}


@pytest.fixture(params=MISSING)
async def lacking(request: pytest.FixtureRequest, stage: Stage, tmp_path: Path) -> AsyncGenerator[tuple[Stage, str]]:
    """The same gateway, started without some of its WorkOS settings; and what it lacks."""
    config = a_config(stage.twin.public_url, tmp_path, **MISSING[request.param])
    async with a_stage(config, stage.database, stage.twin, stage.clock) as found:
        yield found, request.param


def with_cookie(stage: Stage, browser: Browser) -> Browser:
    """Return a browser of this gateway that is signed in at the other."""
    moved = stage.browser()
    moved.http.cookies.set("mp_session", browser.session_cookie or "")
    return moved


async def test_what_needs_workos_says_what_is_missing(lacking: tuple[Stage, str], tenant: Tenant) -> None:
    stage, missing = lacking
    operator = await stage.platform_admin()
    flows, organizations = await stage.count("login_flows"), await stage.count("organizations")
    bound, callback = await tenant.at_callback()
    moved = stage.browser()
    moved.http.cookies.set("mp_login", bound.http.cookies["mp_login"])
    stage.twin.clear_hits()
    answers = [
        await stage.browser().start(connection=tenant.connection_workos_id),
        await stage.browser().start(domain=tenant.domain),
        await moved.visit(callback),
        await stage.browser().http.get("/auth/callback/workos?code=unsolicited"),
        await operator.api("POST", "/api/organizations", json={"name": "Acme"}),
        await operator.api("POST", "/api/organizations", json={"name": "Acme", "workos_id": tenant.workos_id}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "settings_incomplete"), answer.url
        assert answer.headers["retry-after"] == "60"
        assert answer.json()["detail"] == f"Missing: {missing}."
    assert stage.twin.hits() == []
    assert await stage.count("login_flows") == flows + 1, "the one that began where the settings were there"
    assert await stage.count("organizations") == organizations


async def test_everything_else_works(lacking: tuple[Stage, str], tenant: Tenant) -> None:
    stage, _ = lacking
    ada = with_cookie(stage, await tenant.signed_in())
    token = await ada.access_token()
    for path in (
        "/auth/session",
        "/auth/sessions",
        "/api/providers",
        "/api/organizations",
        f"/api/organizations/{tenant.id}",
        "/api/auth/sso/connections",
        f"/api/auth/sso/connections/{tenant.connection_workos_id}",
    ):
        assert (await ada.api("GET", path)).status_code == 200, path
    for path in ("/healthz", "/readyz", "/.well-known/jwks.json", "/openapi.json"):
        assert (await stage.browser().http.get(path)).status_code == 200, path
    found = await stage.browser().http.post("/auth/discover", json={"email": tenant.people["ada"]})
    assert found.json()["sso"] == "available"
    assert (await introspect(stage.browser(), token))["active"] is True
    operator = await stage.platform_admin()
    renamed = await operator.api("PATCH", f"/api/organizations/{tenant.id}", json={"name": "Renamed"})
    assert renamed.status_code == 200
    signed_out = await ada.http.post("/auth/logout", headers={"Origin": BASE})
    assert (signed_out.status_code, signed_out.json()) == (200, {"logout_url": None})


async def test_what_is_asked_for_wrongly_is_said_first(lacking: tuple[Stage, str], tenant: Tenant) -> None:
    """Whoever names nobody hears that, not of settings that are none of their business."""
    stage, _ = lacking
    ada = with_cookie(stage, await tenant.signed_in())
    assert (await stage.browser().start()).json()["code"] == "sso_selector_required"
    assert (await stage.browser().start(domain="nobody.example")).json()["code"] == "organization_unknown"
    forbidden = await ada.api("POST", "/api/organizations", json={"name": "Acme"})
    assert forbidden.json()["code"] == "not_permitted"


async def test_an_empty_setting_is_a_missing_one(stage: Stage, tenant: Tenant, tmp_path: Path) -> None:
    config = a_config(stage.twin.public_url, tmp_path, workos_client_id="")
    async with a_stage(config, stage.database, stage.twin, stage.clock) as found:
        answer = await found.browser().start(organization=tenant.workos_id)
        assert answer.json()["detail"] == "Missing: WORKOS_CLIENT_ID."
