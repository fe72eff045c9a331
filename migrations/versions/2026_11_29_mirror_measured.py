"""mirror measured: a worker may have the statistics of the mirror's tables taken anew, where a full sync filled them."""

from alembic import op

revision = "mirror_measured"
down_revision = "alerts_acknowledged"
branch_labels = None
depends_on = None

# Only a table's owner may analyse it. By the figures of before, the planner takes a company that has just come in whole
# for a handful of rows, and reads all of it for each person of whom an event tells, until autovacuum comes by.
_MEASURE = """
create function mirror_measure() returns void language plpgsql volatile
security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    analyze public.users, public.directory_users, public.directory_memberships;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(_MEASURE)
    op.execute("revoke all on function mirror_measure() from public")
    op.execute("grant execute on function mirror_measure() to gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function mirror_measure()")
