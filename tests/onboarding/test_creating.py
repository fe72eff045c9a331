"""POST /api/organizations: made in WorkOS too, or imported from there at once; all of it, or nothing."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import pytest

from sandbox.records import Organization
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import SERVICE, Browser, Stage
from tests.logs import logged
from tests.sessions.stages import own_stage

PATH = "/api/organizations"
TABLES = (
    "organizations",
    "organization_policies",
    "organization_domains",
    "connections",
    "directories",
    "audit_events",
)


@pytest.fixture(scope="module")
async def running(
    server_url: str, twin: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[tuple[Stage, Browser]]:
    """A gateway of its own, whose breaker may have opinions, and an operator of it."""
    async with own_stage(server_url, twin, tmp_path_factory.mktemp("creating")) as stage:
        yield stage, await stage.platform_admin()


@pytest.fixture
async def own(running: tuple[Stage, Browser]) -> AsyncGenerator[Stage]:
    stage, _ = running
    stage.twin.clear_hits()
    yield stage
    stage.twin.clear_faults()


@pytest.fixture
def operator(running: tuple[Stage, Browser]) -> Browser:
    return running[1]


def a_company(twin: Sandbox, name: str = "Initech") -> Organization:
    """Return an organization at WorkOS with a connection, a directory and a verified domain."""
    made = twin.add_organization(name)
    twin.add_domain(made.id, f"{made.id.lower().replace('_', '-')}.example")
    twin.add_connection(made.id, f"{name} SSO", type="OktaSAML")
    twin.add_directory(made.id, f"{name} directory", type="okta scim v2.0")
    return made


async def counts(stage: Stage) -> dict[str, int]:
    """Return how many rows each table of a tenant's making has."""
    counting = ", ".join(f"(select count(*) from {table}) as {table}" for table in TABLES)  # noqa: S608 -- our own tables
    (row,) = await stage.sql(f"select {counting}")
    return dict(row)


async def rows(stage: Stage, table: str, organization: str, columns: str) -> list[dict[str, Any]]:
    found = await stage.sql(
        f"select {columns} from {table} where organization_id = $1::uuid order by {columns}",  # noqa: S608 -- a test's own constants
        UUID(organization),
    )
    return [dict(row) for row in found]


async def test_without_a_workos_id_it_is_made_there_too(own: Stage, operator: Browser) -> None:
    answer = await operator.api("POST", PATH, json={"name": "  Initech GmbH "})
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"{PATH}/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    assert UUID(made["id"]).version == 7
    at_workos = own.twin.world.organizations[made["workos_id"]]
    assert (at_workos.name, at_workos.external_id) == ("Initech GmbH", made["id"])
    assert made == {
        "object": "organization",
        "id": made["id"],
        "workos_id": at_workos.id,
        "name": "Initech GmbH",
        "slug": f"initech-gmbh-{UUID(made['id']).hex[-6:]}",
        "state": "active",
        "domains": [],
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    }
    assert (await operator.http.get(answer.headers["location"], headers=await operator.bearer())).json() == made


async def test_a_new_tenant_has_the_default_policy_and_an_audit_row(own: Stage, operator: Browser) -> None:
    answer = await operator.api("POST", PATH, json={"name": "Hooli"}, headers={"X-Request-Id": "make-hooli"})
    identifier = UUID(answer.json()["id"])
    (policy,) = await own.sql("select * from organization_policies where organization_id = $1", identifier)
    assert dict(policy) == {
        "organization_id": identifier,
        "enabled": True,
        "required": False,
        "default_connection_id": None,
        "jit_provisioning": "without_directory",
        "default_role": "ROLE_MEMBER",
        "allow_idp_initiated": False,
        "allow_foreign_domains": False,
        "hard_delete_removed_users": False,
        "rules_version": None,
        "attribute_mappings": None,
        "attribute_mappings_version": None,
        "version": 1,
        "session_idle_seconds": 8 * 3_600,
        "session_absolute_seconds": 24 * 3_600,
    }
    (event,) = await own.sql("select * from audit_events where organization_id = $1", identifier)
    assert (event["action"], event["actor_type"], event["actor_id"]) == (
        "organization.created",
        "user",
        str(UUID(int=1)),
    )
    assert json.loads(event["targets"]) == [{"type": "organization", "id": str(identifier)}]
    assert (event["request_id"], event["ip"]) == ("make-hooli", "203.0.113.7")


async def test_with_a_workos_id_all_is_imported_at_once(own: Stage, operator: Browser) -> None:
    twin = own.twin
    company = twin.add_organization("Umbrella")
    for number, state in enumerate(("verified", "pending", "failed", "legacy_verified", "unverified")):
        twin.add_domain(company.id, f"u{number}.example", state=state)
    twin.add_domain(company.id, "b\u00fccher-u.example")
    kinds = {"Okta": "OktaSAML", "OpenID": "GenericOIDC", "Google": "GoogleOAuth", "Test": "TestIdp"}
    for name, kind in kinds.items():
        twin.add_connection(company.id, name, type=kind)
    for state in ("inactive", "draft", "validating", "requires_type", "deleting"):
        twin.add_connection(company.id, f"z {state}", type="AzureSAML", state=state)
    for state in ("linked", "validating", "invalid_credentials", "unlinked", "deleting"):
        twin.add_directory(company.id, f"d {state}", type="azure scim v2.0", state=state)

    answer = await operator.api("POST", PATH, json={"name": "Umbrella (ours)", "workos_id": company.id})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["name"], made["workos_id"]) == ("Umbrella (ours)", company.id)
    assert made["domains"] == [
        {"domain": "u0.example", "state": "verified"},
        {"domain": "u1.example", "state": "pending"},
        {"domain": "u2.example", "state": "failed"},
        {"domain": "u3.example", "state": "verified"},
        {"domain": "u4.example", "state": "pending"},
        {"domain": "xn--bcher-u-n2a.example", "state": "verified"},
    ]
    connections = await rows(own, "connections", made["id"], "name, type, protocol, state")
    assert [tuple(row.values()) for row in connections] == [
        ("Google", "GoogleOAuth", "oidc", "active"),
        ("Okta", "OktaSAML", "saml", "active"),
        ("OpenID", "GenericOIDC", "oidc", "active"),
        ("Test", "TestIdp", "saml", "active"),
        ("z deleting", "AzureSAML", "saml", "deleted"),
        ("z draft", "AzureSAML", "saml", "draft"),
        ("z inactive", "AzureSAML", "saml", "inactive"),
        ("z requires_type", "AzureSAML", "saml", "draft"),
        ("z validating", "AzureSAML", "saml", "validating"),
    ]
    directories = await rows(own, "directories", made["id"], "name, type, state")
    assert [(row["name"], row["state"]) for row in directories] == [
        (f"d {state}", state) for state in ("deleting", "invalid_credentials", "linked", "unlinked", "validating")
    ]
    assert {hit.method for hit in twin.hits()} == {"GET"}, "nothing was made or changed there"


async def test_more_than_one_page_is_imported_whole(own: Stage, operator: Browser) -> None:
    company = own.twin.add_organization("Many")
    for number in range(101):
        own.twin.add_connection(company.id, f"SSO {number}")
    answer = await operator.api("POST", PATH, json={"name": "Many", "workos_id": company.id})
    assert len(await rows(own, "connections", answer.json()["id"], "workos_id")) == 101
    assert len(own.twin.hits("/connections")) == 2


async def test_linking_twice_is_a_conflict(own: Stage, operator: Browser) -> None:
    company = a_company(own.twin)
    first = await operator.api("POST", PATH, json={"name": "Initech", "workos_id": company.id})
    before = await counts(own)
    again = await operator.api("POST", PATH, json={"name": "Initech again", "workos_id": company.id})
    assert (first.status_code, again.status_code) == (201, 409)
    assert again.json()["code"] == "organization_already_linked"
    assert await counts(own) == before
    (row,) = await own.sql("select id, name from organizations where workos_id = $1", company.id)
    assert (str(row["id"]), row["name"]) == (first.json()["id"], "Initech")


async def test_of_two_who_link_at_once_one_does(own: Stage, operator: Browser) -> None:
    company = a_company(own.twin)
    headers = await operator.bearer()
    answers = await asyncio.gather(
        *(
            operator.http.post(PATH, json={"name": "Initech", "workos_id": company.id}, headers=headers)
            for _ in range(4)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (made,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert len(await rows(own, "connections", made, "workos_id")) == 1


async def test_two_tenants_may_share_a_name(operator: Browser) -> None:
    made = [(await operator.api("POST", PATH, json={"name": "Acme"})).json() for _ in range(2)]
    assert made[0]["name"] == made[1]["name"]
    assert made[0]["slug"] != made[1]["slug"]
    assert made[0]["id"] < made[1]["id"]


async def test_a_workos_id_that_workos_does_not_know(own: Stage, operator: Browser) -> None:
    before = await counts(own)
    answer = await operator.api("POST", PATH, json={"name": "Nobody", "workos_id": "org_01NOBODY"})
    assert (answer.status_code, answer.json()["code"]) == (404, "workos_object_unknown")
    assert await counts(own) == before


WRONG: list[object] = [
    {},
    {"name": ""},
    {"name": " \t "},
    {"name": None},
    {"name": 7},
    {"name": "x" * 201},
    {"name": "a\nb"},
    {"name": "a\x00b"},
    {"name": "a\x7fb"},
    {"name": "A", "workos_id": ""},
    {"name": "A", "workos_id": "conn_01"},
    {"name": "A", "workos_id": "org_"},
    {"name": "A", "workos_id": "org_../x"},
    {"name": "A", "workos_id": "org_" + "x" * 121},
    {"name": "A", "workos_id": 7},
    [],
    "A",
]


async def test_a_body_that_is_not_right_asks_nobody(own: Stage, operator: Browser) -> None:
    for body in WRONG:
        answer = await operator.api("POST", PATH, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), body
    assert own.twin.hits() == []


async def test_a_name_may_be_long_and_of_any_script(own: Stage, operator: Browser) -> None:
    for name in ("x" * 200, "\u682a\u5f0f\u4f1a\u793e \U0001f600", "O'Neil & Sons <script>"):
        answer = await operator.api("POST", PATH, json={"name": name})
        assert (answer.status_code, answer.json()["name"]) == (201, name)
        assert own.twin.world.organizations[answer.json()["workos_id"]].name == name


STEPS = ("GET /organizations/{id}", "GET /connections", "GET /directories")
FAULTS: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "down": ("status", {"status": 500}, 503, "upstream_unavailable"),
    "a key that is void": ("status", {"status": 401}, 502, "upstream_refused"),
    "a page of a proxy": ("html", {}, 502, "upstream_invalid_response"),
    "a redirect": ("redirect", {}, 502, "upstream_invalid_response"),
    "an empty object": ("json", {"body": {}}, 502, "upstream_invalid_response"),
    "no rows": ("json", {"body": {"object": "list", "data": None}}, 502, "upstream_invalid_response"),
    "rows and no end": ("json", {"body": {"object": "list", "data": []}}, 502, "upstream_invalid_response"),
}


async def refused(own: Stage, operator: Browser, body: dict[str, str], status: int, code: str) -> None:
    """Assert that nothing is created, and that the next attempt, with a WorkOS that is well, succeeds."""
    before = await counts(own)
    with logged() as log:
        answer = await operator.api("POST", PATH, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert ("retry-after" in answer.headers) is (status == 503)
    assert await counts(own) == before
    assert "Traceback" not in log.text
    own.twin.clear_faults()
    assert (await operator.api("POST", PATH, json=body)).status_code == 201


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_workos_that_fails_at_any_step_creates_nothing(
    fault: str, step: str, own: Stage, operator: Browser
) -> None:
    kind, order, status, code = FAULTS[fault]
    company = a_company(own.twin)
    own.twin.add_fault(step, kind, **order)
    await refused(own, operator, {"name": "Initech", "workos_id": company.id}, status, code)


@pytest.mark.parametrize("fault", ["down", "a key that is void", "a page of a proxy", "an empty object"])
async def test_nor_when_it_fails_to_make_the_organization(fault: str, own: Stage, operator: Browser) -> None:
    kind, order, status, code = FAULTS[fault]
    own.twin.add_fault("POST /organizations", kind, **order)
    await refused(own, operator, {"name": "Initech"}, status, code)


@pytest.mark.parametrize("step", STEPS)
async def test_what_was_made_there_and_could_not_be_read_is_named(step: str, own: Stage, operator: Browser) -> None:
    """Else a second attempt would make a second organization."""
    own.twin.add_fault(step, "html")
    before = await counts(own)
    refused = await operator.api("POST", PATH, json={"name": "Initech"})
    assert (refused.status_code, await counts(own)) == (502, before)
    own.twin.clear_faults()
    linked = await operator.api("POST", PATH, json={"name": "Initech", "workos_id": refused.json()["workos_id"]})
    assert linked.status_code == 201
    assert len(own.twin.hits("/organizations", "POST")) == 1


async def test_making_it_is_tried_once(own: Stage, operator: Browser) -> None:
    """The answer may have been lost after it was made: a second try would make a second one."""
    own.twin.add_fault("POST /organizations", "status", status=500)
    await operator.api("POST", PATH, json={"name": "Initech"})
    assert len(own.twin.hits("/organizations", "POST")) == 1


async def test_a_second_page_that_is_missing_is_not_the_end(own: Stage, operator: Browser) -> None:
    company = own.twin.add_organization("Many")
    for number in range(101):
        own.twin.add_connection(company.id, f"SSO {number}")
    own.twin.add_fault("GET /connections", "html", after=1)
    await refused(own, operator, {"name": "Many", "workos_id": company.id}, 502, "upstream_invalid_response")


async def test_nobody_listens_at_workos(own: Stage, operator: Browser) -> None:
    company = a_company(own.twin)
    before = await counts(own)
    await own.twin.refuse_connections()
    try:
        for body in ({"name": "Initech"}, {"name": "Initech", "workos_id": company.id}):
            answer = await operator.api("POST", PATH, json=body)
            assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
            assert int(answer.headers["retry-after"]) >= 1
    finally:
        await own.twin.accept_connections()
    assert await counts(own) == before
    assert (await operator.api("POST", PATH, json={"name": "Initech", "workos_id": company.id})).status_code == 201


@pytest.mark.parametrize("name", ["ada", "sam", "mia"])
async def test_only_operators_create(name: str, own: Stage) -> None:
    tenant: Tenant = await a_tenant(
        own, **{name: {"ada": "MemberPulse Admins", "sam": "MemberPulse Staff"}.get(name, "")}
    )
    browser = await tenant.signed_in(name)
    own.twin.clear_hits()
    before = await own.count("organizations")
    answer = await browser.api("POST", PATH, json={"name": "Mine"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert (await own.browser().http.post(PATH, json={"name": "Mine"}, auth=SERVICE)).status_code == 401
    assert await own.count("organizations") == before
    assert own.twin.hits() == []
