-- Projects and their workflows, with the rules in the database: whoever writes these tables gets them right.
-- Everything below a project carries the project's id, so that a distributed Postgres can shard by it.

create table projects (
  id uuid primary key,
  name varchar(255) not null check (name ~ '\S'),
  description text,
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);

create table project_credentials (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects on delete cascade,
  name varchar(255) not null check (name ~ '\S'),
  -- The e-mail address of the person whose credential it is. The secret itself is not kept here.
  owner varchar(255) not null default '',
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (id, project_id)
);
create index on project_credentials (project_id);

create table keychain_credentials (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects on delete cascade,
  name varchar(255) not null check (name ~ '\S'),
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (id, project_id)
);
create index on keychain_credentials (project_id);

create table collections (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects on delete cascade,
  name varchar(255) not null check (name ~ '\S'),
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint collections_name_taken unique (project_id, name) deferrable
);

create sequence workflow_revisions;

create table workflows (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  name varchar(255) not null constraint workflows_name_blank check (name ~ '\S'),
  concurrency integer constraint workflows_concurrency_positive check (concurrency >= 1),
  enable_job_logs boolean default true,
  positions jsonb constraint workflows_positions_object check (jsonb_typeof(positions) = 'object'),
  -- Counts saves and imports, as people and clients know it.
  lock_version integer not null default 0,
  version_history text[] not null default '{}',
  deleted_at timestamptz(0),
  -- Changes with every change of the workflow or of its jobs, triggers and edges, and never repeats. Set by triggers.
  revision bigint not null default 0,
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (id, project_id),
  -- Over deleted ones as well: deleting renames to <name>_del. Deferrable, so that names can be swapped.
  constraint workflows_name_taken unique (project_id, name) deferrable
);

create table jobs (
  id uuid primary key,
  workflow_id uuid not null,
  -- Follows from the workflow. Set by a trigger.
  project_id uuid not null,
  name varchar(100) not null
    constraint jobs_name_blank check (name <> '')
    -- Letters and digits of any script, '_', '-' and the space; said so that no locale is asked what a letter is.
    constraint jobs_name_format check (name !~ '[\x01-\x1f!-,./:-@\[-^`{-\x7f]'),
  -- What makes two names the same. Set by a trigger.
  name_key text not null,
  body text not null constraint jobs_body_blank check (body ~ '\S'),
  adaptor varchar(255) not null default '@openfn/language-common@latest',
  project_credential_id uuid,
  keychain_credential_id uuid,
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (id, workflow_id),
  constraint jobs_name_taken unique (workflow_id, name_key) deferrable,
  constraint jobs_one_credential check (project_credential_id is null or keychain_credential_id is null),
  constraint jobs_workflow foreign key (workflow_id, project_id) references workflows (id, project_id)
    on update cascade on delete cascade,
  constraint jobs_project_credential foreign key (project_credential_id, project_id)
    references project_credentials (id, project_id) on delete set null (project_credential_id),
  constraint jobs_keychain_credential foreign key (keychain_credential_id, project_id)
    references keychain_credentials (id, project_id) on delete set null (keychain_credential_id)
);
create index on jobs (project_id);
create index on jobs (project_credential_id) where project_credential_id is not null;
create index on jobs (keychain_credential_id) where keychain_credential_id is not null;

create table triggers (
  id uuid primary key,
  workflow_id uuid not null,
  project_id uuid not null,
  type varchar(255) not null default 'webhook'
    constraint triggers_type check (type in ('webhook', 'cron', 'kafka')),
  enabled boolean not null default false,
  comment text,
  cron_expression varchar(255),
  cron_cursor_job_id uuid,
  custom_path varchar(255) constraint triggers_custom_path_format check (
    custom_path ~ '^[a-z0-9_-]+$'
    and custom_path !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'),
  webhook_reply varchar(255)
    constraint triggers_webhook_reply check (webhook_reply in ('before_start', 'after_completion', 'custom')),
  webhook_response_config jsonb,
  kafka_configuration jsonb,
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  unique (id, workflow_id),
  constraint triggers_custom_path_taken unique (project_id, custom_path) deferrable,
  constraint triggers_webhook check (
    type <> 'webhook' or (cron_expression is null and cron_cursor_job_id is null and webhook_reply is not null)),
  constraint triggers_cron check (
    type <> 'cron' or (cron_expression is not null and webhook_reply is null and custom_path is null)),
  constraint triggers_kafka check (type = 'kafka' or kafka_configuration is null),
  constraint triggers_workflow foreign key (workflow_id, project_id) references workflows (id, project_id)
    on update cascade on delete cascade,
  constraint triggers_cron_cursor_job foreign key (cron_cursor_job_id, workflow_id) references jobs (id, workflow_id)
    on delete set null (cron_cursor_job_id)
);
create index on triggers (workflow_id);
create index on triggers (cron_cursor_job_id) where cron_cursor_job_id is not null;

create table workflow_edges (
  id uuid primary key,
  workflow_id uuid not null,
  project_id uuid not null,
  source_job_id uuid,
  source_trigger_id uuid,
  target_job_id uuid,
  condition_type varchar(255) not null default 'always' constraint workflow_edges_condition_type
    check (condition_type in ('always', 'on_job_success', 'on_job_failure', 'js_expression')),
  condition_expression varchar(255),
  condition_label varchar(255),
  enabled boolean not null default true,
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint workflow_edges_one_source check ((source_job_id is null) <> (source_trigger_id is null)),
  constraint workflow_edges_not_to_itself check (source_job_id <> target_job_id),
  constraint workflow_edges_trigger_condition
    check (source_trigger_id is null or condition_type in ('always', 'js_expression')),
  constraint workflow_edges_trigger_enabled check (source_trigger_id is null or enabled),
  constraint workflow_edges_expression check (condition_type <> 'js_expression' or coalesce(condition_expression, '') ~ '\S'),
  constraint workflow_edges_workflow foreign key (workflow_id, project_id) references workflows (id, project_id)
    on update cascade on delete cascade,
  -- An edge without one of its ends is none: it goes with the job or trigger.
  constraint workflow_edges_source_job foreign key (source_job_id, workflow_id) references jobs (id, workflow_id)
    on delete cascade,
  constraint workflow_edges_target_job foreign key (target_job_id, workflow_id) references jobs (id, workflow_id)
    on delete cascade,
  constraint workflow_edges_source_trigger foreign key (source_trigger_id, workflow_id)
    references triggers (id, workflow_id) on delete cascade
);
create index on workflow_edges (workflow_id);
create index on workflow_edges (source_job_id);
create index on workflow_edges (target_job_id);
create index on workflow_edges (source_trigger_id);

create table workflow_snapshots (
  id uuid primary key default gen_random_uuid(),
  workflow_id uuid not null references workflows on delete cascade,
  name varchar(255) not null,
  lock_version integer not null,
  jobs jsonb not null,
  triggers jsonb not null,
  edges jsonb not null,
  inserted_at timestamptz not null default clock_timestamp(),
  constraint workflow_snapshots_version unique (workflow_id, lock_version)
);

-- Who saved, imported or deleted what.
create table project_audit (
  project_id uuid not null,
  id bigint generated always as identity,
  workflow_id uuid,
  event text not null,
  actor_type text not null,
  actor_id text,
  actor_name text,
  details jsonb,
  inserted_at timestamptz not null default clock_timestamp(),
  primary key (project_id, id)
);

-- Normal form: what follows from other columns is set, whoever writes.

create function heddle_project_of(workflow uuid) returns uuid
  language plpgsql stable security definer set search_path from current as $$
declare
  project uuid;
begin
  select w.project_id into project from workflows w where w.id = workflow;
  if project is null then
    raise exception 'there is no workflow %', workflow using errcode = 'foreign_key_violation';
  end if;
  return project;
end $$;

create function heddle_touch() returns trigger language plpgsql as $$
begin
  if new.updated_at is not distinct from old.updated_at then
    new.updated_at := clock_timestamp();
  end if;
  return new;
end $$;

create function heddle_normalize_job() returns trigger language plpgsql set search_path from current as $$
begin
  new.project_id := heddle_project_of(new.workflow_id);
  new.name := btrim(new.name, E' \t\n\r');
  new.name_key := lower(replace(new.name, '-', ' '));
  new.adaptor := coalesce(nullif(btrim(new.adaptor), ''), '@openfn/language-common@latest');
  return new;
end $$;

create function heddle_normalize_trigger() returns trigger language plpgsql set search_path from current as $$
begin
  new.project_id := heddle_project_of(new.workflow_id);
  new.custom_path := nullif(new.custom_path, '');
  if new.type = 'webhook' then
    new.cron_expression := null;
    new.cron_cursor_job_id := null;
    new.webhook_reply := coalesce(nullif(new.webhook_reply, ''), 'before_start');
  elsif new.type = 'cron' then
    new.cron_expression := coalesce(nullif(btrim(new.cron_expression), ''), '0 0 * * *');
    new.webhook_reply := null;
    new.custom_path := null;
  else
    new.webhook_reply := nullif(new.webhook_reply, '');
  end if;
  if new.type <> 'kafka' then
    new.kafka_configuration := null;
  end if;
  return new;
end $$;

create function heddle_normalize_edge() returns trigger language plpgsql set search_path from current as $$
begin
  new.project_id := heddle_project_of(new.workflow_id);
  new.condition_expression := nullif(new.condition_expression, '');
  new.condition_label := nullif(new.condition_label, '');
  if new.source_trigger_id is not null then
    new.enabled := true;
  end if;
  return new;
end $$;

create trigger a_normalize before insert or update on jobs for each row execute function heddle_normalize_job();
create trigger a_normalize before insert or update on triggers for each row execute function heddle_normalize_trigger();
create trigger a_normalize before insert or update on workflow_edges
  for each row execute function heddle_normalize_edge();

create trigger b_touch before update on projects for each row
  when (old.* is distinct from new.*) execute function heddle_touch();
create trigger b_touch before update on jobs for each row
  when (old.* is distinct from new.*) execute function heddle_touch();
create trigger b_touch before update on triggers for each row
  when (old.* is distinct from new.*) execute function heddle_touch();
create trigger b_touch before update on workflow_edges for each row
  when (old.* is distinct from new.*) execute function heddle_touch();
