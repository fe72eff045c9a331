-- The diff. :organization, :directory and :at are literals; what is as it should be is not written.
set local work_mem = '64MB';
analyze staged_users; analyze staged_groups; analyze staged_memberships;

create temp table changed_groups on commit drop as with written as (
  insert into directory_groups as g (id, organization_id, directory_id, workos_id, idp_id, name, created_at, updated_at)
  select new_id, :organization, :directory, workos_id, idp_id, name, created_at, updated_at from staged_groups
  on conflict (organization_id, directory_id, workos_id) do update
     set idp_id = excluded.idp_id, name = excluded.name, updated_at = excluded.updated_at
   where (g.idp_id, g.name) is distinct from (excluded.idp_id, excluded.name)
  returning g.id
) select id from written;

create temp table resolved on commit drop as
select s.*, coalesce(m.id, s.new_id) as id, coalesce(m.user_id, s.new_user) as user_id,
       m.id is null or (m.idp_id, m.email, m.first_name, m.last_name, m.department, m.job_title, m.state)
         is distinct from (s.idp_id, s.email, s.first_name, s.last_name, s.department, s.job_title, s.state)
         or m.custom_attributes <> s.custom_attributes::jsonb as differs
  from staged_users s
  left join directory_users m
    on m.organization_id = :organization and m.directory_id = :directory and m.workos_id = s.workos_id;
create temp table wanted on commit drop as
select g.id as group_id, r.id as directory_user_id
  from staged_memberships s
  join directory_groups g
    on g.organization_id = :organization and g.directory_id = :directory and g.workos_id = s.group_workos_id
  join resolved r on r.workos_id = s.user_workos_id;
analyze resolved; analyze wanted;
create temp table held on commit drop as
select s.group_id, s.directory_user_id
  from directory_memberships s
  join directory_groups g on g.organization_id = s.organization_id and g.id = s.group_id
 where s.organization_id = :organization and g.directory_id = :directory;
analyze held;
create temp table gained on commit drop as
select group_id, directory_user_id from wanted except select group_id, directory_user_id from held;
create temp table lost on commit drop as
select group_id, directory_user_id from held except select group_id, directory_user_id from wanted;
create temp table changed on commit drop as
with touched as (
  select id from resolved where differs
  union select directory_user_id from gained union select directory_user_id from lost
  union select w.directory_user_id from wanted w join changed_groups c on c.id = w.group_id
), grouped as (
  select w.directory_user_id as id,
         string_agg('{"id":"' || g.id || '","workos_id":"' || g.workos_id || '","name":' || to_json(g.name) || '}', ',')
           as groups,
         min(case g.name when 'MemberPulse Admins' then 1 when 'MemberPulse Staff' then 2 else 3 end) as rank
    from wanted w
    join directory_groups g on g.organization_id = :organization and g.id = w.group_id
   where w.directory_user_id in (select id from touched)
   group by w.directory_user_id
)
select r.*, '[' || coalesce(g.groups, '') || ']' as groups,
       case g.rank when 1 then 'ROLE_CLIENT_ADMIN' when 2 then 'ROLE_CLIENT_USER' else 'ROLE_MEMBER' end as role
  from resolved r join touched t on t.id = r.id left join grouped g on g.id = r.id;

insert into users as u (id, organization_id, email, email_lower, first_name, last_name, department, job_title, state,
                        mapped_role, created_at, updated_at)
select user_id, :organization, email, lower(email), first_name, last_name, department, job_title,
       case state when 'active' then 'active' else 'deactivated' end, role, :at, :at
  from changed
on conflict (id) do update
   set email = excluded.email, email_lower = excluded.email_lower, first_name = excluded.first_name,
       last_name = excluded.last_name, department = excluded.department, job_title = excluded.job_title,
       state = excluded.state, mapped_role = excluded.mapped_role, updated_at = excluded.updated_at,
       rights_version = u.rights_version + (u.mapped_role <> excluded.mapped_role)::int;
insert into directory_users (id, organization_id, directory_id, workos_id, user_id, idp_id, email, email_lower,
                             first_name, last_name, department, job_title, state, custom_attributes, wire, created_at,
                             updated_at)
select id, :organization, :directory, workos_id, user_id, idp_id, email, lower(email), first_name, last_name,
       department, job_title, state, custom_attributes::jsonb,
       '{"object":"directory_user","id":"' || id || '","workos_id":"' || workos_id || '","directory_id":"'
       || :directory || '","organization_id":"' || :organization || '","user_id":"' || user_id
       || '","idp_id":' || to_json(idp_id) || ',"email":' || to_json(email) || ',"first_name":'
       || to_json(first_name) || ',"last_name":' || to_json(last_name) || ',"department":' || to_json(department)
       || ',"job_title":' || to_json(job_title) || ',"state":"' || state || '","roles":["' || role || '"],"groups":'
       || groups || ',"custom_attributes":' || custom_attributes || ',"updated_at":"'
       || to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"}', created_at, updated_at
  from changed
on conflict (id) do update
   set idp_id = excluded.idp_id, email = excluded.email, email_lower = excluded.email_lower,
       first_name = excluded.first_name, last_name = excluded.last_name, department = excluded.department,
       job_title = excluded.job_title, state = excluded.state, custom_attributes = excluded.custom_attributes,
       wire = excluded.wire, updated_at = excluded.updated_at;
-- Missing from a complete listing: a tombstone, and the person may not sign in.
with gone as (
  update directory_users m set state = 'deleted', updated_at = :at
   where m.organization_id = :organization and m.directory_id = :directory and m.state <> 'deleted'
     and not exists (select from staged_users s where s.workos_id = m.workos_id)
  returning m.user_id
)
update users u set state = 'deactivated', updated_at = :at
  from gone where u.organization_id = :organization and u.id = gone.user_id;
delete from directory_memberships s using lost
 where s.organization_id = :organization and s.group_id = lost.group_id
   and s.directory_user_id = lost.directory_user_id;
insert into directory_memberships (organization_id, group_id, directory_user_id)
select :organization, group_id, directory_user_id from gained;
delete from directory_groups g
 where g.organization_id = :organization and g.directory_id = :directory
   and not exists (select from staged_groups s where s.workos_id = g.workos_id);
