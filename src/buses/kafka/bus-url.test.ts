import { expect, it } from 'vitest'
import { readBusUrl } from './bus-url.ts'

it('reads brokers alone', () => {
  expect(readBusUrl('a:9093,b')).toEqual({ brokers: ['a:9093', 'b:9092'] })
  expect(readBusUrl('kafka://127.0.0.1:9092')).toEqual({ brokers: ['127.0.0.1:9092'] })
})

it('reads TLS and credentials', () => {
  expect(readBusUrl('kafkas://relay:p%40ss@a:1,b:2')).toEqual({
    brokers: ['a:1', 'b:2'],
    tls: {},
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'relay', password: 'p@ss' },
  })
  expect(readBusUrl('kafka://u:p@a:1?mechanism=plain').sasl?.mechanism).toBe('PLAIN')
})

it.each([
  '',
  'a:b:c',
  'amqp://a:1',
  'kafka://u@a:1',
  'kafka://u:secret@a:1?mechanism=GSSAPI',
  'a:1?mechanism=PLAIN',
  'kafka://u:secret%@a:1',
])('refuses %j, and repeats no secret', (url) => {
  let message = ''
  try {
    readBusUrl(url)
  } catch (error) {
    message = String(error)
  }
  expect(message).toContain('busUrl')
  expect(message).not.toContain('secret')
})
