"""outbox: work that needs the network, and who was given Admin Portal links lately."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "outbox"
down_revision = "revocations"
branch_labels = None
depends_on = None

# What a worker left behind comes first, and counts as a failure: nobody was left to say why.
TAKE = """
create function outbox_take(jobs text[], at timestamptz, until timestamptz)
returns table (id uuid, organization_id uuid, job text, key text, payload jsonb, attempts bigint, failures bigint,
               created_at timestamptz, request_id text)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare found uuid;
begin
    select q.id into found from outbox q
    where q.status = 'running' and q.leased_until < at and q.job = any (jobs)
    order by q.leased_until limit 1 for update skip locked;
    if found is null then
        select q.id into found from outbox q
        where q.status = 'pending' and q.due_at <= at and q.job = any (jobs)
        order by q.due_at, q.id limit 1 for update skip locked;
    end if;
    return query
    update outbox o
    set status = 'running', leased_until = until, attempts = o.attempts + 1,
        failures = o.failures + case when o.status = 'running' then 1 else 0 end
    where o.id = found
    returning o.id, o.organization_id, o.job, o.key, o.payload, o.attempts, o.failures, o.created_at, o.request_id;
end $$
"""
# By slices: a backlog larger than one statement may take would otherwise never be purged.
PURGE = """
create function {name}(before timestamptz)
returns bigint language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare gone bigint;
begin
    {delete}
    get diagnostics gone = row_count;
    return gone;
end $$
"""
PURGES = {
    "outbox_purge": """
    delete from outbox o where o.id in (
        select p.id from outbox p where p.status = 'done' and p.done_at < before order by p.done_at limit 20000
    );""",
    "portal_visits_purge": """
    delete from portal_visits v where (v.organization_id, v.user_id, v.workos_organization) in (
        select p.organization_id, p.user_id, p.workos_organization from portal_visits p
        where p.asked_at < before order by p.asked_at limit 20000
    );""",
}
WAKE = "returns trigger language plpgsql as $$ begin perform pg_notify('outbox', ''); return null; end $$"


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status in ('pending','running','done','dead')", name=op.f("ck_outbox_status")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_outbox_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    pending, running, dead, done = (sa.text(f"status = '{word}'") for word in ("pending", "running", "dead", "done"))
    op.create_index(
        "uq_outbox_pending", "outbox", ["organization_id", "job", "key"], unique=True, postgresql_where=pending
    )
    op.create_index("ix_outbox_due", "outbox", ["due_at", "id"], postgresql_where=pending)
    op.create_index("ix_outbox_running", "outbox", ["leased_until"], postgresql_where=running)
    op.create_index("ix_outbox_dead", "outbox", ["created_at", "id"], postgresql_where=dead)
    op.create_index("ix_outbox_done", "outbox", ["done_at"], postgresql_where=done)
    op.create_table(
        "portal_visits",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("workos_organization", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name=op.f("fk_portal_visits_organization_id_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "user_id", "workos_organization", name=op.f("pk_portal_visits")),
    )
    op.create_index(op.f("ix_portal_visits_asked_at"), "portal_visits", ["asked_at"])
    for table in ("outbox", "portal_visits"):
        _wall(table)
    op.execute(TAKE)
    _only_the_worker("outbox_take(text[], timestamptz, timestamptz)")
    for name, delete in PURGES.items():
        op.execute(PURGE.format(name=name, delete=delete))
        _only_the_worker(f"{name}(timestamptz)")
    op.execute(f"create function outbox_wake() {WAKE}")
    op.execute("create trigger wake after insert on outbox for each statement execute function outbox_wake()")


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


def _only_the_worker(callee: str) -> None:
    op.execute(f"revoke all on function {callee} from public")
    op.execute(f"grant execute on function {callee} to gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function outbox_take(text[], timestamptz, timestamptz)")
    for name in PURGES:
        op.execute(f"drop function {name}(timestamptz)")
    op.drop_table("portal_visits")
    op.drop_table("outbox")
    op.execute("drop function outbox_wake()")
