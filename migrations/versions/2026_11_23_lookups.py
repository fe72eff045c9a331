"""lookups: the few functions that answer by exact keys, without a transaction of one tenant.

Most run before the tenant is known; the two of a sign-in (`login_facts`, `logins_repeat`) serve several tenants at once.

Each is SECURITY DEFINER with a fixed search_path, and plpgsql because its plans are kept per connection
(a SQL function is planned anew at every call before PostgreSQL 18). The list is tested: threats E2.
"""

from alembic import op

revision = "lookups"
down_revision = "walls"
branch_labels = None
depends_on = None

SESSION_COLUMNS = """
    id uuid, organization_id uuid, organization_workos_id text, organization_name text, user_id uuid,
    email text, first_name text, last_name text, department text, job_title text,
    roles text[], rights_version integer, connection_id uuid, acting_organization_id uuid, amr text[],
    auth_time timestamptz, created_at timestamptz, expires_at timestamptz, idle_expires_at timestamptz
"""

SESSION_SELECT = """
    select s.id, coalesce(a.id, s.organization_id), coalesce(a.workos_id, o.workos_id), coalesce(a.name, o.name),
           s.user_id, u.email, u.first_name, u.last_name, u.department, u.job_title,
           case when u.mapped_role = any (u.manual_roles) then u.manual_roles
                else u.mapped_role || u.manual_roles end,
           u.rights_version, s.connection_id, s.acting_organization_id, s.amr, s.auth_time, s.created_at, s.expires_at,
           greatest(s.last_seen_at, {seen}) + make_interval(secs => s.idle_seconds){extra}
    from sessions s
    join users u on u.organization_id = s.organization_id and u.id = s.user_id
    join organizations o on o.id = s.organization_id
    left join organizations a on a.id = s.acting_organization_id
    left join connections c on c.organization_id = s.organization_id and c.id = s.connection_id
    where s.{key} = any ({values}) and s.ended_at is null and s.expires_at > at
      and s.last_seen_at + make_interval(secs => s.idle_seconds) > at
      and u.state = 'active' and o.state = 'active'
      and coalesce(c.state, 'active') not in ('inactive', 'deleted')
"""

# A text that may be a UUID: a plain cast would raise for one that is WorkOS's id.
UUID_OR_NULL = """
    create function uuid_or_null(value text) returns uuid language sql immutable parallel safe as $$
        select case when value ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then value::uuid end $$
"""

FUNCTIONS = {
    # Sessions by the hash of their cookie, stamped as seen. A row locked by another stamping is being stamped anyway.
    "session_touch(secret_hashes bytea[], at timestamptz)": f"""
        returns table (secret_hash bytea, {SESSION_COLUMNS}) language plpgsql volatile as $$
        #variable_conflict use_column
        begin
            update sessions set last_seen_at = at where sessions.id in (
                select t.id from sessions t where t.secret_hash = any (secret_hashes) and t.ended_at is null
                  and t.expires_at > at and t.last_seen_at < at
                  and t.last_seen_at + make_interval(secs => t.idle_seconds) > at
                order by t.id for no key update skip locked
            );
            return query select q.secret_hash, q.id, q.b, q.c, q.d, q.e, q.f, q.g, q.h, q.i, q.j, q.k, q.l, q.m, q.n,
                                q.o, q.p, q.q, q.r, q.s
            from ({SESSION_SELECT.format(seen="at", key="secret_hash", values="secret_hashes", extra=", s.secret_hash")})
                as q (id, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, secret_hash);
        end $$""",
    # Sessions by id, for introspection and the guard; nothing is stamped.
    "session_live(sids uuid[], at timestamptz)": f"""
        returns table ({SESSION_COLUMNS}) language plpgsql stable as $$
        #variable_conflict use_column
        begin
            return query {SESSION_SELECT.format(seen="s.last_seen_at", key="id", values="sids", extra="")};
        end $$""",
    # Where sign-ins may go: per wish, one row per connection of the organization (or none of them).
    "login_targets(kinds text[], wanted text[])": """
        returns table (
            wish bigint, organization_id uuid, organization_workos_id text, organization_name text,
            organization_state text, enabled boolean, required boolean, allow_idp_initiated boolean,
            default_connection_id uuid, connection_id uuid, connection_workos_id text, connection_state text,
            connection_type text
        ) language plpgsql stable as $$
        #variable_conflict use_column
        begin
            return query
            select w.ord, o.id, o.workos_id, o.name, o.state, p.enabled, p.required, p.allow_idp_initiated,
                   p.default_connection_id, c.id, c.workos_id, c.state, c.type
            from unnest(kinds, wanted) with ordinality as w (kind, value, ord)
            cross join lateral (
                select x.id from organizations x where w.kind = 'organization' and x.workos_id = w.value
                union
                select x.id from organizations x where w.kind = 'organization' and x.id = uuid_or_null(w.value)
                union
                select x.organization_id from connections x where w.kind = 'connection' and x.workos_id = w.value
                union
                select x.organization_id from connections x where w.kind = 'connection' and x.id = uuid_or_null(w.value)
                union
                select d.organization_id from organization_domains d
                where w.kind = 'domain' and d.domain = w.value and d.state = 'verified'
            ) as found (id)
            join organizations o on o.id = found.id and o.id <> '00000000-0000-0000-0000-000000000000'
            join organization_policies p on p.organization_id = o.id
            left join connections c on c.organization_id = o.id and (c.state <> 'deleted' or w.kind = 'connection')
            where w.kind <> 'connection' or c.workos_id = w.value or c.id = uuid_or_null(w.value);
        end $$""",
    # What a sign-in must know of tenant, connection and e-mail domain, and whom that connection knows by `idp_id`.
    # A domain that two tenants have verified is contested: then none may provision by it (threats A11).
    "login_facts(organizations uuid[], connections text[], domains text[], idp_ids text[], noted timestamptz)": """
        returns table (
            asker bigint, organization_state text, enabled boolean, jit_provisioning text, default_role text,
            allow_foreign_domains boolean, session_idle_seconds integer, session_absolute_seconds integer,
            connection_id uuid, connection_state text, stamp_due boolean, verified boolean, contested boolean,
            directory_decides boolean, id uuid, state text, email text, first_name text, last_name text,
            department text, job_title text, mapped_role text, manual_roles text[], rights_version integer
        ) language plpgsql stable as $$
        #variable_conflict use_column
        begin
            return query
            select a.ord, o.state, p.enabled, p.jit_provisioning, p.default_role, p.allow_foreign_domains,
                   p.session_idle_seconds, p.session_absolute_seconds, c.id, c.state,
                   coalesce(c.last_login_at < noted, true),
                   exists (select 1 from organization_domains d
                           where d.organization_id = o.id and d.domain = a.domain and d.state = 'verified'),
                   (select count(distinct d.organization_id) > 1 from organization_domains d
                    where d.domain = a.domain and d.state = 'verified'),
                   exists (select 1 from directories d where d.organization_id = o.id and d.last_synced_at is not null
                           and d.state not in ('unlinked', 'deleting', 'deleted')),
                   u.id, u.state, u.email, u.first_name, u.last_name, u.department, u.job_title, u.mapped_role,
                   u.manual_roles, u.rights_version
            from unnest(organizations, connections, domains, idp_ids) with ordinality
                as a (organization, connection, domain, idp_id, ord)
            join organizations o on o.id = a.organization
            join organization_policies p on p.organization_id = o.id
            left join connections c on c.organization_id = o.id and c.workos_id = a.connection
            left join identities i
              on i.organization_id = o.id and i.connection_id = c.id and i.idp_id = a.idp_id
            left join users u on u.organization_id = o.id and u.id = i.user_id;
        end $$""",
    # People come back of whom nothing new is said: their identities are stamped, sessions begin, the audit record says
    # so. Returns the sessions that began: none for whoever may not enter (any more), or whose rights have changed.
    "logins_repeat(organizations uuid[], people uuid[], rights integer[], connections uuid[], domains text[],"
    " idp_ids text[], profiles text[], sessions uuid[], secret_hashes bytea[], idles integer[], untils timestamptz[],"
    " events uuid[], targets text[], details text[], ips text[], agents text[], requests text[],"
    " instants timestamptz[])": """
        returns setof uuid language plpgsql volatile as $$
        #variable_conflict use_column
        begin
            return query
            with arrived as (
                select a.organization, a.person, a.connection, a.profile, a.session, a.secret_hash, a.idle, a.event,
                       a.targets, a.details, a.ip, a.agent, a.request, a.instant, i.id as identity,
                       least(a.until, a.instant + make_interval(secs => p.session_absolute_seconds)) as until
                from unnest(organizations, people, rights, connections, domains, idp_ids, profiles, sessions,
                            secret_hashes, idles, untils, events, targets, details, ips, agents, requests, instants)
                    as a (organization, person, rights, connection, domain, idp_id, profile, session, secret_hash, idle,
                          until, event, targets, details, ip, agent, request, instant)
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
            )
            select a.session from arrived a;
        end $$""",
    # Many flows at once; the arrays hold one flow at each position.
    "login_flows_open(states bytea[], cookies bytea[], flow_kinds text[], organizations uuid[], connections uuid[],"
    " sealed bytea[], return_paths text[], begun timestamptz[], untils timestamptz[])": """
        returns void language plpgsql volatile as $$
        begin
            insert into login_flows (state_hash, cookie_hash, kind, organization_id, connection_id, verifier, return_to,
                                     created_at, expires_at)
            select n.state, n.cookie, n.kind, n.organization, n.connection, n.verifier, n.return_path, n.created, n.expires
            from unnest(states, cookies, flow_kinds, organizations, connections, sealed, return_paths, begun, untils)
                as n (state, cookie, kind, organization, connection, verifier, return_path, created, expires);
        end $$""",
    # Consume flows: of all who ever ask for one, exactly one sees taken = true, and a foreign cookie consumes nothing.
    "login_flows_take(states bytea[], cookies bytea[], flow_kinds text[], at timestamptz)": """
        returns table (
            asker bigint, taken boolean, ours boolean, expired boolean, organization_id uuid,
            organization_workos_id text, organization_state text, connection_id uuid, connection_workos_id text,
            connection_state text, verifier bytea, return_to text
        ) language plpgsql volatile as $$
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
            select coalesce(array_agg(c.state_hash), '{}') into won from consumed c;
            return query
            select a.ord,
                   f.state_hash = any (won) and f.cookie_hash = a.cookie
                     and a.ord = min(a.ord) over (partition by a.state, a.cookie),
                   f.cookie_hash = a.cookie, f.expires_at <= at, f.organization_id, o.workos_id, o.state,
                   f.connection_id, c.workos_id, c.state, f.verifier, f.return_to
            from unnest(states, cookies, flow_kinds) with ordinality as a (state, cookie, kind, ord)
            join login_flows f on f.state_hash = a.state and f.kind = a.kind
            join organizations o on o.id = f.organization_id
            left join connections c on c.organization_id = f.organization_id and c.id = f.connection_id;
        end $$""",
    # By slices: a backlog larger than one statement may take would otherwise never be purged.
    "purge_login_flows(before timestamptz)": """
        returns bigint language plpgsql volatile as $$
        declare gone bigint;
        begin
            delete from login_flows f where f.state_hash in (
                select p.state_hash from login_flows p where p.expires_at < before order by p.expires_at limit 100000
            );
            get diagnostics gone = row_count;
            return gone;
        end $$""",
    "purge_sessions(before timestamptz)": """
        returns bigint language plpgsql volatile as $$
        declare gone bigint;
        begin
            delete from sessions s where s.id in (
                select p.id from sessions p where coalesce(p.ended_at, p.expires_at) < before limit 20000
            );
            get diagnostics gone = row_count;
            return gone;
        end $$""",
}
WORKER_ONLY = ("purge_",)
APP_ONLY = ("login",)


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.execute(UUID_OR_NULL)
    for signature, body in FUNCTIONS.items():
        op.execute(_definition(signature, body))
        callee = _callee(signature)
        op.execute(f"revoke all on function {callee} from public")
        op.execute(f"grant execute on function {callee} to {_roles(signature)}")


def _roles(signature: str) -> str:
    if signature.startswith(WORKER_ONLY):
        return "gw_worker"
    return "gw_app" if signature.startswith(APP_ONLY) else "gw_app, gw_worker"


def _definition(signature: str, body: str) -> str:
    returns, code = body.split(" as $$", 1)
    return (
        f"create function {signature} {returns} security definer"
        f" set search_path = pg_catalog, public, pg_temp as $${code}"
    )


def _callee(signature: str) -> str:
    name, _, parameters = signature.rstrip(")").partition("(")
    types = ", ".join(part.split()[-1] for part in parameters.split(","))
    return f"{name}({types})"


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    for signature in reversed(FUNCTIONS):
        op.execute(f"drop function {_callee(signature)}")
    op.execute("drop function uuid_or_null(text)")
