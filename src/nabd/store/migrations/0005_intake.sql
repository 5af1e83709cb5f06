-- What a batch tells besides its counts: how it was read, and which rows said the same.

create table batch_reading (
  batch int primary key references batch on delete cascade,
  mark text not null,                                  -- of its sources: changes when they do
  mapping text not null default '',                    -- its name
  mapping_text text not null default '',               -- whole: what maps a corrected row again
  rows bigint not null default 0
);

create table batch_duplicate (
  batch int not null references batch on delete cascade,
  source text not null,
  row bigint not null,
  first bigint not null,                               -- the earlier row that says the same
  exact bool not null,                                 -- in every cell, or in the declared columns
  primary key (batch, source, row, first)
);
