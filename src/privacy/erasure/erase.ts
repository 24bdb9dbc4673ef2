import { beginErasure, type ErasureRequest } from './begin-erasure.ts'
import { findRecords } from './find-records.ts'
import { findHold, type Hold } from './holds.ts'
import type { ErasureHouse } from './house.ts'
import { inTransaction } from './in-transaction.ts'
import { readOpenErasureIds } from './queries.ts'
import { type ErasureReport, type KeptData, keptOf, readErasure } from './report.ts'
import { runErasure } from './run-erasure.ts'
import { referenceOf, type Subject } from './subject.ts'

/**
 * Erases a person as far as it comes now: mostly until it settles. Throws Problem `legal-hold`.
 */
export async function erase(house: ErasureHouse, request: ErasureRequest): Promise<ErasureReport> {
  const { erasure_id: erasureId } = await beginErasure(house, request)
  await runErasure(house, erasureId)
  return readErasure(house.pool, erasureId)
}

export interface ErasurePreview {
  reference: string
  /** Receipts and kept uploads that an index leads to. @asType integer @minimum 0 */
  records: number
  kept: KeptData[]
  hold?: Hold
}

/** What would be erased, without doing anything. Uploads in quarantine are looked through only when it is done. */
export async function previewErasure(house: ErasureHouse, subject: Subject): Promise<ErasurePreview> {
  return inTransaction(house.pool, async (client) => {
    const records = (await findRecords(house, client, subject)).length
    const hold = await findHold(client, house.vault.indexOf(subject.name))
    const reference = referenceOf(subject, house.vault.references)
    return { reference, records, kept: records === 0 ? [] : [keptOf(records)], ...(hold && { hold }) }
  })
}

/** Goes on with everything that was begun and is not at its end. Returns how much is left for later. */
export async function continueErasures(house: ErasureHouse): Promise<number> {
  let left = 0
  for (const erasureId of await readOpenErasureIds(house.pool)) {
    if ((await runErasure(house, erasureId)) === 'later') left += 1
  }
  return left
}
