-- The identity slice's named queries. Identities, members and cases are asked for by the linker and
-- by stewards; what a steward may see of a record is decided when the record itself is read. A case
-- is listed where both of its records may be seen, as the scope of its Task says: its weight would
-- tell of a hidden one.

-- name: identities_of
-- The identities that records belong to, with all records of each.
-- permission: identity
select i.person_id, i.patient_id, i.assurance
from live.identity_link i
where i.person_id in (select m.person_id from live.identity_link m where m.patient_id = any(:ids::text[]))

-- name: cases_about
-- The cases of records, decided or not.
-- permission: identity
select c.id, c.left_id, c.right_id, c.outcome, c.status, c.left_keeper_id, c.right_keeper_id
from live.identity_case c
where c.left_id = any(:ids::text[]) or c.right_id = any(:ids::text[])

-- name: case_counts
-- The cases that wait for a steward by outcome, turn and age: 0 since :today, 1 since :week, 2 since :month, 3 older.
-- permission: identity
with mine as (
  select s.organization_id as id from live.site s
  where s.region_code = any(:places::text[]) or s.province_code = any(:places::text[])
)
select c.outcome, c.turn,
  case when c.opened >= :today::timestamptz then 0 when c.opened >= :week::timestamptz then 1
       when c.opened >= :month::timestamptz then 2 else 3 end as age,
  count(*)::int as cases
from live.identity_case c
where c.outcome = any('{open,unsure}'::text[])
  and (:custodian::text is null
    or substr(:custodian, 14) = c.left_keeper_id and c.left_keeper_id = c.right_keeper_id)
  and (:places::text[] is null
    or c.left_keeper_id in (select id from mine) and c.right_keeper_id in (select id from mine))
group by 1, 2, 3

-- name: cases_waiting
-- Cases of an outcome in the order of their turn, urgent ones first, then the oldest, after a place
-- in that order; with :free only those that nobody but :account holds at that time.
-- permission: identity
with mine as (
  select s.organization_id as id from live.site s
  where s.region_code = any(:places::text[]) or s.province_code = any(:places::text[])
)
select c.id, c.turn, c.opened
from live.identity_case c
where c.outcome = :outcome::text and c.turn <= :last::int
  and (c.turn, c.opened, c.id) > (:turn::int, :opened::timestamptz, :id::text)
  and (:free::timestamptz is null or c.taken_until is null or c.taken_until < :free
    or c.owner = :account::text)
  and (:custodian::text is null
    or substr(:custodian, 14) = c.left_keeper_id and c.left_keeper_id = c.right_keeper_id)
  and (:places::text[] is null
    or c.left_keeper_id in (select id from mine) and c.right_keeper_id in (select id from mine))
order by c.turn, c.opened, c.id limit :count::int

-- name: cases_held
-- The cases that an account holds now, the one that ends first before the others.
-- permission: identity
select c.id, c.turn, c.taken_until as opened
from live.identity_case c
where c.owner = :account::text and c.taken_until >= :now::timestamptz
  and c.outcome = any('{open,unsure}'::text[])
order by c.taken_until, c.id limit :count::int

-- name: cases_decided
-- The cases that stewards have decided, the newest first, before a place in that order.
-- permission: identity
with mine as (
  select s.organization_id as id from live.site s
  where s.region_code = any(:places::text[]) or s.province_code = any(:places::text[])
)
select * from (
  (select c.id, c.turn, c.changed as opened from live.identity_case c
   where c.outcome = 'same' and (c.changed, c.id) < (:before::timestamptz, :id::text)
     and (:custodian::text is null
       or substr(:custodian, 14) = c.left_keeper_id and c.left_keeper_id = c.right_keeper_id)
     and (:places::text[] is null
       or c.left_keeper_id in (select id from mine) and c.right_keeper_id in (select id from mine))
   order by c.changed desc, c.id desc limit :count::int)
  union all
  (select c.id, c.turn, c.changed from live.identity_case c
   where c.outcome = 'different' and (c.changed, c.id) < (:before::timestamptz, :id::text)
     and (:custodian::text is null
       or substr(:custodian, 14) = c.left_keeper_id and c.left_keeper_id = c.right_keeper_id)
     and (:places::text[] is null
       or c.left_keeper_id in (select id from mine) and c.right_keeper_id in (select id from mine))
   order by c.changed desc, c.id desc limit :count::int)) c
order by c.opened desc, c.id desc limit :count::int

-- name: facilities_named
-- The names of facilities and of the communes that they lie in.
-- permission: resources
select f.id, f.name, f.name_ar, c.name_fr as commune_fr, c.name_ar as commune_ar
from live.facility f
left join live.site s on s.organization_id = f.id
left join live.place c on c.id = s.place_id
where f.id = any(:ids::text[])

-- name: pairs_decided
-- What stewards have decided: pairs that are the same person, or not.
-- permission: identity
select c.left_id, c.right_id, c.outcome
from live.identity_case c where c.outcome in ('same', 'different')
