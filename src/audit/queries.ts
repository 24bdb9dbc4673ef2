export const recordActText = `
  insert into audit_acts (actor, act, object, reason, before, after, details) values ($1, $2, $3, $4, $5, $6, $7)`

export interface ActRow {
  act_id: string
  at: Date
  actor: string
  act: string
  object: string
  reason: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  details: Record<string, unknown>
}

const columns = 'act_id, at, actor, act, object, reason, before, after, details'

export const readActsText = `
  select ${columns} from audit_acts where object = $1 order by act_id limit $2`

/** The newest first; $1: of this object, null: of all; $2: before this act. */
export const readNewestActsText = `
  select ${columns} from audit_acts where ($1::text is null or object = $1) and ($2::bigint is null or act_id < $2)
  order by act_id desc limit $3`
