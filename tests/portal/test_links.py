"""POST /api/portal/links: an Admin Portal link for one's own organization."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, get_args

import httpx
import pytest

from app.workos.gateway import PortalIntent
from tests.builders import Tenant, a_tenant
from tests.gateway import BASE, Browser, Stage

PATH = "/api/portal/links"
ASKED = "/portal/generate_link"


async def ask(browser: Browser, organization: object, **body: Any) -> httpx.Response:  # noqa: ANN401 -- any JSON
    return await browser.api("POST", PATH, json={"organization": str(organization), "intent": "sso", **body})


def asked(stage: Stage) -> list[dict[str, Any]]:
    """Return what WorkOS was asked for."""
    return [json.loads(hit.body) for hit in stage.twin.hits(path=ASKED)]


async def test_a_client_admin_has_a_link_of_the_own_organization(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    answer = await ask(browser, tenant.id, return_url=f"{BASE}/settings", success_url=f"{BASE}/done")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found.keys() == {"object", "organization_id", "intent", "link", "expires_at"}
    assert (found["object"], found["organization_id"], found["intent"]) == ("portal_link", str(tenant.id), "sso")
    assert found["link"].startswith(f"{stage.twin.public_url}/portal/launch?token=")
    lasting = datetime.fromisoformat(found["expires_at"]) - stage.clock.now()
    assert timedelta(minutes=5) - timedelta(seconds=1) < lasting <= timedelta(minutes=5)
    assert asked(stage) == [
        {
            "organization": tenant.workos_id,
            "intent": "sso",
            "external_user_id": str(await tenant.user_id()),
            "return_url": f"{BASE}/settings",
            "success_url": f"{BASE}/done",
        }
    ]


@pytest.mark.parametrize("intent", get_args(PortalIntent))
async def test_every_intent_is_handed_on(tenant: Tenant, stage: Stage, intent: str) -> None:
    browser = await tenant.signed_in()
    assert (await ask(browser, tenant.workos_id, intent=intent)).json()["intent"] == intent
    assert [each["intent"] for each in asked(stage)] == [intent]


async def test_a_platform_admin_has_one_of_any_organization(tenant: Tenant, stage: Stage) -> None:
    admin = await stage.platform_admin()
    for reference in (tenant.id, tenant.workos_id):
        answer = await ask(admin, reference)
        assert answer.json()["organization_id"] == str(tenant.id), answer.text
    (row,) = await stage.sql("select count(*) as n from audit_events where organization_id = $1 and action = $2",
                             tenant.id, "portal.link.created")  # fmt: skip
    assert row["n"] == 2


@pytest.mark.parametrize("who", ["sam", "mia"])
async def test_nobody_else_has_one(tenant: Tenant, stage: Stage, who: str) -> None:
    answer = await ask(await tenant.signed_in(who), tenant.id)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert asked(stage) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"intent": "everything"}, "invalid_request"),
        ({"intent": "bring_your_own_key"}, "invalid_request"),
        ({"intent": None}, "invalid_request"),
        ({"organization": ""}, "invalid_request"),
        ({"organization": "a\x00b"}, "invalid_request"),
        ({"organization": "\ud800"}, "invalid_request"),
        ({"organization": 7}, "invalid_request"),
        ({"return_url": ""}, "invalid_request"),
        ({"return_url": BASE + "/" + "x" * 2048}, "invalid_request"),
        ({"external_user_id": "somebody-else"}, "invalid_request"),
        ({"return_url": "https://evil.example/"}, "portal_return_not_allowed"),
        ({"success_url": "https://evil.example/"}, "portal_return_not_allowed"),
        ({"return_url": "/settings"}, "portal_return_not_allowed"),
    ],
)
async def test_what_is_not_acceptable_reaches_nobody(
    tenant: Tenant, stage: Stage, body: dict[str, Any], code: str
) -> None:
    browser = await tenant.signed_in()
    sent = json.dumps({"organization": str(tenant.id), "intent": "sso", **body})
    answer = await browser.api("POST", PATH, content=sent, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"]
    assert asked(stage) == []


async def test_an_organization_that_is_not_linked_says_so(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    await stage.sql("update organizations set workos_id = null where id = $1", tenant.id)
    answer = await ask(browser, tenant.id)
    assert (answer.status_code, answer.json()["code"]) == (409, "organization_not_linked")
    assert asked(stage) == []


async def test_an_organization_that_workos_lost_says_so(stage: Stage) -> None:
    tenant = await a_tenant(stage)
    browser = await tenant.signed_in()
    stage.twin.remove_organization(tenant.workos_id)
    answer = await ask(browser, tenant.id)
    assert (answer.status_code, answer.json()["code"]) == (404, "workos_object_unknown")


async def test_workos_away_is_no_fault_of_ours(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    stage.twin.add_fault(f"POST {ASKED}", "status", status=503, times=1)
    answer = await ask(browser, tenant.id)
    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert answer.headers["retry-after"]
    assert len(asked(stage)) == 1


GARBAGE: dict[str, dict[str, Any]] = {
    "html": {"kind": "html"},
    "empty object": {"kind": "json", "body": {}},
    "array": {"kind": "json", "body": []},
    "null": {"kind": "json", "body": None},
    "invalid UTF-8": {"kind": "garbage"},
    "204": {"kind": "empty", "status": 204},
    "half": {"kind": "truncated"},
    "script": {"kind": "json", "body": {"link": "javascript:alert(1)"}},
    "http": {"kind": "json", "body": {"link": "http://setup.workos.com?token=x"}},
    "bracket": {"kind": "json", "body": {"link": "https://[::1"}},
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_garbage_is_answered_by_a_problem_and_leaves_no_record(tenant: Tenant, stage: Stage, name: str) -> None:
    browser = await tenant.signed_in()
    fault = dict(GARBAGE[name])
    stage.twin.add_fault(f"POST {ASKED}", fault.pop("kind"), **fault)
    before = await stage.count("audit_events")
    answer = await ask(browser, tenant.id)
    if name == "half":  # the connection ended before the answer did
        assert answer.status_code == 503
    else:
        assert (answer.status_code, answer.json()["code"]) == (502, "upstream_invalid_response")
    assert await stage.count("audit_events") == before


async def test_the_record_says_who_what_and_which(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    link = (await ask(browser, tenant.id, intent="dsync")).json()["link"]
    (row,) = await stage.sql("select * from audit_events where organization_id = $1 and action = $2",
                             tenant.id, "portal.link.created")  # fmt: skip
    assert (row["actor_type"], row["actor_id"]) == ("user", str(await tenant.user_id()))
    assert json.loads(row["targets"]) == [{"type": "organization", "id": str(tenant.id)}]
    digest = hashlib.sha256(link.encode()).hexdigest()
    assert json.loads(row["metadata"]) == {"intent": "dsync", "link_sha256": digest}


async def test_a_link_without_a_record_is_given_to_nobody(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await tenant.signed_in()

    async def broken(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("app.portal.flow.audit.record", broken)
    answer = await ask(browser, tenant.id)
    assert answer.status_code >= 500
    assert "portal/launch" not in answer.text
