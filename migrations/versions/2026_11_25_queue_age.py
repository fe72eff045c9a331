"""queue age: what waits in the inbox and since when, and how far an interrupted reading of the Events API has come."""

import sqlalchemy as sa
from alembic import op

revision = "queue_age"
down_revision = "mirror"
branch_labels = None
depends_on = None

# The inbox has no tenant before its events are applied, so that its length is nobody's row. Instants and counts only;
# none is counted beyond ten thousand, lest being asked costs most when there is most to do.
BACKLOG = """
create function inbox_backlog(at timestamptz)
returns table (due_since timestamptz, pending bigint, parked bigint, dead bigint, read_to timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
    return query select
        (select w.due_at from webhook_events w where w.status = 'pending' and w.due_at <= at
         order by w.due_at, w.id limit 1),
        (select count(*) from (select 1 from webhook_events w where w.status = 'pending' limit 10000) as n),
        (select count(*) from (select 1 from webhook_events w where w.status = 'parked' limit 10000) as n),
        (select count(*) from (select 1 from webhook_events w where w.status = 'dead' limit 10000) as n),
        (select p.read_to from event_polls p);
end $$
"""
READING = {"reading_begun": sa.DateTime(timezone=True), "reading_wanted": sa.DateTime(timezone=True),
           "reading_since": sa.DateTime(timezone=True), "reading_after": sa.Text()}  # fmt: skip


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    for name, kind in READING.items():
        op.add_column("event_polls", sa.Column(name, kind, nullable=True))
    # The one that exists holds dead and parked together: a million parked would be looked through for one dead.
    op.create_index("ix_webhook_events_dead", "webhook_events", ["id"], postgresql_where=sa.text("status = 'dead'"))
    op.execute(BACKLOG)
    op.execute("revoke all on function inbox_backlog(timestamptz) from public")
    op.execute("grant execute on function inbox_backlog(timestamptz) to gw_app, gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function inbox_backlog(timestamptz)")
    op.drop_index("ix_webhook_events_dead", table_name="webhook_events")
    for name in reversed(READING):
        op.drop_column("event_polls", name)
