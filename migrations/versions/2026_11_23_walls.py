"""walls: who may touch which table, and row-level security on every tenant table."""

from alembic import op

revision = "walls"
down_revision = "spine"
branch_labels = None
depends_on = None

# Tenant tables and the column that names the tenant.
TENANT = {
    "organizations": "id",
    "organization_policies": "organization_id",
    "organization_domains": "organization_id",
    "connections": "organization_id",
    "directories": "organization_id",
    "users": "organization_id",
    "identities": "organization_id",
    "sessions": "organization_id",
    "login_flows": "organization_id",
    "audit_events": "organization_id",
}
APPEND_ONLY = {"audit_events"}
NIL = "00000000-0000-0000-0000-000000000000"
PLATFORM_USER = "00000000-0000-0000-0000-000000000001"


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(
        """
        create function app_org() returns uuid language sql stable parallel safe
        as $$ select nullif(current_setting('app.org_id', true), '')::uuid $$
        """
    )
    for table, column in TENANT.items():
        _wall(table, column)
    _grants()
    # Break-glass sessions belong to a person of no tenant: the nil organization (contract.md, /auth/break-glass).
    op.execute(
        f"""
        insert into organizations (id, name, slug, created_at, updated_at)
        values ('{NIL}', 'MemberPulse', 'memberpulse-platform', now(), now());
        """
    )
    op.execute(
        f"""
        insert into organization_policies (organization_id, enabled, jit_provisioning) values ('{NIL}', false, 'never');
        """
    )
    op.execute(
        f"""
        insert into users (id, organization_id, first_name, last_name, mapped_role, created_at, updated_at)
        values ('{PLATFORM_USER}', '{NIL}', 'Break', 'Glass', 'ROLE_PLATFORM_ADMIN', now(), now());
        """
    )


def _wall(table: str, column: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    # (select app_org()): wrapped, the setting is read once per statement instead of once per row.
    op.execute(
        f"create policy tenant on {table} to gw_app, gw_worker"
        f" using ({column} = (select app_org())) with check ({column} = (select app_org()))"
    )
    # Under FORCE the owner is filtered too: without this a data migration changes 0 rows silently.
    op.execute(f"create policy owner on {table} to gw_owner using (true) with check (true)")
    op.execute(f"create policy platform on {table} for select to gw_platform using (true)")
    op.execute(f"grant select on {table} to gw_platform")
    verbs = "select, insert" if table in APPEND_ONLY else "select, insert, update, delete"
    op.execute(f"grant {verbs} on {table} to gw_app, gw_worker")


def _grants() -> None:
    op.execute("grant select on alembic_version to gw_app, gw_worker, gw_platform")
    op.execute("grant select, insert, delete on stale_sessions to gw_app, gw_worker")
    op.execute("grant select, insert, update on signing_keys to gw_app")
    # The worker makes and moves keys but never reads a private part (threats.md 5.4).
    op.execute(
        "grant select (kid, alg, status, public_jwk, created_at, activated_at, retiring_at, retired_at), insert,"
        " update (status, activated_at, retiring_at, retired_at) on signing_keys to gw_worker"
    )
    op.execute("grant select, insert, update, delete on break_glass_tokens to gw_app, gw_worker")
    op.execute("grant select, insert, update on service_clients to gw_app")
    op.execute("grant select, insert, update on platform_settings to gw_app")
    op.execute("grant select on platform_settings to gw_worker")
    op.execute("grant select, insert, update on encryption_canaries to gw_app, gw_worker")
    op.execute("grant select, insert, update on periodic_jobs to gw_app, gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    for table, column in TENANT.items():
        for policy in ("tenant", "owner", "platform"):
            op.execute(f"drop policy {policy} on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
        op.execute(f"revoke all on {table} from gw_app, gw_worker, gw_platform")
        del column
    op.execute(f"delete from sessions where organization_id = '{NIL}'")
    op.execute(f"delete from audit_events where organization_id = '{NIL}'")
    op.execute(f"delete from users where organization_id = '{NIL}'")
    op.execute(f"delete from organization_policies where organization_id = '{NIL}'")
    op.execute(f"delete from organizations where id = '{NIL}'")
    for table in (
        "alembic_version",
        "stale_sessions",
        "signing_keys",
        "break_glass_tokens",
        "service_clients",
        "platform_settings",
        "encryption_canaries",
        "periodic_jobs",
    ):
        op.execute(f"revoke all on {table} from gw_app, gw_worker, gw_platform")
    op.execute("drop function app_org()")
