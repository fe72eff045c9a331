-- A batch of `dsync.user.updated`, everything that one changes: directory user, person and role, audit, inbox.
-- An event of which a newer one was applied changes nothing and is skipped.
with told as (
  select *
    from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::uuid[], $15::uuid[])
         as t(inbox_id, event_id, at, directory, workos_id, idp_id, email, first_name, last_name, department, job_title,
              state, custom_attributes, new_id, audit_id)
), known as materialized (
  select t.*, d.organization_id, d.id as directory_id, coalesce(m.id, t.new_id) as member_id,
         coalesce(m.user_id, t.new_id) as person_id,
         case when d.last_synced_at is not null then coalesce(g.role, 'ROLE_MEMBER') end as role
    from told t
    join directories d on d.workos_id = t.directory and d.state = 'linked'
    left join directory_users m on m.organization_id = d.organization_id and m.workos_id = t.workos_id
    left join lateral (
      select x.role
        from directory_memberships s
        join directory_groups x on x.organization_id = s.organization_id and x.id = s.group_id
       where s.organization_id = d.organization_id and s.directory_user_id = m.id and s.member and x.state = 'active'
         and x.rule_position is not null
       order by x.rule_position limit 1
    ) g on true
), mirrored as (
  insert into directory_users as m (id, organization_id, directory_id, workos_id, user_id, idp_id, email, email_lower,
                                    first_name, last_name, department, job_title, state, custom_attributes, at,
                                    event_id, touched_at, created_at, updated_at)
  select member_id, organization_id, directory_id, workos_id, person_id, idp_id, email, lower(email), first_name,
         last_name, department, job_title, state, custom_attributes, at, event_id, $16, $16, at
    from known
  on conflict (organization_id, workos_id) do update
     set idp_id = excluded.idp_id, email = excluded.email, email_lower = excluded.email_lower,
         first_name = excluded.first_name, last_name = excluded.last_name, department = excluded.department,
         job_title = excluded.job_title, state = excluded.state, custom_attributes = excluded.custom_attributes,
         shown = null, at = excluded.at, event_id = excluded.event_id, touched_at = excluded.touched_at,
         updated_at = excluded.updated_at
   where (m.at, m.event_id) < (excluded.at, excluded.event_id)
  returning m.event_id
), applied as materialized (
  select k.* from known k join mirrored m on m.event_id = k.event_id
), people as (
  insert into users as u (id, organization_id, email, email_lower, first_name, last_name, department, job_title, state,
                          mapped_role, created_at, updated_at)
  select person_id, organization_id, email, lower(email), first_name, last_name, department, job_title,
         case state when 'active' then 'active' else 'deactivated' end, coalesce(role, 'ROLE_MEMBER'), $16, $16
    from applied
  on conflict (id) do update
     set email = excluded.email, email_lower = excluded.email_lower, first_name = excluded.first_name,
         last_name = excluded.last_name, department = excluded.department, job_title = excluded.job_title,
         state = excluded.state, mapped_role = excluded.mapped_role, updated_at = excluded.updated_at,
         rights_version = u.rights_version + (u.mapped_role <> excluded.mapped_role)::int
), noted as (
  insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, metadata)
  select audit_id, organization_id, 'user.changed', $16, 'system', 'directory',
         ('[{"type":"user","id":"' || person_id || '"}]')::jsonb, '{}'
    from applied
)
update webhook_events w
   set status = case when a.inbox_id is null then 'skipped' else 'done' end, organization_id = a.organization_id,
       person = t.workos_id, attempts = w.attempts + 1, due_at = null, done_at = $16
  from told t left join applied a on a.inbox_id = t.inbox_id
 where w.id = t.inbox_id
