/** The statements of shadows. $1 is always the target, $2 the name of the shadow. */

/** A name that is known goes on counting. */
export const startShadowText = `
  insert into delivery_shadows (target_id, name, connector, failure) values ($1, $2, $3, $4)
  on conflict (target_id, name) do update set connector = excluded.connector, failure = excluded.failure`

export const addCountsText = `
  update delivery_shadows set same = same + $3, different = different + $4, failed = failed + $5, dropped = dropped + $6,
    failure = coalesce($7, failure)
  where target_id = $1 and name = $2`

/** Fields beyond $6 are not named; of one field $7 examples are kept, the first ones. */
export const addFieldsText = `
  insert into delivery_shadow_fields as f (target_id, name, field, count, examples)
  select $1, $2, t.field, t.count, t.examples
  from unnest($3::text[], $4::bigint[], $5::jsonb[]) as t (field, count, examples)
  where (select count(*) from delivery_shadow_fields k where k.target_id = $1 and k.name = $2) < $6
    or exists (select from delivery_shadow_fields k where k.target_id = $1 and k.name = $2 and k.field = t.field)
  order by t.field
  on conflict (target_id, name, field) do update set count = f.count + excluded.count,
    examples = case when jsonb_array_length(f.examples) < $7 then
      (select jsonb_agg(e order by n) from jsonb_array_elements(f.examples || excluded.examples) with ordinality as x (e, n) where n <= $7)
      else f.examples end`

export const readShadowsText = `
  select s.name, s.connector, s.since, s.same::int, s.different::int, s.failed::int, s.dropped::int, s.failure,
    coalesce((select json_agg(json_build_object('field', f.field, 'count', f.count, 'examples', f.examples) order by f.count desc, f.field)
      from delivery_shadow_fields f where f.target_id = s.target_id and f.name = s.name), '[]') as fields
  from delivery_shadows s where s.target_id = $1 order by s.since desc, s.name`
