import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { webhook } from '../../src/connectors/webhook/connector.ts'
import { systemRandom } from '../../src/contract/clock.ts'
import type { Outcome } from '../../src/contract/connector.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { decide } from '../../src/delivery/decide.ts'
import { defaultPolicy } from '../../src/delivery/policy.ts'
import { createGuardedFetch, type GuardedFetchOptions } from '../../src/egress/guarded-fetch.ts'
import { checkTargetUrl } from '../../src/egress/target-url.ts'
import { rememberSteps } from '../../src/testing/connector/context.ts'
import { makeEvent } from '../../src/testing/connector/events.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
/** Stands in what a hostile target answers: it must not come into our records. */
const marker = 'echo7f3a'

describe('the bad-input catalogue of targets: addresses at save (row 70)', () => {
  it.each([
    'https://127.0.0.1/x',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0.0.0.0/',
    'https://localhost./',
    'https://100.64.0.1/',
    'https://[2002:7f00:1::]/',
    'https://[64:ff9b::7f00:1]/',
    'https://metadata.internal/',
    'https://user:pass@shop.example/',
    'https://shop.example:22/',
    'file:///etc/passwd',
    'gopher://shop.example/',
    'http://shop.example/',
  ])('%s is refused', (url) => {
    expect(() => checkTargetUrl(url, { allowPrivateNetwork: false })).toThrow(
      expect.objectContaining({ code: 'target-not-allowed' }),
    )
    expect(() => webhook.connect({ url, secret }, { logger: silentLogger, allowPrivateNetwork: false })).toThrow(
      expect.objectContaining({ code: 'target-not-allowed' }),
    )
  })
})

let port: number
let connectionsCount = 0
let requestsCount = 0
let answerNext: (response: ServerResponse) => void
const server = createServer((_request, response) => {
  requestsCount += 1
  answerNext(response)
})
server.on('connection', () => {
  connectionsCount += 1
})

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** One event on its way to a webhook, through the guarded way out, as a hub sends it. */
async function deliver(url: string, options: Partial<GuardedFetchOptions> = {}): Promise<Outcome> {
  const { allowPrivateNetwork = true } = options
  const guarded = createGuardedFetch({ allowPrivateNetwork, timeoutMs: 1_000, ...options })
  const connection = webhook.connect({ url, secret }, { logger: silentLogger, allowPrivateNetwork })
  const event = makeEvent()
  try {
    const outcome = await connection.postTransaction?.(event, {
      fetch: guarded,
      logger: silentLogger,
      now: () => Date.now(),
      signal: AbortSignal.timeout(5_000),
      attempt: 1,
      idempotencyKey: event.eventId,
      steps: rememberSteps(),
    })
    return outcome ?? expect.unreachable('the connector takes transactions')
  } finally {
    await guarded.close()
  }
}

describe('the bad-input catalogue of targets: names that change (row 71)', () => {
  it.each([
    ['public at save, loopback at sending', ['127.0.0.1']],
    ['a public and a private address', ['93.184.215.14', '10.0.0.1']],
    ['the metadata address', ['169.254.169.254']],
    ['a private address in IPv6 clothes', ['::ffff:10.0.0.1']],
  ])('%s: nothing is sent, and nothing is lost', async (_name, addresses) => {
    const before = connectionsCount
    const options = { allowPrivateNetwork: false, resolve: async () => addresses }
    const outcome = await deliver(`https://hooks.example.com:${port}/in`, options)
    expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringContaining('target-not-allowed') })
    expect(connectionsCount).toBe(before)
  })
})

interface HostileAnswer {
  row: number
  name: string
  answer(response: ServerResponse): void
  outcome: Partial<Outcome>
}

const hostileAnswers: HostileAnswer[] = [
  {
    row: 72,
    name: 'a redirect to the metadata address',
    answer: (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(marker),
    outcome: { kind: 'retry' },
  },
  {
    row: 72,
    name: 'a body that never ends',
    answer: (response) => {
      const write = () => {
        while (!response.destroyed && response.write(marker.repeat(8_192)));
        response.once('drain', write)
      }
      response.writeHead(422)
      write()
    },
    outcome: { kind: 'rejected' },
  },
  {
    row: 72,
    name: 'a compressed bomb',
    answer: (response) =>
      response.writeHead(422, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000, marker))),
    outcome: { kind: 'rejected' },
  },
  {
    row: 72,
    name: 'no answer at all',
    answer: () => {},
    outcome: { kind: 'unknown' },
  },
  {
    row: 72,
    name: 'more headers than anybody needs',
    answer: (response) => {
      for (let at = 0; at < 500; at += 1) response.setHeader(`x-${at}`, marker.repeat(20))
      response.end()
    },
    outcome: { kind: 'unknown' },
  },
  {
    row: 73,
    name: 'gone for good',
    answer: (response) => response.writeHead(410).end(marker),
    outcome: { kind: 'gone' },
  },
  {
    row: 73,
    name: 'come back in thirty years',
    answer: (response) => response.writeHead(429, { 'retry-after': '1000000000' }).end(marker),
    outcome: { kind: 'retry' },
  },
]

describe('the bad-input catalogue of targets: answers', () => {
  it.each(hostileAnswers)('$row: $name', async ({ answer, outcome: expected }) => {
    answerNext = answer
    const before = requestsCount
    const outcome = await deliver(`http://127.0.0.1:${port}/`)
    expect(outcome).toMatchObject(expected)
    expect(requestsCount - before).toBe(1)
    const told = JSON.stringify(outcome)
    expect(told).not.toContain(marker)
    expect(told.length).toBeLessThan(1_024)
    // Whatever it asks for, nobody waits longer than a day.
    const transition = decide({
      outcome,
      attempts: 1,
      features: { idempotent: true, lookUp: false },
      policy: defaultPolicy,
      random: systemRandom,
    })
    if (transition.state === 'retry') expect(transition.delayMs).toBeLessThanOrEqual(86_400_000)
  })
})
