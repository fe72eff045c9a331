"""settled by id: what became of an event is written by its key, never by way of an index of all that is pending."""

from alembic import op

revision = "settled_by_id"
down_revision = "sign_in_news"
branch_labels = None
depends_on = None

# Where the statistics say that nothing is pending, reading all of a partial index looks cheaper than a key. It holds an
# entry of every event that was applied while somebody reads in one long transaction: each settling read them all.
# Concatenated, the condition fits no such index.
_BY_ID = "w.status || '' = 'pending'"
SETTLE = """
create or replace function inbox_settle(chosen uuid[], outcomes text[], told text[], owners uuid[], awaited text[],
                                        tries bigint[], dues timestamptz[], people text[], at timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update webhook_events w
    set status = a.outcome, last_error = a.fault, organization_id = coalesce(a.owner, w.organization_id),
        waits_for = a.awaits, attempts = a.attempts, due_at = a.due, person = a.person,
        done_at = case when a.outcome in ('done', 'skipped', 'dead') then at end,
        -- As in the revision before: what names an address and no person is emptied (threats.md E12).
        payload = case when w.event like 'authentication.%' and a.outcome in ('done', 'skipped') then null
                       else w.payload end
    from unnest(chosen, outcomes, told, owners, awaited, tries, dues, people)
        as a (id, outcome, fault, owner, awaits, attempts, due, person)
    -- Another worker may have finished it since this one failed to.
    where w.id = a.id and {still_pending};
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(SETTLE.format(still_pending=_BY_ID))


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(SETTLE.format(still_pending="w.status = 'pending'"))
