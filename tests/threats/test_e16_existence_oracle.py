# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportPrivateUsage=false, reportDeprecated=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false
# What this file reads is JSON or untyped: its shape is what the assertions prove.
"""E16: whether an id exists in another organization cannot be found out by using it."""

from app.models import metadata
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage
from tests.threats.tenancy import TENANT_TABLES, as_role

# Unique over all tenants, and why that tells nobody anything.
GLOBAL = {
    ("organizations", ("workos_id",)): "only platform operators link organizations, and they see them all",
    ("organizations", ("slug",)): "made by us, with the id's own digits in it",
    ("webhook_events", ("event_id",)): "WorkOS's own ids, in signed deliveries only; a second one is answered alike",
    ("sessions", ("secret_hash",)): "256 random bits: nobody can choose one that exists",
}

CONNECTION = (
    "insert into connections (id, organization_id, workos_id, type, protocol, name, state, domains, created_at,"
    " updated_at) values (gen_random_uuid(), $1, $2, 't', 'saml', 'n', 'active', '{}', now(), now())"
)
DOMAIN = (
    "insert into organization_domains (id, organization_id, domain, state, created_at, updated_at)"
    " values (gen_random_uuid(), $1, $2, 'pending', now(), now())"
)
PERSON = (
    "insert into users (id, organization_id, email, email_lower, mapped_role, created_at, updated_at)"
    " values (gen_random_uuid(), $1, $2, $2, 'ROLE_MEMBER', now(), now())"
)


def test_e16_everything_else_is_unique_within_its_tenant() -> None:
    over_all = {
        (name, tuple(column.name for column in constraint.columns))
        for name in TENANT_TABLES
        for constraint in metadata.tables[name].constraints
        if type(constraint).__name__ == "UniqueConstraint" and "organization_id" not in constraint.columns
    } | {
        (name, tuple(column.name for column in index.columns))
        for name in TENANT_TABLES
        for index in metadata.tables[name].indexes
        if index.unique and "organization_id" not in index.columns
    }
    assert over_all == set(GLOBAL)


async def test_e16_the_same_names_exist_twice_side_by_side(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage)
    values = {CONNECTION: other.connection_workos_id, DOMAIN: other.domain, PERSON: other.people["ada"]}
    async with as_role(stage, tenant.id) as connection:
        for statement, value in values.items():
            assert await connection.execute(statement, tenant.id, value) == "INSERT 0 1"


async def test_e16_one_who_may_not_create_organizations_learns_nothing_by_trying(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage)
    browser = await tenant.signed_in()
    answers = [
        await browser.api(
            "POST", "/api/organizations", json={"name": "x", "workos_id": found}, headers={"X-Request-Id": "the-same"}
        )
        for found in (other.workos_id, "org_01UNKNOWN")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].content == answers[1].content
    assert not stage.twin.hits(path=f"/organizations/{other.workos_id}")[1:]


async def test_e16_a_connection_id_that_two_tenants_have_starts_no_sign_in_of_the_other(
    stage: Stage, tenant: Tenant
) -> None:
    """Whoever could write a foreign connection's id into their own mirror would still not be taken for its owner."""
    other = await a_tenant(stage)
    await stage.sql(
        "update connections set workos_id = $2 where organization_id = $1", tenant.id, other.connection_workos_id
    )
    answer = await stage.browser().start(connection=other.connection_workos_id)
    assert answer.status_code == 404
    assert answer.json()["code"] == "organization_unknown"
