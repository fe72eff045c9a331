"""late news: when somebody or a group that came back was gone, and what waits for people whom a full sync has brought."""

import sqlalchemy as sa
from alembic import op

revision = "late_news"
down_revision = "queue_age"
branch_labels = None
depends_on = None

# What is parked waits for a person or a group too; those are here as soon as a full sync has read them.
MIRRORED = """
                    or exists (select 1 from directory_users u where u.organization_id = p.organization_id
                               and u.workos_id = p.waits_for and u.state <> 'deleted')
                    or exists (select 1 from directory_groups g where g.organization_id = p.organization_id
                               and g.workos_id = p.waits_for and g.state <> 'deleted')"""
RELEASE_KNOWN = """
        begin
            update webhook_events w set status = 'pending', due_at = at, waits_for = null
            where w.id in (
                select p.id from webhook_events p
                where p.status = 'parked' and (
                    exists (select 1 from organizations o where o.workos_id = p.waits_for)
                    or exists (select 1 from connections c where c.workos_id = p.waits_for)
                    or exists (select 1 from directories d where d.workos_id = p.waits_for)
                    or exists (select 1 from organization_domains n where n.workos_id = p.waits_for){more})
                order by p.id limit 10000 for update skip locked
            );
        end """


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    for table in ("directory_users", "directory_groups"):
        op.add_column(table, sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
    _release_known(MIRRORED)


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    _release_known("")
    for table in ("directory_groups", "directory_users"):
        op.drop_column(table, "gone_at")


def _release_known(more: str) -> None:
    op.execute(
        "create or replace function inbox_release_known(at timestamptz)\n"
        "        returns void language plpgsql volatile security definer"
        f" set search_path = pg_catalog, public, pg_temp as $${RELEASE_KNOWN.format(more=more)}$$"
    )
