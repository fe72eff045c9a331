"""mirror: people, groups and memberships of directories, role rules, full syncs; events applied by the batch.

`inbox_claim`, `inbox_finish`, the `inbox_receive` of eight arguments and `login_facts` serve processes of the release
before this one; they go with the next.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "mirror"
down_revision = "inbox"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "directory_users",
    "directory_groups",
    "directory_group_names",
    "directory_memberships",
    "role_rules",
    "directory_sync_runs",
    "directory_sync_pages",
)

# A directory user as the API shows them (contract.md): made when the row changes, sent as it is.
SHOWN = """
    select json_build_object(
        'object', 'directory_user', 'id', d.id, 'workos_id', d.workos_id, 'directory_id', d.directory_id,
        'organization_id', d.organization_id, 'user_id', d.user_id, 'idp_id', d.idp_id, 'email', d.email,
        'first_name', d.first_name, 'last_name', d.last_name, 'department', d.department, 'job_title', d.job_title,
        'state', d.state,
        'roles', coalesce((
            select case when u.mapped_role = any (u.manual_roles) then u.manual_roles
                        else u.mapped_role || u.manual_roles end
            from users u where u.organization_id = d.organization_id and u.id = d.user_id and d.state = 'active'
              and u.state = 'active'), '{}'),
        'groups', coalesce((
            select json_agg(json_build_object('id', g.id, 'workos_id', g.workos_id, 'name', g.name)
                            order by g.name, g.id)
            from directory_memberships m
            join directory_groups g on g.organization_id = m.organization_id and g.id = m.group_id
            where m.organization_id = d.organization_id and m.directory_user_id = d.id and m.member
              and g.state = 'active'), '[]'::json),
        'custom_attributes', d.custom_attributes::json,
        'created_at', to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'updated_at', to_char(d.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text
"""

PLAIN_FUNCTIONS = {
    "directory_user_shown(d directory_users)": f"returns text language sql stable as $${SHOWN}$$",
    # What is left of an address or an id when its person is erased: still the same for the same.
    "erased(value text)": (
        "returns text language sql immutable strict parallel safe"
        " as $$ select 'erased:' || encode(sha256(convert_to(value, 'UTF8')), 'hex') $$"
    ),
    # Whatever changes a person of a directory makes their ready JSON old, whoever forgets to say so.
    "directory_user_changed()": """
        returns trigger language plpgsql as $$
        begin
            if new.shown is not distinct from old.shown then
                new.shown := null;
            end if;
            return new;
        end $$""",
    "user_roles_changed()": """
        returns trigger language plpgsql as $$
        begin
            update directory_users d set shown = null
            where d.organization_id = new.organization_id and d.user_id = new.id and d.shown is not null;
            return null;
        end $$""",
    # One notice per statement: workers need not wait for their next look (house.md, "Background work").
    "inbox_wake()": "returns trigger language plpgsql as $$ begin perform pg_notify('inbox', ''); return null; end $$",
    "syncs_wake()": "returns trigger language plpgsql as $$ begin perform pg_notify('syncs', ''); return null; end $$",
}
TRIGGERS = (
    "create trigger changed before update on directory_users for each row execute function directory_user_changed()",
    (
        "create trigger roles_changed after update of mapped_role, manual_roles, state on users for each row"
        " when ((old.mapped_role, old.manual_roles, old.state) is distinct from (new.mapped_role, new.manual_roles, new.state))"
        " execute function user_roles_changed()"
    ),
    "create trigger wake after insert on webhook_events for each statement execute function inbox_wake()",
    "create trigger wake after insert on directory_sync_runs for each statement execute function syncs_wake()",
)

# SECURITY DEFINER, in threats E2's list: what runs for several tenants, or before the tenant is known.
FUNCTIONS = {
    "inbox_receive(ids uuid[], event_ids text[], events text[], payloads bytea[], sources text[], faults text[],"
    " occurrences timestamptz[], streams text[], at timestamptz)": (
        "gw_app, gw_worker",
        """
        returns setof text language plpgsql volatile as $$
        #variable_conflict use_column
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
        end $$""",
    ),
    # The next event that is due and others of the same directory, locked until the transaction ends. What has failed
    # before comes alone, so that it does not have the others applied one by one with it.
    "inbox_take(at timestamptz, most bigint)": (
        "gw_worker",
        """
        returns table (id uuid, event_id text, event text, payload bytea, attempts bigint, received_at timestamptz,
                       stream text)
        language plpgsql volatile as $$
        #variable_conflict use_column
        declare first record;
        begin
            select w.id, w.stream, w.attempts, w.due_at into first from webhook_events w
            where w.status = 'pending' and w.due_at <= at
            order by w.due_at, w.id limit 1 for update skip locked;
            if first.id is null then
                return;
            end if;
            if first.stream is null or first.attempts > 0 then
                return query select w.id, w.event_id, w.event, w.payload, w.attempts, w.received_at, w.stream
                from webhook_events w where w.id = first.id;
                return;
            end if;
            return query
            select w.id, w.event_id, w.event, w.payload, w.attempts, w.received_at, w.stream
            from webhook_events w
            where w.status = 'pending' and w.stream = first.stream and w.due_at between first.due_at and at
              and w.attempts = 0
            order by w.due_at, w.id limit most for update skip locked;
        end $$""",
    ),
    "inbox_settle(chosen uuid[], outcomes text[], told text[], owners uuid[], awaited text[], tries bigint[],"
    " dues timestamptz[], people text[], at timestamptz)": (
        "gw_worker",
        """
        returns void language plpgsql volatile as $$
        begin
            update webhook_events w
            set status = a.outcome, last_error = a.fault, organization_id = coalesce(a.owner, w.organization_id),
                waits_for = a.awaits, attempts = a.attempts, due_at = a.due, person = a.person,
                done_at = case when a.outcome in ('done', 'skipped', 'dead') then at end
            from unnest(chosen, outcomes, told, owners, awaited, tries, dues, people)
                as a (id, outcome, fault, owner, awaits, attempts, due, person)
            -- Another worker may have finished it since this one failed to.
            where w.id = a.id and w.status = 'pending';
        end $$""",
    ),
    # Whose data a person's removal takes with it: the payloads that tell of them, in the unit's own tenant.
    "inbox_forget(people text[])": (
        "gw_app, gw_worker",
        """
        returns void language plpgsql volatile as $$
        begin
            update webhook_events w set payload = null
            where w.person = any (people) and w.payload is not null and w.organization_id = (select app_org());
        end $$""",
    ),
    # What a sign-in must know of tenant, connection and e-mail domain; whom that connection knows by `idp_id`; and
    # what the directories say of them: `mirrored` is null where none ever knew them.
    # A domain that two tenants have verified is contested: then none may provision by it (threats A11).
    "sign_in_facts(organizations uuid[], connections text[], domains text[], idp_ids text[], noted timestamptz)": (
        "gw_app",
        """
        returns table (
            asker bigint, organization_state text, enabled boolean, jit_provisioning text, default_role text,
            allow_foreign_domains boolean, session_idle_seconds integer, session_absolute_seconds integer,
            connection_id uuid, connection_state text, stamp_due boolean, verified boolean, contested boolean,
            directory_decides boolean, id uuid, state text, email text, first_name text, last_name text,
            department text, job_title text, mapped_role text, manual_roles text[], rights_version integer,
            mirrored text, mirrored_as uuid, own_rules text
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
                   u.manual_roles, u.rights_version, m.state, m.user_id,
                   case when p.rules_version is not null then (
                       select coalesce(json_agg(json_build_array(r.group_name, r.role) order by r.position), '[]')::text
                       from role_rules r
                       where r.organization_id = o.id and r.group_name is not null and r.directory_id is null) end
            from unnest(organizations, connections, domains, idp_ids) with ordinality
                as a (organization, connection, domain, idp_id, ord)
            join organizations o on o.id = a.organization
            join organization_policies p on p.organization_id = o.id
            left join connections c on c.organization_id = o.id and c.workos_id = a.connection
            left join identities i
              on i.organization_id = o.id and i.connection_id = c.id and i.idp_id = a.idp_id
            left join users u on u.organization_id = o.id and u.id = i.user_id
            left join lateral (
                select f.state, f.user_id from (
                    select d.state, d.user_id, d.at from directory_users d
                    where d.organization_id = o.id and d.user_id = u.id
                    union all
                    select d.state, d.user_id, d.at from directory_users d
                    where d.organization_id = o.id and d.idp_id in (a.idp_id, erased(a.idp_id)) and u.id is null
                ) as f
                -- Whom one directory lets in is in, whatever another said before.
                order by array_position(array['active', 'unmanaged'], f.state), f.at desc limit 1
            ) as m on true;
        end $$""",
    ),
    # The next full sync that is queued, or whose worker is gone, leased until then.
    "syncs_take(at timestamptz, until timestamptz)": (
        "gw_worker",
        """
        returns table (id uuid, organization_id uuid) language plpgsql volatile as $$
        #variable_conflict use_column
        begin
            return query
            update directory_sync_runs r
            set status = 'running', leased_until = until, started_at = coalesce(r.started_at, at),
                attempts = r.attempts + 1
            where r.id = (
                select q.id from directory_sync_runs q
                where q.status = 'queued' or (q.status = 'running' and q.leased_until < at)
                order by q.created_at, q.id limit 1 for update skip locked
            )
            returning r.id, r.organization_id;
        end $$""",
    ),
    # Linked directories whose last full sync is too old, failed a while ago, or missed something since.
    "syncs_due(at timestamptz, older_than timestamptz, failed_before timestamptz)": (
        "gw_worker",
        """
        returns table (organization_id uuid, directory_id uuid) language plpgsql stable as $$
        #variable_conflict use_column
        begin
            return query
            select d.organization_id, d.id
            from directories d
            join organizations o on o.id = d.organization_id and o.state = 'active'
            left join lateral (
                select r.status, r.created_at from directory_sync_runs r
                where r.organization_id = d.organization_id and r.directory_id = d.id
                order by r.id desc limit 1
            ) as last on true
            where d.state in ('linked', 'validating', 'invalid_credentials')
              and coalesce(last.status, '') not in ('queued', 'running')
              and (last.created_at is null
                   or last.created_at < older_than
                   or (last.status = 'failed' and last.created_at < failed_before)
                   -- One that waits for a person's yes must not be made stale by the next one.
                   or (last.status <> 'needs_confirmation' and d.sync_wanted_at > last.created_at))
            order by d.id limit 200;
        end $$""",
    ),
    # Something was missed that no event will tell: every directory is to be read anew.
    "directories_want_sync(at timestamptz)": (
        "gw_worker",
        """
        returns void language plpgsql volatile as $$
        begin
            update directories d set sync_wanted_at = at where d.state in ('linked', 'validating', 'invalid_credentials');
        end $$""",
    ),
    # Makes the ready JSON of people of directories that have none; returns how many.
    "directory_users_show(most bigint)": (
        "gw_worker",
        """
        returns bigint language plpgsql volatile as $$
        declare made bigint;
        begin
            update directory_users t set shown = directory_user_shown(t)
            where t.id in (
                select d.id from directory_users d where d.shown is null order by d.id limit most for update skip locked
            );
            get diagnostics made = row_count;
            return made;
        end $$""",
    ),
    # Forgets tombstones that no event can reach any more, and pages of runs that have ended.
    "mirror_purge(before timestamptz, pages_before timestamptz)": (
        "gw_worker",
        """
        returns void language plpgsql volatile as $$
        begin
            delete from directory_memberships m where m.ctid in (
                select p.ctid from directory_memberships p where not p.member and p.touched_at < before limit 20000);
            delete from directory_users d where d.id in (
                select p.id from directory_users p where p.state = 'deleted' and p.touched_at < before limit 20000);
            delete from directory_groups g where g.id in (
                select p.id from directory_groups p where p.state = 'deleted' and p.touched_at < before limit 20000);
            delete from directory_sync_pages s where (s.organization_id, s.run_id) in (
                select r.organization_id, r.id from directory_sync_runs r
                where r.status in ('completed', 'failed', 'cancelled', 'needs_confirmation')
                  and coalesce(r.finished_at, r.created_at) < pages_before
                  and exists (select 1 from directory_sync_pages x
                              where x.organization_id = r.organization_id and x.run_id = r.id) limit 20);
        end $$""",
    ),
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    op.create_table(
        "directory_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("directory_id", sa.Uuid(), nullable=False),
        sa.Column("workos_id", sa.Text(), nullable=False),
        sa.Column("idp_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("rule_position", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("hard", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('active','deleted')", name=op.f("ck_directory_groups_state")),
        sa.ForeignKeyConstraint(
            ["organization_id", "directory_id"],
            ["directories.organization_id", "directories.id"],
            name=op.f("fk_directory_groups_organization_id_directory_id_directories"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_directory_groups_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_groups")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_directory_groups_organization_id_id")),
        sa.UniqueConstraint("organization_id", "workos_id", name=op.f("uq_directory_groups_organization_id_workos_id")),
    )
    op.create_index(
        "ix_directory_groups_gone",
        "directory_groups",
        ["touched_at"],
        unique=False,
        postgresql_where=sa.text("state = 'deleted'"),
    )
    op.create_index(
        op.f("ix_directory_groups_organization_id_directory_id_id"),
        "directory_groups",
        ["organization_id", "directory_id", "id"],
        unique=False,
    )
    op.create_table(
        "directory_sync_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("directory_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("phase", sa.Text(), server_default=sa.text("'groups'"), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("group_after", sa.Text(), nullable=True),
        sa.Column("pages", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("users_seen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("groups_seen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("users_expected", sa.BigInteger(), nullable=True),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode in ('apply','plan')", name=op.f("ck_directory_sync_runs_mode")),
        sa.CheckConstraint(
            "status in ('queued','running','needs_confirmation','completed','failed','cancelled')",
            name=op.f("ck_directory_sync_runs_status"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "directory_id"],
            ["directories.organization_id", "directories.id"],
            name=op.f("fk_directory_sync_runs_organization_id_directory_id_directories"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_directory_sync_runs_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_sync_runs")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_directory_sync_runs_organization_id_id")),
    )
    op.create_index(
        "ix_directory_sync_runs_due",
        "directory_sync_runs",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status in ('queued','running')"),
    )
    op.create_index(
        op.f("ix_directory_sync_runs_organization_id_directory_id_id"),
        "directory_sync_runs",
        ["organization_id", "directory_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_directory_sync_runs_running",
        "directory_sync_runs",
        ["organization_id", "directory_id"],
        unique=True,
        postgresql_where=sa.text("status in ('queued','running')"),
    )
    op.create_table(
        "directory_users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("directory_id", sa.Uuid(), nullable=False),
        sa.Column("workos_id", sa.Text(), nullable=False),
        sa.Column("idp_id", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_lower", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("custom_attributes", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("hard", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('active','inactive','deleted','unmanaged')", name=op.f("ck_directory_users_state")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "directory_id"],
            ["directories.organization_id", "directories.id"],
            name=op.f("fk_directory_users_organization_id_directory_id_directories"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name=op.f("fk_directory_users_organization_id_user_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_directory_users_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_users")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_directory_users_organization_id_id")),
        sa.UniqueConstraint("organization_id", "workos_id", name=op.f("uq_directory_users_organization_id_workos_id")),
    )
    op.create_index(
        "ix_directory_users_gone",
        "directory_users",
        ["touched_at"],
        unique=False,
        postgresql_where=sa.text("state = 'deleted'"),
    )
    op.create_index(
        op.f("ix_directory_users_organization_id_directory_id_email_lower"),
        "directory_users",
        ["organization_id", "directory_id", "email_lower"],
        unique=False,
    )
    op.create_index(
        op.f("ix_directory_users_organization_id_directory_id_id"),
        "directory_users",
        ["organization_id", "directory_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_directory_users_organization_id_idp_id"),
        "directory_users",
        ["organization_id", "idp_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_directory_users_organization_id_user_id"),
        "directory_users",
        ["organization_id", "user_id"],
        unique=False,
    )
    op.create_index(
        "ix_directory_users_unshown", "directory_users", ["id"], unique=False, postgresql_where=sa.text("shown is null")
    )
    op.create_table(
        "directory_group_names",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("directory_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "directory_id"],
            ["directories.organization_id", "directories.id"],
            name=op.f("fk_directory_group_names_organization_id_directory_id_directories"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "group_id"],
            ["directory_groups.organization_id", "directory_groups.id"],
            name=op.f("fk_directory_group_names_organization_id_group_id_directory_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_directory_group_names_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "directory_id", "name", name=op.f("pk_directory_group_names")),
    )
    op.create_index(
        op.f("ix_directory_group_names_organization_id_group_id"),
        "directory_group_names",
        ["organization_id", "group_id"],
        unique=False,
    )
    op.create_table(
        "directory_memberships",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("directory_user_id", sa.Uuid(), nullable=False),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "directory_user_id"],
            ["directory_users.organization_id", "directory_users.id"],
            name=op.f("fk_directory_memberships_organization_id_directory_user_id_directory_users"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "group_id"],
            ["directory_groups.organization_id", "directory_groups.id"],
            name=op.f("fk_directory_memberships_organization_id_group_id_directory_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_directory_memberships_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "directory_user_id", "group_id", name=op.f("pk_directory_memberships")
        ),
    )
    op.create_index(
        "ix_directory_memberships_gone",
        "directory_memberships",
        ["touched_at"],
        unique=False,
        postgresql_where=sa.text("not member"),
    )
    op.create_index(
        op.f("ix_directory_memberships_organization_id_group_id"),
        "directory_memberships",
        ["organization_id", "group_id"],
        unique=False,
    )
    op.create_table(
        "directory_sync_pages",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group_workos_id", sa.Text(), nullable=True),
        sa.Column("row_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("workos_ids", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("idp_ids", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("names", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("emails", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("folded", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("first_names", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("last_names", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("departments", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("job_titles", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("attributes", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("states", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("ats", sa.ARRAY(sa.DateTime(timezone=True)), nullable=True),
        sa.CheckConstraint("kind in ('group','user','member')", name=op.f("ck_directory_sync_pages_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id", "run_id"],
            ["directory_sync_runs.organization_id", "directory_sync_runs.id"],
            name=op.f("fk_directory_sync_pages_organization_id_run_id_directory_sync_runs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_directory_sync_pages_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "run_id", "number", name=op.f("pk_directory_sync_pages")),
    )
    op.create_table(
        "role_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("group_name", sa.Text(), nullable=True),
        sa.Column("directory_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role in ('ROLE_PLATFORM_ADMIN','ROLE_CLIENT_ADMIN','ROLE_CLIENT_USER','ROLE_MEMBER')",
            name=op.f("ck_role_rules_role"),
        ),
        sa.CheckConstraint("(group_id is null) <> (group_name is null)", name=op.f("ck_role_rules_group_or_name")),
        sa.ForeignKeyConstraint(
            ["organization_id", "directory_id"],
            ["directories.organization_id", "directories.id"],
            name=op.f("fk_role_rules_organization_id_directory_id_directories"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "group_id"],
            ["directory_groups.organization_id", "directory_groups.id"],
            name=op.f("fk_role_rules_organization_id_group_id_directory_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_role_rules_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_rules")),
        sa.UniqueConstraint("organization_id", "position", name=op.f("uq_role_rules_organization_id_position")),
    )
    op.add_column("directories", sa.Column("sync_wanted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organization_policies", sa.Column("rules_version", sa.BigInteger(), nullable=True))
    op.add_column("users", sa.Column("deactivated_by", sa.Text(), nullable=True))
    op.add_column("webhook_events", sa.Column("stream", sa.Text(), nullable=True))
    op.add_column("webhook_events", sa.Column("person", sa.Text(), nullable=True))
    op.create_index(
        "ix_webhook_events_person",
        "webhook_events",
        ["person"],
        unique=False,
        postgresql_where=sa.text("payload is not null"),
    )
    op.create_index(
        "ix_webhook_events_stream",
        "webhook_events",
        ["stream", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    # How a directory finds who signed in before it was linked.
    op.create_index(op.f("ix_identities_organization_id_idp_id"), "identities", ["organization_id", "idp_id"])
    for table in TENANT_TABLES:
        _wall(table)
    # Compressed pages cost more to pack than to write, and live for minutes.
    for column in ("row_ids", "workos_ids", "idp_ids", "emails", "folded", "first_names", "last_names", "attributes"):
        op.execute(f"alter table directory_sync_pages alter column {column} set storage external")
    for signature, code in PLAIN_FUNCTIONS.items():
        op.execute(f"create function {signature} {code}")
    for trigger in TRIGGERS:
        op.execute(trigger)
    for signature, (roles, told) in FUNCTIONS.items():
        returns, code = told.split(" as $$", 1)
        op.execute(
            f"create function {signature} {returns} security definer"
            f" set search_path = pg_catalog, public, pg_temp as $${code}"
        )
        op.execute(f"revoke all on function {_callee(signature)} from public")
        op.execute(f"grant execute on function {_callee(signature)} to {roles}")
    op.execute("grant select (stream, person) on webhook_events to gw_app, gw_worker, gw_platform")
    # What waited for this release is due.
    op.execute(
        "update webhook_events set status = 'pending', due_at = received_at, waits_for = null"
        " where status = 'parked' and waits_for = 'mirror'"
    )


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
    op.execute(f"grant select, insert, update, delete on {table} to gw_app, gw_worker")


def _callee(signature: str) -> str:
    name, _, parameters = signature.rstrip(")").partition("(")
    types = ", ".join(part.split()[-1] for part in parameters.split(",") if part)
    return f"{name}({types})"


def downgrade() -> None:
    op.execute("set local lock_timeout = '500ms'")
    for signature in reversed(FUNCTIONS):
        op.execute(f"drop function {_callee(signature)}")
    op.drop_index(op.f("ix_identities_organization_id_idp_id"), table_name="identities")
    op.execute("drop trigger roles_changed on users")
    op.execute("drop trigger wake on webhook_events")
    op.execute("drop trigger wake on directory_sync_runs")
    op.execute("drop trigger changed on directory_users")
    for signature in reversed(PLAIN_FUNCTIONS):
        op.execute(f"drop function {_callee(signature)}")
    op.drop_index(
        "ix_webhook_events_stream", table_name="webhook_events", postgresql_where=sa.text("status = 'pending'")
    )
    op.drop_index(
        "ix_webhook_events_person", table_name="webhook_events", postgresql_where=sa.text("payload is not null")
    )
    op.drop_column("webhook_events", "person")
    op.drop_column("webhook_events", "stream")
    op.drop_column("users", "deactivated_by")
    op.drop_column("organization_policies", "rules_version")
    op.drop_column("directories", "sync_wanted_at")
    op.drop_table("role_rules")
    op.drop_table("directory_sync_pages")
    op.drop_index(op.f("ix_directory_memberships_organization_id_group_id"), table_name="directory_memberships")
    op.drop_index(
        "ix_directory_memberships_gone", table_name="directory_memberships", postgresql_where=sa.text("not member")
    )
    op.drop_table("directory_memberships")
    op.drop_index(op.f("ix_directory_group_names_organization_id_group_id"), table_name="directory_group_names")
    op.drop_table("directory_group_names")
    op.drop_index("ix_directory_users_unshown", table_name="directory_users", postgresql_where=sa.text("shown is null"))
    op.drop_index(op.f("ix_directory_users_organization_id_user_id"), table_name="directory_users")
    op.drop_index(op.f("ix_directory_users_organization_id_idp_id"), table_name="directory_users")
    op.drop_index(op.f("ix_directory_users_organization_id_directory_id_id"), table_name="directory_users")
    op.drop_index(op.f("ix_directory_users_organization_id_directory_id_email_lower"), table_name="directory_users")
    op.drop_index(
        "ix_directory_users_gone", table_name="directory_users", postgresql_where=sa.text("state = 'deleted'")
    )
    op.drop_table("directory_users")
    op.drop_index(
        "uq_directory_sync_runs_running",
        table_name="directory_sync_runs",
        postgresql_where=sa.text("status in ('queued','running')"),
    )
    op.drop_index(op.f("ix_directory_sync_runs_organization_id_directory_id_id"), table_name="directory_sync_runs")
    op.drop_index(
        "ix_directory_sync_runs_due",
        table_name="directory_sync_runs",
        postgresql_where=sa.text("status in ('queued','running')"),
    )
    op.drop_table("directory_sync_runs")
    op.drop_index(op.f("ix_directory_groups_organization_id_directory_id_id"), table_name="directory_groups")
    op.drop_index(
        "ix_directory_groups_gone", table_name="directory_groups", postgresql_where=sa.text("state = 'deleted'")
    )
    op.drop_table("directory_groups")
