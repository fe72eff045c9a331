"""GET /auth/sso over the whole gateway: whom a selector names, what WorkOS is told, and where the person lands."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.onboarding import flow as onboarding
from app.uow import SYSTEM
from tests.builders import Tenant, a_tenant
from tests.gateway import BASE, Stage

VERIFIED = (
    "insert into organization_domains (id, organization_id, domain, state, created_at, updated_at)"
    " values (gen_random_uuid(), $1, $2, $3, now(), now())"
)


async def refresh(tenant: Tenant) -> None:
    await onboarding.refresh(tenant.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)


def sent(started: httpx.Response) -> dict[str, str]:
    """Return what WorkOS is told, without what is new each time; every word once."""
    assert started.status_code == 302, started.text
    told = parse_qs(urlsplit(started.headers["location"]).query)
    assert all(len(values) == 1 for values in told.values())
    words = {name: values[0] for name, values in told.items()}
    for fresh in ("state", "code_challenge"):
        assert len(words.pop(fresh)) == 43
    return words


async def refused(stage: Stage, **query: str) -> tuple[int, str]:
    """Return status and code of a sign-in that does not begin; nothing is stored and no cookie set."""
    flows = await stage.count("login_flows")
    answer = await stage.browser().start(**query)
    assert "set-cookie" not in answer.headers
    assert await stage.count("login_flows") == flows
    return answer.status_code, answer.json()["code"]


@pytest.fixture
async def two(stage: Stage) -> tuple[Tenant, str]:
    """A tenant with two active connections, and WorkOS's id of the second."""
    tenant = await a_tenant(stage)
    second = stage.twin.add_connection(tenant.workos_id, "Second")
    await refresh(tenant)
    return tenant, second.id


def selectors(tenant: Tenant) -> list[dict[str, str]]:
    """Return every way to name this tenant."""
    return [
        {"organization": str(tenant.id)},
        {"organization": str(tenant.id).upper()},
        {"organization": tenant.workos_id},
        {"connection": str(tenant.connection_id)},
        {"connection": tenant.connection_workos_id},
        {"domain": tenant.domain},
        {"domain": f" {tenant.domain.upper()}. "},
        {"email": tenant.people["ada"]},
        {"email": f"Nobody@{tenant.domain}"},
    ]


async def test_every_selector_leads_to_the_connection(tenant: Tenant, stage: Stage) -> None:
    for selector in selectors(tenant):
        expected = {
            "client_id": "client_memberpulse_sandbox",
            "response_type": "code",
            "redirect_uri": f"{BASE}/auth/callback/workos",
            "code_challenge_method": "S256",
            "connection": tenant.connection_workos_id,
        }
        if "email" in selector:
            expected["login_hint"] = selector["email"]
        assert sent(await stage.browser().start(**selector)) == expected, selector


async def test_every_selector_ends_in_a_session_of_the_tenant(tenant: Tenant, stage: Stage) -> None:
    for selector in selectors(tenant):
        browser = stage.browser()
        query = (
            selector
            if selector.get("email") == tenant.people["ada"]
            else {**selector, "login_hint": tenant.people["ada"]}
        )
        done = await browser.visit(await browser.at_identity_provider(await browser.start(**query)))
        assert done.status_code == 303, selector
        session = (await browser.api("GET", "/auth/session")).json()
        assert session["organization"]["id"] == str(tenant.id)
        assert session["session"]["connection_id"] == str(tenant.connection_id)


async def test_a_hint_is_passed_on_and_an_own_one_wins(tenant: Tenant, stage: Stage) -> None:
    browser = stage.browser()
    assert sent(await browser.start(domain=tenant.domain, login_hint="a+b@x.example"))["login_hint"] == "a+b@x.example"
    both = await browser.start(email=tenant.people["ada"], login_hint="other@x.example")
    assert sent(both)["login_hint"] == "other@x.example"
    assert "login_hint" not in sent(await browser.start(domain=tenant.domain, login_hint=""))
    assert await refused(stage, domain=tenant.domain, login_hint="x" * 2049) == (400, "bad_request")


async def test_two_selectors_are_one_too_many(tenant: Tenant, stage: Stage) -> None:
    values = {
        "organization": str(tenant.id),
        "connection": str(tenant.connection_id),
        "domain": tenant.domain,
        "email": tenant.people["ada"],
    }
    for first, second in (
        ("organization", "connection"),
        ("organization", "domain"),
        ("connection", "email"),
        ("domain", "email"),
    ):
        query = {name: values[name] for name in (first, second)}
        assert await refused(stage, **query) == (400, "sso_selector_required"), query
    assert await refused(stage, **values) == (400, "sso_selector_required")
    assert await refused(stage) == (400, "sso_selector_required")
    assert await refused(stage, organization="", domain="") == (400, "sso_selector_required")
    twice = await stage.browser().http.get(f"/auth/sso?domain={tenant.domain}&domain={tenant.domain}")
    assert (twice.status_code, twice.json()["code"]) == (400, "bad_request")


async def test_what_names_nobody_is_unknown(tenant: Tenant, stage: Stage) -> None:
    for query in (
        {"organization": "org_01NOBODY"},
        {"organization": "00000000-0000-7000-8000-000000000007"},
        {"organization": "00000000-0000-0000-0000-000000000000"},
        {"organization": tenant.connection_workos_id},
        {"organization": tenant.domain},
        {"connection": "conn_01NOBODY"},
        {"connection": tenant.workos_id},
        {"connection": str(tenant.id)},
        {"domain": "nobody.example"},
        {"domain": f"sub.{tenant.domain}"},
        {"domain": "a..b"},
        {"email": "ada"},
        {"email": "ada@nobody.example"},
        {"email": f"ada@{tenant.domain}@nobody.example"},
        {"organization": "x" * 5000},
    ):
        assert await refused(stage, **query) == (404, "organization_unknown"), query


@pytest.mark.parametrize("state", ["pending", "failed"])
async def test_a_domain_leads_nowhere_before_it_is_verified(state: str, tenant: Tenant, stage: Stage) -> None:
    domain = f"{state}.{tenant.domain}"
    await stage.sql(VERIFIED, tenant.id, domain, state)
    assert await refused(stage, domain=domain) == (404, "organization_unknown")
    await stage.sql("update organization_domains set state = 'verified' where domain = $1", domain)
    assert sent(await stage.browser().start(domain=domain))["connection"] == tenant.connection_workos_id


async def test_a_domain_of_two_leads_nowhere(tenant: Tenant, stage: Stage) -> None:
    other = await a_tenant(stage)
    await stage.sql(VERIFIED, other.id, tenant.domain, "verified")
    for query in ({"domain": tenant.domain}, {"email": tenant.people["ada"]}):
        assert await refused(stage, **query) == (404, "organization_unknown")
    assert (await stage.browser().start(organization=str(tenant.id))).status_code == 302


@pytest.mark.parametrize("state", ["inactive", "draft", "validating"])
async def test_a_connection_that_is_not_active_starts_nothing(state: str, tenant: Tenant, stage: Stage) -> None:
    stage.twin.change_connection(tenant.connection_workos_id, state=state)
    await refresh(tenant)
    for selector in selectors(tenant):
        assert await refused(stage, **selector) == (403, "connection_inactive"), selector


async def test_nor_does_one_that_was_switched_off_meanwhile_end_well(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    stage.twin.change_connection(tenant.connection_workos_id, state="inactive")
    await refresh(tenant)
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_inactive")
    assert browser.session_cookie is None


async def test_sso_that_is_switched_off_starts_and_ends_nothing(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    await tenant.policy(enabled=False)
    for selector in selectors(tenant):
        assert await refused(stage, **selector) == (403, "sso_disabled"), selector
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (403, "sso_disabled")


async def test_of_several_connections_workos_chooses(two: tuple[Tenant, str], stage: Stage) -> None:
    tenant, second = two
    for query in ({"organization": str(tenant.id)}, {"domain": tenant.domain}, {"email": tenant.people["ada"]}):
        told = sent(await stage.browser().start(**query))
        assert told["organization"] == tenant.workos_id
        assert "connection" not in told
    for named in (tenant.connection_workos_id, second):
        assert sent(await stage.browser().start(connection=named))["connection"] == named, "unless one is named"


async def test_the_policys_default_connection_wins(two: tuple[Tenant, str], stage: Stage) -> None:
    tenant, second = two
    (row,) = await stage.sql("select id from connections where workos_id = $1", second)
    await tenant.policy(default_connection_id=row["id"])
    for query in ({"organization": str(tenant.id)}, {"domain": tenant.domain}):
        told = sent(await stage.browser().start(**query))
        assert (told["connection"], told.get("organization")) == (second, None)
    named = sent(await stage.browser().start(connection=tenant.connection_workos_id))
    assert named["connection"] == tenant.connection_workos_id, "and gives way to one that is named"

    stage.twin.change_connection(second, state="inactive")
    await refresh(tenant)
    told = sent(await stage.browser().start(organization=str(tenant.id)))
    assert told["connection"] == tenant.connection_workos_id, "an inactive default is none"
    assert await refused(stage, connection=second) == (403, "connection_inactive")


@pytest.mark.parametrize(
    ("return_to", "landing"),
    [
        (None, f"{BASE}/auth/signed-in"),
        ("", f"{BASE}/auth/signed-in"),
        ("/", f"{BASE}/"),
        ("/members?tab=1&x=%2F#top", f"{BASE}/members?tab=1&x=%2F#top"),
        (f"{BASE}/deep/link", f"{BASE}/deep/link"),
    ],
)
async def test_a_sign_in_lands_where_it_was_to(
    return_to: str | None, landing: str, tenant: Tenant, stage: Stage
) -> None:
    browser = stage.browser()
    query = {"domain": tenant.domain, "login_hint": tenant.people["ada"]}
    started = await browser.start(**query, **({} if return_to is None else {"return_to": return_to}))
    done = await browser.visit(await browser.at_identity_provider(started))
    assert (done.status_code, done.headers["location"]) == (303, landing)


async def test_a_foreign_address_to_return_to_starts_nothing(tenant: Tenant, stage: Stage) -> None:
    for foreign in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x"):
        assert await refused(stage, domain=tenant.domain, return_to=foreign) == (400, "return_to_not_allowed")


async def test_discovery_says_how_the_people_of_a_domain_sign_in(two: tuple[Tenant, str], stage: Stage) -> None:
    tenant, _ = two
    nothing = {"organization": None, "sso": "none", "start": None}
    available = {
        "organization": f"Tenant {tenant.domain.removeprefix('tenant').partition('.')[0]}",
        "sso": "available",
        "start": f"/auth/sso?domain={tenant.domain}",
    }

    async def discovered() -> object:
        answer = await stage.browser().http.post("/auth/discover", json={"email": f" Ada@{tenant.domain.upper()} "})
        assert answer.status_code == 200
        return answer.json()

    assert await discovered() == available
    assert (await stage.browser().http.get(str(available["start"]))).status_code == 302
    await tenant.policy(required=True)
    assert await discovered() == available | {"sso": "required"}
    for state in ("draft", "deleted"):
        await stage.sql("update connections set state = $2 where organization_id = $1", tenant.id, state)
        assert await discovered() == available | {"sso": "required"}, "no other way in opens"
        await tenant.policy(required=False)
        assert await discovered() == nothing, state
        await tenant.policy(required=True)
    await stage.sql("update connections set state = 'active' where organization_id = $1", tenant.id)
    for statement, undo in (
        ("update organization_policies set enabled = false", "update organization_policies set enabled = true"),
        ("update organization_domains set state = 'pending'", "update organization_domains set state = 'verified'"),
    ):
        await stage.sql(f"{statement} where organization_id = $1", tenant.id)
        assert await discovered() == nothing, statement
        await stage.sql(f"{undo} where organization_id = $1", tenant.id)
    assert await discovered() == available | {"sso": "required"}
