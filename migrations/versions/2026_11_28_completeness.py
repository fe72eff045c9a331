"""completeness: up to when everything that WorkOS lists has been applied, what holds that back, what only the list brought."""

import sqlalchemy as sa
from alembic import op

revision = "completeness"
down_revision = "people"
branch_labels = None
depends_on = None

RECEIVE = """
create or replace function inbox_receive(ids uuid[], event_ids text[], events text[], payloads bytea[], sources text[],
                                         faults text[], occurrences timestamptz[], streams text[], at timestamptz)
returns setof text language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
{declared}
begin
    return query
    insert into webhook_events (id, event_id, event, payload, source, status, last_error, occurred_at, stream,
                                received_at, due_at, done_at)
    select a.id, a.event_id, a.event, a.payload, a.source,
           case when a.fault is null then 'pending' else 'dead' end, a.fault, a.occurred, a.stream, at,
           case when a.fault is null then at end, case when a.fault is null then null else at end
    from unnest(ids, event_ids, events, payloads, sources, faults, occurrences, streams)
        as a (id, event_id, event, payload, source, fault, occurred, stream)
    -- In one order everywhere: two batches that hold the same events must not wait for each other.
    order by a.event_id
    on conflict (event_id) do nothing
    returning event_id;
    {late}
end $$
"""
# Of what the list brought before its webhook came the webhook is noted; where all were new nobody looks.
LATE = """
    get diagnostics made = row_count;
    if made < cardinality(event_ids) then
        update webhook_events w set webhook_at = at
        where w.id in (
            select h.id from webhook_events h
            join unnest(event_ids, sources) as a (event_id, source) on a.event_id = h.event_id and a.source = 'webhook'
            where h.source = 'events_api' and h.webhook_at is null
            order by h.event_id for update of h
        );
    end if;
"""
# Of the unit's tenant, or of all where it has none. An event that a worker has not looked at yet is nobody's and may
# be anybody's. One that is parked for an organization that is not linked here is nobody's too: linking lists all anew.
# Instants and counts only; none is counted beyond ten thousand.
COMPLETENESS = """
create function inbox_completeness(at timestamptz)
returns table (read_to timestamptz, wanted_since timestamptz, last_error text, held_since timestamptz, waiting bigint,
               healed bigint, unread bigint)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare mine uuid := app_org();
begin
    return query select p.read_to, p.wanted_since, p.last_error,
        least(
            (select w.occurred_at from webhook_events w
             where (w.status in ('pending', 'dead') or (w.status = 'parked' and w.organization_id is not null))
               and (mine is null or w.organization_id = mine or (w.organization_id is null and w.status = 'pending'))
               and w.occurred_at is not null
             order by w.occurred_at limit 1),
            (select min(w.received_at) from webhook_events w
             where (w.status in ('pending', 'dead') or (w.status = 'parked' and w.organization_id is not null))
               and (mine is null or w.organization_id = mine or (w.organization_id is null and w.status = 'pending'))
               and w.occurred_at is null)),
        (select count(*) from (
            select 1 from webhook_events w
            where (w.status in ('pending', 'dead') or (w.status = 'parked' and w.organization_id is not null))
              and (mine is null or w.organization_id = mine) limit 10000) as n),
        (select count(*) from (
            select 1 from webhook_events w
            where w.source = 'events_api' and w.webhook_at is null and w.received_at > at - interval '24 hours'
              and (mine is null or w.organization_id = mine) limit 10000) as n),
        (select count(*) from directories d join organizations o on o.id = d.organization_id and o.state = 'active'
         where d.sync_wanted_at is not null and d.state in ('linked', 'validating', 'invalid_credentials')
           and (mine is null or d.organization_id = mine))
    from event_polls p;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.add_column("webhook_events", sa.Column("webhook_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("grant select (webhook_at) on webhook_events to gw_app, gw_worker, gw_platform")
    op.create_index(
        "ix_webhook_events_waiting",
        "webhook_events",
        ["occurred_at"],
        postgresql_where=sa.text(
            "status in ('pending', 'dead') or (status = 'parked' and organization_id is not null)"
        ),
    )
    op.create_index(
        "ix_webhook_events_healed",
        "webhook_events",
        ["received_at"],
        postgresql_where=sa.text("source = 'events_api' and webhook_at is null"),
    )
    op.execute(RECEIVE.format(declared="declare made bigint;", late=LATE))
    op.execute(COMPLETENESS)
    op.execute("revoke all on function inbox_completeness(timestamptz) from public")
    op.execute("grant execute on function inbox_completeness(timestamptz) to gw_app, gw_worker")


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function inbox_completeness(timestamptz)")
    op.execute(RECEIVE.format(declared="", late=""))
    op.drop_index("ix_webhook_events_healed", table_name="webhook_events")
    op.drop_index("ix_webhook_events_waiting", table_name="webhook_events")
    op.drop_column("webhook_events", "webhook_at")
