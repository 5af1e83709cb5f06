-- Where the like of a resource is looked for: terms that a slice computes (Laws.keys), such as a
-- name with a year of birth. A table of its own, not terms of the inverted index: a lookup takes at
-- most so many rows of each term, however common the term is.

create table key_value (
  term bigint not null,
  key bigint not null
);
create index key_value_term on key_value (term, key);
create index key_value_key on key_value (key);
