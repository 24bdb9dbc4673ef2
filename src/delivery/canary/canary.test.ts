import { describe, expect, it } from 'vitest'
import type { Connection, ConnectorContext, DeliveryEvent } from '../../contract/connector.ts'
import { makeEvent } from '../../testing/connector/events.ts'
import { makeSale } from '../../testing/receipts.ts'
import { connectionWithCanary } from './connection-with-canary.ts'
import { picksStore } from './picks-store.ts'

const stores = Array.from({ length: 2_000 }, (_, index) => String(index))

describe('the stores of a canary', () => {
  it('are the ones that are named', () => {
    const picks = picksStore({ stores: ['101', '7'] })
    expect(stores.filter(picks)).toEqual(['7', '101'])
  })

  it('are a share of all, the same ones every time, and stay when the share grows', () => {
    const of = (percent: number) => stores.filter(picksStore({ percent }))
    expect(of(0)).toEqual([])
    expect(of(100)).toEqual(stores)
    expect(of(10).length).toBeGreaterThan(140)
    expect(of(10).length).toBeLessThan(260)
    expect(of(10)).toEqual(of(10))
    expect(of(25)).toEqual(expect.arrayContaining(of(10)))
    // Written down: another version must choose the same.
    expect(of(1).slice(0, 3)).toMatchInlineSnapshot(`
      [
        "178",
        "245",
        "286",
      ]
    `)
  })
})

describe('a target with a canary', () => {
  const sent: string[] = []
  const connect = (name: string, features: Connection['features']): Connection => ({
    features,
    postTransaction: async (event, { idempotencyKey }) => {
      sent.push(`${name} ${event.transaction.businessUnitId} ${idempotencyKey}`)
      return { kind: 'delivered', documents: [] }
    },
    ...(features.lookUp && { findPosting: async () => [{ documentId: name, kind: 'sale' }] }),
    preview: () => name,
  })
  const both = (live: Connection['features'], canary: Connection['features'], told: string[] = []) =>
    connectionWithCanary({
      live: connect('live', live),
      canary: connect('canary', canary),
      picks: picksStore({ stores: ['2'] }),
      onAttempt: (outcome) => told.push(outcome),
    })
  const eventOf = (businessUnitId: string): DeliveryEvent => makeEvent(makeSale(1, { businessUnitId }))
  const context = { idempotencyKey: 'key' } as ConnectorContext
  const strong = { idempotent: true, lookUp: true }

  it('sends the receipts of some stores another way, under the same key', async () => {
    const told: string[] = []
    const connection = both(strong, strong, told)
    for (const store of ['1', '2', '3']) await connection.postTransaction?.(eventOf(store), context)
    expect(sent).toEqual(['live 1 key', 'canary 2 key', 'live 3 key'])
    expect(told).toEqual(['delivered'])
    expect(['1', '2'].map((store) => connection.preview?.(eventOf(store)))).toEqual(['live', 'canary'])
    expect(await connection.findPosting?.(eventOf('2'), context)).toMatchObject([{ documentId: 'canary' }])
  })

  it('promises what both promise', () => {
    expect(both(strong, { idempotent: false, lookUp: true }).features).toEqual({ idempotent: false, lookUp: true })
    const weak = both({ idempotent: true, lookUp: false, resumes: true }, strong)
    expect(weak.features).toEqual({ idempotent: true, lookUp: false, resumes: true })
    expect(weak.findPosting).toBeUndefined()
    const [again, never] = [{ ...strong, repeatable: true }, strong]
    expect(both(again, again).features.repeatable).toBe(true)
    expect(both(again, never).features.repeatable).toBeUndefined()
  })
})
