-- The registry's named queries, on live tables only. Facilities, places and their counts are open
-- to everybody who is signed in (design §8.3), so none of them is confined to :places.

-- name: places
-- The places of a level (country, region, province) with what they have; beds as last counted.
with sited as (
  select s.organization_id, s.id, s.province_code
  from live.site s where s.status is distinct from 'inactive'
), facilities as (
  select s.province_code, count(*) as facilities,
    count(*) filter (where f.level_of_care = 'primary') as primary_care,
    count(*) filter (where f.level_of_care <> 'primary') as hospitals
  from live.facility f join sited s on s.organization_id = f.id
  where f.active is not false group by 1
), last_count as (
  select distinct on (b.site_id, b.service) b.site_id, b.existing, b.functional
  from live.bed_count b order by b.site_id, b.service, b.date desc
), beds as (
  select s.province_code, sum(b.existing) as existing, sum(b.functional) as functional
  from last_count b join sited s on s.id = b.site_id group by 1
), posts as (  -- by facility first: an index-only scan in the index's order
  select organization_id, count(*) as workers,
    count(*) filter (where cadre in ('general-practitioner', 'specialist')) as physicians,
    count(*) filter (where cadre in ('nurse', 'midwife')) as nurses
  from live.worker_role where active is not false group by 1
), workers as (
  select s.province_code, sum(w.workers) as workers, sum(w.physicians) as physicians,
    sum(w.nurses) as nurses
  from posts w join sited s using (organization_id) group by 1
), provinces as (
  select p.region_code, p.code, f.facilities, f.primary_care, f.hospitals,
    b.existing, b.functional, w.workers, w.physicians, w.nurses
  from live.place p
  left join facilities f on f.province_code = p.code
  left join beds b on b.province_code = p.code
  left join workers w on w.province_code = p.code
  where p.level = 'province'
)
select p.id, p.code, p.level, p.kind, p.name_fr, p.name_ar, p.name_en, p.region_code, p.iso,
  p.population, p.households, p.census_date,
  coalesce(sum(v.facilities), 0)::int as facilities,
  coalesce(sum(v.primary_care), 0)::int as primary_care,
  coalesce(sum(v.hospitals), 0)::int as hospitals,
  sum(v.existing)::int as beds_existing,
  sum(v.functional)::int as beds_functional,
  sum(v.workers)::int as workers,
  sum(v.physicians)::int as physicians,
  sum(v.nurses)::int as nurses
from live.place p
left join provinces v
  on case :level::text when 'province' then v.code = p.code
       when 'region' then v.region_code = p.code else true end
where p.level = :level::text
group by p.id, p.code, p.level, p.kind, p.name_fr, p.name_ar, p.name_en, p.region_code, p.iso,
  p.population, p.households, p.census_date
order by p.code

-- name: communes
-- The communes of a province with their census and their facilities, arrondissements' included.
with lying as (
  select s.organization_id, case p.level when 'arrondissement' then p.parent_id else p.id end as commune
  from live.site s join live.place p on p.id = s.place_id
  where s.province_code = :province::text
), facilities as (
  select l.commune, count(*) as facilities
  from lying l join live.facility f on f.id = l.organization_id and f.active is not false
  group by 1
)
select p.code, p.kind, p.name_fr, p.name_ar, p.population, p.households,
  coalesce(f.facilities, 0)::int as facilities
from live.place p left join facilities f on f.commune = p.id
where p.level = 'commune' and p.province_code = :province::text
order by p.code

-- name: facilities_of_province
-- The facilities of a province with their commune, beds as last counted, and staff.
with sited as (
  select s.organization_id, s.id, s.place_id, s.province_code
  from live.site s where s.province_code = :province::text
), last_count as (
  select distinct on (b.site_id, b.service) b.site_id, b.existing, b.functional
  from sited s join live.bed_count b on b.site_id = s.id
  order by b.site_id, b.service, b.date desc
), beds as (
  select site_id, sum(existing)::int as existing, sum(functional)::int as functional
  from last_count group by 1
), posts as (
  select w.organization_id, count(*)::int as workers
  from sited s join live.worker_role w using (organization_id)
  where w.active is not false group by 1
)
select f.id, f.identifier, f.name, f.name_ar, f.category, f.level_of_care, f.active,
  p.name_fr as commune_fr, p.name_ar as commune_ar, s.province_code,
  b.existing as beds_existing, b.functional as beds_functional, w.workers
from sited s
join live.facility f on f.id = s.organization_id
left join live.place p on p.id = s.place_id
left join beds b on b.site_id = s.id
left join posts w on w.organization_id = f.id
order by f.level_of_care desc, f.category, f.name

-- name: facilities_found
-- Facilities by part of their name, by category and by province; "" asks for any.
select f.id, f.identifier, f.name, f.name_ar, f.category, f.level_of_care, f.active,
  p.name_fr as commune_fr, p.name_ar as commune_ar, s.province_code,
  b.existing::int as beds_existing, b.functional::int as beds_functional, w.workers
from (
  select f.*, s.id as site_id, s.place_id, s.province_code as province
  from live.facility f left join live.site s on s.organization_id = f.id
  where (:category::text = '' or f.category = :category)
    and (:province::text = '' or s.province_code = :province)
    and (:name::text = '' or strpos(lower(f.name), lower(:name)) > 0
      or strpos(coalesce(f.name_ar, ''), :name) > 0)
  order by f.name, f.id limit :limit::int
) f
left join live.site s on s.id = f.site_id
left join live.place p on p.id = f.place_id
left join lateral (
  select sum(existing) as existing, sum(functional) as functional from (
    select distinct on (service) existing, functional from live.bed_count
    where site_id = f.site_id order by service, date desc) last
) b on true
left join lateral (
  select count(*)::int as workers from live.worker_role
  where organization_id = f.id and active is not false
) w on true
order by f.name, f.id

-- name: facility
-- One facility with its site and the places it lies in.
select f.id, f.identifier, f.name, f.name_ar, f.category, f.level_of_care, f.active,
  s.id as site_id, s.status, s.longitude, s.latitude, s.region_code, s.province_code,
  c.code as commune_code, c.name_fr as commune_fr, c.name_ar as commune_ar,
  v.name_fr as province_fr, v.name_ar as province_ar,
  r.name_fr as region_fr, r.name_ar as region_ar
from live.facility f
left join live.site s on s.organization_id = f.id
left join live.place c on c.id = s.place_id
left join live.place v on v.level = 'province' and v.code = s.province_code
left join live.place r on r.level = 'region' and r.code = s.region_code
where f.id = :facility::text
order by s.id limit 1

-- name: facility_names
-- The names of some facilities.
select f.id, f.name, f.name_ar from live.facility f where f.id = any(:ids::text[])

-- name: facility_beds
-- The counts of beds of a facility by service, oldest first.
select b.service, b.date, b.existing, b.functional
from live.site s join live.bed_count b on b.site_id = s.id
where s.organization_id = :facility::text
order by b.service, b.date

-- name: facility_services
-- The services of a facility.
select h.id, h.code, h.name, h.active
from live.service h where h.organization_id = :facility::text order by h.code

-- name: facility_staff
-- The held posts of a facility by cadre.
select w.cadre, count(*)::int as workers
from live.worker_role w
where w.organization_id = :facility::text and w.active is not false
group by w.cadre order by w.cadre

-- name: facility_memberships
-- The health groups that a facility belonged to, newest first.
select m.group_id, g.name, g.name_ar, m.role, m.start_date, m.end_date
from live.membership m left join live.health_group g on g.id = m.group_id
where m.facility_id = :facility::text
order by m.start_date desc nulls last

-- name: hierarchy
-- Places whose parent is not known, or whose chain of parents does not end at the country.
with recursive below as (
  select id from live.place where level = 'country'
  union
  select p.id from live.place p join below b on p.parent_id = b.id
)
select p.id, p.code, p.level, p.parent_id
from live.place p left join below b using (id)
where b.id is null order by p.code

-- name: completeness
-- What each province's registry lacks: facilities without site, beds, staff.
select p.code, p.name_fr, p.name_ar,
  count(f.id)::int as facilities,
  count(f.id) filter (where f.level_of_care <> 'primary')::int as hospitals,
  count(f.id) filter (where f.level_of_care <> 'primary' and not exists (
    select from live.bed_count b where b.site_id = s.id))::int as hospitals_without_beds,
  count(f.id) filter (where not exists (
    select from live.worker_role w where w.organization_id = f.id))::int as without_staff
from live.place p
left join live.site s on s.province_code = p.code
left join live.facility f on f.id = s.organization_id
where p.level = 'province'
group by 1, 2, 3 order by p.code

-- name: reporting
-- Facilities that reported encounters since a day, those longest silent first; small ones left out.
select f.id, f.name, f.name_ar, f.category, s.province_code, r.encounters, r.months, r.last_day
from (
  select organization_id, count(*)::int as encounters,
    count(distinct date_trunc('month', start_time))::int as months,
    max(start_time)::date as last_day
  from live.encounter where start_time >= :since::date
  group by 1 having count(*) >= :least::int
) r
join live.facility f on f.id = r.organization_id
left join live.site s on s.organization_id = f.id
order by r.last_day, r.months, f.id limit :limit::int

-- name: activity
-- Encounters by month and class, of the two years before the last one; "" asks for any place.
with latest as (
  select max(start_time) at time zone 'UTC' as at from live.encounter where start_time <= now()
)
select date_trunc('month', e.start_time at time zone 'UTC')::date as month,
  coalesce(e.class, '') as class, count(*)::int as encounters, now() as counted
from latest cross join live.encounter e
where e.start_time <= now() and e.status not in ('planned', 'cancelled', 'entered-in-error')
  and e.start_time at time zone 'UTC' >= date_trunc('month', latest.at) - interval '23 months'
  and (:region::text = '' and :province::text = '' and :places::text[] is null
    or e.organization_id in (
      select s.organization_id from live.site s
      where (:region::text = '' or s.region_code = :region::text)
        and (:province::text = '' or s.province_code = :province::text)
        and (:places::text[] is null or s.province_code = any(:places::text[])
          or s.region_code = any(:places::text[]))))
  and (:custodian::text is null or :custodian::text = 'Organization/' || e.organization_id)
group by 1, 2 order by 1, 2

-- name: facility_activity
-- The same of one facility.
with own as (
  select e.start_time at time zone 'UTC' as start, e.class
  from live.encounter e
  where e.organization_id = :facility::text and e.start_time <= now()
    and e.status not in ('planned', 'cancelled', 'entered-in-error')
    and (:places::text[] is null or exists (
      select from live.site s where s.organization_id = e.organization_id
        and (s.province_code = any(:places::text[]) or s.region_code = any(:places::text[]))))
    and (:custodian::text is null or :custodian::text = 'Organization/' || e.organization_id)
)
select date_trunc('month', start)::date as month, coalesce(class, '') as class,
  count(*)::int as encounters, now() as counted
from own where start >= (select date_trunc('month', max(start)) - interval '23 months' from own)
group by 1, 2 order by 1, 2

-- name: diagnoses
-- The most frequent diagnoses of the year before the last one; fewer than :least are not told.
with latest as (
  select max(recorded_date) as day from live.condition where recorded_date <= now()
)
select c.system, c.code, count(*)::int as conditions, min(latest.day) as until, now() as counted
from latest cross join live.condition c
where c.recorded_date <= now() and c.recorded_date > latest.day - interval '1 year'
  and c.code is not null
  and (:region::text = '' and :province::text = '' and :places::text[] is null
    or c.organization_id in (
      select s.organization_id from live.site s
      where (:region::text = '' or s.region_code = :region::text)
        and (:province::text = '' or s.province_code = :province::text)
        and (:places::text[] is null or s.province_code = any(:places::text[])
          or s.region_code = any(:places::text[]))))
  and (:custodian::text is null or :custodian::text = 'Organization/' || c.organization_id)
group by 1, 2 having count(*) >= :least::int
order by conditions desc, c.code limit :limit::int

-- name: facility_sources
-- What each batch told of the facilities in the session's place, by the batch of the Organization.
-- permission: quality
select r.batch, coalesce(b.source, '') as source, count(*)::int as resources,
  count(f.identifier)::int as identifier, count(f.name_ar)::int as name_ar,
  count(f.level_of_care)::int as level, count(s.place_id)::int as place,
  count(s.longitude)::int as position, now() as counted
from live.facility f
join resource r on r.key = f.key
left join batch b on b.id = r.batch
left join (
  select distinct on (organization_id) organization_id, place_id, province_code, region_code,
    longitude
  from live.site order by organization_id, id
) s on s.organization_id = f.id
where (:places::text[] is null or s.province_code = any(:places::text[])
    or s.region_code = any(:places::text[]))
  and (:custodian::text is null or :custodian::text = 'Organization/' || f.id)
group by 1, 2

-- name: custody
-- Where organisations lie: the codes of their province and region (all, when :ids is null).
select s.organization_id as id, c.code
from live.site s cross join lateral (values (s.province_code), (s.region_code)) c (code)
where c.code is not null and (:ids::text[] is null or s.organization_id = any(:ids::text[]))
