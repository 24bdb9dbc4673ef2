import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Pool } from 'pg'
import { openPostgresBus } from '../../src/buses/postgres/bus.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { openInstallation, openVault } from '../../src/privacy/encryption/open-vault.ts'
import type { TestServer } from '../../src/testing/database/test-server.ts'
import { CommandProcess } from '../command-process.ts'
import { dumpText } from '../erasure/erasable-hub.ts'
import { HubProcess } from '../hub-process.ts'
import { startOtlpReceiver } from '../telemetry/otlp-receiver.ts'

export const inboundTopic = 'shop.receipts'
export const shop = 'example.myshopify.com'
const webhookSecret = 'the secret of the vendor'
const notificationUrl = 'https://hub.example/v1/sources/square'

/** A hub with every way in and every way out, and everything that comes out of it written down. */
export async function startScannedHub(server: TestServer, nodeArguments: readonly string[] = []) {
  const [database, busDatabase] = [await server.createDatabase(), await server.createDatabase()]
  const directory = mkdtempSync(join(tmpdir(), 'tillflow-i26-'))
  const masterKey = randomBytes(32)
  const collector = await startOtlpReceiver()
  const targets = await startTargets()
  const archive = join(directory, 'archive')
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const webhook = (name: string) => ({
    ...{ name, connector: 'webhook', allowPrivateNetwork: true },
    settings: { url: `${targets.url}/${name}`, secret },
  })
  const settings = {
    targets: [
      webhook('shop'),
      webhook('picky'),
      { name: 'archive', connector: 'file', settings: { directory: archive } },
    ],
    sourceAccounts: [
      { source: 'shopify', account: shop, webhookSecrets: [webhookSecret], onlineStore: '9' },
      {
        ...{ source: 'square', account: 'MLEXAMPLE0001', webhookSecrets: [webhookSecret], notificationUrl },
        locations: { LNYC0000000001: '9' },
      },
    ],
    ...{ busEngine: 'postgres', busUrl: busDatabase.url },
    busSources: [{ topic: inboundTopic, source: 'tillflow' }],
    defaultTimeZone: 'Europe/Berlin',
    logLevel: 'debug',
  }
  writeFileSync(join(directory, 'tillflow.json'), JSON.stringify(settings))
  const bus = openPostgresBus({ url: busDatabase.url })
  await bus.prepareTopics([{ topic: inboundTopic, partitionsCount: 1, retentionMs: 600_000 }])
  const environment = {
    TILLFLOW_EVALUATION: 'true',
    TILLFLOW_DATABASE_URL: database.url,
    TILLFLOW_MASTER_KEY: masterKey.toString('hex'),
    TILLFLOW_TELEMETRY_OTLP_URL: collector.url,
    TILLFLOW_TELEMETRY_TRACES_SAMPLED_PERCENT: '100',
    TILLFLOW_TELEMETRY_METRICS_INTERVAL_MS: '1000',
    TILLFLOW_CALLER_REQUESTS_PER_SECOND: '0',
  }
  const hub = await HubProcess.start({ directory, nodeArguments, environment })
  const commands = new CommandProcess({ directory, environment })
  const { token } = await commands.printed<{ token: string }>([
    ...['token', 'create', '--name', 'all', '--stores', '*'],
    ...['--scopes', 'transactions:write,admin:read,admin:write,privacy:write,audit:read'],
  ])
  /** Bodies and headers of every answer. */
  const answers: string[] = []
  const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: string | Buffer) => {
    const answer = await fetch(`${hub.address}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: new Uint8Array(Buffer.from(body)) }),
    })
    const said = await answer.text()
    answers.push(said, JSON.stringify([...answer.headers]))
    return { status: answer.status, said }
  }
  const signed = async (source: 'shopify' | 'square', body: string, headers: Record<string, string>) => {
    const answer = await fetch(`${hub.address}/v1/sources/${source}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    answers.push(await answer.text(), JSON.stringify([...answer.headers]))
    return answer.status
  }
  const sign = (...parts: string[]) =>
    parts.reduce((mac, part) => mac.update(part), createHmac('sha256', webhookSecret)).digest('base64')
  return {
    identityKey: async () => (await openInstallation(database.pool, createSecretKey(masterKey))).identity,
    ...{ hub, commands, bus, directory, archive, collector, targets, answers, token, ask, database },
    post: (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
      ask('POST', path, headers, body),
    shopifyWebhook: (body: string) =>
      signed('shopify', body, {
        'x-shopify-topic': 'orders/create',
        'x-shopify-shop-domain': shop,
        'x-shopify-hmac-sha256': sign(body),
      }),
    squareWebhook: (body: string) =>
      signed('square', body, { 'x-square-hmacsha256-signature': sign(notificationUrl, body) }),
    count: async (from: string): Promise<number> =>
      (await database.pool.query<{ count: number }>(`select count(*)::int as count from ${from}`)).rows[0]?.count ?? 0,
    /** Every row of every table, and of what is sealed what was sealed. */
    dump: async () => `${await dumpText(database.pool)}\n${await openSealed(database.pool, masterKey)}`,
    /** What the relay published, and what the bus knows; what was sent to us lies where its sender put it. */
    published: async () => {
      const outgoing = `delete from bus_messages m using bus_topics t where t.topic_id = m.topic_id and t.topic = $1`
      await busDatabase.pool.query(outgoing, [inboundTopic])
      return dumpText(busDatabase.pool)
    },
    stop: async () => {
      await commands.stop()
      await hub.stop()
      await bus.close()
      await Promise.all([collector.close(), targets.close()])
      await Promise.all([database.drop(), busDatabase.drop()])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export type ScannedHub = Awaited<ReturnType<typeof startScannedHub>>

/** Two receivers: one takes everything, `picky` refuses it in words that it may be given. */
async function startTargets() {
  const requests: string[] = []
  let refusal = ''
  const server = createServer(async (request, response) => {
    requests.push(`${request.url}\n${JSON.stringify(request.rawHeaders)}\n${await text(request)}`)
    const isPicky = request.url === '/picky'
    response.statusCode = isPicky ? 422 : 204
    if (isPicky) response.setHeader('x-why', refusal).write(JSON.stringify({ error: refusal }))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    refuseWith: (words: string) => {
      refusal = words
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function openSealed(pool: Pool, masterKey: Buffer): Promise<string> {
  const vault = await openVault({ pool, masterKey: createSecretKey(masterKey), logger: silentLogger })
  const { rows } = await pool.query<{ name: string; key_id: string; sealed: Buffer }>(
    `select record_id::text as name, key_id::text, sealed from raw_records where fidelity <> 'erased'
     union all select 'file:' || file_id || '/' || chunk, key_id::text, sealed from file_chunks`,
  )
  const opened = rows.map(({ name, key_id, sealed }) => vault.open({ keyId: key_id, bytes: sealed }, name).then(String))
  return (await Promise.all(opened)).join('\n')
}
