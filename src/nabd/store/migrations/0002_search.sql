-- Search: one inverted index for what is exact, three narrow tables for what has an order, and a
-- vocabulary that leads to terms from a code, a system, or the text beside a code.
-- Columns ordered so that padding is least.

-- a search reads what is still unsorted from end to end: keep that short
create index resource_terms on resource using gin (terms) with (gin_pending_list_limit = 512);
create index resource_type on resource (type, key) where not deleted;

create table date_value (
  key bigint not null,
  lo bigint not null,                                  -- microseconds UTC since 1970; closed
  hi bigint not null,
  param int not null                                   -- 32-bit hash of the branch
);
create index date_value_key on date_value (key);
create index date_value_lo on date_value (param, lo);
-- few intervals are longer than a day: a search by the end finds them here, all others by lo
create index date_value_long on date_value (param, hi) where hi - lo >= 86400000000;

create table number_value (
  key bigint not null,
  lo float8 not null,
  hi float8 not null,
  param int not null,
  unit int not null,                                   -- hash of Quantity.unit; 0: none
  code int not null,                                   -- hash of "system|code"; 0: none
  context int not null                                 -- hash of the code that it is a value of
);
create index number_value_key on number_value (key);
create index number_value_lo on number_value (param, context, lo);
-- most numbers are points: a search by the upper end of a range finds it here
create index number_value_range on number_value (param, hi) where hi > lo;

create table string_value (
  key bigint not null,
  param int not null,
  folded text collate "C" not null,                    -- without case, accents, diacritics
  exact text collate "C"                               -- null: the same as folded
);
create index string_value_key on string_value (key);
create index string_value_folded on string_value (param, left(folded, 64));

create table text_value (
  term bigint not null,                                -- what resource.terms holds for this text
  param int not null,
  folded text collate "C" not null                     -- a text, a code or a system
);
create index text_value_term on text_value (param, term);
create index text_value_folded on text_value (param, left(folded, 64));
