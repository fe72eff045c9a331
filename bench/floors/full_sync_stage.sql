-- What WorkOS lists, as it comes; gone with the transaction.
create temp table staged_users (
  new_id uuid, audit_id uuid, workos_id text, idp_id text, email text, first_name text, last_name text,
  department text, job_title text, state text, custom_attributes text, at timestamptz
) on commit drop;
create temp table staged_groups (
  new_id uuid, workos_id text, idp_id text, name text, at timestamptz
) on commit drop;
create temp table staged_memberships (group_workos_id text, user_workos_id text) on commit drop;
