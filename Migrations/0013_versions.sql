-- What a workflow was over time, merges of contents as records, and projects that are copies of others.

-- A merge of what two sides had made of the rows is a record like the others.
alter table reconciliations
  drop constraint reconciliations_kind,
  add constraint reconciliations_kind
    check (kind in ('reconcile', 'save', 'reset', 'resolve', 'recover', 'merge'));

-- What contents a workflow had, as hashes, oldest first. workflows.version_history shows the same.
create table workflow_versions (
  workflow_id uuid not null references workflows on delete cascade,
  -- From 1 on.
  number integer not null,
  source text not null constraint workflow_versions_source check (source in ('app', 'cli')),
  hash text not null constraint workflow_versions_hash check (hash ~ '^[0-9a-f]{12}$'),
  inserted_at timestamptz not null default clock_timestamp(),
  primary key (workflow_id, number)
);

-- That a version was noted is no change of the workflow: these know all columns but version_history.
drop trigger a_revision_of_changed on workflows;
create trigger a_revision_of_changed before update on workflows
  for each row when (
    (old.id, old.project_id, old.name, old.concurrency, old.enable_job_logs, old.positions, old.lock_version,
      old.deleted_at, old.revision, old.inserted_at, old.updated_at)
    is distinct from
    (new.id, new.project_id, new.name, new.concurrency, new.enable_job_logs, new.positions, new.lock_version,
      new.deleted_at, new.revision, new.inserted_at, new.updated_at))
  execute function heddle_new_revision();
drop trigger z_record_changed on workflows;
create trigger z_record_changed after update on workflows
  for each row when (old.revision is distinct from new.revision) execute function heddle_record_workflow();

-- Sandboxes: projects that began as copies of others, to be merged back.
alter table projects add column parent_id uuid references projects on delete set null;
create index projects_sandboxes on projects (parent_id) where parent_id is not null;

-- What a sandbox's workflow and its parent's last had in common.
create table sandbox_bases (
  project_id uuid not null references projects on delete cascade,
  -- The sandbox's workflow.
  workflow_id uuid not null references workflows on delete cascade,
  -- Under the ids that the parent has.
  content json not null,
  -- By the id of a job, trigger or edge of the sandbox, the one that it is in the parent.
  origins json not null,
  -- Counts the merges.
  version bigint not null default 1,
  primary key (project_id, workflow_id)
);
alter table sandbox_bases alter column content set storage external, alter column origins set storage external;
