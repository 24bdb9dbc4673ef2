import { expect, it } from 'vitest'
import type { BusMessage } from '../../contract/bus.ts'
import { decodeMessage, encodeMessage, sizeOf } from './message.ts'

const event: BusMessage = {
  topic: 'receipts',
  orderingKey: '9/3',
  headers: { traceparent: '00-1' },
  cloudEvent: { specversion: '1.0', id: 'a', source: '/hub', type: 'sale', partitionkey: '9/3' },
  contentType: 'application/json',
  body: Buffer.from('{}'),
}

const headersOf = (message: BusMessage) =>
  Object.fromEntries([...encodeMessage(message, 0).headers].map(([name, value]) => [`${name}`, `${value}`]))

const recordOf = (headers: [string, string | null][], value: Buffer | null = Buffer.from('x')) => ({
  key: null,
  value,
  headers: headers.map(([name, text]): [Buffer, Buffer | null] => [
    Buffer.from(name),
    text === null ? null : Buffer.from(text),
  ]),
})
const place = { topic: 'receipts', partition: 2, offset: 7n }

it('writes a CloudEvent in binary mode: attributes as ce_ headers, the data type as content-type, the key as key', () => {
  expect(headersOf(event)).toEqual({
    traceparent: '00-1',
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: 'a',
    ce_source: '/hub',
    ce_type: 'sale',
    ce_partitionkey: '9/3',
  })
  expect(`${encodeMessage(event, 0).key}`).toBe('9/3')
})

it('refuses headers that would take the place of what belongs to the event, for good', () => {
  for (const name of ['content-type', 'ce_id']) {
    const forged = { ...event, headers: { [name]: 'other' } }
    expect(() => encodeMessage(forged, 0)).toThrow(expect.objectContaining({ isTransient: false }))
  }
})

it('reads what it wrote', () => {
  const { key, value, headers } = encodeMessage(event, 2)
  const read = decodeMessage({ key, value, headers: [...headers] }, place)
  expect(read).toEqual({ ...event, body: new Uint8Array(event.body), partition: 2, offset: '7', redelivered: false })
})

it('reads anything else as plain bytes with its headers, also those that look like attributes', () => {
  const read = decodeMessage(
    recordOf([
      ['ce_id', 'a'],
      ['note', null],
      ['note', 'last'],
    ]),
    place,
  )
  expect(read).toMatchObject({
    headers: { ce_id: 'a', note: 'last' },
    orderingKey: '',
    contentType: 'application/octet-stream',
  })
  expect(read).not.toHaveProperty('cloudEvent')
})

it('reads a tombstone as an empty body', () => {
  expect(decodeMessage(recordOf([], null), place).body).toEqual(new Uint8Array())
})

it('keeps nothing of the fetched bytes but the body', () => {
  const fetched = Buffer.alloc(1_000_000)
  const { body } = decodeMessage(recordOf([], fetched.subarray(10, 20)), place)
  expect(body.length).toBe(10)
  expect(body.buffer.byteLength).toBe(10)
})

it('counts at least the bytes that a message takes', () => {
  const { headers, key, value } = encodeMessage(event, 0)
  const bytes = [...headers].flat().reduce((sum, { length }) => sum + length, key.length + value.length)
  expect(sizeOf(encodeMessage(event, 0))).toBeGreaterThan(bytes)
})
