"""queue place: the inbox is looked through from where its last look ended, past rows that are dead and not yet gone."""

from alembic import op

revision = "queue_place"
down_revision = "audit_forwarding"
branch_labels = None
depends_on = None

# While somebody reads in one long transaction the index keeps an entry of every event that was applied meanwhile: a look
# from the beginning reads them all. Who names no place looks from there all the same, as releases before this one do.
TAKE = """
create function inbox_take(at timestamptz, most bigint{asked})
returns table (id uuid, event_id text, event text, payload bytea, attempts bigint, received_at timestamptz,
               stream text{told})
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare first record;
begin
    select w.id, w.stream, w.attempts, w.due_at into first from webhook_events w
    where w.status = 'pending' and w.due_at <= at{past}
    order by w.due_at, w.id limit 1 for update skip locked;
    if first.id is null then
        return;
    end if;
    if first.stream is null or first.attempts > 0 then
        return query select w.id, w.event_id, w.event, w.payload, w.attempts, w.received_at, w.stream{due}
        from webhook_events w where w.id = first.id;
        return;
    end if;
    return query
    select w.id, w.event_id, w.event, w.payload, w.attempts, w.received_at, w.stream{due}
    from webhook_events w
    where w.status = 'pending' and w.stream = first.stream and w.due_at between first.due_at and at
      and w.attempts = 0
    order by w.due_at, w.id limit most for update skip locked;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function inbox_take(timestamptz, bigint)")
    _make(
        "timestamptz, bigint, timestamptz",
        TAKE.format(
            asked=", since timestamptz default '-infinity'",
            told=", due_at timestamptz",
            past=" and w.due_at >= since",
            due=", w.due_at",
        ),
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function inbox_take(timestamptz, bigint, timestamptz)")
    _make("timestamptz, bigint", TAKE.format(asked="", told="", past="", due=""))


def _make(arguments: str, function: str) -> None:
    op.execute(function)
    op.execute(f"revoke all on function inbox_take({arguments}) from public")
    op.execute(f"grant execute on function inbox_take({arguments}) to gw_worker")
