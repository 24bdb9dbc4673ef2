import { randomUUID } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import type { ErasureHouse } from './house.ts'
import { inTransaction } from './in-transaction.ts'
import { lockSubject } from './queries.ts'
import { referenceOf, type Subject } from './subject.ts'
import { withoutName } from './without-name.ts'

type HoldHouse = Pick<ErasureHouse, 'pool' | 'vault' | 'recordAct'>

export interface Hold {
  holdId: string
  /** Absent: everything is held. */
  reference?: string
  reason: string
  placedBy: string
  placedAt: Date
}

/** A person's data, or with no subject everything, must be kept from now on. */
export async function addHold(
  { pool, vault, recordAct }: HoldHouse,
  { subject, reason, actor }: { subject?: Subject; reason: string; actor: string },
): Promise<Hold> {
  const holdId = randomUUID()
  const reference = subject && referenceOf(subject, vault.references)
  const index = subject && vault.indexOf(subject.name)
  const why = subject && reference ? withoutName(reason, subject, reference) : reason
  return inTransaction(pool, async (client) => {
    // A portion that a rule of retention is about to let go ends first, and none begins until the hold is there (`applyRetention`).
    await client.query('lock table retention_cuts in share row exclusive mode')
    if (index) await lockSubject(client, index)
    const { rows } = await client.query<{ placed_at: Date }>(
      `insert into legal_holds (hold_id, subject_index, reference, reason, placed_by) values ($1, $2, $3, $4, $5)
       returning placed_at`,
      [holdId, index ?? null, reference ?? null, why, actor],
    )
    await recordAct(client, {
      actor,
      act: 'hold.add',
      object: objectOf(reference),
      reason: why,
      details: { holdId },
    })
    const placedAt = rows[0]?.placed_at ?? new Date()
    return { holdId, ...(reference !== undefined && { reference }), reason: why, placedBy: actor, placedAt }
  })
}

/** Throws Problem `unknown-hold`. */
export async function removeHold(
  { pool, recordAct }: HoldHouse,
  { holdId, reason, actor }: { holdId: string; reason: string; actor: string },
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ reference: string | null }>(
      `update legal_holds set released_at = clock_timestamp(), released_by = $2, release_reason = $3
       where hold_id::text = $1 and released_at is null returning reference`,
      [holdId, actor, reason],
    )
    const [row] = rows
    if (!row) throw new Problem('unknown-hold')
    // What was passed over for its sake is looked at once more.
    await client.query('update retention_cuts set place = null')
    const object = objectOf(row.reference ?? undefined)
    await recordAct(client, { actor, act: 'hold.remove', object, reason, details: { holdId } })
  })
}

/** Holds in force, the oldest first. */
export async function readHolds(pool: Pool): Promise<Hold[]> {
  const { rows } = await pool.query<HoldRow>(
    `select hold_id, reference, reason, placed_by, placed_at from legal_holds where released_at is null order by placed_at`,
  )
  return rows.map(toHold)
}

/** The hold that speaks against erasing a person. */
export async function findHold(client: ClientBase | Pool, subjectIndex: Buffer): Promise<Hold | undefined> {
  const { rows } = await client.query<HoldRow>(
    `select hold_id, reference, reason, placed_by, placed_at from legal_holds
     where released_at is null and (subject_index = $1 or subject_index is null) order by placed_at limit 1`,
    [subjectIndex],
  )
  return rows[0] && toHold(rows[0])
}

/** What must be kept now: everything, or what is of these persons. */
export interface Held {
  everything: boolean
  subjectIndexes: Buffer[]
  /** Keys of these persons. */
  keyIds: string[]
}

export async function readHeld(client: ClientBase): Promise<Held> {
  const { rows } = await client.query<{ subject_index: Buffer | null; key_id: string | null }>(
    `select h.subject_index, k.key_id::text from legal_holds h left join data_keys k using (subject_index) where h.released_at is null`,
  )
  return {
    everything: rows.some(({ subject_index }) => subject_index === null),
    subjectIndexes: rows.flatMap(({ subject_index }) => subject_index ?? []),
    keyIds: rows.flatMap(({ key_id }) => key_id ?? []),
  }
}

interface HoldRow {
  hold_id: string
  reference: string | null
  reason: string
  placed_by: string
  placed_at: Date
}

function toHold({ hold_id, reference, reason, placed_by, placed_at }: HoldRow): Hold {
  return {
    holdId: hold_id,
    ...(reference !== null && { reference }),
    reason,
    placedBy: placed_by,
    placedAt: placed_at,
  }
}

function objectOf(reference: string | undefined): string {
  return reference === undefined ? 'everything' : `person:${reference}`
}
