"""login traces: what each attempt to sign in went through, redacted, for 30 days; sign-ins that never came back, counted.

The `logins_repeat` of eighteen arguments serves processes of the release before this one; it goes with the next.
"""

import sqlalchemy as sa
from alembic import op

revision = "login_traces"
down_revision = "sso_policy"
branch_labels = None
depends_on = None

TAKE = """
create function login_flows_take(states bytea[], cookies bytea[], flow_kinds text[], at timestamptz)
returns table (
    asker bigint, taken boolean, ours boolean, expired boolean, organization_id uuid,
    organization_workos_id text, organization_state text, connection_id uuid, connection_workos_id text,
    connection_state text, verifier bytea, return_to text, mapping text{declared}
) language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare won bytea[];
begin
    with asked as (
        select distinct a.state, a.cookie, a.kind from unnest(states, cookies, flow_kinds) as a (state, cookie, kind)
    ), locked as (
        -- In one order everywhere: two batches that hold the same flows must not wait for each other.
        select f.state_hash from login_flows f join asked a
          on f.state_hash = a.state and f.cookie_hash = a.cookie and f.kind = a.kind
        where f.used_at is null and f.expires_at > at order by f.state_hash for update of f
    ), consumed as (
        update login_flows f set used_at = at from locked l
        where f.state_hash = l.state_hash and f.used_at is null returning f.state_hash
    )
    select coalesce(array_agg(c.state_hash), '{{}}') into won from consumed c;
    return query
    select a.ord,
           f.state_hash = any (won) and f.cookie_hash = a.cookie
             and a.ord = min(a.ord) over (partition by a.state, a.cookie),
           f.cookie_hash = a.cookie, f.expires_at <= at, f.organization_id, o.workos_id, o.state,
           f.connection_id, c.workos_id, c.state, f.verifier, f.return_to, p.attribute_mappings{selected}
    from unnest(states, cookies, flow_kinds) with ordinality as a (state, cookie, kind, ord)
    join login_flows f on f.state_hash = a.state and f.kind = a.kind
    join organizations o on o.id = f.organization_id
    join organization_policies p on p.organization_id = f.organization_id
    left join connections c on c.organization_id = f.organization_id and c.id = f.connection_id;
end $$
"""
TAKE_CALLEE = "login_flows_take(bytea[], bytea[], text[], timestamptz)"
# As before, and the attempt is written down by the same statement; its row has the id of the audit record's.
REPEAT = """
create function logins_repeat(
    organizations uuid[], people uuid[], rights integer[], connections uuid[], domains text[], idp_ids text[],
    profiles text[], sessions uuid[], secret_hashes bytea[], idles integer[], untils timestamptz[], events uuid[],
    targets text[], details text[], ips text[], agents text[], requests text[], instants timestamptz[],
    begins timestamptz[], traces text[])
returns setof uuid language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
    return query
    with arrived as (
        select a.organization, a.person, a.connection, a.profile, a.session, a.secret_hash, a.idle, a.event,
               a.targets, a.details, a.ip, a.agent, a.request, a.instant, a.begun, a.trace, i.id as identity,
               least(a.until, a.instant + make_interval(secs => p.session_absolute_seconds)) as until
        from unnest(organizations, people, rights, connections, domains, idp_ids, profiles, sessions,
                    secret_hashes, idles, untils, events, targets, details, ips, agents, requests, instants, begins,
                    traces)
            as a (organization, person, rights, connection, domain, idp_id, profile, session, secret_hash, idle,
                  until, event, targets, details, ip, agent, request, instant, begun, trace)
        join users u on u.organization_id = a.organization and u.id = a.person and u.state = 'active'
                    and u.rights_version = a.rights
        join organizations o on o.id = a.organization and o.state = 'active'
        join organization_policies p on p.organization_id = a.organization and p.enabled
        join connections c on c.organization_id = a.organization and c.id = a.connection and c.state = 'active'
        join identities i on i.organization_id = a.organization and i.connection_id = a.connection
                         and i.idp_id = a.idp_id and i.user_id = a.person
        where p.allow_foreign_domains
           or exists (select 1 from organization_domains d
                      where d.organization_id = a.organization and d.domain = a.domain and d.state = 'verified')
    ), locked as (
        -- In one order everywhere: two batches that hold the same people must not wait for each other.
        -- Whose row somebody else holds is being stamped already; waiting would stop the whole batch.
        select i.id from identities i where i.id in (select a.identity from arrived a)
        order by i.id for no key update skip locked
    ), stamped as (
        update identities i set last_login_at = a.instant, profile_id = a.profile
        from arrived a join locked l on l.id = a.identity
        where i.id = l.id
    ), begun as (
        insert into sessions (id, organization_id, user_id, secret_hash, connection_id, profile_id, amr,
                              auth_time, created_at, last_seen_at, idle_seconds, expires_at, ip, user_agent)
        select a.session, a.organization, a.person, a.secret_hash, a.connection, a.profile, '{sso}', a.instant,
               a.instant, a.instant, a.idle, a.until, a.ip, a.agent
        from arrived a
    ), recorded as (
        insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, ip,
                                  user_agent, request_id, metadata)
        select a.event, a.organization, 'sso.login.completed', a.instant, 'user', a.person::text,
               a.targets::jsonb, a.ip, a.agent, a.request, a.details::jsonb
        from arrived a
    ), queued as (
        insert into audit_unsealed (organization_id, event_id) select a.organization, a.event from arrived a
    ), traced as (
        insert into login_traces (organization_id, id, outcome, step, connection_id, user_id, began_at, at, request_id,
                                  details)
        select a.organization, a.event, 'completed', 'session', a.connection, a.person, a.begun, a.instant, a.request,
               a.trace
        from arrived a
    )
    select a.session from arrived a;
end $$
"""
REPEAT_CALLEE = (
    "logins_repeat(uuid[], uuid[], integer[], uuid[], text[], text[], text[], uuid[], bytea[], integer[],"
    " timestamptz[], uuid[], text[], text[], text[], text[], text[], timestamptz[], timestamptz[], text[])"
)
# By slices: a backlog larger than one statement may take would otherwise never be purged.
PURGE_FLOWS = """
create or replace function purge_login_flows(before timestamptz)
returns bigint language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare gone bigint;
begin
    {purged}
    return gone;
end $$
"""
PURGED_BEFORE = """delete from login_flows f where f.state_hash in (
        select p.state_hash from login_flows p where p.expires_at < before order by p.expires_at limit 100000
    );
    get diagnostics gone = row_count;"""
# Who was sent to their identity provider and never came back is counted, by the hour: anybody can begin sign-ins, so a
# row for each would let anybody fill the table.
PURGED = """with old as (
        delete from login_flows f where f.state_hash in (
            select p.state_hash from login_flows p where p.expires_at < before order by p.expires_at limit 100000
        )
        returning f.organization_id, f.connection_id, f.kind, f.created_at, f.used_at
    ), lost as (
        select o.organization_id, o.connection_id, date_trunc('hour', o.created_at, 'UTC') as hour, count(*) as attempts
        from old o where o.kind = 'login' and o.used_at is null group by 1, 2, 3
    ), counted as (
        insert into login_traces (organization_id, id, outcome, step, connection_id, at, attempts)
        select l.organization_id, gen_random_uuid(), 'abandoned', 'redirect', l.connection_id, l.hour, l.attempts
        from lost l
        on conflict (organization_id, connection_id, at) where outcome = 'abandoned'
        do update set attempts = login_traces.attempts + excluded.attempts
    )
    select count(*) into gone from old;"""
PURGE_TRACES = """
create function purge_login_traces(before timestamptz)
returns void language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from login_traces t where t.ctid in (select p.ctid from login_traces p where p.at < before limit 20000);
end $$
"""
# What tells of people who are erased, in the unit's own tenant. Who was never let in is known by the trace of the
# address alone, which is what erasing leaves of it (threats.md E12).
FORGET = """
create function login_traces_forget(people uuid[])
returns void language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from login_traces t using users u
    where t.organization_id = (select app_org()) and t.user_id = any (people)
      and u.organization_id = t.organization_id and u.id = t.user_id and u.state <> 'active';
    delete from login_traces t
    where t.organization_id = (select app_org()) and t.user_id is null and t.address = any (array(
        select u.email_lower from users u
        where u.organization_id = (select app_org()) and u.id = any (people) and u.email_lower like 'erased:%'));
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_table(
        "login_traces",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("connection_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "outcome in ('completed','failed','told','abandoned')", name=op.f("ck_login_traces_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_login_traces_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "connection_id"],
            ["connections.organization_id", "connections.id"],
            name=op.f("fk_login_traces_organization_id_connection_id_connections"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name=op.f("fk_login_traces_organization_id_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_login_traces")),
    )
    op.create_index(
        "ix_login_traces_person",
        "login_traces",
        ["organization_id", "user_id"],
        postgresql_where=sa.text("user_id is not null"),
    )
    op.create_index(
        "ix_login_traces_address",
        "login_traces",
        ["organization_id", "address"],
        postgresql_where=sa.text("user_id is null and address is not null"),
    )
    op.create_index(
        "uq_login_traces_abandoned",
        "login_traces",
        ["organization_id", "connection_id", "at"],
        unique=True,
        postgresql_where=sa.text("outcome = 'abandoned'"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_login_traces_at", "login_traces", ["at"], postgresql_using="brin")
    op.execute("alter table login_traces enable row level security")
    op.execute("alter table login_traces force row level security")
    op.execute(
        "create policy tenant on login_traces to gw_app, gw_worker"
        " using (organization_id = (select app_org())) with check (organization_id = (select app_org()))"
    )
    op.execute("create policy owner on login_traces to gw_owner using (true) with check (true)")
    op.execute("create policy platform on login_traces for select to gw_platform using (true)")
    op.execute("grant select on login_traces to gw_platform")
    op.execute("grant select, insert, update, delete on login_traces to gw_app, gw_worker")
    _take(declared=", began_at timestamptz", selected=", f.created_at")
    op.execute(REPEAT)
    op.execute(f"revoke all on function {REPEAT_CALLEE} from public")
    op.execute(f"grant execute on function {REPEAT_CALLEE} to gw_app")
    op.execute(PURGE_FLOWS.format(purged=PURGED))
    op.execute(PURGE_TRACES)
    op.execute("revoke all on function purge_login_traces(timestamptz) from public")
    op.execute("grant execute on function purge_login_traces(timestamptz) to gw_worker")
    op.execute(FORGET)


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute("drop function login_traces_forget(uuid[])")
    op.execute("drop function purge_login_traces(timestamptz)")
    op.execute(PURGE_FLOWS.format(purged=PURGED_BEFORE))
    op.execute(f"drop function {REPEAT_CALLEE}")
    _take(declared="", selected="")
    op.drop_table("login_traces")


def _take(*, declared: str, selected: str) -> None:
    # Made anew, because it returns more; who reads the columns of before by their names reads them still.
    op.execute(f"drop function {TAKE_CALLEE}")
    op.execute(TAKE.format(declared=declared, selected=selected))
    op.execute(f"revoke all on function {TAKE_CALLEE} from public")
    op.execute(f"grant execute on function {TAKE_CALLEE} to gw_app")
