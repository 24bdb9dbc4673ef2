import { Pool } from 'undici'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import type { Bench } from './bench.ts'
import type { Told } from './witness.ts'

/** One answer of a hub. */
export interface HubAnswer extends Partial<Told> {
  status: number
  kind?: string
  recordedAt?: string
  code?: string
  line?: number
}

/** A till's way to one hub. */
export interface Client {
  /** Undefined: no answer came, and nobody knows. */
  post(receipt: object): Promise<HubAnswer | undefined>
  /** The lines that were answered, in their order; fewer than were sent when the answer broke off. */
  postBatch(receipts: readonly Transaction[]): Promise<HubAnswer[]>
}

export interface ClientOptions {
  address: string
  token: string
  connections?: number
  answerWithinMs?: number
}

export function createClient(bench: Bench, options: ClientOptions): Client {
  const { address, token, connections = 32, answerWithinMs = 10_000 } = options
  const pool = new Pool(address, { connections, headersTimeout: answerWithinMs, bodyTimeout: answerWithinMs })
  bench.defer(() => pool.destroy())
  const send = (path: string, contentType: string, body: string) =>
    pool.request({
      method: 'POST',
      path,
      headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
      body,
    })
  return {
    post: async (receipt) => {
      try {
        const { statusCode, body } = await send('/v1/transactions', 'application/json', JSON.stringify(receipt))
        return { ...((await body.json()) as object), status: statusCode }
      } catch {
        return undefined
      }
    },
    postBatch: async (receipts) => {
      const lines = receipts.map((receipt) => `${JSON.stringify(receipt)}\n`).join('')
      let text = ''
      try {
        const { statusCode, body } = await send('/v1/transactions/batch', 'application/x-ndjson', lines)
        if (statusCode !== 200) return []
        for await (const chunk of body) text += chunk
      } catch {
        // What came before it broke off was said.
      }
      return text
        .slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as HubAnswer)
    },
  }
}

/** Whether a hub said that it has a receipt: now recorded, or recorded before. */
export function isAcknowledged(answer: HubAnswer | undefined): answer is HubAnswer & Told {
  return answer?.transactionId !== undefined && (answer.status === 201 || answer.status === 200)
}
