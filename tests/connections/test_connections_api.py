"""/api/auth/sso/connections: both documented forms, filters, pages, and what signing in leaves behind."""

import itertools
import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.onboarding import flow as onboarding
from app.uow import SYSTEM
from tests.builders import Tenant, a_tenant
from tests.gateway import SERVICE, Browser, Stage

PATH = "/api/auth/sso/connections"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# State at WorkOS, type, and what both are here.
KINDS = [
    ("inactive", "AzureSAML", "saml"),
    ("draft", "GenericOIDC", "oidc"),
    ("validating", "GoogleSAML", "saml"),
    ("deleting", "OktaSAML", "saml"),
]


@pytest.fixture
async def company(stage: Stage) -> Tenant:
    """A tenant with an active connection and one in every other state, and people of three roles."""
    tenant = await a_tenant(stage, ada="MemberPulse Admins", sam="MemberPulse Staff", mia="MemberPulse Members")
    for state, kind, _ in KINDS:
        stage.twin.add_connection(tenant.workos_id, f"The {state} one", type=kind, state=state)
    await onboarding.refresh(stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    return tenant


async def both(browser: Browser, path: str = PATH, /, **query: str | int) -> httpx.Response:
    """Return what GET answers; POST must answer the same."""
    by_get = await browser.api("GET", path, params=query)
    by_post = await browser.api("POST", path, params=query)
    assert by_post.status_code == by_get.status_code
    if by_get.status_code == 200:
        assert by_post.content == by_get.content
        assert by_post.headers["content-type"] == by_get.headers["content-type"] == "application/json"
    else:
        assert by_post.json()["code"] == by_get.json()["code"]
    return by_get


async def names(browser: Browser, **query: str | int) -> list[str]:
    """Return the names on a page, in its order."""
    answer = await both(browser, PATH, **query)
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["data"]]


async def one(browser: Browser, tenant: Tenant) -> dict[str, Any]:
    """Return the tenant's first connection."""
    answer = await both(browser, f"{PATH}/{tenant.connection_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_connection_has_exactly_the_contracts_shape(company: Tenant) -> None:
    ada = await company.signed_in()
    found = await one(ada, company)
    for member in ("created_at", "updated_at", "last_login_at"):
        assert INSTANT.fullmatch(found.pop(member)), member
    assert found == {
        "object": "connection",
        "id": str(company.connection_id),
        "workos_id": company.connection_workos_id,
        "organization_id": str(company.id),
        "type": "OktaSAML",
        "protocol": "saml",
        "name": f"Tenant {company.domain.removeprefix('tenant').partition('.')[0]} SSO",
        "state": "active",
        "domains": [company.domain],
        "certificate_expires_at": None,
        "last_failure": None,
        "last_test": None,
    }


async def test_a_list_holds_the_same_and_the_newest_first(company: Tenant) -> None:
    ada = await company.signed_in()
    answer = await both(ada)
    listed = answer.json()
    assert listed.keys() == {"object", "data", "list_metadata"}
    assert (listed["object"], listed["list_metadata"]) == ("list", {"before": None, "after": None})
    assert listed["data"][-1] == await one(ada, company)
    assert [(row["name"], row["state"], row["type"], row["protocol"]) for row in listed["data"][:-1]] == [
        (f"The {state} one", "deleted" if state == "deleting" else state, kind, protocol)
        for state, kind, protocol in reversed(KINDS)
    ]
    for row in listed["data"][:-1]:
        assert (row["last_login_at"], row["last_failure"]) == (None, None)


async def test_both_ids_name_a_connection(company: Tenant) -> None:
    ada, operator = await company.signed_in(), await company.stage.platform_admin()
    found = await one(ada, company)
    for browser, reference in itertools.product(
        (ada, operator), (company.connection_workos_id, str(company.connection_id).upper())
    ):
        assert (await both(browser, f"{PATH}/{reference}")).json() == found
    for reference in (UUID(int=7), "conn_01NOBODY", "x", "%20", company.workos_id):
        answer = await both(operator, f"{PATH}/{reference}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "active"}, ["active"]),
        ({"state": "draft"}, ["draft"]),
        ({"state": "deleted"}, ["deleting"]),
        ({"type": "OktaSAML"}, ["deleting", "active"]),
        ({"type": "OktaSAML", "state": "active"}, ["active"]),
        ({"type": "oktasaml"}, []),
        ({"type": "GoogleSAML", "state": "active"}, []),
        ({"order": "asc"}, ["active", "inactive", "draft", "validating", "deleting"]),
        ({"order": "asc", "type": "OktaSAML"}, ["active", "deleting"]),
    ],
    ids=str,
)
async def test_filters_narrow_the_list(query: dict[str, str], expected: list[str], company: Tenant) -> None:
    operator = await company.stage.platform_admin()
    wanted = [
        f"Tenant {company.domain.removeprefix('tenant').partition('.')[0]} SSO"
        if state == "active"
        else f"The {state} one"
        for state in expected
    ]
    for organization in (str(company.id), company.workos_id):
        assert await names(operator, organization=organization, **query) == wanted


async def test_what_cannot_be_a_filter_is_invalid(company: Tenant) -> None:
    ada = await company.signed_in()
    wrong: list[dict[str, str]] = [{"state": "odd"}, {"state": ""}, {"type": "x" * 65}, {"organization": "x" * 257}]
    for query in (*wrong, {"limit": "0"}):
        answer = await both(ada, PATH, **query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), query


async def test_pages_keep_their_filter(company: Tenant) -> None:
    operator = await company.stage.platform_admin()
    query: dict[str, str | int] = {"organization": company.workos_id, "limit": 2}
    pages: list[list[str]] = []
    beside: dict[str, str | None] = {"after": ""}
    for _ in range(3):
        answer = await both(operator, PATH, **query, after=beside["after"] or "")
        pages.append([row["name"] for row in answer.json()["data"]])
        beside = answer.json()["list_metadata"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [name for page in pages for name in page] == await names(operator, organization=company.workos_id)
    assert beside["after"] is None
    back = await both(operator, PATH, **query, before=beside["before"] or "")
    assert [row["name"] for row in back.json()["data"]] == pages[1]


async def test_an_operator_sees_every_tenants(company: Tenant, stage: Stage) -> None:
    other = await a_tenant(stage)
    operator = await stage.platform_admin()
    newest = (await both(operator, limit=6)).json()["data"]
    assert [row["organization_id"] for row in newest] == [str(other.id), *[str(company.id)] * 5]
    assert (await both(operator, organization="org_01NOBODY")).status_code == 404


async def test_a_client_admin_may_name_their_own_organization(company: Tenant) -> None:
    ada = await company.signed_in()
    for reference in (str(company.id), company.workos_id):
        assert len(await names(ada, organization=reference)) == 5


@pytest.mark.parametrize("name", ["sam", "mia"])
async def test_nobody_below_an_admin_sees_connections(name: str, company: Tenant) -> None:
    browser = await company.signed_in(name)
    for path in (PATH, f"{PATH}/{company.connection_id}", f"{PATH}/{company.connection_workos_id}", f"{PATH}/x"):
        answer = await both(browser, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
        for method in ("GET", "POST"):
            assert (await company.stage.browser().http.request(method, path, auth=SERVICE)).status_code == 401


async def test_the_last_login_is_the_latest_of_anybody(tenant: Tenant) -> None:
    operator = await tenant.stage.platform_admin()
    assert (await one(operator, tenant))["last_login_at"] is None
    seen: list[str] = []
    for name in ("mia", "ada", "sam", "mia"):
        tenant.stage.clock.advance(seconds=11)  # it is noted every ten seconds at most
        await tenant.signed_in(name)
        seen.append((await one(operator, tenant))["last_login_at"])
    assert seen == sorted(set(seen)), "each is later than the one before"
    ((latest,),) = await tenant.stage.sql(
        "select max(last_login_at) from identities where connection_id = $1", tenant.connection_id
    )
    assert seen[-1] == latest.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def test_the_last_failure_says_when_and_why(tenant: Tenant, stage: Stage) -> None:
    operator = await stage.platform_admin()
    stage.twin.change_connection(tenant.connection_workos_id, fail_with="access_denied")
    browser, callback = await tenant.at_callback()
    begun = stage.clock.now()
    refused = await browser.visit(callback)
    assert refused.status_code == 403
    failure = (await one(operator, tenant))["last_failure"]
    assert failure.keys() == {"at", "code"}
    assert failure["code"] == refused.json()["code"]
    assert INSTANT.fullmatch(failure["at"])
    assert failure["at"] >= begun.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    stage.twin.change_connection(tenant.connection_workos_id, fail_with=None)
    stage.clock.advance(seconds=1)
    await tenant.signed_in()
    after = await one(operator, tenant)
    assert after["last_failure"] == failure, "it is the last one still"
    assert after["last_login_at"] > failure["at"]


async def test_a_failure_is_the_connections_own(company: Tenant, stage: Stage) -> None:
    stage.twin.override_profile({"email": "ada@elsewhere.example"}, connection=company.connection_workos_id)
    browser, callback = await company.at_callback()
    assert (await browser.visit(callback)).json()["code"] == "domain_not_allowed"
    operator = await stage.platform_admin()
    rows = (await both(operator, organization=company.workos_id)).json()["data"]
    assert [row["last_failure"] and row["last_failure"]["code"] for row in rows] == [*[None] * 4, "domain_not_allowed"]
