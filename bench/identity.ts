import { createSecretKey, randomBytes } from 'node:crypto'
import { Pool } from 'undici'
import { systemClock } from '../src/contract/clock.ts'
import { silentLogger } from '../src/contract/logger.ts'
import { createPool } from '../src/database/pool.ts'
import { createDpopNonces, dpopNonceSecret } from '../src/http/auth/dpop-nonce.ts'
import { createToken } from '../src/http/auth/token-store.ts'
import { addMachine } from '../src/identity/clients.ts'
import { openInstallation } from '../src/privacy/encryption/open-vault.ts'
import { TillIdentity } from '../src/simulator/till/till-identity.ts'
import { TillKey } from '../src/simulator/till/till-key.ts'
import { startTestServer } from '../src/testing/database/test-server.ts'
import { postAll, requestOf } from './intake-load.ts'
import { medianOfPairs, pairsDefault } from './pairs.ts'
import { makeReceipts } from './receipts.ts'
import type { BenchResult } from './result.ts'
import { startServer } from './start-server.ts'

const connections = 64
const singlesCount = 3_000
const batchesCount = 100
const linesPerBatch = 100
const batchConnections = 8
const scopes = ['transactions:write'] as const

/** Credentials for so many requests, made before the clock runs: what signing costs is the tills' affair, not the hub's. */
type Credentials = (path: string, count: number) => Promise<Record<string, string>[]>

/**
 * Intake with tokens that are bound to 64 keys, a new proof verified for each request, against the same server with a hashed API key. The
 * client writes what was made beforehand; it takes its share of the cores on both sides alike.
 */
export async function benchIdentity(pairs = pairsDefault): Promise<BenchResult> {
  const postgres = await startTestServer({ alone: true })
  const database = await postgres.createDatabase({ migrated: true })
  const masterKey = randomBytes(32)
  const server = await startServer('identity-server.ts', [database.url, masterKey.toString('hex')])
  const db = createPool({ url: database.url, sizeMax: 4, applicationName: 'bench', logger: silentLogger })
  const http = new Pool(server.address)
  let seed = 1
  const measure = async (credentials: Credentials, isBatch: boolean): Promise<number> => {
    const lines = isBatch ? linesPerBatch : 1
    const count = isBatch ? batchesCount : singlesCount
    const path = isBatch ? '/v1/transactions/batch' : '/v1/transactions'
    const contentType = isBatch ? 'application/x-ndjson' : 'application/json'
    const texts = makeReceipts(count * lines, seed++).map((receipt) => JSON.stringify(receipt))
    const given = await credentials(path, count)
    const requests = given.map((own, index) => {
      const body = Buffer.from(texts.slice(index * lines, (index + 1) * lines).join('\n'))
      return requestOf(body, { path, contentType, credentials: own })
    })
    const before = await countRecorded(db)
    const sent = await postAll(server.address, requests, isBatch ? batchConnections : connections)
    if ((await countRecorded(db)) - before !== count * lines)
      throw new Error(`not every receipt was recorded: ${JSON.stringify([...sent.statuses])}`)
    return sent.perSecond * lines
  }
  try {
    const byKey = await apiKey(db)
    const { identity: identityKey } = await openInstallation(db, createSecretKey(masterKey))
    const byProof = await boundTokens(db, http, server.address, identityKey)
    for (const isBatch of [false, true]) for (const credentials of [byKey, byProof]) await measure(credentials, isBatch)
    const ratioOf = (name: string, isBatch: boolean) =>
      medianOfPairs(
        `identity/${name}`,
        pairs,
        () => measure(byProof, isBatch),
        () => measure(byKey, isBatch),
      )
    const singles = await ratioOf('single POSTs', false)
    const batches = await ratioOf('batches', true)
    const against = 'verified DPoP tokens against a hashed API key'
    return {
      name: 'identity',
      ratios: [
        { name: `single POSTs, 64 connections, ${against}`, value: singles, goal: 0.6, better: 'higher' },
        { name: `batches of 100, 8 connections, ${against}`, value: batches, goal: 0.95, better: 'higher' },
      ],
    }
  } finally {
    await http.destroy()
    await db.end()
    server.stop()
    await postgres.stop()
  }
}

async function apiKey(db: Database): Promise<Credentials> {
  const { token } = await createToken(db, { name: 'bench', scopes: [...scopes] })
  const own = { authorization: `Bearer ${token}` }
  return async (_path, count) => Array.from({ length: count }, () => own)
}

/** Proofs have the nonce of now: a round that lasts a while begins with a new one. */
async function boundTokens(
  db: Database,
  http: Pool,
  address: string,
  identityKey: ReturnType<typeof createSecretKey>,
): Promise<Credentials> {
  const nonces = createDpopNonces(dpopNonceSecret(identityKey), systemClock)
  const issuer = `${address}/oauth`
  const clients = await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const key = TillKey.generate()
      const named = { name: `bench ${index}`, jwks: key.publicJwk, scopes, binding: 'dpop' as const, actor: 'bench' }
      const { clientId } = await addMachine(db, named)
      const place = { businessUnitId: '9', workstationId: '1' }
      const registration = { clientId, ...place, issuer, tokenEndpoint: `${issuer}/token`, audience: address }
      return new TillIdentity(registration, key, { pool: http })
    }),
  )
  return async (path, count) => {
    for (const client of clients) client.learn(200, { 'dpop-nonce': nonces.current() })
    const turns = Array.from({ length: count }, (_, index) => clients[index % clients.length] as TillIdentity)
    return Promise.all(turns.map((client) => client.headersFor('POST', path)))
  }
}

type Database = ReturnType<typeof createPool>

async function countRecorded(db: Database): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*)::int as count from transactions')
  return rows[0]?.count ?? 0
}
