import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { type Client, isAcknowledged } from './client.ts'
import { salesOfTills } from './receipts.ts'
import { sleep } from './wait.ts'
import type { Witness } from './witness.ts'

export interface SellingTills {
  /** Uploads that were not answered for good and had to be sent again. */
  retries(): number
  /** The till goes home: what it has sold is uploaded, nothing is sold any more. */
  close(): Promise<void>
}

export interface TillOptions {
  client: Client
  witness: Witness
  tills: number
  /** Every second till uploads so many receipts at once, as a batch; 1: none does. */
  batchSize: number
  pauseMs?: number
}

/** Tills that sell and upload, each in its own order and each until it is answered, until they are closed. */
export function startTills({ client, witness, tills, batchSize, pauseMs = 0 }: TillOptions): SellingTills {
  let isOpen = true
  let retries = 0
  const sell = async (till: number) => {
    const size = till % 2 === 0 ? batchSize : 1
    for (let number = 1; isOpen; number += size) {
      let left = salesOfTills(1, size, number).map((sale) => ({ ...sale, workstationId: String(till) }))
      while (left.length > 0) {
        const taken = await upload(left)
        left = left.slice(taken)
        if (left.length === 0) break
        retries += 1
        await sleep(50)
      }
      if (pauseMs > 0) await sleep(pauseMs)
    }
  }
  /** How many of them, from the first, are acknowledged and witnessed. */
  const upload = async (receipts: readonly Transaction[]): Promise<number> => {
    const [only] = receipts
    const answers = receipts.length === 1 && only ? [await client.post(only)] : await client.postBatch(receipts)
    let taken = 0
    for (const answer of answers) {
      if (!isAcknowledged(answer)) break
      await witness.note({ transactionId: answer.transactionId, transactionKey: answer.transactionKey })
      taken += 1
    }
    return taken
  }
  const selling = Array.from({ length: tills }, (_, index) => sell(index + 1))
  return {
    retries: () => retries,
    close: async () => {
      isOpen = false
      await Promise.all(selling)
    },
  }
}
