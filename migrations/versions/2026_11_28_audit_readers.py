"""audit readers: how far each reader of the sealed record is, and the alerts that one of them raises."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "audit_readers"
down_revision = "status"
branch_labels = None
depends_on = None

# Whose sealed events a reader has not read to the end: before the tenant is known. With `job` only organizations that
# WorkOS knows and of which that job is neither waiting, under way nor given up.
BEHIND = """
create function audit_behind(name text, of_job text, most bigint) returns table (organization_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
    return query
    select h.organization_id from audit_heads h
    left join audit_cursors c on c.organization_id = h.organization_id and c.reader = name
    where h.position > coalesce(c.position, 0)
      and (of_job is null
           or (exists (select 1 from organizations o where o.id = h.organization_id and o.workos_id is not null)
               and not exists (select 1 from outbox q where q.organization_id = h.organization_id and q.job = of_job
                               and q.status in ('pending', 'running', 'dead'))))
    order by h.organization_id limit most;
end $$
"""
# Of every tenant: what has not happened again for a while is over.
CLOSE = """
create function alerts_close(at timestamptz, quiet_since timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare gone bigint;
begin
    update alerts a set closed_at = at where a.closed_at is null and a.last_at < quiet_since;
    get diagnostics gone = row_count;
    return gone;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_table(
        "audit_cursors",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_cursors_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "reader", name=op.f("pk_audit_cursors")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('failed_sign_ins','failed_sign_ins_from_address','new_administrator','mass_change',"
            "'secret_changed','break_glass_used')",
            name=op.f("ck_alerts_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_alerts_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["organization_id", "kind", "subject"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    for table in ("audit_cursors", "alerts"):
        _wall(table)
    for definition, callee in (
        (BEHIND, "audit_behind(text, text, bigint)"),
        (CLOSE, "alerts_close(timestamptz, timestamptz)"),
    ):
        op.execute(definition)
        op.execute(f"revoke all on function {callee} from public")
        op.execute(f"grant execute on function {callee} to gw_worker")


def _wall(table: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy tenant on {table} to gw_app, gw_worker"
        " using (organization_id = (select app_org())) with check (organization_id = (select app_org()))"
    )
    op.execute(f"create policy owner on {table} to gw_owner using (true) with check (true)")
    op.execute(f"create policy platform on {table} for select to gw_platform using (true)")
    op.execute(f"grant select on {table} to gw_platform")
    op.execute(f"grant select, insert, update, delete on {table} to gw_app, gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function alerts_close(timestamptz, timestamptz)")
    op.execute("drop function audit_behind(text, text, bigint)")
    op.drop_table("alerts")
    op.drop_table("audit_cursors")
