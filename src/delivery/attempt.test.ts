import { describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../contract/clock.ts'
import type { Connection, ConnectorContext, Outcome } from '../contract/connector.ts'
import { silentLogger } from '../contract/logger.ts'
import { eventTypes, type JournalEvent } from '../journal/event.ts'
import { makeSale } from '../testing/receipts.ts'
import { makeAttempt } from './attempt.ts'
import { decide } from './decide.ts'
import { defaultPolicy } from './policy.ts'
import { noSteps } from './steps.ts'
import type { DeliveryStore } from './store.ts'

const event: JournalEvent = {
  eventId: 'e',
  xid: '1',
  position: '1',
  shard: 0,
  eventType: eventTypes.recorded,
  subject: 'till:9/1/1',
  orderingKey: '9/1',
  dependsOn: [],
  data: { transaction: makeSale(1), findings: [] },
  traceparent: undefined,
  recordedAt: new Date(0),
}

/** One attempt at a connector that does this, with at most 20 ms for it. */
function attempt(post: (signal: AbortSignal) => Promise<Outcome>) {
  const connection: Connection = {
    features: { idempotent: true, lookUp: false },
    postTransaction: (_event, { signal }: ConnectorContext) => post(signal),
  }
  const fetch = () => Promise.reject(new Error('no network'))
  const policy = { ...defaultPolicy, attemptTimeoutMs: 20 }
  const target = { targetId: 1, name: 'erp', connectorName: 'test', connection, policy, fetch }
  const tools = { workerId: 'w', clock: systemClock, random: systemRandom, logger: silentLogger, decide }
  return makeAttempt(target, { ...tools, store: {} as DeliveryStore }, event, 1, 'send', async () => noSteps)
}

describe('one attempt', () => {
  it('gives the answer of the target and ends what the connector left on the line', async () => {
    const signals: AbortSignal[] = []
    const { outcome } = await attempt(async (signal) => {
      signals.push(signal)
      expect(signal.aborted).toBe(false)
      return { kind: 'skipped', reason: 'a test' }
    })
    expect(outcome).toEqual({ kind: 'skipped', reason: 'a test' })
    expect(signals.map((signal) => signal.aborted)).toEqual([true])
  })

  it('is over after its time, and says so to the connector as every abort does', async () => {
    const reasons: unknown[] = []
    const { outcome } = await attempt(
      (signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason)
            reject(signal.reason)
          }),
        ),
    )
    expect(outcome).toMatchObject({ kind: 'unknown' })
    expect(reasons).toMatchObject([{ name: 'AbortError' }])
  })

  it('is unknown when the connector throws, whatever the target may have done', async () => {
    const { outcome } = await attempt(() => Promise.reject(new Error('boom')))
    expect(outcome).toEqual({ kind: 'unknown', reason: 'the connector failed: boom' })
  })
})
