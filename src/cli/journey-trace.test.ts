import { describe, expect, it } from 'vitest'
import type { TargetJourney } from '../delivery/journey.ts'
import { traceJourney } from './journey-trace.ts'

const recorded = {
  recordedAt: new Date('2026-03-02T12:00:00Z'),
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
}
const target = (journey: Partial<TargetJourney>): TargetJourney => ({
  target: 'erp',
  connector: 'reference-erp',
  state: 'not-reached',
  attempts: 0,
  documents: [],
  steps: [],
  replays: [],
  history: [],
  ...journey,
})
// As PostgreSQL writes times inside JSON.
const at = (time: string) => `2026-03-02T${time}+00:00` as unknown as Date

describe('the trace of a journey', () => {
  it('has every step that the tables know, in the order of time, over all targets', () => {
    const erp = target({
      state: 'delivered',
      attempts: 3,
      settledAt: at('12:05:00'),
      history: [
        { attempt: 1, outcome: 'retry', durationMs: 12, at: at('12:00:01') },
        { attempt: 3, outcome: 'delivered', durationMs: 9, at: at('12:05:00') },
      ],
    })
    const crm = target({ target: 'crm', state: 'skipped', attempts: 0, settledAt: at('12:00:03') })
    const { traceId, steps } = traceJourney(recorded, [erp, crm])
    expect(traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
    expect(steps).toEqual([
      { step: 'recorded', at: '2026-03-02T12:00:00.000Z' },
      { step: 'attempt', at: '2026-03-02T12:00:01.000Z', target: 'erp', attempt: 1, outcome: 'retry', durationMs: 12 },
      { step: 'skipped', at: '2026-03-02T12:00:03.000Z', target: 'crm', attempt: 0 },
      {
        step: 'attempt',
        at: '2026-03-02T12:05:00.000Z',
        target: 'erp',
        attempt: 3,
        outcome: 'delivered',
        durationMs: 9,
      },
      { step: 'delivered', at: '2026-03-02T12:05:00.000Z', target: 'erp', attempt: 3 },
    ])
  })

  it('does without an id for receipts of before', () => {
    expect(traceJourney({ ...recorded, traceparent: undefined }, [target({})])).toEqual({
      steps: [{ step: 'recorded', at: '2026-03-02T12:00:00.000Z' }],
    })
  })
})
