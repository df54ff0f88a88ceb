-- Who may do what: users, their roles in projects, connected repositories, and tokens that count no more.

create table users (
  id uuid primary key default gen_random_uuid(),
  email varchar(255) not null check (email ~ '\S'),
  first_name varchar(255),
  last_name varchar(255),
  -- What an identity provider calls the user: the `sub` of its tokens, where that is not the id.
  subject varchar(255) unique check (subject <> ''),
  is_superuser boolean not null default false,
  -- Tokens that were issued before this count no more.
  tokens_not_before timestamptz,
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create unique index users_email_taken on users (lower(email));

-- Without a foreign key to projects: what a project that is gone leaves here lets nobody do anything.
create table project_memberships (
  project_id uuid not null,
  user_id uuid not null references users on delete cascade,
  role text not null constraint project_memberships_role check (role in ('viewer', 'editor', 'admin', 'owner')),
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (project_id, user_id)
);
create index on project_memberships (user_id);

create table project_repo_connections (
  project_id uuid not null,
  id uuid not null default gen_random_uuid(),
  repo varchar(255) not null check (repo ~ '\S'),
  branch varchar(255) not null check (branch ~ '\S'),
  -- A connection that was made anew does not take the tokens of the one before.
  tokens_not_before timestamptz not null default clock_timestamp(),
  inserted_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (project_id, id),
  constraint project_repo_connections_one unique (project_id)
);

-- Tokens that were taken back, by their `jti`, until they would have expired anyway.
create table revoked_tokens (
  id text primary key check (id <> ''),
  expires_at timestamptz not null,
  revoked_at timestamptz not null default clock_timestamp()
);
create index on revoked_tokens (expires_at);

-- What servers sign their own tokens with. All servers of a database use the same.
create table token_secrets (
  name text primary key,
  secret bytea not null check (length(secret) >= 32),
  inserted_at timestamptz not null default clock_timestamp()
);

create trigger b_touch before update on users for each row
  when (old.* is distinct from new.*) execute function heddle_touch();
create trigger b_touch before update on project_memberships for each row
  when (old.* is distinct from new.*) execute function heddle_touch();
create trigger b_touch before update on project_repo_connections for each row
  when (old.* is distinct from new.*) execute function heddle_touch();

-- Whoever writes these tables: servers look again at who is connected. A hint, once per statement; they also look by themselves.

create function heddle_access_changed() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  perform pg_notify('heddle_access', 'access');
  return null;
end $$;

create trigger z_changed after insert or update or delete or truncate on users
  for each statement execute function heddle_access_changed();
create trigger z_changed after insert or update or delete or truncate on project_memberships
  for each statement execute function heddle_access_changed();
create trigger z_changed after insert or update or delete or truncate on project_repo_connections
  for each statement execute function heddle_access_changed();
create trigger z_changed after insert or update on revoked_tokens
  for each statement execute function heddle_access_changed();
