import { findRecords } from './find-records.ts'
import type { ErasureHouse } from './house.ts'
import { inTransaction } from './in-transaction.ts'
import { readErasuresOf } from './queries.ts'
import { referenceOf, type Subject } from './subject.ts'
import { withoutName } from './without-name.ts'

export interface ExportRequest {
  subject: Subject
  reason: string
  actor: string
}

/** Everything that is kept of a person, by the stage that keeps it. */
export interface PersonExport {
  exportedAt: string
  subject: string
  reference: string
  /** Receipts and kept uploads. */
  records: number
  /** Earlier requests to be forgotten. */
  erasures: { requestedAt: Date; finishedAt: Date | null }[]
  data: Record<string, unknown>
}

/** Gathers what is kept of a person, and writes down that somebody asked for it: the act comes first, an export without one must not be. */
export async function exportPerson(
  house: Pick<ErasureHouse, 'pool' | 'vault' | 'holders' | 'recordAct'>,
  { subject, reason, actor }: ExportRequest,
): Promise<PersonExport> {
  const { pool, vault, holders } = house
  const reference = referenceOf(subject, vault.references)
  const recordIds = await inTransaction(pool, async (client) => {
    const found = await findRecords(house, client, subject)
    await house.recordAct(client, {
      actor,
      act: 'person.export',
      object: `person:${reference}`,
      reason: withoutName(reason, subject, reference),
      details: { records: found.length },
    })
    return found
  })
  const data: Record<string, unknown> = {}
  for (const holder of holders) {
    if (holder.export) data[holder.name] = await holder.export(pool, recordIds, vault)
  }
  const erasures = await readErasuresOf(pool, vault.indexOf(subject.name))
  return {
    exportedAt: new Date().toISOString(),
    subject: subject.name,
    reference,
    records: recordIds.length,
    erasures: erasures.map(({ requested_at, finished_at }) => ({ requestedAt: requested_at, finishedAt: finished_at })),
    data,
  }
}
