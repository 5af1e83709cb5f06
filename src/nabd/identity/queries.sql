-- The identity slice's named queries. Identities, members and cases are asked for by the linker and
-- by stewards; what a steward may see of a record is decided when the record itself is read.

-- name: identities_of
-- The identities that records belong to, with all records of each.
-- permission: identity
select i.person_id, i.patient_id, i.assurance
from live.identity_link i
where i.person_id in (select m.person_id from live.identity_link m where m.patient_id = any(:ids::text[]))

-- name: cases_about
-- The cases of records, decided or not.
-- permission: identity
select c.id, c.left_id, c.right_id, c.outcome, c.status
from live.identity_case c
where c.left_id = any(:ids::text[]) or c.right_id = any(:ids::text[])
