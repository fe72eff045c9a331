"""page: one page of a directory's ready people, in one round trip."""

from alembic import op

revision = "page"
down_revision = "listed"
branch_labels = None
depends_on = None

# Not a definer's: it takes its tenant as every unit does, and row-level security shows it that tenant's rows.
PAGE = """
create function directory_users_page(organization uuid, directory uuid, below uuid, most bigint)
returns table (id uuid, shown text)
language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
    perform set_config('app.org_id', organization::text, true);
    return query
    select d.id, coalesce(d.shown, directory_user_shown(d)) from directory_users d
    where d.organization_id = organization and d.directory_id = directory and d.id < below and d.state <> 'deleted'
    order by d.id desc limit most;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(PAGE)
    op.execute("revoke all on function directory_users_page(uuid, uuid, uuid, bigint) from public")
    op.execute("grant execute on function directory_users_page(uuid, uuid, uuid, bigint) to gw_app")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function directory_users_page(uuid, uuid, uuid, bigint)")
