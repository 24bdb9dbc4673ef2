export const recordActText = `
  insert into audit_acts (actor, act, object, reason, details) values ($1, $2, $3, $4, $5)`

export interface ActRow {
  act_id: string
  at: Date
  actor: string
  act: string
  object: string
  reason: string | null
  details: Record<string, unknown>
}

export const readActsText = `
  select act_id, at, actor, act, object, reason, details from audit_acts where object = $1 order by act_id limit $2`
