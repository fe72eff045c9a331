-- Which version of which object was applied by which committed transaction: an event that is here twice took effect
-- twice. In a schema of its own, filled by triggers, so it is part of the very transaction that it watches.
create schema faults;
create table faults.applied (event_id text not null, place text not null, object_id text not null);

create function faults.note() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    if new.event_id <> '' and (tg_op = 'INSERT' or new.event_id is distinct from old.event_id or tg_argv[0] = 'each') then
        insert into faults.applied values (new.event_id, tg_table_name, to_jsonb(new) ->> tg_argv[1]);
    end if;
    return null;
end $$;

create trigger faults_note after insert or update of event_id on object_versions
    for each row execute function faults.note('each', 'object_id');

do $$
declare place text;
begin
    foreach place in array array['directory_users', 'directory_groups'] loop
        if to_regclass('public.' || place) is not null then
            execute format('create trigger faults_note after insert or update of event_id on %I'
                           ' for each row execute function faults.note(''change'', ''workos_id'')', place);
        end if;
    end loop;
end $$;
