import { describe, expect, it } from 'vitest'
import { BusFailure } from '../../contract/bus.ts'
import { checkForeignQueue, queueOf, routingKeyOf } from './names.ts'

describe('names at the broker', () => {
  it('makes words of a key, so that a binding can choose a store', () => {
    expect(routingKeyOf('berlin-1/3')).toBe('berlin-1.3')
    expect(routingKeyOf('vendor:shop.example/7')).toBe('vendor-shop-example.7')
    expect(routingKeyOf('Köln #1*/2')).toBe('Köln--1-.2')
    expect(routingKeyOf('')).toBe('-')
  })

  it('cuts a long key between two characters', () => {
    const key = routingKeyOf('漢'.repeat(100))
    expect(Buffer.byteLength(key)).toBe(255)
    expect(key).toBe('漢'.repeat(85))
    expect(routingKeyOf(`a${'漢'.repeat(100)}`)).toBe(`a${'漢'.repeat(84)}`)
  })

  it('gives no two pairs of topic and group the same queue', () => {
    expect(queueOf('a.b', 'c')).not.toBe(queueOf('a', 'b.c'))
    expect(() => queueOf('a', 'b:c')).toThrow(BusFailure)
    expect(() => queueOf('a', '')).toThrow(BusFailure)
    expect(() => queueOf('ü', 'a')).toThrow(BusFailure)
  })

  it('takes any name of a queue that somebody else made, in the length that AMQP has', () => {
    expect(checkForeignQueue('till feed: Köln')).toBe('till feed: Köln')
    expect(() => checkForeignQueue('')).toThrow(BusFailure)
    expect(() => checkForeignQueue('ü'.repeat(128))).toThrow(BusFailure)
  })
})
