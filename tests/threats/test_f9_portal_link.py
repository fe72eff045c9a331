"""F9: an Admin Portal link is the caller's organization's, leads back to us only, and is kept nowhere."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import BASE, Stage
from tests.logs import logged
from tests.sessions.stages import dump, own_stage

DOORS: dict[str, dict[str, Any]] = {
    "/api/portal/links": {"intent": "dsync"},
    "/api/directories": {"provider": "okta"},
}
HOSTILE = (
    "https://evil.example/",
    f"{BASE}@evil.example/",
    "javascript:alert(1)",
    "//evil.example",
    f"{BASE}.evil.example",
)


@pytest.mark.parametrize("path", DOORS)
async def test_f9_of_another_organization_there_is_none(path: str, tenant: Tenant, stage: Stage) -> None:
    victim = await a_tenant(stage)
    browser = await tenant.signed_in()
    same = {"X-Request-Id": "the-same-for-all"}
    stage.twin.clear_hits()
    said: set[str] = set()
    for organization in (str(victim.id), victim.workos_id, "org_01UNKNOWN"):
        answer = await browser.api("POST", path, json={"organization": organization, **DOORS[path]}, headers=same)
        assert answer.status_code == 404
        said.add(answer.text)
    assert len(said) == 1
    assert stage.twin.hits(path="/portal/generate_link") == []


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("field", ["return_url", "success_url"])
async def test_f9_it_leads_back_to_us_only(path: str, field: str, tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    for url in HOSTILE:
        body = {"organization": str(tenant.id), **DOORS[path], field: url}
        assert (await browser.api("POST", path, json=body)).status_code == 422, url
    assert stage.twin.hits(path="/portal/generate_link") == []


async def test_f9_an_unknown_intent_or_provider_is_refused(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    for path, body in (("/api/portal/links", {"intent": "*"}), ("/api/directories", {"provider": "ldap"})):
        answer = await browser.api("POST", path, json={"organization": str(tenant.id), **body})
        assert answer.status_code == 422
    assert stage.twin.hits(path="/portal/generate_link") == []


@pytest.mark.parametrize("path", DOORS)
async def test_f9_a_link_is_in_no_log_and_no_table_and_no_cache(path: str, tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    # In the path, where nothing that redacts log lines would know it for a secret.
    canary = "C4n4ry" + hashlib.sha256(tenant.id.bytes + path.encode()).hexdigest()
    link = f"https://setup.workos.test/{canary}"
    stage.twin.add_fault("POST /portal/generate_link", "json", status=201, body={"link": link}, times=1)
    with logged("debug") as log:
        answer = await browser.api("POST", path, json={"organization": str(tenant.id), **DOORS[path]})
    assert (answer.status_code, answer.json()["link"]) == (200, link)
    assert answer.headers["cache-control"] == "no-store"
    kept = await dump(stage)
    assert str(tenant.id) in kept, "the dump shows rows"
    assert log.of("http.request.served"), "the log was read"
    for secret in (canary, canary.lower(), canary.encode().hex(), base64.b64encode(link.encode()).decode()):
        assert secret not in log.text
        assert secret not in kept
    assert hashlib.sha256(link.encode()).hexdigest() in kept


async def test_f9_a_broken_answers_link_is_in_no_log_either(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    canary = "c4n4ry" + "x" * 30
    for link in (f"http://setup.workos.com/?token={canary}", f"ftp://{canary}", [canary], {"token": canary}):
        stage.twin.add_fault("POST /portal/generate_link", "json", body={"link": link}, times=1)
        with logged("debug") as log:
            answer = await browser.api(
                "POST", "/api/portal/links", json={"organization": str(tenant.id), "intent": "sso"}
            )
        assert answer.status_code == 502
        assert canary not in answer.text + log.text


async def test_f9_the_eleventh_link_in_a_minute_is_refused(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path, rate_limits="on") as stage:
        tenant = await a_tenant(stage, ada="MemberPulse Admins", eve="MemberPulse Admins")
        ada, eve = await tenant.signed_in("ada"), await tenant.signed_in("eve")
        twin.clear_hits()
        for number in range(10):  # both doors count, and what is refused for another reason does not
            path = list(DOORS)[number % 2]
            bad = {"organization": str(tenant.id), **DOORS[path], "return_url": "https://evil.example/"}
            assert (await ada.api("POST", path, json=bad)).status_code == 422
            answer = await ada.api("POST", path, json={"organization": str(tenant.id), **DOORS[path]})
            assert answer.status_code == 200
            stage.clock.advance(seconds=5)
        asked, audited = len(twin.hits(path="/portal/generate_link")), await stage.count("audit_events")
        wait = 0
        for path, what in DOORS.items():
            answer = await ada.api("POST", path, json={"organization": str(tenant.id), **what})
            assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
            wait = int(answer.headers["retry-after"])
            assert 1 <= wait <= 10
        assert len(twin.hits(path="/portal/generate_link")) == asked == 10
        assert await stage.count("audit_events") == audited
        body = {"organization": str(tenant.id), **DOORS["/api/portal/links"]}
        assert (await eve.api("POST", "/api/portal/links", json=body)).status_code == 200, "somebody else is not"
        stage.clock.advance(seconds=wait)
        assert (await ada.api("POST", "/api/portal/links", json=body)).status_code == 200
