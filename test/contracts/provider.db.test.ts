import { createSecretKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { readEvents } from '../../src/journal/queries.ts'
import { toBusMessage } from '../../src/journal/relay/message.ts'
import { createReferences } from '../../src/privacy/references.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startTestHub, type TestHub } from '../bad-input/hub.ts'
import { loadPact } from './load-pact.ts'
import { type MakeMessage, startMessageProvider } from './message-provider.ts'

const pact = await loadPact()
const pactFile = fileURLToPath(new URL('pacts/loyalty-points-tillflow.json', import.meta.url))

let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub
let directory: string
let number = 0

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await startTestHub(database.pool)
  directory = mkdtempSync(join(tmpdir(), 'tillflow-pact-'))
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await hub.close()
  await database.drop()
})

const member = { loyaltyAccountId: 'L-77', customerId: 'C-77' }
const [goods, money] = makeSale(1).lines

/** What tills upload so that a state is true. */
const uploads: Record<string, () => Transaction> = {
  'a till has sold something to a member': () => makeSale(++number, member),
  'a till has taken something back from a member': () =>
    makeSale(++number, {
      ...member,
      transactionType: 'RETURN',
      lines: [
        { ...goods, lineType: 'RETURN', quantity: '-2', extendedAmount: '-5.00', taxes: [] },
        { ...money, amount: '-5.00', tenderedAmount: undefined, changeAmount: undefined },
      ] as Transaction['lines'],
      totals: { grandTotal: '-5.00' },
    }),
}

const relayOptions = {
  topicPrefix: 'tillflow',
  eventSource: '/tillflow',
  journalId: '7b0f7a3e-52d7-4c3a-9d0b-1f2e3d4c5b6a',
  refer: createReferences(createSecretKey(Buffer.alloc(32, 1))),
}

/** The whole way: a till's upload over HTTP, its commit, the event in the journal, and the message that the relay makes of it. */
const makeMessage: MakeMessage = async ({ states }) => {
  const upload = uploads[states[0] ?? '']
  if (!upload) throw new RangeError('nobody knows this state')
  const answer = await hub.server.inject({
    method: 'POST',
    url: '/v1/transactions',
    headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/json' },
    payload: JSON.stringify(upload()),
  })
  expect(answer.statusCode, answer.body).toBe(201)
  const [event] = await readEvents(database.pool, [answer.json<{ transactionId: string }>().transactionId])
  if (!event) throw new RangeError('the event is not in the journal')
  const {
    cloudEvent = {},
    contentType,
    body,
  } = toBusMessage({ ...event, dataText: JSON.stringify(event.data) }, relayOptions, { xid: '0', position: '0' })
  return { metadata: { contentType, ...cloudEvent }, contents: JSON.parse(Buffer.from(body).toString()) }
}

async function verify(path: string, make: MakeMessage): Promise<void> {
  if (!pact) return
  const provider = await startMessageProvider(make)
  try {
    const verifier = new pact.Verifier({
      provider: 'tillflow',
      providerBaseUrl: provider.url,
      transports: [{ protocol: 'message', port: provider.port, scheme: 'http', path: '/' }],
      pactUrls: [path],
      logLevel: 'error',
    })
    await verifier.verify()
  } finally {
    await provider.close()
  }
}

describe.skipIf(!pact)('what the relay publishes', () => {
  it('is what every consumer needs of it', async () => {
    let asked = 0
    const counted: MakeMessage = (wanted) => {
      asked += 1
      return makeMessage(wanted)
    }
    await verify(pactFile, counted)
    expect(asked).toBe(2)
  })

  it.each<[string, (event: { metadata: Record<string, string>; contents: unknown }) => void]>([
    [
      'a field that the consumer reads is gone',
      ({ contents }) => {
        const { transaction } = contents as { transaction: { totals?: object } }
        delete transaction.totals
      },
    ],
    [
      'an amount is a float',
      ({ contents }) => {
        const { transaction } = contents as { transaction: { totals: { grandTotal: unknown } } }
        transaction.totals.grandTotal = Number(transaction.totals.grandTotal)
      },
    ],
    [
      'the data is of another version',
      ({ metadata }) => {
        metadata.dataschema = 'urn:tillflow:schema:pos.transaction.recorded:v2'
      },
    ],
  ])('would not pass where %s', async (_what, spoil) => {
    const spoiling: MakeMessage = async (wanted) => {
      const message = await makeMessage(wanted)
      spoil(message)
      return message
    }
    await expect(verify(pactFile, spoiling)).rejects.toThrow()
  })

  it('would not pass where a consumer needs a state that nobody can make', async () => {
    const path = join(directory, 'needs-more.json')
    writeFileSync(path, readFileSync(pactFile, 'utf8').replace('a till has sold something', 'a till has flown'))
    await expect(verify(path, makeMessage)).rejects.toThrow()
  })
})
