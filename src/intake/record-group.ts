import { Problem } from '../contract/problem.ts'
import type { Answer } from './answer.ts'
import { decideReceipt } from './decide.ts'
import type { IntakeRecord, IntakeStore, QuarantineRecord, ReceiptRecord } from './record.ts'

/**
 * Records a group and answers each of its members. A group that fails for its data is halved until the one at fault stands
 * alone; that one is kept in quarantine, so that its till does not lose it and its neighbours do not suffer.
 */
export async function recordGroup(store: IntakeStore, group: readonly IntakeRecord[]): Promise<(Answer | Error)[]> {
  const answers = new Map<IntakeRecord, Answer | Error>()
  let remaining = group.filter((record) => record.kind === 'receipt')
  while (remaining.length > 0) {
    // The same identity twice in one group: the second meets the first like any later upload.
    const [round, later] = splitFirstOfEach(remaining)
    await recordReceipts(store, round, answers)
    remaining = later
  }
  for (const record of group) {
    if (record.kind === 'quarantine') answers.set(record, await keepInQuarantine(store, record))
  }
  return group.map((record) => answers.get(record) ?? new Problem('internal-error'))
}

function splitFirstOfEach(receipts: readonly ReceiptRecord[]): [first: ReceiptRecord[], later: ReceiptRecord[]] {
  const seen = new Set<string>()
  const first: ReceiptRecord[] = []
  const later: ReceiptRecord[] = []
  for (const receipt of receipts) {
    if (seen.has(receipt.transactionId)) later.push(receipt)
    else first.push(receipt)
    seen.add(receipt.transactionId)
  }
  return [first, later]
}

async function recordReceipts(
  store: IntakeStore,
  receipts: readonly ReceiptRecord[],
  answers: Map<IntakeRecord, Answer | Error>,
): Promise<void> {
  let recorded: Map<string, string>
  try {
    recorded = await store.insertReceipts(receipts)
  } catch (error) {
    if (!store.isDataError(error)) throw error
    const [only] = receipts
    if (receipts.length === 1 && only) {
      answers.set(only, await keepInQuarantine(store, asQuarantine(only)))
      return
    }
    const middle = Math.ceil(receipts.length / 2)
    await recordReceipts(store, receipts.slice(0, middle), answers)
    await recordReceipts(store, receipts.slice(middle), answers)
    return
  }
  await answerReceipts(store, receipts, recorded, answers)
}

async function answerReceipts(
  store: IntakeStore,
  receipts: readonly ReceiptRecord[],
  recorded: Map<string, string>,
  answers: Map<IntakeRecord, Answer | Error>,
): Promise<void> {
  const losers = receipts.filter((receipt) => !recorded.has(receipt.transactionId))
  const firsts = losers.length > 0 ? await store.readFirst(losers.map((receipt) => receipt.transactionId)) : new Map()
  for (const receipt of receipts) {
    const decision = decideReceipt(receipt, recorded.get(receipt.transactionId), firsts.get(receipt.transactionId))
    if (decision.kind === 'answer') {
      answers.set(receipt, decision.answer)
      continue
    }
    answers.set(receipt, {
      kind: 'conflict',
      conflictId: await store.insertConflict(receipt),
      transactionId: receipt.transactionId,
      transactionKey: receipt.transactionKey,
    })
  }
}

async function keepInQuarantine(store: IntakeStore, record: QuarantineRecord): Promise<Answer> {
  const { problem, detail } = record
  try {
    return { kind: 'quarantined', quarantineId: await store.insertQuarantine(record), problem, detail }
  } catch (error) {
    if (!store.isDataError(error)) throw error
    // What could be read of its identity is what the database refuses; the bytes matter more.
    return {
      kind: 'quarantined',
      quarantineId: await store.insertQuarantine({ ...record, partial: {} }),
      problem,
      detail,
    }
  }
}

function asQuarantine(receipt: ReceiptRecord): QuarantineRecord {
  const { businessUnitId, workstationId, series, sequenceNumber, businessDayDate } = receipt.transaction
  return {
    kind: 'quarantine',
    quarantineId: receipt.transactionId,
    orderingKey: receipt.orderingKey,
    problem: 'unreadable-content',
    detail: 'The database refused the content of this receipt.',
    partial: {
      businessUnitId,
      businessDayDate,
      ...(workstationId !== undefined && { workstationId }),
      ...(series !== undefined && { series }),
      ...(sequenceNumber !== undefined && { sequenceNumber }),
    },
    bytes: receipt.bytes,
    fidelity: receipt.fidelity,
    source: receipt.source,
    senderId: receipt.senderId,
    traceparent: receipt.traceparent,
  }
}
