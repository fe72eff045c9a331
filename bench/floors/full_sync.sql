-- The diff. :organization, :directory, :began (of the run) and :at are literals; what is as it should be is not written,
-- and what an event has changed since the run began is left alone.
set local work_mem = '64MB';
analyze staged_users; analyze staged_groups; analyze staged_memberships;

create temp table changed_groups on commit drop as with written as (
  insert into directory_groups as g (id, organization_id, directory_id, workos_id, idp_id, name, state, role,
                                     rule_position, at, touched_at, created_at, updated_at)
  select new_id, :organization, :directory, workos_id, idp_id, name, 'active', r.role, r.position, at, :at, :at, at
    from staged_groups
    left join (values ('MemberPulse Admins', 'ROLE_CLIENT_ADMIN', 0), ('MemberPulse Staff', 'ROLE_CLIENT_USER', 1),
                      ('MemberPulse Members', 'ROLE_MEMBER', 2)) as r(named, role, position) on r.named = name
  on conflict (organization_id, workos_id) do update
     set idp_id = excluded.idp_id, name = excluded.name, state = 'active', at = excluded.at,
         updated_at = excluded.updated_at
   where (g.idp_id, g.name, g.state) is distinct from (excluded.idp_id, excluded.name, 'active')
     and g.at <= excluded.at and g.touched_at <= :began
  returning g.id
) select id from written;

create temp table resolved on commit drop as
select s.*, coalesce(m.id, s.new_id) as id, coalesce(m.user_id, s.new_id) as person_id, m.id is null as is_new,
       m.id is null
         or (m.idp_id, m.email, m.first_name, m.last_name, m.department, m.job_title, m.state, m.custom_attributes)
            is distinct from (s.idp_id, s.email, s.first_name, s.last_name, s.department, s.job_title, s.state,
                              s.custom_attributes)
            and m.at <= s.at and m.touched_at <= :began as differs
  from staged_users s
  left join directory_users m on m.organization_id = :organization and m.workos_id = s.workos_id;
create temp table wanted on commit drop as
select g.id as group_id, r.id as directory_user_id
  from staged_memberships s
  join directory_groups g on g.organization_id = :organization and g.workos_id = s.group_workos_id
  join resolved r on r.workos_id = s.user_workos_id;
create temp table held on commit drop as
select s.group_id, s.directory_user_id
  from directory_memberships s
  join directory_groups g on g.organization_id = s.organization_id and g.id = s.group_id
 where s.organization_id = :organization and g.directory_id = :directory and s.member;
analyze resolved; analyze wanted; analyze held; analyze directory_groups;
create temp table gained on commit drop as
select group_id, directory_user_id from wanted except select group_id, directory_user_id from held;
create temp table lost on commit drop as
select group_id, directory_user_id from held except select group_id, directory_user_id from wanted;
create temp table changed on commit drop as
with touched as (
  select id from resolved where differs
  union select directory_user_id from gained union select directory_user_id from lost
  union select w.directory_user_id from wanted w join changed_groups c on c.id = w.group_id
), ranked as (
  select w.directory_user_id as id, (array_agg(g.role order by g.rule_position))[1] as role
    from wanted w
    join directory_groups g
      on g.organization_id = :organization and g.id = w.group_id and g.rule_position is not null
   group by w.directory_user_id
)
select r.*, coalesce(g.role, 'ROLE_MEMBER') as role
  from resolved r join touched t on t.id = r.id left join ranked g on g.id = r.id;

insert into users as u (id, organization_id, email, email_lower, first_name, last_name, department, job_title, state,
                        mapped_role, created_at, updated_at)
select person_id, :organization, email, lower(email), first_name, last_name, department, job_title,
       case state when 'active' then 'active' else 'deactivated' end, role, :at, :at
  from changed
on conflict (id) do update
   set email = excluded.email, email_lower = excluded.email_lower, first_name = excluded.first_name,
       last_name = excluded.last_name, department = excluded.department, job_title = excluded.job_title,
       state = excluded.state, mapped_role = excluded.mapped_role, updated_at = excluded.updated_at,
       rights_version = u.rights_version + (u.mapped_role <> excluded.mapped_role)::int;
insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, metadata)
select audit_id, :organization, case when is_new then 'user.provisioned' else 'user.changed' end, :at, 'system',
       'directory', ('[{"type":"user","id":"' || person_id || '"}]')::jsonb, '{}'
  from changed;
insert into directory_users as m (id, organization_id, directory_id, workos_id, user_id, idp_id, email, email_lower,
                                  first_name, last_name, department, job_title, state, custom_attributes, at,
                                  touched_at, created_at, updated_at)
select id, :organization, :directory, workos_id, person_id, idp_id, email, lower(email), first_name, last_name,
       department, job_title, state, custom_attributes, at, :at, :at, at
  from changed
on conflict (organization_id, workos_id) do update
   set idp_id = excluded.idp_id, email = excluded.email, email_lower = excluded.email_lower,
       first_name = excluded.first_name, last_name = excluded.last_name, department = excluded.department,
       job_title = excluded.job_title, state = excluded.state, custom_attributes = excluded.custom_attributes,
       shown = null, at = excluded.at, updated_at = excluded.updated_at
 where m.touched_at <= :began;
-- The checks of the foreign keys below are planned from these: a directory that has just come would be scanned for each.
analyze directory_groups; analyze directory_users;
-- Missing from a complete listing: a tombstone, and the person may not sign in.
with gone as (
  update directory_users m set state = 'deleted', shown = null, updated_at = :at
   where m.organization_id = :organization and m.directory_id = :directory and m.state <> 'deleted'
     and m.touched_at <= :began and not exists (select from staged_users s where s.workos_id = m.workos_id)
  returning m.user_id
)
update users u set state = 'deactivated', deactivated_by = 'directory', updated_at = :at
  from gone where u.organization_id = :organization and u.id = gone.user_id;
update directory_memberships s set member = false, at = :began
  from lost
 where s.organization_id = :organization and s.group_id = lost.group_id
   and s.directory_user_id = lost.directory_user_id and s.touched_at <= :began;
insert into directory_memberships as s (organization_id, group_id, directory_user_id, member, at, touched_at)
select :organization, group_id, directory_user_id, true, :began, :at from gained order by 2, 3
on conflict (organization_id, group_id, directory_user_id) do update set member = true, at = excluded.at
 where s.touched_at <= :began;
update directory_groups g set state = 'deleted', updated_at = :at
 where g.organization_id = :organization and g.directory_id = :directory and g.state <> 'deleted'
   and g.touched_at <= :began and not exists (select from staged_groups s where s.workos_id = g.workos_id);
update directories set last_synced_at = :at where id = :directory;
