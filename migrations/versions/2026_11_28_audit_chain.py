"""audit chain: every event is sealed into its organization's hash chain, in the order in which it became visible."""

import sqlalchemy as sa
from alembic import op

revision = "audit_chain"
down_revision = "outbox"
branch_labels = None
depends_on = None

# Of everything that an event holds, in a form without two readings; instants as seconds, whatever the session's zone.
DIGEST = """
create function audit_digest(e audit_events) returns bytea language sql stable parallel safe as $$
    select sha256(convert_to(jsonb_build_array(
        e.id, e.organization_id, e.action, extract(epoch from e.occurred_at), e.actor_type, e.actor_id, e.targets, e.ip,
        e.user_agent, e.request_id, e.metadata)::text, 'UTF8'))
$$
"""
# Whose events wait to be sealed: before the tenant is known.
WAITING = """
create function audit_unsealed_of(most bigint) returns table (organization_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
    return query
    -- From one organization to the next by the index: many events of one must not hide the others.
    with recursive owners as (
        (select u.organization_id as owner from audit_unsealed u order by u.organization_id limit 1)
        union all
        select (select u.organization_id from audit_unsealed u where u.organization_id > o.owner
                order by u.organization_id limit 1)
        from owners o where o.owner is not null
    )
    select o.owner from owners o where o.owner is not null limit most;
end $$
"""
# A sign-in that repeats another writes its event by a function of its own; the rest of it stays as it is.
LOGINS = """
do $body$
declare
    told text := pg_get_functiondef('logins_repeat'::regproc);
    found text := ')
            select a.session from arrived a;';
    queued text := '), queued as (
                insert into audit_unsealed (organization_id, event_id) select a.organization, a.event from arrived a
            )
            select a.session from arrived a;';
begin
    if position({found} in told) = 0 then
        raise exception 'logins_repeat is another function than this migration knows';
    end if;
    execute replace(told, {found}, {made});
end $body$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_table(
        "audit_unsealed",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_unsealed_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "event_id", name=op.f("pk_audit_unsealed")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_seals_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "position", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("organization_id", "event_id", name=op.f("uq_audit_seals_organization_id_event_id")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("through", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_heads_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_audit_heads")),
    )
    _wall("audit_unsealed", app="select, insert", worker="select, insert, delete")
    _wall("audit_seals", app="select", worker="select, insert")
    _wall("audit_heads", app="select", worker="select, insert, update")
    op.execute("insert into audit_unsealed (organization_id, event_id) select organization_id, id from audit_events")
    op.execute(DIGEST)
    op.execute(WAITING)
    op.execute("revoke all on function audit_unsealed_of(bigint) from public")
    op.execute("grant execute on function audit_unsealed_of(bigint) to gw_worker")
    op.execute(LOGINS.format(found="found", made="queued"))


def _wall(table: str, *, app: str, worker: str) -> None:
    """Let the seals be added to and never changed: a seal that could be made anew would prove nothing."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy tenant on {table} to gw_app, gw_worker"
        " using (organization_id = (select app_org())) with check (organization_id = (select app_org()))"
    )
    op.execute(f"create policy owner on {table} to gw_owner using (true) with check (true)")
    op.execute(f"create policy platform on {table} for select to gw_platform using (true)")
    op.execute(f"grant select on {table} to gw_platform")
    op.execute(f"grant {app} on {table} to gw_app")
    op.execute(f"grant {worker} on {table} to gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(LOGINS.format(found="queued", made="found"))
    op.execute("drop function audit_unsealed_of(bigint)")
    op.execute("drop function audit_digest(audit_events)")
    op.drop_table("audit_heads")
    op.drop_table("audit_seals")
    op.drop_table("audit_unsealed")
