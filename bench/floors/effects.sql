-- A batch of `dsync.user.updated`, everything that one changes: version, directory user, person and role, audit, inbox.
-- An event of which a newer one was applied changes nothing and is skipped.
with told as (
  select *
    from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[],
                $16::uuid[], $17::uuid[], $18::uuid[])
         as t(inbox_id, event_id, at, directory, workos_id, idp_id, email, first_name, last_name, department, job_title,
              state, custom_attributes, created_at, updated_at, new_member, new_user, audit_id)
), advanced as (
  insert into object_versions (organization_id, object_id, at, event_id)
  select d.organization_id, t.workos_id, t.at, t.event_id
    from told t join directories d on d.workos_id = t.directory and d.state = 'linked'
  on conflict (organization_id, object_id) do update set at = excluded.at, event_id = excluded.event_id
   where (object_versions.at, object_versions.event_id) < (excluded.at, excluded.event_id)
  returning organization_id, object_id
), known as materialized (
  select t.*, d.organization_id, d.id as directory_id, coalesce(m.id, t.new_member) as member_id,
         coalesce(m.user_id, t.new_user) as user_id, coalesce(g.groups, '[]') as groups,
         case g.rank when 1 then 'ROLE_CLIENT_ADMIN' when 2 then 'ROLE_CLIENT_USER' else 'ROLE_MEMBER' end as role
    from told t
    join directories d on d.workos_id = t.directory
    join advanced a on a.organization_id = d.organization_id and a.object_id = t.workos_id
    left join directory_users m
      on m.organization_id = d.organization_id and m.directory_id = d.id and m.workos_id = t.workos_id
    left join lateral (
      select '[' || string_agg('{"id":"' || x.id || '","workos_id":"' || x.workos_id || '","name":'
                               || to_json(x.name) || '}', ',') || ']' as groups,
             min(case x.name when 'MemberPulse Admins' then 1 when 'MemberPulse Staff' then 2 else 3 end) as rank
        from directory_memberships s
        join directory_groups x on x.organization_id = s.organization_id and x.id = s.group_id
       where s.organization_id = d.organization_id and s.directory_user_id = m.id
    ) g on true
), people as (
  insert into users as u (id, organization_id, email, email_lower, first_name, last_name, department, job_title, state,
                          mapped_role, created_at, updated_at)
  select user_id, organization_id, email, lower(email), first_name, last_name, department, job_title,
         case state when 'active' then 'active' else 'deactivated' end, role, $19, $19
    from known
  on conflict (id) do update
     set email = excluded.email, email_lower = excluded.email_lower, first_name = excluded.first_name,
         last_name = excluded.last_name, department = excluded.department, job_title = excluded.job_title,
         state = excluded.state, mapped_role = excluded.mapped_role, updated_at = excluded.updated_at,
         rights_version = u.rights_version + (u.mapped_role <> excluded.mapped_role)::int
), mirrored as (
  insert into directory_users (id, organization_id, directory_id, workos_id, user_id, idp_id, email, email_lower,
                               first_name, last_name, department, job_title, state, custom_attributes, wire, created_at,
                               updated_at)
  select member_id, organization_id, directory_id, workos_id, user_id, idp_id, email, lower(email), first_name,
         last_name, department, job_title, state, custom_attributes::jsonb,
         '{"object":"directory_user","id":"' || member_id || '","workos_id":"' || workos_id || '","directory_id":"'
         || directory_id || '","organization_id":"' || organization_id || '","user_id":"' || user_id
         || '","idp_id":' || to_json(idp_id) || ',"email":' || to_json(email) || ',"first_name":'
         || to_json(first_name) || ',"last_name":' || to_json(last_name) || ',"department":' || to_json(department)
         || ',"job_title":' || to_json(job_title) || ',"state":"' || state || '","roles":["' || role || '"],"groups":'
         || groups || ',"custom_attributes":' || custom_attributes || ',"updated_at":"'
         || to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}', created_at, updated_at
    from known
  on conflict (id) do update
     set idp_id = excluded.idp_id, email = excluded.email, email_lower = excluded.email_lower,
         first_name = excluded.first_name, last_name = excluded.last_name, department = excluded.department,
         job_title = excluded.job_title, state = excluded.state, custom_attributes = excluded.custom_attributes,
         wire = excluded.wire, updated_at = excluded.updated_at
), noted as (
  insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, metadata)
  select audit_id, organization_id, 'directory.user.changed', $19, 'system', 'directory',
         ('[{"type":"user","id":"' || user_id || '"}]')::jsonb, '{}'
    from known
)
update webhook_events w
   set status = case when k.inbox_id is null then 'skipped' else 'done' end, organization_id = k.organization_id,
       attempts = w.attempts + 1, due_at = null, done_at = $19
  from told t left join known k on k.inbox_id = t.inbox_id
 where w.id = t.inbox_id
