"""What the tests of tenant isolation share: the tables of tenants, and the gateway's own view of the database."""

import contextlib
from collections.abc import AsyncGenerator, Mapping
from uuid import UUID

import asyncpg

from app.db.engine import DriverConnection, Role, connector
from app.models import metadata
from tests.builders import Tenant
from tests.gateway import Stage

# Every table that belongs to tenants, and the column that names the tenant: from the models, so that none is forgotten.
TENANT_TABLES: Mapping[str, str] = {
    name: "id" if name == "organizations" else "organization_id"
    for name, table in metadata.tables.items()
    if name == "organizations" or "organization_id" in table.columns
}
# Sealed as the worker does it: its first event is the beginning of its chain.
SEALED = """
with first as (
    delete from audit_unsealed where organization_id = $1 and event_id = (
        select event_id from audit_unsealed where organization_id = $1 order by event_id limit 1)
    returning event_id
), link as (
    select e.id, sha256(audit_digest(e)) as seal, e.occurred_at from audit_events e join first f on f.event_id = e.id
    where not exists (select 1 from audit_heads h where h.organization_id = $1)
), sealed as (
    insert into audit_seals (organization_id, position, event_id, seal, sealed_at)
    select $1, 1, id, seal, now() from link
)
insert into audit_heads (organization_id, position, seal, through) select $1, 1, seal, occurred_at from link
"""
CONTEXT = "select coalesce(current_setting('app.org_id', true), '')"
# A person in a group, its rule, and a full sync with a page: one row each.
MIRROR = """
with directory as (
    select id, organization_id from directories where organization_id = $1 and workos_id = $2
), person as (
    insert into directory_users (id, organization_id, directory_id, workos_id, email, state, at, touched_at, created_at,
                                 updated_at)
    select gen_random_uuid(), organization_id, id, 'user_of_' || $2, 'p@x.example', 'active', now(), now(), now(), now()
    from directory returning id, organization_id
), club as (
    insert into directory_groups (id, organization_id, directory_id, workos_id, name, state, at, touched_at, created_at,
                                  updated_at)
    select gen_random_uuid(), organization_id, id, 'group_of_' || $2, 'G', 'active', now(), now(), now(), now()
    from directory returning id, organization_id, directory_id
), name as (
    insert into directory_group_names (organization_id, directory_id, name, group_id)
    select organization_id, directory_id, 'G', id from club
), member as (
    insert into directory_memberships (organization_id, group_id, directory_user_id, member, at, touched_at)
    select c.organization_id, c.id, p.id, true, now(), now() from club c, person p
), rule as (
    insert into role_rules (id, organization_id, position, group_name, role)
    select gen_random_uuid(), organization_id, 1, 'G', 'ROLE_MEMBER' from directory
), run as (
    insert into directory_sync_runs (id, organization_id, directory_id, mode, status, requested_by, created_at)
    select gen_random_uuid(), organization_id, id, 'apply', 'completed', 'gateway', now() from directory
    returning id, organization_id
)
insert into directory_sync_pages (organization_id, run_id, number, kind, row_ids, workos_ids)
select organization_id, id, 1, 'user', '{}', '{}' from run
"""


@contextlib.asynccontextmanager
async def as_role(stage: Stage, organization: UUID | None, role: Role = "gw_app") -> AsyncGenerator[DriverConnection]:
    """Yield a connection in a transaction as the gateway has them; it is rolled back. Never a superuser's."""
    connection = await connector(stage.database, role)()
    transaction = connection.transaction()
    try:
        await transaction.start()
        if organization is not None:
            await connection.execute("select set_config('app.org_id', $1, true)", str(organization))
        yield connection
    finally:
        with contextlib.suppress(asyncpg.PostgresError):
            await transaction.rollback()
        await connection.close()


async def fill(tenant: Tenant) -> None:
    """Give a tenant a row in every tenant table: a directory, a person with sessions, a sign-in under way."""
    await tenant.stage.sql(
        "insert into directories (id, organization_id, workos_id, type, name, state, created_at, updated_at)"
        " values (gen_random_uuid(), $1, $2, 'okta scim v2.0', 'D', 'linked', now(), now())",
        tenant.id,
        f"directory_of_{tenant.workos_id}",
    )
    await tenant.stage.sql(
        "insert into webhook_events (id, event_id, event, source, status, organization_id, received_at)"
        " values (gen_random_uuid(), $2, 'dsync.deleted', 'webhook', 'done', $1, now())",
        tenant.id,
        f"event_of_{tenant.workos_id}",
    )
    await tenant.stage.sql(
        "insert into object_versions (organization_id, object_id, at, event_id) values ($1, $2, now(), 'event_1')"
        " on conflict do nothing",
        tenant.id,
        tenant.connection_workos_id,
    )
    await tenant.stage.sql(
        "insert into status_marks (organization_id, name, status, since, judged_at) values"
        " ($1, 'of_a_test', 'ok', now(), now())",
        tenant.id,
    )
    await tenant.stage.sql(
        "insert into certificate_warnings (organization_id, connection_id, expires_at, days, warned_at)"
        " values ($1, $2, now(), 30, now()) on conflict do nothing",
        tenant.id,
        tenant.connection_id,
    )
    await tenant.stage.sql(MIRROR, tenant.id, f"directory_of_{tenant.workos_id}")
    await tenant.stage.sql(
        "insert into connection_tests (organization_id, id, connection_id, started_by, created_at, expires_at)"
        " values ($1, gen_random_uuid(), $2, gen_random_uuid(), now(), now())",
        tenant.id,
        tenant.connection_id,
    )
    # Of the platform, and no tenant's: named so that a test finds this one.
    await tenant.stage.sql(
        "with made as (insert into service_clients (id, name, scopes, created_at)"
        " values (gen_random_uuid(), $1, '{tokens:introspect}', now()) returning id)"
        " insert into service_client_secrets (id, client_id, secret_hash, last_four, created_at)"
        " select gen_random_uuid(), id, sha256('x'), 'last', now() from made",
        tenant.workos_id,
    )
    await tenant.signed_in()
    await tenant.stage.sql(SEALED, tenant.id)
    await tenant.stage.sql(
        "insert into audit_cursors (organization_id, reader, position, begun_at) values ($1, 'test', 0, now())"
        " on conflict do nothing",
        tenant.id,
    )
    await tenant.stage.sql(
        "insert into audit_refused (organization_id, event_id, action, since, tries, due_at)"
        " values ($1, gen_random_uuid(), 'of.a_test', now(), 1, 'infinity')",
        tenant.id,
    )
    await tenant.stage.sql(
        "insert into alerts (id, organization_id, kind, subject, since, last_at, count, evidence)"
        " values (gen_random_uuid(), $1, 'mass_change', 'test', now(), now(), 20, '{}') on conflict do nothing",
        tenant.id,
    )
    await tenant.stage.sql(
        "insert into portal_visits (organization_id, user_id, workos_organization, asked_at)"
        " select organization_id, id, 'org_x', now() from users where organization_id = $1 on conflict do nothing",
        tenant.id,
    )
    await tenant.stage.sql(
        "insert into outbox (id, organization_id, job, key, payload, status, due_at, created_at)"
        " values (gen_random_uuid(), $1, 'test.job', '', '{}', 'done', now(), now())",
        tenant.id,
    )
    await tenant.stage.browser().start(connection=tenant.connection_workos_id)


def secrets_of(tenant: Tenant) -> list[str]:
    """Return the words that only this tenant's data holds."""
    return [str(tenant.id), tenant.workos_id, tenant.domain, str(tenant.connection_id), tenant.connection_workos_id]
