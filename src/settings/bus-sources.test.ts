import { describe, expect, it } from 'vitest'
import { isProblem } from '../contract/problem.ts'
import { busSources } from './bus-sources.ts'
import { loadSettings } from './load-settings.ts'

const read = (busSourcesGiven: object[], busEngine = 'postgres') =>
  busSources(loadSettings({ environment: {}, overrides: { busEngine, busSources: busSourcesGiven } }).settings, [
    'tillflow',
    'poslog',
  ])

const good = { topic: 'shop.receipts', source: 'poslog' }

describe('topics that are read', () => {
  it('have a group of the installation unless another is named', () => {
    expect(read([good, { ...good, group: 'g', account: 'a', stores: ['9'], foreign: true }])).toEqual([
      { ...good, group: 'tillflow' },
      { ...good, group: 'g', account: 'a', stores: ['9'], foreign: true },
    ])
  })

  it.each<[string, object, string]>([
    ['no topic', { source: 'poslog' }, 'busSources[0] needs a topic'],
    ['blanks', { ...good, topic: 'a b' }, 'busSources[0] needs a topic'],
    ['our own events', { ...good, topic: 'tillflow.pos.transaction' }, 'that the relay publishes to'],
    ['an unknown source', { ...good, source: 'baker' }, 'needs a source: tillflow, poslog'],
    ['an unknown field', { ...good, offset: 7 }, 'has no field offset'],
    ['a foreign that is no answer', { ...good, foreign: 'yes' }, 'needs foreign as true or false'],
    ['stores that are none', { ...good, stores: 'all' }, 'needs stores as a list'],
  ])('are refused with %s', (_, entry, complaint) => {
    let refusal: unknown
    try {
      read([entry])
    } catch (error) {
      refusal = error
    }
    expect(isProblem(refusal) && refusal.code).toBe('settings-invalid')
    expect(String(refusal)).toContain(complaint)
  })

  it('need a bus', () => {
    expect(() => read([good], 'none')).toThrow('busSources need a busEngine')
  })
})

describe('the bus', () => {
  it('needs an address where it is a broker', () => {
    expect(() => loadSettings({ environment: {}, overrides: { busEngine: 'kafka' } })).toThrow('busUrl must name')
    const fed = { busUrl: 'amqp://127.0.0.1', deliveryFeed: 'bus' }
    for (const busEngine of ['none', 'rabbitmq'])
      expect(() => loadSettings({ environment: {}, overrides: { ...fed, busEngine } })).toThrow('needs partitions')
  })
})
