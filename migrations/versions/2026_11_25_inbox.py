"""inbox: WorkOS's events as they came, and which version of each object has been applied."""

import sqlalchemy as sa
from alembic import op

revision = "inbox"
down_revision = "lookups"
branch_labels = None
depends_on = None

# Nobody writes the inbox but by these: an event has no tenant before the worker has found whose it is.
FUNCTIONS = {
    # Many deliveries at once; an event that is here already is left as it is. Returns those that are new.
    "inbox_receive(ids uuid[], event_ids text[], events text[], payloads bytea[], sources text[], faults text[],"
    " occurrences timestamptz[], at timestamptz)": (
        "gw_app, gw_worker",
        """
        returns setof text language plpgsql volatile as $$
        #variable_conflict use_column
        begin
            return query
            insert into webhook_events (id, event_id, event, payload, source, status, last_error, occurred_at,
                                        received_at, due_at, done_at)
            select a.id, a.event_id, a.event, a.payload, a.source,
                   case when a.fault is null then 'pending' else 'dead' end, a.fault, a.occurred, at,
                   case when a.fault is null then at end, case when a.fault is null then null else at end
            from unnest(ids, event_ids, events, payloads, sources, faults, occurrences)
                as a (id, event_id, event, payload, source, fault, occurred)
            -- In one order everywhere: two batches that hold the same events must not wait for each other.
            order by a.event_id
            on conflict (event_id) do nothing
            returning event_id;
        end $$""",
    ),
    # The next event that is due, locked until the transaction ends: a worker that dies gives it back at once.
    "inbox_claim(at timestamptz)": (
        "gw_worker",
        """
        returns table (id uuid, event_id text, event text, payload bytea, attempts bigint, received_at timestamptz)
        language plpgsql volatile as $$
        #variable_conflict use_column
        begin
            return query
            select w.id, w.event_id, w.event, w.payload, w.attempts, w.received_at
            from webhook_events w
            where w.status = 'pending' and w.due_at <= at
            order by w.due_at, w.id limit 1 for update skip locked;
        end $$""",
    ),
    # Whose object this is, and how many tenants hold it. Of one that several hold (it moved) the owner is whom the
    # event names.
    "inbox_owner(kind_ text, object_ text, claimed_ text)": (
        "gw_worker",
        """
        returns table (organization_id uuid, agrees boolean, holders bigint) language plpgsql stable as $$
        #variable_conflict use_column
        begin
            return query
            select o.id, claimed_ is null or coalesce(o.workos_id = claimed_, false),
                   count(*) filter (where held.alive) over ()
            from (
                select c.organization_id as owner, c.state <> 'deleted' as alive from connections c
                where kind_ = 'connection' and c.workos_id = object_
                union all
                select d.organization_id, d.state <> 'deleted' from directories d
                where kind_ = 'directory' and d.workos_id = object_
                union all
                select n.organization_id, true from organization_domains n
                where kind_ = 'domain' and n.workos_id = object_
                union all
                select t.id, true from organizations t where kind_ = 'organization' and t.workos_id = object_
            ) as held
            join organizations o on o.id = held.owner
            order by coalesce(o.workos_id = claimed_, false) desc, held.alive desc, o.id limit 1;
        end $$""",
    ),
    "inbox_finish(chosen uuid, outcome text, fault text, owner uuid, awaited text, tries integer, due timestamptz,"
    " at timestamptz)": (
        "gw_worker",
        """
        returns void language plpgsql volatile as $$
        begin
            update webhook_events w
            set status = outcome, last_error = fault, organization_id = coalesce(owner, w.organization_id),
                waits_for = awaited, attempts = tries, due_at = due,
                done_at = case when outcome in ('done', 'skipped', 'dead') then at end
            -- Another worker may have finished it since this one failed to.
            where w.id = chosen and w.status = 'pending';
        end $$""",
    ),
    # What waited for these objects is due: they are known now.
    # By slices: many thousands at once would make linking the organization that they wait for run out of time.
    "inbox_release(objects text[], at timestamptz)": (
        "gw_app, gw_worker",
        """
        returns void language plpgsql volatile as $$
        begin
            update webhook_events w set status = 'pending', due_at = at, waits_for = null
            where w.id in (
                select p.id from webhook_events p where p.status = 'parked' and p.waits_for = any (objects)
                order by p.id limit 10000 for update skip locked
            );
        end $$""",
    ),
    # What is parked for something that is here by now: it was parked while that came, or the slice was full.
    "inbox_release_known(at timestamptz)": (
        "gw_worker",
        """
        returns void language plpgsql volatile as $$
        begin
            update webhook_events w set status = 'pending', due_at = at, waits_for = null
            where w.id in (
                select p.id from webhook_events p
                where p.status = 'parked' and (
                    exists (select 1 from organizations o where o.workos_id = p.waits_for)
                    or exists (select 1 from connections c where c.workos_id = p.waits_for)
                    or exists (select 1 from directories d where d.workos_id = p.waits_for)
                    or exists (select 1 from organization_domains n where n.workos_id = p.waits_for))
                order by p.id limit 10000 for update skip locked
            );
        end $$""",
    ),
    # A delivery came too late to be believed: what happened since then is to be asked for. One that is here already
    # asks for nothing, or whoever recorded it could make us read WorkOS's whole history every minute.
    "inbox_missed(missed text, since timestamptz)": (
        "gw_app",
        """
        returns void language plpgsql volatile as $$
        begin
            update event_polls p set wanted_since = least(coalesce(p.wanted_since, since), since)
            where not exists (select 1 from webhook_events w where w.event_id = missed);
        end $$""",
    ),
    # Once more, from the first attempt. False when there is no such event, its payload is gone, or it is due anyway.
    "inbox_replay(chosen uuid, at timestamptz)": (
        "gw_app",
        """
        returns boolean language plpgsql volatile as $$
        begin
            update webhook_events w
            set status = 'pending', source = 'replay', attempts = 0, last_error = null, waits_for = null, due_at = at,
                done_at = null
            where w.id = chosen and w.status <> 'pending' and w.payload is not null;
            return found;
        end $$""",
    ),
    # Payloads are emptied first; ids outlive WorkOS's own history, so that nothing it still lists comes twice.
    "inbox_purge(payloads_before timestamptz, events_before timestamptz)": (
        "gw_worker",
        """
        returns void language plpgsql volatile as $$
        begin
            update webhook_events w
            set payload = null, waits_for = null,
                last_error = case when w.status = 'parked' then 'Its payload was emptied after 14 days of waiting.'
                                  else w.last_error end,
                status = case when w.status = 'parked' then 'skipped' else w.status end
            where w.id in (
                select p.id from webhook_events p
                where p.received_at < payloads_before and p.payload is not null and p.status <> 'pending' limit 20000
            );
            delete from webhook_events w where w.id in (
                select p.id from webhook_events p where p.received_at < events_before and p.status <> 'pending' limit 20000
            );
            delete from object_versions v where v.ctid in (
                select p.ctid from object_versions p where p.at < events_before limit 20000
            );
        end $$""",
    ),
}


SHOWN = (
    "id", "event_id", "event", "source", "status", "attempts", "last_error", "organization_id", "waits_for", "due_at",
    "occurred_at", "received_at", "done_at",
)  # fmt: skip


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("waits_for", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source in ('webhook','events_api','replay')", name=op.f("ck_webhook_events_source")),
        sa.CheckConstraint(
            "status in ('pending','done','skipped','parked','dead')", name=op.f("ck_webhook_events_status")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_webhook_events_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_webhook_events_event_id")),
    )
    op.create_index(
        "ix_webhook_events_due", "webhook_events", ["due_at", "id"], postgresql_where=sa.text("status = 'pending'")
    )
    op.create_index(
        "ix_webhook_events_waits_for", "webhook_events", ["waits_for"], postgresql_where=sa.text("status = 'parked'")
    )
    op.create_index(op.f("ix_webhook_events_organization_id_id"), "webhook_events", ["organization_id", "id"])
    op.create_index(op.f("ix_webhook_events_received_at"), "webhook_events", ["received_at"])
    op.create_table(
        "object_versions",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_object_versions_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("organization_id", "object_id", name=op.f("pk_object_versions")),
    )
    op.create_index(op.f("ix_object_versions_at"), "object_versions", ["at"])
    op.create_table(
        "event_polls",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("read_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_polls_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_polls")),
    )
    op.execute("insert into event_polls (id) values (1)")
    op.execute("grant select, update on event_polls to gw_worker")
    op.execute("grant select on event_polls to gw_app, gw_platform")
    for table in ("webhook_events", "object_versions"):
        _wall(table)
    op.create_index(
        "ix_webhook_events_failed",
        "webhook_events",
        ["id"],
        postgresql_where=sa.text("status in ('dead', 'parked')"),
    )
    # Payloads hold people's data: only the function that claims them reads them.
    shown = ", ".join(SHOWN)
    op.execute("revoke select on webhook_events from gw_platform")
    op.execute(f"grant select ({shown}) on webhook_events to gw_app, gw_worker, gw_platform")
    op.execute("grant select, insert, update, delete on object_versions to gw_app, gw_worker")
    for signature, (roles, body) in FUNCTIONS.items():
        returns, code = body.split(" as $$", 1)
        op.execute(
            f"create function {signature} {returns} security definer"
            f" set search_path = pg_catalog, public, pg_temp as $${code}"
        )
        op.execute(f"revoke all on function {_callee(signature)} from public")
        op.execute(f"grant execute on function {_callee(signature)} to {roles}")


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


def _callee(signature: str) -> str:
    name, _, parameters = signature.rstrip(")").partition("(")
    types = ", ".join(part.split()[-1] for part in parameters.split(","))
    return f"{name}({types})"


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    for signature in reversed(FUNCTIONS):
        op.execute(f"drop function {_callee(signature)}")
    op.drop_table("event_polls")
    op.drop_table("object_versions")
    op.drop_table("webhook_events")
