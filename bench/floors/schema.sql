-- The floors' own tables: the gateway's columns, keys and indexes (migrations/), written by hand. No row-level
-- security: its policies are a product's price, and a floor is asked for the least.
create table organizations (
  id uuid primary key, workos_id text unique, name text not null, slug text not null unique,
  state text not null default 'active', version integer not null default 1,
  created_at timestamptz not null, updated_at timestamptz not null
);
create table organization_policies (
  organization_id uuid primary key references organizations, enabled boolean not null default true,
  session_idle_seconds integer not null default 28800, session_absolute_seconds integer not null default 86400
);
create table organization_domains (
  id uuid primary key, organization_id uuid not null references organizations, domain text not null,
  state text not null, created_at timestamptz not null, updated_at timestamptz not null,
  unique (organization_id, domain)
);
create table connections (
  id uuid primary key, organization_id uuid not null references organizations, workos_id text not null,
  type text not null, protocol text not null, name text not null, state text not null, domains text[] not null,
  created_at timestamptz not null, updated_at timestamptz not null,
  unique (organization_id, id), unique (organization_id, workos_id)
);
create table users (
  id uuid primary key, organization_id uuid not null references organizations, email text, email_lower text,
  first_name text, last_name text, department text, job_title text, state text not null default 'active',
  mapped_role text not null, manual_roles text[] not null default '{}', rights_version integer not null default 1,
  created_at timestamptz not null, updated_at timestamptz not null,
  unique (organization_id, id)
);
create index on users (organization_id, email_lower);
create table identities (
  id uuid primary key, organization_id uuid not null references organizations, user_id uuid not null,
  connection_id uuid not null, idp_id text not null, profile_id text not null,
  created_at timestamptz not null, last_login_at timestamptz not null,
  unique (organization_id, connection_id, idp_id),
  foreign key (organization_id, user_id) references users (organization_id, id) on delete cascade,
  foreign key (organization_id, connection_id) references connections (organization_id, id)
);
create index on identities (organization_id, user_id);
create table login_flows (
  state_hash bytea primary key, cookie_hash bytea not null, kind text not null,
  organization_id uuid not null references organizations, connection_id uuid, verifier bytea not null,
  return_to text not null, created_at timestamptz not null, expires_at timestamptz not null, used_at timestamptz,
  foreign key (organization_id, connection_id) references connections (organization_id, id) on delete cascade
);
create index on login_flows (expires_at);
create table sessions (
  id uuid primary key, organization_id uuid not null references organizations, user_id uuid not null,
  secret_hash bytea not null unique, connection_id uuid, profile_id text, amr text[] not null,
  auth_time timestamptz not null, created_at timestamptz not null, last_seen_at timestamptz not null,
  idle_seconds integer not null, expires_at timestamptz not null, ended_at timestamptz, end_reason text,
  ip text, user_agent text,
  foreign key (organization_id, user_id) references users (organization_id, id) on delete cascade,
  foreign key (organization_id, connection_id) references connections (organization_id, id)
) with (fillfactor = 70);
create index on sessions (organization_id, user_id);
create table stale_sessions (
  seq bigint generated always as identity primary key, kind text not null, value text not null,
  created_at timestamptz not null
);
create table service_clients (
  id text primary key, secret_hash bytea not null, scopes text[] not null, created_at timestamptz not null,
  revoked_at timestamptz
);
create table audit_events (
  id uuid primary key, organization_id uuid not null references organizations, action text not null,
  occurred_at timestamptz not null, actor_type text not null, actor_id text not null, targets jsonb not null,
  ip text, user_agent text, request_id text, metadata jsonb not null
);
create index on audit_events (organization_id, occurred_at, id);
create table login_traces (
  organization_id uuid not null references organizations, id uuid not null, outcome text not null, step text not null,
  problem text, connection_id uuid, user_id uuid, address text, began_at timestamptz, at timestamptz not null,
  request_id text, details text not null default '{}', attempts bigint not null default 1,
  primary key (organization_id, id),
  foreign key (organization_id, connection_id) references connections (organization_id, id),
  foreign key (organization_id, user_id) references users (organization_id, id) on delete cascade
);
create index on login_traces (organization_id, user_id) where user_id is not null;
create index on login_traces (organization_id, address) where user_id is null and address is not null;
create index on login_traces using brin (at);
-- Directory sync: the inbox and the mirror.
alter table users add column deactivated_by text;
create index on identities (organization_id, idp_id);
create table webhook_events (
  id uuid primary key, event_id text not null unique, event text not null, payload bytea, source text not null,
  status text not null, attempts bigint not null default 0, last_error text,
  organization_id uuid references organizations, waits_for text, due_at timestamptz, occurred_at timestamptz,
  received_at timestamptz not null, done_at timestamptz, stream text, person text
);
create index on webhook_events (due_at, id) where status = 'pending';
create index on webhook_events (stream, due_at, id) where status = 'pending';
create index on webhook_events (waits_for) where status = 'parked';
create index on webhook_events (id) where status in ('dead', 'parked');
create index on webhook_events (id) where status = 'dead';
create index on webhook_events (person) where payload is not null;
create index on webhook_events (organization_id, id);
create index on webhook_events (received_at);
create table directories (
  id uuid primary key, organization_id uuid not null references organizations, workos_id text not null,
  type text not null, name text not null, state text not null, last_synced_at timestamptz, sync_wanted_at timestamptz,
  created_at timestamptz not null, updated_at timestamptz not null,
  unique (organization_id, id), unique (organization_id, workos_id)
);
create index on directories (workos_id);
create table directory_users (
  id uuid primary key, organization_id uuid not null references organizations, directory_id uuid not null,
  workos_id text not null, idp_id text, email text, email_lower text, first_name text, last_name text,
  department text, job_title text, custom_attributes text not null default '{}', state text not null, user_id uuid,
  at timestamptz not null, event_id text not null default '', hard boolean not null default false,
  touched_at timestamptz not null, created_at timestamptz not null, updated_at timestamptz not null, shown text,
  unique (organization_id, id), unique (organization_id, workos_id),
  foreign key (organization_id, directory_id) references directories (organization_id, id),
  foreign key (organization_id, user_id) references users (organization_id, id)
);
create index on directory_users (organization_id, directory_id, id);
create index on directory_users (organization_id, directory_id, email_lower);
create index on directory_users (organization_id, idp_id);
create index on directory_users (organization_id, user_id);
create index on directory_users (id) where shown is null;
create index on directory_users (touched_at) where state = 'deleted';
create table directory_groups (
  id uuid primary key, organization_id uuid not null references organizations, directory_id uuid not null,
  workos_id text not null, idp_id text, name text not null, state text not null, role text, rule_position bigint,
  at timestamptz not null, event_id text not null default '', hard boolean not null default false,
  touched_at timestamptz not null, created_at timestamptz not null, updated_at timestamptz not null,
  unique (organization_id, id), unique (organization_id, workos_id),
  foreign key (organization_id, directory_id) references directories (organization_id, id)
);
create index on directory_groups (organization_id, directory_id, id);
create index on directory_groups (touched_at) where state = 'deleted';
create table directory_memberships (
  organization_id uuid not null references organizations, group_id uuid not null, directory_user_id uuid not null,
  member boolean not null, at timestamptz not null, event_id text not null default '', touched_at timestamptz not null,
  primary key (organization_id, group_id, directory_user_id),
  foreign key (organization_id, group_id) references directory_groups (organization_id, id) on delete cascade,
  foreign key (organization_id, directory_user_id) references directory_users (organization_id, id) on delete cascade
);
create index on directory_memberships (organization_id, directory_user_id);
create index on directory_memberships (touched_at) where not member;
create table directory_sync_runs (
  id uuid primary key, organization_id uuid not null references organizations, directory_id uuid not null,
  mode text not null, status text not null, requested_by text not null, error text, created_at timestamptz not null,
  started_at timestamptz, finished_at timestamptz,
  foreign key (organization_id, directory_id) references directories (organization_id, id)
);
create index on directory_sync_runs (organization_id, directory_id, id);
-- A directory user as the API shows them; made when nothing is due, and by whoever reads one that is not made yet.
create function directory_user_shown(d directory_users) returns text language sql stable as $$
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
$$;
