"""POST /api/directories: the way into the Admin Portal, and the provider's steps."""

import json
from typing import Any

import httpx
import pytest

from app.connections.providers import DIRECTORIES
from tests.builders import Tenant
from tests.gateway import BASE, Browser, Stage

PATH = "/api/directories"
PROVIDERS = [row["id"] for row in DIRECTORIES]


async def add(browser: Browser, organization: object, provider: str = "okta", **body: Any) -> httpx.Response:  # noqa: ANN401 -- any JSON
    return await browser.api("POST", PATH, json={"organization": str(organization), "provider": provider, **body})


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_client_admin_is_shown_the_way(tenant: Tenant, stage: Stage, provider: str) -> None:
    browser = await tenant.signed_in()
    answer = await add(browser, tenant.id, provider)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found.keys() == {"object", "organization_id", "provider", "link", "expires_at", "steps"}
    assert (found["object"], found["organization_id"]) == ("directory_set_up", str(tenant.id))
    assert found["link"].startswith(f"{stage.twin.public_url}/portal/launch?token=")
    known = (await browser.api("GET", "/api/providers")).json()["data"]
    assert found["provider"] == next(row for row in known if (row["kind"], row["id"]) == ("directory", provider))
    assert found["steps"] == found["provider"]["steps"]
    assert len(found["steps"]) >= 4
    (hit,) = stage.twin.hits(path="/portal/generate_link")
    assert json.loads(hit.body)["intent"] == "dsync"


async def test_it_may_lead_back(tenant: Tenant, stage: Stage) -> None:
    await add(await tenant.signed_in(), tenant.workos_id, return_url=f"{BASE}/directories", success_url=f"{BASE}/done")
    (hit,) = stage.twin.hits(path="/portal/generate_link")
    sent = json.loads(hit.body)
    assert (sent["return_url"], sent["success_url"]) == (f"{BASE}/directories", f"{BASE}/done")


async def test_the_record_says_which_provider(tenant: Tenant, stage: Stage) -> None:
    await add(await tenant.signed_in(), tenant.id, "google")
    (row,) = await stage.sql("select metadata from audit_events where organization_id = $1 and action = $2",
                             tenant.id, "portal.link.created")  # fmt: skip
    told = json.loads(row["metadata"])
    assert (told["intent"], told["provider"]) == ("dsync", "google")


async def test_nothing_is_added_here_until_workos_says_so(tenant: Tenant, stage: Stage) -> None:
    before = await stage.count("directories")
    await add(await tenant.signed_in(), tenant.id)
    assert await stage.count("directories") == before


async def test_a_platform_admin_adds_for_any_organization(tenant: Tenant, stage: Stage) -> None:
    assert (await add(await stage.platform_admin(), tenant.id)).json()["organization_id"] == str(tenant.id)


@pytest.mark.parametrize("who", ["sam", "mia"])
async def test_nobody_else_adds(tenant: Tenant, stage: Stage, who: str) -> None:
    answer = await add(await tenant.signed_in(who), tenant.id)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert stage.twin.hits(path="/portal/generate_link") == []
