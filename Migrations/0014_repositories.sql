-- What keeps projects in git repositories: where each is, how its syncs went, and what the last one left.

alter table project_repo_connections
  -- Null: a connection that only has tokens, and is synced by nobody here. Never with a password in it.
  add column url text check (url ~ '\S'),
  add column config_path text check (config_path ~ '\S'),
  add column direction text not null default 'both'
    constraint project_repo_connections_direction check (direction in ('pull', 'both')),
  -- Together with a secret of the servers it makes the secret of the connection's hooks; by itself it is none.
  add column hook_nonce uuid not null default gen_random_uuid(),
  add constraint project_repo_connections_id unique (id);

-- Apart from the connections, because a change there has servers look again at who may do what.
create table repo_states (
  project_id uuid not null,
  connection_id uuid not null,
  -- What rows and repository last agreed on: null before the first sync.
  synced_commit text,
  synced_at timestamptz,
  -- How the repository writes the project.
  format text,
  -- Of the project's files there, so that commits which change none of them are told apart.
  digest text,
  -- The project's own fields there.
  settings json,
  -- Who wants a sync that has not begun, and why.
  requested_at timestamptz,
  cause text,
  direction text,
  message text,
  actor_type text,
  actor_id text,
  actor_name text,
  -- When the repository was last asked for news, and when it is to be asked again by itself.
  checked_at timestamptz,
  next_check_at timestamptz,
  -- One server at a time, as long as it says so.
  lease_owner uuid,
  lease_until timestamptz,
  error_kind text,
  error text,
  failing_since timestamptz,
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  primary key (project_id, connection_id),
  foreign key (project_id, connection_id) references project_repo_connections (project_id, id) on delete cascade
);

-- The content of each workflow that rows and repository last agreed on.
create table repo_bases (
  project_id uuid not null,
  connection_id uuid not null,
  workflow_id uuid not null,
  content json not null,
  primary key (project_id, connection_id, workflow_id),
  foreign key (project_id, connection_id) references repo_states on delete cascade
);
alter table repo_bases alter column content set storage external;

-- What was synced. Stays when the connection is gone, until it is old.
create table repo_syncs (
  project_id uuid not null,
  number bigint generated always as identity,
  connection_id uuid not null,
  direction text not null constraint repo_syncs_direction check (direction in ('pull', 'push')),
  cause text not null,
  actor_type text not null,
  actor_id text,
  actor_name text,
  commit_from text,
  commit_to text,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp(),
  outcome text not null constraint repo_syncs_outcome check (outcome in ('changed', 'unchanged', 'failed')),
  error_kind text,
  error text,
  -- What became of each workflow.
  changes json not null default '[]',
  primary key (project_id, number)
);
create index on repo_syncs (finished_at);

-- Messages of repositories that were received, so that a repeated one is told apart.
create table repo_deliveries (
  connection_id uuid not null,
  id text not null,
  received_at timestamptz not null default clock_timestamp(),
  primary key (connection_id, id)
);
create index on repo_deliveries (received_at);
insert into repo_states (project_id, connection_id) select project_id, id from project_repo_connections;
