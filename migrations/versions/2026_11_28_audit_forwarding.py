"""audit forwarding: the events that WorkOS has refused so far, each to be sent again."""

import sqlalchemy as sa
from alembic import op

revision = "audit_forwarding"
down_revision = "certificates"
branch_labels = None
depends_on = None

# Who has such an event that is due: before the tenant is known. Only organizations that WorkOS knows and of which the
# job is neither waiting, under way nor given up.
DUE = """
create function audit_refused_due(of_job text, at timestamptz, most bigint) returns table (organization_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
    return query
    select o.id from organizations o
    where o.workos_id is not null
      and exists (select 1 from audit_refused r where r.organization_id = o.id and r.due_at <= at)
      and not exists (select 1 from outbox q where q.organization_id = o.id and q.job = of_job
                      and q.status in ('pending', 'running', 'dead'))
    order by o.id limit most;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_table(
        "audit_refused",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_refused_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "event_id", name=op.f("pk_audit_refused")),
    )
    op.create_index(
        op.f("ix_audit_refused_organization_id_due_at_event_id"),
        "audit_refused",
        ["organization_id", "due_at", "event_id"],
    )
    op.execute("alter table audit_refused enable row level security")
    op.execute("alter table audit_refused force row level security")
    op.execute(
        "create policy tenant on audit_refused to gw_app, gw_worker"
        " using (organization_id = (select app_org())) with check (organization_id = (select app_org()))"
    )
    op.execute("create policy owner on audit_refused to gw_owner using (true) with check (true)")
    op.execute("create policy platform on audit_refused for select to gw_platform using (true)")
    op.execute("grant select on audit_refused to gw_platform")
    op.execute("grant select, insert, update, delete on audit_refused to gw_app, gw_worker")
    op.execute(DUE)
    op.execute("revoke all on function audit_refused_due(text, timestamptz, bigint) from public")
    op.execute("grant execute on function audit_refused_due(text, timestamptz, bigint) to gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function audit_refused_due(text, timestamptz, bigint)")
    op.drop_table("audit_refused")
