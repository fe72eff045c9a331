"""E5: a row of one tenant cannot point at another's, whatever row-level security thinks of it."""

import asyncpg
import pytest

from app.models import metadata
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage
from tests.threats.tenancy import TENANT_TABLES, as_role

IDENTITY = (
    "insert into identities (id, organization_id, user_id, connection_id, idp_id, profile_id, created_at,"
    " last_login_at) values (gen_random_uuid(), $1, $2, $3, 'x', 'p', now(), now())"
)
SESSION = (
    "insert into sessions (id, organization_id, user_id, secret_hash, connection_id, amr, auth_time, created_at,"
    " last_seen_at, idle_seconds, expires_at)"
    " values (gen_random_uuid(), $1, $2, 'e5', $3, '{}', now(), now(), now(), 900, now())"
)
FLOW = (
    "insert into login_flows (state_hash, cookie_hash, kind, organization_id, connection_id, verifier, return_to,"
    " created_at, expires_at) values ('s', 'c', 'login', $1, $2, 'v', '/', now(), now())"
)


async def test_e5_a_foreign_person_or_connection_cannot_be_referred_to(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage)
    await tenant.signed_in()
    await other.signed_in()
    mine, theirs = await tenant.user_id(), await other.user_id()
    for statement, values in (
        (IDENTITY, (theirs, tenant.connection_id)),
        (IDENTITY, (mine, other.connection_id)),
        (SESSION, (theirs, tenant.connection_id)),
        (SESSION, (mine, other.connection_id)),
        (FLOW, (other.connection_id,)),
    ):
        async with as_role(stage, tenant.id) as connection:
            with pytest.raises(asyncpg.ForeignKeyViolationError):
                await connection.execute(statement, tenant.id, *values)
    async with as_role(stage, tenant.id) as connection:  # the same with one's own: so it was the foreign id
        for statement, values in ((IDENTITY, (mine, tenant.connection_id)), (SESSION, (mine, tenant.connection_id))):
            assert await connection.execute(statement, tenant.id, *values) == "INSERT 0 1"


def test_e5_every_key_between_tenant_tables_is_composite() -> None:
    """A simple foreign key looks past row-level security; only the one to the tenant itself may be simple."""
    simple: list[str] = []
    for name in TENANT_TABLES:
        for key in metadata.tables[name].foreign_key_constraints:
            target = key.referred_table.name
            if target in TENANT_TABLES and target != "organizations":
                columns = [element.target_fullname for element in key.elements]
                if f"{target}.organization_id" not in columns or "organization_id" not in key.column_keys:
                    simple.append(f"{name} -> {target}")
    assert simple == []
