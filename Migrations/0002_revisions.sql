-- Every change of a workflow's rows gives the workflow a new revision, a row in the outbox and a notification, in the
-- writer's own transaction, whoever the writer is. The functions run with the rights of the tables' owner, so that a
-- writer needs none to the tables here.

-- Workflows whose rows may differ from what their documents were last merged with: one row each, the newest revision.
create table workflow_outbox (
  workflow_id uuid primary key,
  revision bigint not null,
  changed_at timestamptz not null default clock_timestamp()
);

create function heddle_new_revision() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  -- Nobody else sets it: what a writer puts there only tells that something changed.
  new.revision := nextval('workflow_revisions');
  if tg_op = 'UPDATE' and new.updated_at is not distinct from old.updated_at then
    new.updated_at := clock_timestamp();
  end if;
  return new;
end $$;

create trigger a_revision_of_new before insert on workflows
  for each row execute function heddle_new_revision();
create trigger a_revision_of_changed before update on workflows
  for each row when (old.* is distinct from new.*) execute function heddle_new_revision();

create function heddle_record(workflow uuid, revision bigint) returns void
  language sql security definer set search_path from current as $$
  insert into workflow_outbox as o (workflow_id, revision) values (workflow, revision)
    on conflict (workflow_id) do update
    set revision = greatest(o.revision, excluded.revision), changed_at = excluded.changed_at;
  select pg_notify('heddle_rows', workflow::text);
$$;

create function heddle_record_workflow() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  perform heddle_record(new.id, new.revision);
  return null;
end $$;

create function heddle_record_deleted_workflow() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  perform heddle_record(old.id, nextval('workflow_revisions'));
  return null;
end $$;

create trigger z_record_new after insert on workflows
  for each row execute function heddle_record_workflow();
create trigger z_record_changed after update on workflows
  for each row when (old.* is distinct from new.*) execute function heddle_record_workflow();
create trigger z_record_deleted after delete on workflows
  for each row execute function heddle_record_deleted_workflow();

create function heddle_record_truncated_workflows() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  perform heddle_record(id, nextval('workflow_revisions')) from workflows;
  return null;
end $$;

create trigger z_record_truncated before truncate on workflows
  for each statement execute function heddle_record_truncated_workflows();

-- The children: once per statement, with the rows it touched. Rows that stayed as they were do not count. Workflows
-- are locked in the order of their ids, so that two such statements do not wait for each other.

create function heddle_bump(workflows uuid[]) returns void
  language sql security definer set search_path from current as $$
  with locked as materialized (
    select id from workflows w where w.id = any(heddle_bump.workflows) order by id for no key update
  )
  update workflows w set revision = -1 from locked where w.id = locked.id;
$$;

create function heddle_children_inserted() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  perform heddle_bump(array(select distinct workflow_id from after_rows));
  return null;
end $$;

create function heddle_children_deleted() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  perform heddle_bump(array(select distinct workflow_id from before_rows));
  return null;
end $$;

create function heddle_children_updated() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  perform heddle_bump(array(
    select workflow_id from (table after_rows except all table before_rows) as changed
    union
    select workflow_id from (table before_rows except all table after_rows) as changed));
  return null;
end $$;

create function heddle_children_truncated() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  perform heddle_bump(array(select id from workflows));
  return null;
end $$;

create trigger z_inserted after insert on jobs
  referencing new table as after_rows for each statement execute function heddle_children_inserted();
create trigger z_updated after update on jobs
  referencing old table as before_rows new table as after_rows
  for each statement execute function heddle_children_updated();
create trigger z_deleted after delete on jobs
  referencing old table as before_rows for each statement execute function heddle_children_deleted();
create trigger z_truncated after truncate on jobs
  for each statement execute function heddle_children_truncated();

create trigger z_inserted after insert on triggers
  referencing new table as after_rows for each statement execute function heddle_children_inserted();
create trigger z_updated after update on triggers
  referencing old table as before_rows new table as after_rows
  for each statement execute function heddle_children_updated();
create trigger z_deleted after delete on triggers
  referencing old table as before_rows for each statement execute function heddle_children_deleted();
create trigger z_truncated after truncate on triggers
  for each statement execute function heddle_children_truncated();

create trigger z_inserted after insert on workflow_edges
  referencing new table as after_rows for each statement execute function heddle_children_inserted();
create trigger z_updated after update on workflow_edges
  referencing old table as before_rows new table as after_rows
  for each statement execute function heddle_children_updated();
create trigger z_deleted after delete on workflow_edges
  referencing old table as before_rows for each statement execute function heddle_children_deleted();
create trigger z_truncated after truncate on workflow_edges
  for each statement execute function heddle_children_truncated();
