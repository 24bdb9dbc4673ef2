import { randomUUID } from 'node:crypto'
import { Problem } from '../../contract/problem.ts'
import { findRecords } from './find-records.ts'
import { findHold } from './holds.ts'
import type { ErasureHouse } from './house.ts'
import { inTransaction } from './in-transaction.ts'
import {
  type ErasureRow,
  findOpenErasure,
  insertErasure,
  lockSubject,
  readErasureRow,
  readErasuresOf,
} from './queries.ts'
import { referenceOf, type Subject } from './subject.ts'
import { withoutName } from './without-name.ts'

export interface ErasureRequest {
  subject: Subject
  /** Why, in the words of whoever asks. */
  reason: string
  actor: string
}

/**
 * Writes down that a person is to be erased, in the database and in the file outside it; from then on it comes to its end,
 * whoever dies meanwhile. Asked for again it is the same erasure: the one under way, or the last one where nothing new came
 * since.
 *
 * Throws Problem `legal-hold`.
 */
export async function beginErasure(house: ErasureHouse, request: ErasureRequest): Promise<ErasureRow> {
  const { pool, vault } = house
  const { subject } = request
  const subjectIndex = vault.indexOf(subject.name)
  const reference = referenceOf(subject, vault.references)
  const erasureId = randomUUID()
  const sealed = await vault.seal({ plain: Buffer.from(subject.name), associatedData: erasureId })
  const row = await inTransaction(pool, async (client) => {
    await lockSubject(client, subjectIndex)
    const open = await findOpenErasure(client, subjectIndex)
    if (open) return open
    const hold = await findHold(client, subjectIndex)
    if (hold) throw new Problem('legal-hold', `Hold ${hold.holdId} of ${hold.placedAt.toISOString()} is in force.`)
    const [last] = await readErasuresOf(client, subjectIndex)
    if (last && (await findRecords(house, client, subject)).length === 0) return last
    await insertErasure(client, {
      erasureId,
      subjectIndex,
      kind: subject.kind,
      reference,
      reason: withoutName(request.reason, subject, reference),
      actor: request.actor,
      sealed: { keyId: sealed.keyId, bytes: sealed.bytes },
    })
    return readErasureRow(client, erasureId)
  })
  if (!row) throw new Problem('internal-error')
  if (row.state !== 'finished') await bury(house, [row])
  return row
}

/** Appends those that the file does not have. */
export async function bury(house: Pick<ErasureHouse, 'tombstones'>, rows: readonly ErasureRow[]): Promise<void> {
  const known = await house.tombstones.read()
  await house.tombstones.append(
    rows
      .filter(({ erasure_id }) => !known.has(erasure_id))
      .map((row) => ({
        erasureId: row.erasure_id,
        kind: row.kind,
        reference: row.reference,
        subjectIndex: row.subject_index,
        requestedAt: row.requested_at,
      })),
  )
}
