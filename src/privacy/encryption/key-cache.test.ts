import { createSecretKey } from 'node:crypto'
import { expect, it } from 'vitest'
import { KeyCache } from './key-cache.ts'

const living = { keyId: '1', key: createSecretKey(Buffer.alloc(32)) }

it('drops the key that was not used for the longest time', () => {
  const cache = new KeyCache({ sizeMax: 2, ageMaxMs: 10, now: () => 0 })
  cache.set('a', living)
  cache.set('b', living)
  cache.get('a')
  cache.set('c', living)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([living, undefined, living])
  expect(cache.size).toBe(2)
})

it('does not trust a key for longer than its age, however often it is used', () => {
  let nowMs = 0
  const cache = new KeyCache({ sizeMax: 2, ageMaxMs: 10, now: () => nowMs })
  cache.set('a', living)
  nowMs = 9
  expect(cache.get('a')).toBe(living)
  nowMs = 10
  expect(cache.get('a')).toBeUndefined()
})

it('counts the age of a key from when it was asked for, however late the answer came', () => {
  const cache = new KeyCache({ sizeMax: 2, ageMaxMs: 10, now: () => 17 })
  cache.set('a', living, 8)
  cache.set('b', living, 7)
  expect([cache.get('a'), cache.get('b')]).toEqual([living, undefined])
})
