-- Who may enter, and who read and wrote what.

create table account (
  id int generated always as identity primary key,
  name text not null unique check (name = lower(name)),
  display text not null default '',
  language text not null default '' check (language in ('', 'en', 'fr', 'ar')),
  password text not null default '',                   -- argon2id, PHC string; '': cannot sign in
  created timestamptz not null default now(),
  changed timestamptz not null default now(),
  disabled timestamptz
);

-- what an account may do, and where; dated, so that the rights of any past day can be shown
create table role_assignment (
  id int generated always as identity primary key,
  account int not null references account,
  role text not null,
  place_kind text not null check (place_kind in ('national', 'region', 'province', 'facility')),
  place_code text not null default '',                 -- HCP code, or the id of an Organization
  since timestamptz not null default now(),
  until timestamptz,
  given_by text not null default '',
  check ((place_kind = 'national') = (place_code = ''))
);
create unique index role_assignment_current on role_assignment (account) where until is null;

create table token (
  hash bytea primary key,                              -- SHA-256: the token itself is kept nowhere
  account int not null references account,
  kind text not null check (kind in ('session', 'api')),
  name text not null default '',
  created timestamptz not null default now(),
  expires timestamptz not null,
  revoked timestamptz
);
create index token_account on token (account, kind);
create index token_expires on token (expires);

create table sign_in_attempt (
  subject text primary key,                            -- hash of an account name or of an address
  failures int not null,
  last timestamptz not null,
  blocked_until timestamptz not null
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  key bigint,                                          -- of the resource; null: none in particular
  account int not null,                                -- 0: the system itself, or nobody
  type smallint,
  role text not null,
  purpose text not null,                               -- v3-ActReason: why
  action text not null,
  outcome text not null,
  resource_id text not null default '',
  shape text not null default '',                      -- of a query: names of parameters, no values
  request text not null default '',
  shown bigint[] not null default '{}'                 -- keys of what a search disclosed
);
create index audit_key on audit (key, id) where key is not null;
create index audit_shown on audit using gin (shown) where shown <> '{}';
create index audit_account on audit (account, id);
create index audit_at on audit using brin (at) with (pages_per_range = 32);
