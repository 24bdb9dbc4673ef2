import { randomUUID } from 'node:crypto'
import type { Process, World } from '../../testing/simulation/world.ts'
import type { FirstRecord, IntakeStore, ReceiptRecord } from '../record.ts'

/** Faults that are planted to see whether the simulation finds them. */
export type IntakeMutant = 'check-then-insert' | 'overwrite' | 'answer-before-commit'

/** The tables of intake in memory: what is in here is on disk. */
export class IntakeTables {
  readonly transactions = new Map<string, FirstRecord>()
  /** Ids of the events, in order, doubles included. */
  readonly journal: string[] = []
  readonly conflicts = new Set<string>()
}

/** The semantics of `queries.ts`: each operation is one commit, whose answer a dying process never sees. */
export function createMemoryIntakeStore(
  tables: IntakeTables,
  world: World,
  owner: Process,
  mutant?: IntakeMutant,
): IntakeStore {
  const operation = async <Result>(work: () => Result): Promise<Result> => {
    world.maybeStall(owner)
    await world.step(owner)
    const result = work()
    await world.step(owner)
    return result
  }
  const insert = (receipt: ReceiptRecord): string => {
    const recordedAt = new Date(world.now).toISOString()
    const { transactionId, transactionKey, contentHash, findings } = receipt
    tables.transactions.set(transactionId, { transactionId, transactionKey, contentHash, recordedAt, findings })
    tables.journal.push(transactionId)
    return recordedAt
  }
  const isNew = (receipt: ReceiptRecord) => mutant === 'overwrite' || !tables.transactions.has(receipt.transactionId)

  return {
    insertReceipts: async (receipts) => {
      if (mutant === 'check-then-insert') {
        // Two statements instead of one: somebody else may come between.
        const news = await operation(() => receipts.filter(isNew))
        return operation(() => new Map(news.map((receipt) => [receipt.transactionId, insert(receipt)])))
      }
      if (mutant === 'answer-before-commit') {
        void operation(() => receipts.filter(isNew).map(insert))
        return new Map(
          receipts.filter(isNew).map((receipt) => [receipt.transactionId, new Date(world.now).toISOString()]),
        )
      }
      return operation(() => new Map(receipts.filter(isNew).map((receipt) => [receipt.transactionId, insert(receipt)])))
    },
    readFirst: (ids) =>
      operation(
        () =>
          new Map(
            ids.flatMap((id): [string, FirstRecord][] => {
              const first = tables.transactions.get(id)
              return first ? [[id, first]] : []
            }),
          ),
      ),
    insertConflict: (receipt) =>
      operation(() => {
        const conflict = `${receipt.transactionId}/${receipt.contentHash.toString('hex')}`
        tables.conflicts.add(conflict)
        return conflict
      }),
    insertQuarantine: () => operation(() => randomUUID()),
    isDataError: () => false,
  }
}
