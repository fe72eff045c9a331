"""A9: an identity is `(connection, idp_id)`: the same idp_id at another provider is somebody else."""

from tests.builders import Tenant, a_tenant
from tests.gateway import Stage


async def test_a9_at_another_tenants_provider(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()
    victim = await tenant.user_id()
    (identity,) = await stage.sql("select idp_id from identities where user_id = $1", victim)
    other = await a_tenant(stage)
    stage.twin.override_profile({"idp_id": identity["idp_id"]}, connection=other.connection_workos_id)
    browser = await other.signed_in()
    session = (await browser.api("GET", "/auth/session")).json()
    assert session["user"]["id"] != str(victim)
    assert session["organization"]["id"] == str(other.id)
    rows = await stage.sql("select user_id from identities where idp_id = $1", identity["idp_id"])
    assert len({row["user_id"] for row in rows}) == 2


async def test_a9_at_another_connection_of_the_same_tenant(tenant: Tenant, stage: Stage) -> None:
    """With another address it is another person: two providers of one company number their people alike."""
    await tenant.signed_in()
    victim = await tenant.user_id()
    (identity,) = await stage.sql("select idp_id from identities where user_id = $1", victim)
    second = stage.twin.add_connection(tenant.workos_id, f"Second {tenant.domain}")
    await stage.sql(
        "insert into connections (id, organization_id, workos_id, type, protocol, name, state, domains, created_at,"
        " updated_at) values (gen_random_uuid(), $1, $2, 'GenericSAML', 'saml', 'Second', 'active', '{}', $3, $3)",
        tenant.id,
        second.id,
        stage.clock.now(),
    )
    stage.twin.override_profile({"idp_id": identity["idp_id"]}, connection=second.id)
    browser = stage.browser()
    assert (await browser.sign_in(tenant.people["sam"], connection=second.id)).status_code == 303
    assert (await browser.api("GET", "/auth/session")).json()["user"]["id"] != str(victim)


async def test_a9_ids_are_compared_exactly(tenant: Tenant, stage: Stage) -> None:
    stage.twin.override_profile({"idp_id": "User-1", "email": f"one@{tenant.domain}"})
    first = (await (await tenant.signed_in()).api("GET", "/auth/session")).json()["user"]["id"]
    for number, idp_id in enumerate(("user-1", "User-1 ", "User-\uff11")):
        stage.twin.override_profile({"idp_id": idp_id, "email": f"other{number}@{tenant.domain}"})
        other = (await (await tenant.signed_in("sam")).api("GET", "/auth/session")).json()["user"]["id"]
        assert other != first
