"""The two statements of the callback: consume a flow once; make person, session, audit row and trace of arrivals."""

CONSUME = """
update login_flows f set used_at = $3
  from unnest($1::bytea[], $2::bytea[]) as asked(state, cookie), organizations o, connections c
 where f.state_hash = asked.state and f.cookie_hash = asked.cookie and f.used_at is null and f.expires_at > $3
   and o.id = f.organization_id and o.state = 'active'
   and c.organization_id = f.organization_id and c.id = f.connection_id and c.state = 'active'
returning f.state_hash, f.verifier, f.return_to, o.workos_id as organization, c.workos_id as connection
"""

# `proposed` people become rows only when their identity is new: the upsert of the identity decides, so two first
# logins of one person cannot both make a user. Foreign keys are checked when the statement ends.
FINISH = """
with arrived as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                       $9::text[], $10::text[], $11::uuid[], $12::uuid[], $13::uuid[], $14::uuid[], $15::bytea[])
    as a(organization, connection, idp_id, profile_id, email, first_name, last_name, department, job_title, role,
         user_id, identity_id, session_id, audit_id, secret_hash)
), allowed as (
  select a.*, o.id as organization_id, c.id as connection_id, p.session_idle_seconds, p.session_absolute_seconds
    from arrived a
    join organizations o on o.workos_id = a.organization and o.state = 'active'
    join organization_policies p on p.organization_id = o.id and p.enabled
    join connections c on c.organization_id = o.id and c.workos_id = a.connection and c.state = 'active'
    join organization_domains d
      on d.organization_id = o.id and d.domain = lower(split_part(a.email, '@', 2)) and d.state = 'verified'
), identified as (
  insert into identities as i
    (id, organization_id, user_id, connection_id, idp_id, profile_id, created_at, last_login_at)
  select distinct on (organization_id, connection_id, idp_id)
         identity_id, organization_id, user_id, connection_id, idp_id, profile_id, $16, $16
    from allowed
  on conflict (organization_id, connection_id, idp_id) do update set last_login_at = excluded.last_login_at
  returning i.id, i.organization_id, i.connection_id, i.idp_id, i.user_id
), created as (
  insert into users (id, organization_id, email, email_lower, first_name, last_name, department, job_title,
                     mapped_role, created_at, updated_at)
  select a.user_id, a.organization_id, a.email, lower(a.email), a.first_name, a.last_name, a.department, a.job_title,
         a.role, $16, $16
    from identified i join allowed a on a.identity_id = i.id
), refreshed as (
  update users u set email = a.email, email_lower = lower(a.email), first_name = a.first_name,
         last_name = a.last_name, mapped_role = a.role, updated_at = $16
    from identified i join allowed a using (organization_id, connection_id, idp_id)
   where u.organization_id = i.organization_id and u.id = i.user_id
     and (u.email, u.first_name, u.last_name, u.mapped_role)
         is distinct from (a.email, a.first_name, a.last_name, a.role)
), opened as (
  insert into sessions (id, organization_id, user_id, secret_hash, connection_id, profile_id, amr, auth_time,
                        created_at, last_seen_at, idle_seconds, expires_at)
  select a.session_id, a.organization_id, i.user_id, a.secret_hash, a.connection_id, a.profile_id, '{sso}', $16, $16,
         $16, a.session_idle_seconds, $16::timestamptz + make_interval(secs => a.session_absolute_seconds)
    from allowed a
    join identified i using (organization_id, connection_id, idp_id)
    left join users u on u.organization_id = i.organization_id and u.id = i.user_id
   where u.state is distinct from 'deactivated'
  returning id, organization_id, user_id
), audited as (
  insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, metadata)
  select a.audit_id, s.organization_id, 'sso.login.completed', $16, 'user', s.user_id::text,
         jsonb_build_array(jsonb_build_object('type', 'session', 'id', s.id)), '{}'
    from opened s join allowed a on a.session_id = s.id
), traced as (
  insert into login_traces (organization_id, id, outcome, step, connection_id, user_id, at, details)
  select s.organization_id, a.audit_id, 'completed', 'session', a.connection_id, s.user_id, $16,
         json_build_object('email', left(a.email, 1) || '…@' || split_part(a.email, '@', 2), 'role', a.role)::text
    from opened s join allowed a on a.session_id = s.id
)
select id from opened
"""
