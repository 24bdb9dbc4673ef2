import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  Connection,
  Connector,
  ConnectorContext,
  ConnectorSettings,
  GuardedFetch,
  RecordedSteps,
  StoreDayRecord,
  TargetDocument,
} from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import { makeSale } from '../receipts.ts'
import { rememberSteps } from './context.ts'
import { makeEvent } from './events.ts'

/** A real target that was started for a test. */
export interface RealTarget {
  settings: ConnectorSettings
  fetch: GuardedFetch
  /** How many effects the target itself says it has had. */
  countEffects(): Promise<number>
  /** Receipts of the store day that is read; fewer where the target takes a second for each. */
  dayReceiptsCount?: number
  /** From now on the target works on requests, and its answers are lost; absent where there is no wire. */
  loseAnswers?(lose: boolean): Promise<void>
  stop(): Promise<void>
}

/** What must hold between a connector and the thing itself: what was posted is there, once, and is found again. */
export function describeRealTarget(connector: Connector, start: () => Promise<RealTarget>): void {
  describe('on the real target', () => {
    let target: RealTarget
    let connection: Connection
    beforeAll(async () => {
      target = await start()
      connection = connector.connect(target.settings, { logger: silentLogger, allowPrivateNetwork: true })
    })
    afterAll(async () => {
      await connection?.close?.()
      await target?.stop()
    })

    const contextOf = (eventId: string, attempt = 1): ConnectorContext => ({
      fetch: target.fetch,
      logger: silentLogger,
      now: () => Date.now(),
      signal: AbortSignal.timeout(60_000),
      attempt,
      idempotencyKey: eventId,
      steps: rememberSteps(),
    })
    const post = (event = makeEvent(), attempt = 1) =>
      connection.postTransaction?.(event, contextOf(event.eventId, attempt)) ?? expect.unreachable()

    it('leaves one effect for one event', async () => {
      const before = await target.countEffects()
      expect((await post(makeEvent(makeSale(101)))).kind).toBe('delivered')
      expect(await target.countEffects()).toBe(before + 1)
    })

    it('has one effect and the same documents when it is sent again, if it says it is idempotent or resumes', async (test) => {
      if (!connection.features.idempotent && !connection.features.resumes) return test.skip()
      const before = await target.countEffects()
      const event = makeEvent(makeSale(102))
      const first = await post(event)
      const again = await Promise.all([post(event, 2), post(event, 3), post(event, 4)])
      for (const outcome of again) expect(outcome).toEqual(first)
      expect(await target.countEffects()).toBe(before + 1)
    })

    it('has a second effect when it is sent again blindly, if it says it is not idempotent', async (test) => {
      if (connection.features.idempotent || connection.features.resumes) return test.skip()
      const before = await target.countEffects()
      const event = makeEvent(makeSale(105))
      for (const attempt of [1, 2]) expect((await post(event, attempt)).kind).toBe('delivered')
      expect(await target.countEffects()).toBe(before + 2)
    })

    it('finds what it has posted, and says so of nothing else', async (test) => {
      const { findPosting } = connection
      if (!findPosting) return test.skip()
      const event = makeEvent(makeSale(103))
      const context = contextOf(event.eventId)
      expect(await findPosting(event, context)).toBeUndefined()
      const outcome = await post(event)
      expect(outcome).toEqual({ kind: 'delivered', documents: await findPosting(event, context) })
    })

    it('says unknown when the answer is lost, and then there is one effect', async (test) => {
      if (!target.loseAnswers) return test.skip()
      const before = await target.countEffects()
      const event = makeEvent(makeSale(104))
      await target.loseAnswers(true)
      expect((await post(event)).kind).toBe('unknown')
      await target.loseAnswers(false)
      const { idempotent, lookUp, resumes } = connection.features
      // What is half done is not found as a posting: the next attempt finishes it.
      if (lookUp && !resumes) expect(await connection.findPosting?.(event, contextOf(event.eventId))).toHaveLength(1)
      if (idempotent || resumes) expect((await post(event, 2)).kind).toBe('delivered')
      expect(await target.countEffects()).toBe(before + 1)
    })

    it('has one effect wherever it is cut between two steps, if it resumes', async (test) => {
      if (!connection.features.resumes) return test.skip()
      const before = await target.countEffects()
      for (let cuts = 0; ; cuts += 1) {
        const event = makeEvent(makeSale(200 + cuts))
        const done = new Map<string, TargetDocument>()
        const isRecorded = cuts % 2 === 1
        const steps = cutSteps(done, Math.floor(cuts / 2), isRecorded)
        const first = await connection.postTransaction?.(event, { ...contextOf(event.eventId), steps })
        if (first?.kind !== 'delivered') {
          const context = { ...contextOf(event.eventId, 2), steps: rememberSteps(done) }
          const resumed = await connection.postTransaction?.(event, context)
          expect(resumed).toEqual({ kind: 'delivered', documents: await connection.findPosting?.(event, context) })
        }
        expect(await target.countEffects()).toBe(before + cuts + 1)
        if (first?.kind !== 'delivered') continue
        // More than one step, each cut before and after its record.
        expect(cuts).toBeGreaterThanOrEqual(4)
        return
      }
    })

    it('reads a store day with every document and amount, and no other store', async (test) => {
      const { readStoreDay } = connection
      if (!readStoreDay) return test.skip()
      const businessDayDate = '2026-04-01'
      const own = Array.from({ length: target.dayReceiptsCount ?? 250 }, (_, at) =>
        makeEvent(makeSale(1000 + at, { businessUnitId: '-77', businessDayDate })),
      )
      const others = [makeEvent(makeSale(1, { businessUnitId: '78', businessDayDate })), makeEvent(makeSale(2))]
      for (const event of [...own, ...others]) expect((await post(event)).kind).toBe('delivered')
      const records: StoreDayRecord[] = []
      for await (const record of readStoreDay({ businessUnitId: '-77', businessDayDate }, contextOf('-'))) {
        records.push(record)
      }
      expect(records.map((record) => record.reference).sort()).toEqual(own.map((event) => event.subject).sort())
      for (const { documents } of records) {
        expect(documents).toContainEqual(expect.objectContaining({ amount: '5.00', tax: '0.80', currency: 'EUR' }))
      }
      const empty = readStoreDay({ businessUnitId: '-77', businessDayDate: '2026-04-02' }, contextOf('-'))
      for await (const _ of empty) expect.unreachable()
    })
  })
}

/** A process that dies at one of its steps: when the target has it and before it is written down, or right after that. */
function cutSteps(done: Map<string, TargetDocument>, at: number, isRecorded: boolean): RecordedSteps {
  let step = 0
  return {
    done,
    record: async (name, document) => {
      const isCut = step++ === at
      if (!isCut || isRecorded) done.set(name, document)
      if (isCut) throw new Error('the process is dead')
    },
  }
}
