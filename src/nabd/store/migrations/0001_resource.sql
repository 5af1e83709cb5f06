-- What the store keeps. Core PostgreSQL ≥ 16 only; columns ordered so that padding is least.

create schema live;  -- one table per registered ViewDefinition, made by nabd.store.tables

create table resource (
  key bigint primary key,                              -- signed xxh3_64 of "Type/id"
  updated timestamptz not null,                        -- meta.lastUpdated
  tx xid8 not null default pg_current_xact_id(),       -- the change feed's order
  hash bigint not null,                                -- of the content; 0: none, a tombstone
  version int not null,
  dictionary int not null default 0,                   -- of body; 0: none
  batch int not null default 0,                        -- 0: not by a batch
  type smallint not null,                              -- nabd.fhir.definitions.TYPE_NUMBER
  deleted bool not null default false,                 -- a tombstone: no body, no terms but its scope
  id text not null,
  body bytea not null,                                 -- zstd of the JSON as it is served
  terms bigint[] not null default '{}'
);
-- zstd and hashes do not compress: do not try
alter table resource alter body set storage external, alter terms set storage external;
create index resource_updated on resource (type, updated);
create index resource_tx on resource (tx);

create table history (
  key bigint not null,
  updated timestamptz not null,
  superseded timestamptz not null,                     -- when the next version took its place
  tx xid8 not null default pg_current_xact_id(),       -- the default serves a restore only
  version int not null,
  dictionary int not null,
  batch int not null,
  type smallint not null,
  deleted bool not null,
  body bytea not null,
  primary key (key, version)
);
alter table history alter body set storage external;
create index history_updated on history (type, updated);
create index history_tx on history (tx);

create table dictionary (
  id int primary key,                                  -- from its content: the same in any database
  type smallint not null,
  version smallint not null,
  created timestamptz not null default now(),
  data bytea not null,                                 -- zstd of the dictionary
  unique (type, version)
);
alter table dictionary alter data set storage external;

create table live_table (
  name text primary key,                               -- live.<name>
  type smallint not null,
  definition text not null,                            -- the ViewDefinition, keys sorted
  columns jsonb not null,
  state text not null default 'ready' check (state in ('ready', 'building')),
  done bigint not null default 0,                      -- of a rebuild: resources seen
  total bigint not null default 0,
  built timestamptz not null default now()
);

create table batch (
  id int generated always as identity primary key,
  source text not null,
  started timestamptz not null default now(),
  changed timestamptz not null default now(),
  finished timestamptz,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  attempt int not null default 1,                      -- who works for an earlier one is refused
  actor text not null default '',
  received bigint not null default 0,
  stored bigint not null default 0,
  unchanged bigint not null default 0,
  quarantined bigint not null default 0,
  constraint nothing_is_lost check (received = stored + unchanged + quarantined)
);
create index batch_source on batch (source, id);

create table batch_span (                              -- records that committed transactions cover
  batch int not null references batch,
  first bigint not null,
  last bigint not null,
  source text not null
);
create index batch_span_of on batch_span (batch);

create table quarantine (
  id bigint generated always as identity primary key,
  batch int not null references batch,
  source text not null,
  row bigint not null,
  entry int not null default 0,                        -- of a Bundle, from 1; 0: the whole record
  resources int not null default 1,                    -- how many of the batch's count it stands for
  type text not null default '',
  state text not null default 'open'                   -- repeated: a later batch brought it again
    check (state in ('open', 'resolved', 'discarded', 'repeated')),
  created timestamptz not null default now(),
  changed timestamptz not null default now(),
  hash bytea not null,
  issues jsonb not null,
  record bytea not null                                -- whole, as it came (zstd)
);
alter table quarantine alter record set storage external;
create index quarantine_open on quarantine (hash, source, row, entry) where state = 'open';
create index quarantine_batch on quarantine (batch);
create index quarantine_state on quarantine (state, id);

create table quarantine_event (
  id bigint generated always as identity primary key,
  quarantine bigint not null references quarantine,
  at timestamptz not null default now(),
  actor text not null,
  action text not null check (action in ('corrected', 'resubmitted', 'resolved', 'discarded')),
  reason text not null default '',
  issues jsonb not null default '[]',
  record bytea                                         -- as it was before a correction (zstd)
);
create index quarantine_event_of on quarantine_event (quarantine, id);

create table job (
  id bigint generated always as identity primary key,
  kind text not null,
  state text not null default 'ready' check (state in ('ready', 'running', 'done', 'dead', 'cancelled')),
  attempts int not null default 0,
  created timestamptz not null default now(),
  due timestamptz not null default now(),
  lease timestamptz,                                   -- a runner that is silent after this is dead
  finished timestamptz,
  done bigint not null default 0,
  total bigint not null default 0,
  request jsonb not null default '{}',
  result jsonb not null default '{}',
  issues jsonb not null default '[]',
  owner text not null default ''                       -- the account that asked
);
create index job_due on job (due) where state in ('ready', 'running');

create table setting (
  name text primary key,
  value jsonb not null,
  changed timestamptz not null default now()
);
