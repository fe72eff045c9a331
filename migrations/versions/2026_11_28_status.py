"""status: since when each indicator is as it is, what processes noticed, and since when an event is nobody's."""

import sqlalchemy as sa
from alembic import op

revision = "status"
down_revision = "login_traces"
branch_labels = None
depends_on = None

# What no worker has looked at yet may be anybody's, and no tenant sees it. An instant only.
UNCLAIMED = """
create function inbox_unclaimed_since(at timestamptz) returns timestamptz
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select w.due_at from webhook_events w
    where w.status = 'pending' and w.organization_id is null and w.due_at <= at order by w.due_at, w.id limit 1
$$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_table(
        "status_marks",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status in ('ok','warning','failing','unknown')", name=op.f("ck_status_marks_status")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_status_marks_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "name", name=op.f("pk_status_marks")),
    )
    op.create_table(
        "sightings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("good_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("good_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bad_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bad_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("times", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sightings")),
    )
    op.execute("alter table status_marks enable row level security")
    op.execute("alter table status_marks force row level security")
    op.execute(
        "create policy tenant on status_marks to gw_app, gw_worker"
        " using (organization_id = (select app_org())) with check (organization_id = (select app_org()))"
    )
    op.execute("create policy owner on status_marks to gw_owner using (true) with check (true)")
    op.execute("create policy platform on status_marks for select to gw_platform using (true)")
    op.execute("grant select on status_marks, sightings to gw_platform")
    op.execute("grant select, insert, update, delete on status_marks to gw_app, gw_worker")
    op.execute("grant select, insert, update on sightings to gw_app, gw_worker")
    op.execute(UNCLAIMED)
    op.execute("revoke all on function inbox_unclaimed_since(timestamptz) from public")
    op.execute("grant execute on function inbox_unclaimed_since(timestamptz) to gw_app, gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function inbox_unclaimed_since(timestamptz)")
    op.drop_table("sightings")
    op.drop_table("status_marks")
