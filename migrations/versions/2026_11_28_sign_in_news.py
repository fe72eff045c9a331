"""sign-in news: an event about a sign-in is emptied once it is applied; nothing else says whose address it holds."""

from alembic import op

revision = "sign_in_news"
down_revision = "queue_place"
branch_labels = None
depends_on = None

# It names an address and not a person, so that erasing that person would not find it (threats.md E12). What it told is
# in the attempt's trace by then, which is found.
EMPTIED = """,
        payload = case when w.event like 'authentication.%' and a.outcome in ('done', 'skipped') then null
                       else w.payload end"""
SETTLE = """
create or replace function inbox_settle(chosen uuid[], outcomes text[], told text[], owners uuid[], awaited text[],
                                        tries bigint[], dues timestamptz[], people text[], at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update webhook_events w
    set status = a.outcome, last_error = a.fault, organization_id = coalesce(a.owner, w.organization_id),
        waits_for = a.awaits, attempts = a.attempts, due_at = a.due, person = a.person,
        done_at = case when a.outcome in ('done', 'skipped', 'dead') then at end{more}
    from unnest(chosen, outcomes, told, owners, awaited, tries, dues, people)
        as a (id, outcome, fault, owner, awaits, attempts, due, person)
    -- Another worker may have finished it since this one failed to.
    where w.id = a.id and w.status = 'pending';
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(SETTLE.format(more=EMPTIED))


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(SETTLE.format(more=""))
